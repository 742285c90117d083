"""Larkspur Goods: an invented shop with seven exports, three nights and a story to follow through them."""
