"""Reads exports faithfully into source records: nothing cleaned, nothing lost."""
