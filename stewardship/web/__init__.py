"""What every page stands on: who is signed in, the release that is looked at, the layout, and what a browser may do."""
