"""Messages between the worker and its sending processes: a length, then that much JSON."""

import json
import socket
import struct
from typing import Any

LONGEST = 16 * 2**20
_LENGTH = struct.Struct("!I")


class BrokenFrame(OSError):
    """The other side ended in the middle, or sent what is no message."""


def write(end: socket.socket, message: dict[str, Any]) -> None:
    """Send one message. Raises OSError."""
    body = json.dumps(message).encode()
    end.sendall(_LENGTH.pack(len(body)) + body)


def read(end: socket.socket) -> dict[str, Any] | None:
    """The next message, None when the other side has closed. Raises OSError, also for a time-out."""
    if not (head := _exactly(end, _LENGTH.size)):
        return None
    (size,) = _LENGTH.unpack(head)
    body = _exactly(end, size) if 0 < size <= LONGEST else b""
    if not body:
        raise BrokenFrame("no whole message")
    message: dict[str, Any] = json.loads(body)
    return message


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
