"""The pages of the review: one file of routes and one folder of templates per kind of page."""
