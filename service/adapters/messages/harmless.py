"""Text and links from outside, made so that they cannot become markup, a mention or a link of their own."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from service.domain.news.text import clean

LONGEST_LINK = 400
"""Characters; a longer link is left out, its publisher stays."""

_UNSHOWABLE = re.compile("[\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""What HTML forbids or UTF-8 cannot hold."""
_UNLINKED = (
    (re.compile(r"://"), ":∕∕"),
    (re.compile(r"(?<![\d.])(\d+)\.(\d+)(?!\w|\.\w)|(?<=\S)\.(?=\w)"), lambda found: found[0] if found[1] else "․"),
    (re.compile(r"@"), "＠"),
)
"""What readers take for the middle of an address; a decimal number keeps its point."""
_LOOKALIKES = str.maketrans(
    {"*": "∗", "`": "'", "~": "∼", "|": "∣", "\\": "∖", "<": "‹", ">": "›", "[": "(", "]": ")"},
)
_TAMED = (
    (re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"), "ˍ"),
    (re.compile(r"(?<!\w)/(?=\w)"), "∕"),
    (re.compile(r"#(?=\w)"), "＃"),
    (re.compile(r"&(?=#?\w+;)"), "＆"),
    (re.compile(r"\$(?=\$)|(?<=\$)\$"), "＄"),
    (re.compile(r":(?=[A-Za-z+-][\w+-]*:)"), "꞉"),
    (re.compile(r"^#+"), "＃"),
    (re.compile(r"^[-+=]+"), "–"),
    (re.compile(r"^(\d+)[.)](?=\s|$)"), "\\1․"),
)
"""Emphasis, commands, tags, entities, formulas, emoji; at the beginning headings, rules and lists."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_KEPT = "/%:-._+,=&"
"""Signs of a path or query that mean nothing in any markup; `quote` keeps letters and digits beside them."""


@dataclass(frozen=True, slots=True)
class Link:
    """An http(s) address as it is followed, and the host it leads to, in ASCII so that no letter imitates another."""

    host: str
    url: str


def one_line(text: str) -> str:
    """NFC on a single line, without control, bidirectional and zero-width characters."""
    return " ".join(_UNSHOWABLE.sub("", clean(text)).split())


def unlinked(text: str) -> str:
    """One line in which no mail reader finds an address to link: what is written there leads nowhere."""
    return _replaced(one_line(text), _UNLINKED)


def tame(text: str) -> str:
    """One line that no chat reads as markup, mention, command, emoji or link.

    Chats do not agree on how a sign is escaped (Discord pings on an escaped "@everyone", Slack shows the backslash,
    others link whatever looks like an address), so what could mean something gives way to what looks like it.
    """
    return _replaced(unlinked(text).translate(_LOOKALIKES), _TAMED)


def _replaced(line: str, replacements: Iterable[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]) -> str:
    for pattern, sign in replacements:
        line = pattern.sub(sign, line)
    return line


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, ended by "…" where something is missing, between words if one ends near."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    words, _, rest = cut.rpartition(" ")
    return (words if words and len(rest) < longest // 4 else cut).rstrip(" ,;:.-–") + "…"


def link_to(url: str, longest: int = LONGEST_LINK) -> Link | None:
    """The link, None for what is no plain http(s) address: other schemes, user names, blanks, odd hosts."""
    if not url.isprintable() or " " in url or len(url) > longest:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    path, query, fragment = (_quoted(part) for part in (parts.path, parts.query, parts.fragment))
    tail = (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return Link(host + port, f"{parts.scheme}://{host}{port}{path}{tail}")


def _quoted(part: str) -> str:
    return quote(part, safe=_KEPT).replace("~", "%7E")
