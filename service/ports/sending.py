"""How messages leave: what is handed over, to whom, and what seals addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from service.domain.news.language import ENGLISH


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message as it is handed to one channel; forms there are none of are empty.

    `key` is the same at every attempt, so that a channel can tell a repeat: it goes out as Idempotency-Key or
    Message-ID where it can. `thread` is the same for all messages about one group (mail: References). `chart` is a PNG.
    `unsubscribe` is the https address for one-click unsubscription (RFC 8058). `data` is the message as plain JSON.
    """

    key: str
    thread: str
    receiver: str
    channel: str
    title: str
    text: str
    markdown: str = ""
    html: str = ""
    chart: bytes = b""
    unsubscribe: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is at the end of a channel. `address` is a secret and shows in no representation.

    `zone` is an IANA time zone, `language` an ISO 639-1 code. The links are empty where there are none.
    """

    address: str = field(repr=False)
    zone: str = "UTC"
    language: str = ENGLISH
    confirm_url: str = ""
    manage_url: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one send. `permanent` means that trying again cannot help; `error` never holds a secret.

    `unknown` marks a send that was cut off: it may have reached the channel. `untried` one that never began, for which
    the channel is not to blame. `retry_after` is the channel's wish.
    """

    ok: bool
    error: str = ""
    permanent: bool = False
    retry_after: timedelta | None = None
    unknown: bool = False
    untried: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an address leads: `whom` is the same for all addresses that reach the same person or hook.

    `is_personal` means that a message reaches a person through a server others share, so that the person must agree.
    """

    schema: str
    whom: str = field(repr=False)
    is_personal: bool


class Purpose(StrEnum):
    """What a signed token is good for."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    SIGN_IN = "sign in"


class Vault(Protocol):
    """Seals addresses and signs links."""

    def seal(self, text: str) -> str:
        """Encrypted; the same text looks different each time."""
        ...

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises ConfigError when none of the keys did it."""
        ...

    def fingerprint(self, text: str) -> str:
        """The same for equal texts; nobody without the key can work it out."""
        ...

    def fingerprints(self, text: str) -> Sequence[str]:
        """Fingerprints by every key that is still known, the newest first."""
        ...

    def sign(self, purpose: Purpose, parts: Sequence[str]) -> str:
        """A token that says these parts, good for this purpose only."""
        ...

    def read(self, purpose: Purpose, token: str) -> Sequence[str] | None:
        """The parts of a token, None for one that was not signed for this purpose."""
        ...

    def codes(self, parts: Sequence[str]) -> Sequence[str]:
        """Short codes for these parts that people can type, by every key, the newest first."""
        ...


class Notifier(Protocol):
    """Sends one message through one channel."""

    def send(self, parcel: Parcel, address: str) -> Delivery:
        """Send now to an address (which may hold secrets), and say what became of it. Never raises."""
        ...
