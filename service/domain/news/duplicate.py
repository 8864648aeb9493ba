"""When two articles are the same text."""

from collections.abc import Set as AbstractSet
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from service.domain.news.text import words

SHINGLE = 5
"""Words in a shingle."""
NEAR = 0.8
"""Share of the smaller text's shingles found in the other from which two texts are near duplicates."""

_TRACKING = ("utm_", "fbclid", "gclid", "mc_", "ref", "cmpid", "ocid", "at_", "smid")


def shingles(text: str) -> frozenset[str]:
    """All runs of five normalised words; of a shorter text the whole."""
    tokens = words(text)
    return frozenset(" ".join(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1)))


def containment(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Share of the smaller set found in the larger, 0 … 1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def canonical_url(url: str) -> str:
    """The address without fragment, tracking parameters, default port and letter case of the host; "" if none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    query = sorted((k, v) for k, v in parse_qsl(parts.query) if not k.lower().startswith(_TRACKING))
    host = parts.hostname.lower().removeprefix("www.")
    try:
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
    except ValueError:
        return ""
    return urlunsplit(("https", host + port, parts.path.rstrip("/"), urlencode(query), ""))


def bands(hashes: list[int]) -> list[int]:
    """Min-hash values, two by two: texts that share a band are worth a closer look.

    Each band is a signed 64-bit integer with its own number mixed in.
    """
    pairs = zip(hashes[::2], hashes[1::2], strict=True)
    return [_signed((number << 57) ^ (first << 25) ^ second) for number, (first, second) in enumerate(pairs)]


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
