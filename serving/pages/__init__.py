"""The pages of agents: a module of routes for each, and reading functions beside them; `PAGES` has the routes.

Their templates and style sheet lie in `serving/templates/agent/` and `serving/static/`.
"""

from serving.pages import customer, find
from stewardship.web.render import also_of

also_of("serving")
PAGES = (find.router, customer.router)
