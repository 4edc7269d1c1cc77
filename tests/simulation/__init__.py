"""A world whose truth is known: simulated shoppers, what they do, and the logs it leaves."""
