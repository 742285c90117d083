"""The pages of the stewards: a module of routes and a folder of templates per kind; `PAGES` has them all."""

from stewardship.pages import (
    account,
    card,
    compare,
    customer,
    decisions,
    doubts,
    find,
    pattern,
    proposals,
    queue,
    stewards,
    users,
)

PAGES = (
    account.router,
    users.router,
    find.router,
    compare.router,
    decisions.router,
    stewards.router,
    queue.router,
    card.router,
    customer.router,
    pattern.router,
    doubts.router,
    proposals.router,
)
