"""Matching one record in milliseconds, from memory, as the night would: which customer it joins, if any."""

from __future__ import annotations

from matching.evidence import model_in_use
from matching.lookup.asked import Asked, asked_from
from matching.lookup.lookup import Candidate, Lookup, Match, Reason

__all__ = ["Asked", "Candidate", "Lookup", "Match", "Reason", "asked_from", "model_in_use"]
