"""Signed webhooks, as the Standard Webhooks specification has them: `webhook://host/path?secret=whsec_…`.

What is sent is worked out here and sent by whoever sends: nothing is opened.
"""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

import service

SCHEMES: Mapping[str, str] = {"webhook": "http", "webhooks": "https"}
"""Schema of an address → that of the request."""
MOST_SECRETS = 5
SECRET_BYTES = range(24, 65)
_PREFIX = "whsec_"
_EVENTS = {
    "fired": "alert.fired",
    "changed": "alert.changed",
    "resolved": "alert.resolved",
    "repeat": "alert.repeated",
    "escalated": "alert.escalated",
}
"""Reason of a message → the type of what is posted, where it is not the reason itself."""
_REASON = re.compile(r"[a-z]+")


class Message(Protocol):
    """What of a parcel is posted: its content as plain JSON, under a key that is the same at every attempt."""

    @property
    def key(self) -> str:
        """The idempotency key."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """What `message_json` gave."""
        ...


class Post(NamedTuple):
    """A request with method POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def request(parcel: Message, address: str, now: datetime) -> Post:
    """The signed request for an address that `address.problem` finds nothing wrong with.

    The body is the same at every attempt; the signature is of `now`, with each of the address's secrets.
    """
    from standardwebhooks import Webhook  # noqa: PLC0415  only who sends pays for it

    body = _body(parcel.data, now)
    at = now.astimezone(UTC)
    signed = [Webhook(secret).sign(parcel.key, at, body) for secret in secrets(address)]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Detente/{service.__version__}",
        "webhook-id": parcel.key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }
    return Post(_url(address), headers, body.encode())


def _body(data: Mapping[str, Any], now: datetime) -> str:
    reason = str(data.get("reason", ""))
    kind = _EVENTS.get(reason, reason if _REASON.fullmatch(reason) else "message")
    posted = {"type": kind, "timestamp": data.get("created_at") or now.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(posted, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _url(address: str) -> str:
    parts = urlsplit(address)
    query = "&".join(pair for pair in parts.query.split("&") if not _is_secret(pair))
    return urlunsplit((SCHEMES[parts.scheme], parts.netloc, parts.path or "/", query, ""))


def secrets(address: str) -> Sequence[str]:
    """The secrets in an address, the newest first as they are written; a plus in them is a plus."""
    pairs = urlsplit(address).query.split("&")
    return [unquote(pair.partition("=")[2]) for pair in pairs if _is_secret(pair)]


def _is_secret(pair: str) -> bool:
    return unquote(pair.partition("=")[0]) == "secret"


def problem(address: str) -> str | None:
    """What is wrong with the parts of an address that only a webhook has, without repeating it."""
    if "@" in urlsplit(address).netloc:
        return "it has a user or password: a webhook is signed, nobody logs in"
    found = secrets(address)
    if not found:
        return "it has no secret=whsec_…"
    if len(found) > MOST_SECRETS:
        return f"it has more than {MOST_SECRETS} secrets"
    if not all(map(_is_good, found)):
        least, most = SECRET_BYTES[0], SECRET_BYTES[-1]
        return f"a secret is not {_PREFIX} and the base64 of {least} to {most} bytes"
    return None


def _is_good(secret: str) -> bool:
    coded = secret.removeprefix(_PREFIX)
    try:
        plain = b64decode(coded.encode() + b"=" * (-len(coded) % 4), validate=True)
    except (NotBase64, ValueError):
        return False
    return secret.startswith(_PREFIX) and len(plain) in SECRET_BYTES
