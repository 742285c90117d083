"""The pages of the stewards: a module of routes and a folder of templates per kind; `PAGES` has them all."""

from stewardship.pages import account, compare, decisions, find, stewards, users

PAGES = (account.router, users.router, find.router, compare.router, decisions.router, stewards.router)
