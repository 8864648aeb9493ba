"""What an address says, when every reader of it says the same."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx2

from service.errors import FetchFailed

LONGEST = 4096
PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]*\]|[^\[\]:]*)(:[0-9]*)?")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is a name in ASCII or an address without brackets; `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be the same for two requests to go to one server."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def read(url: str) -> Target:
    """The target of an http or https address, without its fragment. Raises FetchFailed, which repeats nothing of it.

    Names of other alphabets are taken in their one normal form. What two parsers read differently is refused.
    """
    if len(url) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} characters")
    if _ODD.search(url):
        raise _refused("it holds a blank, a control character or a backslash")
    if url.partition("://")[0].lower() not in PORTS:
        raise _refused("it begins with neither http:// nor https://")
    try:
        parts, other = urlsplit(url), httpx2.URL(url)
        port = parts.port
    except (ValueError, httpx2.InvalidURL):
        raise _refused("its host or port is malformed") from None
    if "@" in parts.netloc:
        raise _refused("it holds a user name or password")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise _refused("its host or port is malformed")
    host = _host(parts, other)
    if port == 0 or other.port not in {port, None} or other.scheme != parts.scheme:
        raise _refused("its host or port is malformed")
    found = Target(parts.scheme, host, port or PORTS[parts.scheme], other.raw_path.decode("ascii"))
    if len(str(found)) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} characters")
    return found


def _host(parts: SplitResult, other: httpx2.URL) -> str:
    written = parts.hostname or ""
    if not written:
        raise _refused("it names no host")
    host = _literal(parts, written) or _name(written, other)
    if not _is_same(host, other.raw_host.decode("ascii")):
        raise _refused("its host can be read in two ways")
    return host


def _literal(parts: SplitResult, written: str) -> str:
    """The plain spelling of a network address, "" for a name."""
    try:
        found = ipaddress.ip_address(written)
    except ValueError:
        if "[" in parts.netloc or _NUMBER.fullmatch(written.rpartition(".")[2]):
            raise _refused("its host is a number in an unusual spelling") from None
        return ""
    return str(found)


def _name(written: str, other: httpx2.URL) -> str:
    """A name in ASCII."""
    name = written if written.isascii() else _encoded(written, other)
    if name.endswith("."):
        raise _refused("its host ends with a dot")
    if not _NAME.fullmatch(name):
        raise _refused("its host is malformed")
    return name


def _encoded(written: str, other: httpx2.URL) -> str:
    """A name of another alphabet as DNS has it, unless it only looks like one: ①②⑦, a full-width dot, digits."""
    odd = unicodedata.normalize("NFKC", written) != written
    if odd or other.host != written or any(sign.isnumeric() and not sign.isascii() for sign in written):
        raise _refused("its host is written in unusual signs")
    return other.raw_host.decode("ascii")


def _is_same(ours: str, theirs: str) -> bool:
    try:
        return ipaddress.ip_address(ours) == ipaddress.ip_address(theirs)
    except ValueError:
        return ours == theirs


def _refused(why: str) -> FetchFailed:
    return FetchFailed(f"the address is refused: {why}")
