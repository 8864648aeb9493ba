"""What became of one send, told from what was seen on the wire. Only words of ours leave here, and a code."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.adapters.clock import SystemClock
from service.adapters.net import waiting

RETRYABLE_4XX = frozenset({408, 425, 429})
LONGEST_WAIT = 7 * 86400.0
"""Seconds of a wish to wait that are believed."""


class Trouble(StrEnum):
    """Why no answer came. A closed list: these words are stored and shown."""

    PRIVATE = "the channel's name leads into this machine or a private network"
    PORT = "the channel's port is not one of its kind of server"
    NAME = "the channel's name cannot be resolved"
    CONNECT = "no connection to the channel could be made"
    TLS = "no trusted TLS connection to the channel could be made"
    TIMEOUT = "the channel did not answer in time"
    BROKEN = "the channel broke off before it answered"


class Part(StrEnum):
    """Which part of an exchange a code answers."""

    HTTP = "the channel answered"
    GREETING = "the mail server answered"
    LOGIN = "the mail server refused the login"
    SENDER = "the mail server refused the sender"
    ADDRESS = "the mail server refused the address"
    MESSAGE = "the mail server refused the message"


@dataclass(slots=True)
class Exchange:
    """What was seen on the wire during one send; the last of each counts.

    `handed_over` says that the channel may have the message although it has not said so.
    """

    part: Part = Part.HTTP
    code: int | None = None
    retry_after: float | None = None
    trouble: Trouble | None = None
    handed_over: bool = False
    now: datetime = field(default_factory=SystemClock().now)

    def answered(self, part: Part, code: int, retry_after: str = "") -> None:
        """The channel has answered: nothing is unknown any more."""
        self.part, self.code, self.trouble, self.handed_over = part, code, None, False
        self.retry_after = seconds(retry_after, self.now)

    def broke(self, trouble: Trouble, *, handed_over: bool = False) -> None:
        """No answer will come."""
        self.trouble, self.code, self.handed_over = trouble, None, handed_over


def seconds(retry_after: str, now: datetime) -> float | None:
    """A Retry-After header in seconds, whether it counts them or gives a date; None when it says neither."""
    wait = waiting.seconds(retry_after, now)
    return None if wait is None else min(wait, LONGEST_WAIT)


def verdict(exchange: Exchange, *, taken: bool) -> dict[str, Any]:
    """The answer to the worker: the fields of a `ports.Delivery`, `retry_after` in seconds."""
    if taken:
        return answer(ok=True)
    if exchange.trouble:
        permanent = exchange.trouble is Trouble.PORT
        return answer(exchange.trouble, permanent=permanent, unknown=exchange.handed_over)
    if exchange.code is None:
        return answer("the channel did not take the message")
    return answer(_said(exchange.part, exchange.code), permanent=is_permanent(exchange), after=exchange.retry_after)


def answer(
    error: str = "", *, ok: bool = False, permanent: bool = False, after: float | None = None, unknown: bool = False
) -> dict[str, Any]:
    """The same, put together by hand."""
    return {"ok": ok, "error": str(error), "permanent": permanent, "retry_after": after, "unknown": unknown}


def _said(part: Part, code: int) -> str:
    return f"{part} {code}" if part in {Part.HTTP, Part.GREETING} else f"{part} ({code})"


def is_permanent(exchange: Exchange) -> bool:
    """Whether the same would be answered again: a request that is wrong, a login or address that is refused.

    A mail server that turns us away at the door may let us in later, whatever its code.
    """
    if exchange.code is None:
        return False
    if exchange.part is Part.HTTP:
        return 400 <= exchange.code < 500 and exchange.code not in RETRYABLE_4XX  # noqa: PLR2004  HTTP's own classes
    return exchange.part is not Part.GREETING and 500 <= exchange.code < 600  # noqa: PLR2004  SMTP's own classes
