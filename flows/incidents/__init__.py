"""Incidents: told by a night, kept in words, published, printed, and sent to people."""
