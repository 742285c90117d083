"""People deciding: the log of their decisions, and how it binds the night."""
