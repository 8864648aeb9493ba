"""Answers that travel packed: only those that hold no secret, since the length of a packed page gives hints at it."""

import gzip
import json
from functools import lru_cache

from fastapi import Request, Response

FAST, BEST = 5, 9
"""How hard gzip tries: for what is made anew for each request, and for what is kept."""


def json_answer(request: Request, data: object) -> Response:
    """Data for the scripts of a page, for whoever asked and nobody between."""
    body = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, FAST, mtime=0)
    return Response(body, media_type="application/json", headers=headers)


def takes_gzip(request: Request) -> bool:
    """Whether whoever asks unpacks gzip."""
    offers = [offer.strip().partition(";") for offer in request.headers.get("accept-encoding", "").split(",")]
    return any(name == "gzip" and quality.replace(" ", "") not in {"q=0", "q=0.0"} for name, _, quality in offers)


@lru_cache(maxsize=64)
def packed(data: bytes) -> bytes:
    """Packed as small as can be, once."""
    return gzip.compress(data, BEST, mtime=0)
