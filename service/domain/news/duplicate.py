"""When two articles are the same text."""

import re
from collections.abc import Set as AbstractSet
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from service.domain.news.text import words

SHINGLE = 5
"""Words in a shingle."""
NEAR = 0.8
"""Share of the smaller text's shingles found in the other from which two texts are near duplicates."""

_TRACKING = re.compile(r"(utm_|mc_|at_|ref_).*|fbclid|gclid|ref|cmpid|ocid|smid", re.IGNORECASE)
_WWW = re.compile(r"^(www\.)+")
_END_OF_PATH = re.compile(r"[/\s]+$")


def shingles(text: str) -> frozenset[str]:
    """All runs of five normalised words; of a shorter text the whole."""
    tokens = words(text)
    return frozenset(" ".join(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1)))


def containment(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Share of the smaller set found in the larger, 0 … 1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def canonical_url(url: str) -> str:
    """The address without fragment, tracking parameters, default port and letter case of the host; "" if none.

    Idempotent.
    """
    try:
        parts = urlsplit(url.strip())
        host = _WWW.sub("", (parts.hostname or "").lower())
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
        query = urlencode(sorted((k, v) for k, v in parse_qsl(parts.query) if not _TRACKING.fullmatch(k)))
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or any(c.isspace() for c in host):
        return ""
    netloc = f"[{host}]{port}" if ":" in host else host + port
    return urlunsplit(("https", netloc, _END_OF_PATH.sub("", parts.path), query, ""))


def bands(hashes: list[int]) -> list[int]:
    """Min-hash values, two by two: texts that share a band are worth a closer look.

    Each band is a signed 64-bit integer with its own number mixed in.
    """
    pairs = zip(hashes[::2], hashes[1::2], strict=True)
    return [_signed((number << 57) ^ (first << 25) ^ second) for number, (first, second) in enumerate(pairs)]


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
