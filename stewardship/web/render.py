"""Templates into pages: every value escaped, and shown without characters that a reader cannot see.

Templates lie in `templates/` here, and in that of every package that `also_of` names; they extend `layout.html`, which
tells how to. Filters: `number` (1,234), `share` (56 %), `moment` and `day` (a `<time>`), `sentence` (of an error);
`static(name)` is where a file of `static/` is.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse

from warehouse.visible import visible

if TYPE_CHECKING:
    from datetime import date, datetime

    from stewardship.web.visit import Visit

LINKS = (
    ("/", "Customers", "reader"),
    ("/review", "Review", "steward"),
    ("/review/find", "Find", "steward"),
    ("/review/compare", "Compare", "steward"),
    ("/review/decisions", "Decisions", "steward"),
    ("/review/stewards", "Stewards", "steward"),
    ("/account/users", "Users", "admin"),
)
"""The head of every page: where to, what it says, and the role that may go there."""
NONE = "\N{EN DASH}"
PACKAGES = ["stewardship.web"]
"""The packages whose `templates/` and `static/` make up the site."""


def _seen(value: object) -> object:
    """Return text without characters that a reader cannot see; markup of ours as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def number(value: float | None, places: int = 0) -> str:
    """Return a number as people write it, a dash where there is none."""
    return NONE if value is None else f"{value:,.{places}f}"


def share(value: float | None, places: int = 0) -> str:
    """Return a share of one in percent, a dash where there is none; what is not all or nothing is never said to be."""
    if value is None:
        return NONE
    least = 10.0**-places
    percent = value * 100
    if 0 < value < 1:
        if percent < least:
            return f"< {least:g} %"
        if percent > 100 - least:
            return f"> {100 - least:g} %"
    return f"{percent:.{places}f} %"


def moment(value: datetime | None) -> Markup | str:
    """Return a naive UTC time as a `<time>` of HTML."""
    if value is None:
        return NONE
    text = f"{value:%Y-%m-%d %H:%M}"
    return Markup('<time datetime="{}Z">{} UTC</time>').format(value.isoformat(timespec="seconds"), text)


def day(value: date | None) -> Markup | str:
    """Return a date, or a time's, as a `<time>` of HTML."""
    return NONE if value is None else Markup('<time datetime="{0}">{0}</time>').format(f"{value:%Y-%m-%d}")


def sentence(text: str) -> str:
    """Return what an error says as a sentence of a page."""
    told = text.strip()
    return told[:1].upper() + told[1:] + ("" if told.endswith((".", "?", "!")) else ".")


@cache
def static(name: str) -> str:
    """Return the address of a static file, another one whenever its content is."""
    found = next(file for package in PACKAGES if (file := resources.files(package) / "static" / name).is_file())
    digest = hashlib.sha256(found.read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def also_of(package: str) -> None:
    """Let templates and static files be found in a further package, after those of the others."""
    if package not in PACKAGES:
        PACKAGES.append(package)
        _LOADERS.append(jinja2.PackageLoader(package, "templates"))


_LOADERS: list[jinja2.BaseLoader] = [jinja2.PackageLoader(PACKAGES[0], "templates")]
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.ChoiceLoader(_LOADERS),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_seen,
)
_ENVIRONMENT.filters.update(visible=visible, number=number, share=share, moment=moment, day=day, sentence=sentence)
_ENVIRONMENT.globals.update(static=static, links=LINKS, here=None)


def render(template: str, visit: Visit | None = None, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return the template, filled with the values, as an answer; `visit` is who sees it, None where nobody is known."""
    text = _ENVIRONMENT.get_template(template).render(visit=visit, status=status, **values)
    return HTMLResponse(text, status)
