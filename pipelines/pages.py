"""HTML pages that need nothing but themselves: no script, no style sheet, no picture from elsewhere."""

from __future__ import annotations

import jinja2
from markupsafe import Markup

from warehouse.visible import visible


def _seen(value: object) -> object:
    """Return text without characters that a reader cannot see; markup of ours as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("pipelines", "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_seen,
)
_ENVIRONMENT.filters["visible"] = visible


def render_page(template: str, **values: object) -> str:
    """Return the template filled with the values; every one is escaped, and shown without invisible characters."""
    return _ENVIRONMENT.get_template(template).render(**values)
