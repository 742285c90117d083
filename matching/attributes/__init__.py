"""One file per attribute: how its values are standardised, which are dropped and why, and what people call it."""
