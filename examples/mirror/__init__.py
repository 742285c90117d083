"""A system of one's own that keeps joinedup's golden ids: it follows the change feed into SQLite."""
