"""Encoders that turn what a product says into vectors."""
