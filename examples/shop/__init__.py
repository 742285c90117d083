"""Larkspur Goods: an invented shop with four exports, three nights and a story to follow through them."""
