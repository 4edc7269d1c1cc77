"""Search: from what a shopper types to products, best first."""
