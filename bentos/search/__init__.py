"""Search: retrieval, reranking and the understanding of queries."""
