"""Hangs activity, items and a profile on each customer."""
