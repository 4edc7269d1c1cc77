"""Recommendation: which products a shopper will want next, over the whole catalogue."""
