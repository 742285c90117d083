"""How well joinedup matches on open data sets, untouched, beside Splink as its documentation says."""
