"""Turns clusters into golden records: ids that last, survivorship, provenance, identity events."""
