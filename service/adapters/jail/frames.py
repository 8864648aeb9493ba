"""What goes between a worker and its jailed processes: a length, then that much JSON or that many bytes."""

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

LONGEST = 16 * 2**20
"""Bytes of one frame."""
_LENGTH = struct.Struct("!I")


class BrokenFrame(OSError):
    """The other side ended in the middle, or sent what is no message."""


class TooLong(ValueError):
    """A message that does not fit into a frame."""


def write(end: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one message. Raises TooLong or OSError."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    write_bytes(end, body)


def write_bytes(end: socket.socket, content: bytes) -> None:
    """Send bytes as they are. Raises TooLong or OSError."""
    if len(content) > LONGEST:
        raise TooLong(f"{len(content)} bytes are more than {LONGEST}")
    end.sendall(_LENGTH.pack(len(content)))
    end.sendall(content)


def read(end: socket.socket) -> dict[str, Any] | None:
    """The next message, None when the other side has closed. Raises OSError, also for a time-out."""
    body = read_bytes(end)
    if body is None:
        return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenFrame("no message") from None
    if not isinstance(message, dict):
        raise BrokenFrame("no message")
    return message


def read_bytes(end: socket.socket) -> bytes | None:
    """The next bytes, None when the other side has closed. Raises OSError, also for a time-out."""
    if not (head := _exactly(end, _LENGTH.size)):
        return None
    (size,) = _LENGTH.unpack(head)
    if size > LONGEST:
        raise BrokenFrame("longer than any message")
    content = _exactly(end, size)
    if len(content) != size:
        raise BrokenFrame("the message breaks off")
    return content


def _exactly(end: socket.socket, size: int) -> bytes:
    """So many bytes; none when there is nothing any more. Raises BrokenFrame in between."""
    parts, missing = [], size
    while missing:
        part = end.recv(min(missing, 2**20))
        if not part and missing == size:
            return b""
        if not part:
            raise BrokenFrame("the message breaks off")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
