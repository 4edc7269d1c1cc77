"""What is served: one folder a scenario, and beside them what they share."""
