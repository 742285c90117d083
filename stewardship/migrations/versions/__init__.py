"""The steps, one module each, in the order in which each names the one before."""
