"""What a query says: brand, type, colour, size, material, model, and other values."""
