"""Serves people and systems: one web application over the published release and the stewards' store."""
