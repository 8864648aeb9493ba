"""Templates of the pages that people work with, and the headers these pages carry."""

import json
import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from service.web.assets import Assets

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}
"""Nothing from anywhere else, no script or style inside the page, no other page around it."""
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
"""What HTML forbids or UTF-8 cannot hold, and signs that could turn the order of the text around them."""


def showable(value: object) -> object:
    """Applied to every value that a template writes, before it is escaped. Each sign keeps its place."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


def json_block(name: str, data: object) -> Markup:
    """Data for the page's scripts, under the id `name`. No text in it can end the block or begin another."""
    written = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    safe = written.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
    return Markup('<script type="application/json" id="{}">{}</script>').format(name, Markup(safe))  # noqa: S704


def environment(assets: Assets | None = None) -> Environment:
    """Templates that escape all they are given and fail on names they are not given; `assets` is known to each."""
    made = Environment(
        loader=PackageLoader("service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=showable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["assets"] = assets or Assets()
    return made
