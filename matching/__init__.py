"""Finds which source records are one customer: standardise, collapse, block, score, cluster."""
