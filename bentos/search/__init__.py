"""Search: what of the catalogue answers a query, in which order."""
