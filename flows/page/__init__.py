"""The page of a scenario's nights: what it reads, what it draws, and how that is put together."""
