"""A guarded session with an IMAP server: dialled where it may be, over TLS, within one deadline, and read-only.

IMAPClient reads what servers answer and writes names of folders in all alphabets; it lets its connection be made by us.
"""

import imaplib
import io
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from service.adapters.net.addresses import Reach
from service.adapters.net.guard import Allowance, Guard
from service.errors import FetchFailed

PORT = 993
MOST_READ = 16 * 2**20
"""Bytes that are read from a server in one session."""
LONGEST_LINE = 10**6
"""Bytes of a line of the protocol."""
_PIECE = 2**16


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mails are: a server, a user and a folder."""

    host: str
    port: int
    user: str
    folder: str

    @classmethod
    def parse(cls, url: str) -> "Mailbox":
        """The mailbox of an address such as imaps://user@host/folder. Raises FetchFailed."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or PORT
        except ValueError:
            raise FetchFailed("the address of the mailbox is malformed") from None
        return cls(host, port, unquote(parts.username or ""), unquote(parts.path.strip("/")) or "INBOX")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server says of a message: its size in bytes, and when it came."""

    size: int
    came_at: datetime | None


@contextmanager
def _plainly() -> Iterator[None]:
    """What goes wrong as FetchFailed, in words of ours."""
    try:
        yield
    except LoginError:
        raise FetchFailed("the mail server refuses the user or the password") from None
    except imaplib.IMAP4.error:
        raise FetchFailed("the mail server refuses to open the folder, or broke off") from None
    except (httpcore2.NetworkError, httpcore2.TimeoutException, OSError) as error:
        raise FetchFailed(_wrong(error)) from None
    except (ValueError, LookupError, TypeError):
        raise FetchFailed("the mail server says what cannot be read") from None


class Session:
    """An open folder. `validity` is the server's name for the numbering; `following` the number that comes next.

    All raise FetchFailed, which never repeats what the server said.
    """

    def __init__(self, client: IMAPClient, folder: str) -> None:
        self._client = client
        said = client.select_folder(folder, readonly=True)
        self.validity, self.following = int(said.get(b"UIDVALIDITY", 0)), int(said.get(b"UIDNEXT", 0))

    @_plainly()
    def after(self, uid: int) -> list[int]:
        """The numbers of messages after one, in order."""
        found = self._client.search(["UID", f"{uid + 1}:*"])
        return sorted(one for one in found if one > uid)  # a server names the last message, whatever its number

    @_plainly()
    def since(self, day: date) -> list[int]:
        """The numbers of messages that came on a day or later, in order."""
        return sorted(self._client.search(["SINCE", day]))

    @_plainly()
    def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """What the server says of messages, by number; of those that are gone nothing."""
        said = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"]) if uids else {}
        return {uid: Facts(int(one[b"RFC822.SIZE"]), one.get(b"INTERNALDATE")) for uid, one in said.items()}

    @_plainly()
    def message(self, uid: int) -> bytes | None:
        """A whole message, which stays unread; None when it is gone."""
        said = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        return said if isinstance(said, bytes) else None


@contextmanager
def session(
    where: Mailbox, password: str, reach: Reach, within: float, trusted: ssl.SSLContext | None = None
) -> Iterator[Session]:
    """Log in and open the folder. Raises FetchFailed."""
    with _plainly():
        client = _Client(where, reach, Allowance(within, MOST_READ), trusted or _trusted())
    with client:
        with _plainly():
            client.enter(where.user, password)
            opened = Session(client, where.folder)
        yield opened


def _wrong(error: Exception) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the mail server's certificate is refused: {cause.verify_message}"
    if isinstance(error, httpcore2.TimeoutException):
        return "reading the mails took too long"
    return "the connection to the mail server broke off"


class _MailGuard(Guard):
    """The same addresses as anywhere, at the port of mailboxes."""

    def check(self, addresses: Sequence[str], port: int) -> None:
        """Raises FetchFailed unless all of them may be dialled, at this port."""
        if not addresses or not all(self.reach.permits(address) for address in addresses):
            raise FetchFailed("the address is not a public one")
        if port != PORT and not all(self.reach.is_named(address) for address in addresses):
            raise FetchFailed(f"port {port} is not one of a mail server")


class _Client(IMAPClient):  # type: ignore[misc]
    def __init__(self, where: Mailbox, reach: Reach, allowance: Allowance, trusted: ssl.SSLContext) -> None:
        self._guard, self._trusted = _MailGuard(reach, allowance), trusted
        super().__init__(where.host, where.port)
        self.normalise_times = False
        self._imap.debug = 0  # nothing of what is said is logged

    def enter(self, user: str, password: str) -> None:
        """Log in; in the way that knows letters of all alphabets where others are used. Raises LoginError."""
        if f"{user}{password}".isascii():
            self.login(user, password)
        else:
            self.plain_login(user, password)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  the library's name
        return _Connection(self.host, self.port, self._guard, self._trusted)

    def _set_read_timeout(self) -> None:
        """The allowance says how long."""


class _Connection(imaplib.IMAP4):
    """The library's protocol over our stream, by the five methods it has for that."""

    def __init__(self, host: str, port: int, guard: Guard, trusted: ssl.SSLContext) -> None:
        self._guard, self._trusted = guard, trusted
        super().__init__(host, port)

    def open(self, host: str = "", port: int = PORT, timeout: float | None = None) -> None:  # noqa: ARG002
        """Dial, and speak TLS at once."""
        self.host, self.port = host, port
        plain = self._guard.connect_tcp(host, port)
        try:
            self._stream = plain.start_tls(self._trusted, host)
        except BaseException:
            plain.close()
            raise
        self._bytes = io.BufferedReader(_Incoming(self._stream), _PIECE)

    def read(self, size: int) -> bytes:
        """Exactly so many bytes, none where they are more than are ever read."""
        return self._bytes.read(size) if size <= MOST_READ else b""

    def readline(self) -> bytes:
        """A line of the protocol."""
        line = self._bytes.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise self.error("the line is too long")
        return line

    def send(self, data: Any) -> None:
        """All of it."""
        self._stream.write(bytes(data))

    def shutdown(self) -> None:
        """Close, whatever state it is in."""
        with suppress(OSError, httpcore2.NetworkError):
            self._stream.close()


class _Incoming(io.RawIOBase):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


@cache
def _trusted() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)
