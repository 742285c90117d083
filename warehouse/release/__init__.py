"""A release: how a candidate is built, hashed, published or held, and how releases are listed, verified and kept."""
