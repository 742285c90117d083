"""Worked examples that ship with joinedup: invented data, and the `joinedup.yaml` that reads it."""
