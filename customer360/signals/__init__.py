"""What to know about a customer before one speaks: one rule a file, listed in `rules.RULES`."""
