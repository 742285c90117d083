"""What every page stands on: who is signed in, the release that is looked at, the layout, and what a browser may do.

`visit` says who may ask (`SignedIn`, `Steward`, `Admin` as the type of a route's argument) and gives a `Visit`: `user`,
`role`, `csrf`, `pinned` (the release), `store`, `accounts`, `settings`, `workspace`, `by_htmx`,
`.page("review/card.html", status=200, **values)`, and `.go("/review")` for the answer to a form. `releases` pins a
release, `render` fills templates, `csrf` makes and checks the token of forms, `security` guards every request before a
route sees it, `budget` counts how many one visitor makes.

Pages: one module of routes in `stewardship/pages/`, with `router = APIRouter()`, entered in `PAGES` there; its
templates in `templates/<kind>/`, which extend `layout.html`; its own style sheet and script in `static/`, by
`static("review.js")`. The classes of `joinedup.css` are told at its top. Raise errors of `warehouse.errors`: `Refused`
(and every class below it) becomes an answer 409, `UsageError` 400, `SurroundingsError` 503, each as a page, or for htmx
as a note in `#notice`; return a page with a status of its own where a request of htmx is to put something else in its
place.
"""
