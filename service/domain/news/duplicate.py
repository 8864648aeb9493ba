"""When two articles are the same text, or stand at the same address."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from service.domain.news.article import content_hash
from service.domain.news.text import words

SHINGLE = 5
"""Words in a shingle."""
NEAR, SAME = 0.55, 0.8
"""Share of the smaller text's shingles found in the other from which two texts are near duplicates.

The second holds where a text is short, for news in brief is all alike, and where both are of one owner, for his later
reports repeat his earlier ones. Measured in docs/evaluation/duplicates.md.
"""
SHORT = 60
"""Shingles below which a text is short."""
FEWEST_FIGURES, FIGURES = 4, 0.5
"""Figures that both texts need to be told apart by them, and the share they must have in common.

Bulletins have the same words every day, and other figures.
"""

_TRACKING = re.compile(
    r"(utm_|mc_|at_|ref_|ns_).*|fbclid|gclid|dclid|msclkid|yclid|igshid|ref|cmpid|ocid|smid|xtor|traffic_source"
    r"|phpsessid|jsessionid|aspsessionid.*|session_?id|cfid|cftoken",
    re.IGNORECASE,
)
"""Parameters that tell whence a reader came or who he is. `sid` is not among them: it names stories, too."""
_AMP = re.compile(r"amp|(output|outputtype)=amp|amp=.*", re.IGNORECASE)
_FRONT = re.compile(r"^(?:www\.|(?:amp|m|mobile)\.(?=[^.]*[^.\d][^.]*\.))+")
"""What stands before the name of a site whose pages come in several dresses; `m.me` and the like are names."""
_END_OF_PATH = re.compile(r"(?:(?<=[^/])[/.]amp(?=[/\s;]|$)|;jsessionid=[^/;]*|[/\s])+$", re.IGNORECASE)


def shingles(text: str) -> frozenset[str]:
    """All runs of five normalised words; of a shorter text the whole."""
    return _runs(words(text))


def _runs(tokens: Sequence[str]) -> frozenset[str]:
    return frozenset(" ".join(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1)))


def containment(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Share of the smaller set found in the larger, 0 … 1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a text is compared by: its runs of words, and the figures it tells."""

    shingles: frozenset[str]
    figures: frozenset[str]

    @property
    def is_short(self) -> bool:
        """Whether it is news in brief."""
        return len(self.shingles) < SHORT


def imprint(document: str) -> Imprint:
    """The imprint of a title with its text."""
    tokens = words(document)
    figures = (word for word in tokens if not word.isalpha() and any(c.isdigit() for c in word))
    return Imprint(_runs(tokens), frozenset(figures))


def is_copy(one: Imprint, other: Imprint, *, closely: bool = False) -> bool:
    """Whether one of two texts repeats the other."""
    least = SAME if closely or one.is_short or other.is_short else NEAR
    return containment(one.shingles, other.shingles) >= least and not _tell_other_figures(one, other)


def _tell_other_figures(one: Imprint, other: Imprint) -> bool:
    fewer = min(len(one.figures), len(other.figures))
    return fewer >= FEWEST_FIGURES and len(one.figures & other.figures) < FIGURES * fewer


def canonical_url(url: str) -> str:
    """The address by which a page is known; "" for none.

    Without fragment, parameters of tracking and sessions, default port, letter case of the host, and what makes it the
    page for telephones. Idempotent.
    """
    try:
        parts = urlsplit(url.strip())
        host = _FRONT.sub("", (parts.hostname or "").lower())
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
        query = urlencode(sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if _names(*pair)))
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or any(c.isspace() for c in host):
        return ""
    netloc = f"[{host}]{port}" if ":" in host else host + port
    return urlunsplit(("https", netloc, _END_OF_PATH.sub("", parts.path), query, ""))


def _names(key: str, value: str) -> bool:
    """Whether a parameter says which page it is."""
    return not _TRACKING.fullmatch(key) and not _AMP.fullmatch(f"{key}={value}" if value else key)


def is_of_one_page(address: str) -> bool:
    """Whether a canonical address can be that of one article: that of a site's front page is not."""
    parts = urlsplit(address)
    return bool(parts.path.strip("/") or parts.query)


def derived_id(title: str, text: str, url: str) -> str:
    """An id that does not depend on when or in what order the article came."""
    return sha256(f"{canonical_url(url)}|{content_hash(title, text)}".encode()).hexdigest()[:20]


def bands(hashes: list[int]) -> list[int]:
    """Min-hash values, two by two: texts that share a band are worth a closer look.

    Each band is a signed 64-bit integer with its own number mixed in.
    """
    pairs = zip(hashes[::2], hashes[1::2], strict=True)
    return [_signed((number << 57) ^ (first << 25) ^ second) for number, (first, second) in enumerate(pairs)]


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
