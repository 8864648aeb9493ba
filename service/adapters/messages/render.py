"""Lays a message out for a mail, a chat that reads Markdown, or one that shows plain text."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from service.adapters.messages.harmless import one_line, tame, unlinked
from service.adapters.messages.headline import title
from service.adapters.messages.page import Context, Page, page_of
from service.domain.alerting.message import Message

LONGEST_CHAT = 1890
"""Characters of a text for a chat; Discord takes 2,000 with the title and a line break."""
LONGEST_MAIL = 100_000
"""Bytes of a mail's text and of its page; some readers cut at 102 kB."""
CHART_ID = "chart"
"""What a mail calls its picture: `cid:chart`."""
_SHORTEST_BLOCK = 80
"""Characters that an alert takes at least; more than so many are not tried."""
_BLANKS = re.compile(r"\n{3,}")


class Form(StrEnum):
    """What a channel takes. Markdown is CommonMark, which Apprise turns into each chat's own."""

    MAIL = "mail"
    MARKDOWN = "markdown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in its form; what the form lacks is empty.

    A mail has `text` and `html`, and `chart`, a PNG it shows as `cid:chart`, where there is a curve. Markdown has
    `markdown`, and `text` for where that cannot be shown. Plain has `text`.
    """

    title: str
    text: str
    html: str = ""
    markdown: str = ""
    chart: bytes = b""


@dataclass(frozen=True, slots=True)
class _Cut:
    """How much is shown: so many blocks, so many sentences of each, and whether minor facts too."""

    blocks: int
    quotes: int
    minor: bool


class _Macros(Protocol):
    def body(self, page: Page, cut: _Cut) -> str: ...

    def foot(self, page: Page) -> str: ...


@dataclass(frozen=True, slots=True)
class _Layout:
    """A template with the macros `body` and `foot`, what writes its values, and how large it may grow."""

    name: str
    environment: Environment
    limit: int
    size: Callable[[str], int] = len

    def text(self, page: Page) -> str:
        """The body as far as it fits, above a foot that is always whole."""
        macros = cast("_Macros", self.environment.get_template(self.name).module)
        foot = _tidy(macros.foot(page))
        room = self.limit - self.size(foot) - 2
        body = _fitting(page, lambda cut: _tidy(macros.body(page, cut)), room, self.size)
        return "\n\n".join(part for part in (_whole_lines(body, room, self.size), foot) if part) + "\n"


def render(message: Message, form: Form, context: Context) -> Rendered:
    """The message as one reader gets it. What came from outside is neither markup nor mention nor link in it."""
    page = page_of(message, context)
    line = title(message, page.language)
    match form:
        case Form.MAIL:
            return _mail(line, page, message)
        case Form.MARKDOWN:
            return Rendered(tame(line), _PLAIN.text(page), markdown=_MARKDOWN.text(page))
        case Form.PLAIN:
            return Rendered(tame(line), _PLAIN.text(page))


def _mail(line: str, page: Page, message: Message) -> Rendered:
    from service.adapters.messages.chart import HEIGHT, WIDTH, chart  # noqa: PLC0415  numpy: who draws pays for it

    picture = chart(message.items[0].curve) if len(message.items) == 1 else b""
    shown = {"id": CHART_ID, "width": WIDTH, "height": HEIGHT} if picture else None
    draw = partial(_PAGES.get_template("mail.html").render, title=line, page=page, chart=shown)
    html = _fitting(page, lambda cut: draw(cut=cut), LONGEST_MAIL, _octets)
    return Rendered(line, _MAIL.text(page), html=html, chart=picture)


def _fitting(page: Page, draw: Callable[[_Cut], str], room: int, size: Callable[[str], int]) -> str:
    """With as much as there is room for: first sentences go, then minor facts, the last sentence, and then alerts."""
    every = min(len(page.blocks), max(1, room // _SHORTEST_BLOCK))
    most = max((len(block.quotes) for block in page.blocks[:every]), default=0)
    for quotes, minor in [*((n, True) for n in range(max(1, most), 0, -1)), (1, False), (0, False)]:
        found = draw(_Cut(every, quotes, minor))
        if size(found) <= room:
            return found
    shown = bisect_right(range(1, every + 1), room, key=lambda n: size(draw(_Cut(n, 0, minor=False))))
    return draw(_Cut(max(1, shown), 0, minor=False))


def _whole_lines(text: str, room: int, size: Callable[[str], int]) -> str:
    """Lines from the top while there is room, and "…" if that is not all."""
    if size(text) <= room:
        return text
    lines = text.split("\n")
    while lines and size("\n".join([*lines, "…"])) > room:
        lines.pop()
    return "\n".join([*lines, "…"])


def _tidy(text: str) -> str:
    """Without blank lines around, and never two in a row."""
    return _BLANKS.sub("\n\n", text.strip())


def _octets(text: str) -> int:
    return len(text.encode())


def _written(how: Callable[[str], str]) -> Callable[[object], object]:
    """Applied to every value that a template writes and does not mark as safe."""
    return lambda value: how(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _command(text: str) -> Markup:
    """A command as it is typed: it is made of our own words and of labels, on one line."""
    return Markup(one_line(text))  # noqa: S704


def _escaped(text: str) -> Markup:
    """A command in a page."""
    return escape(one_line(text))


def _code(text: str) -> Markup:
    """A command as a span of code, which no sign in it can end."""
    return Markup(f"`{one_line(text).translate(_NO_CODE)}`")  # noqa: S704


_NO_CODE = str.maketrans({"`": "'", "@": "＠", "<": "‹"})
_LOADER = PackageLoader("service.adapters.messages")


def _environment(how: Callable[[str], str], code: Callable[[str], Markup], *, html: bool = False) -> Environment:
    found = Environment(
        loader=_LOADER,
        autoescape=html,  # noqa: S701  chats read no HTML: `how` is what tames a value for them
        undefined=StrictUndefined,
        finalize=_written(how),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["code"] = code
    return found


_PAGES = _environment(unlinked, _escaped, html=True)
_MAIL = _Layout("text.txt", _environment(unlinked, _command), LONGEST_MAIL, _octets)
_PLAIN = _Layout("text.txt", _environment(tame, _command), LONGEST_CHAT)
_MARKDOWN = _Layout("chat.md", _environment(tame, _code), LONGEST_CHAT)
