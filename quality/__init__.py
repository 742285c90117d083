"""Checks a candidate release, its values and its identity changes, and decides at the gate."""
