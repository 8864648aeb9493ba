"""What hostile servers cost: seconds, and bytes by which a process grows that asks them.

`python -m bench.fetching` prints a table in Markdown. Every server is asked by a process of its own, which has fetched
something good before; servers are on this machine.
"""

import contextlib
import gzip
import json
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
GOOD = HEAD + b"Content-Length: 5\r\n\r\nhello"
Answer = Callable[[socket.socket], None]
PROBE = """
import json, resource, sys, time
from service.adapters.net.exchange import Reach, exchange
from service.errors import FetchFailed
here = Reach(allow_private=True)
exchange(sys.argv[1], reach=here)
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
try:
    said = f"{len(exchange(sys.argv[2], reach=here).body)} bytes"
except FetchFailed as failed:
    said = str(failed)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps([said, grown, time.monotonic() - began]))
"""


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """The address of a server that reads a request and does as `answer` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                answer(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()


def sends(content: bytes) -> Answer:
    """All of it at once."""
    return lambda connection: connection.sendall(content)


def packed(content: bytes, coding: str) -> Answer:
    """A body that is said to be packed so."""
    return sends(HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)


def drips(begin: bytes, piece: bytes) -> Answer:
    """A piece every half second, for a minute."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(begin)
        for _ in range(120):
            connection.sendall(piece)
            time.sleep(0.5)

    return answer


def endless(connection: socket.socket) -> None:
    """A body without an end."""
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(bytes(65536))


def bomb(size: int, wbits: int) -> bytes:
    """Zeros, packed."""
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(size >> 20)) + packer.flush()


def cases() -> dict[str, Answer]:
    """What is measured."""
    gibibyte = bomb(2**30, 31)
    return {
        "gzip, 1 MiB that unpacks to 1 GiB": packed(gibibyte, "gzip"),
        "the same packed twice": packed(gzip.compress(gibibyte), "gzip, gzip"),
        "deflate, 1 MiB that unpacks to 1 GiB": packed(bomb(2**30, 15), "deflate"),
        "gzip, 100,000 empty parts": packed(gzip.compress(b"") * 100_000, "gzip"),
        "gzip, the largest body that is taken": packed(bomb(10 * 2**20, 31), "gzip"),
        "a body without an end": endless,
        "ninety headers of 64 kB": sends(
            HEAD + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 65536) for n in range(90)) + b"\r\n"
        ),
        "a body that drips, 1 byte in half a second": drips(HEAD + b"Content-Length: 1000\r\n\r\n", b" "),
        "headers that drip": drips(HEAD, b"X: y\r\n"),
        "silence": drips(b"", b""),
    }


def measure(answer: Answer) -> tuple[str, float, float]:
    """(what came of it, MiB, seconds)."""
    with server(sends(GOOD)) as good, server(answer) as bad:
        command = [sys.executable, "-c", PROBE, good, bad]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    said, grown, took = json.loads(done.stdout)
    return said, grown, took


def main() -> None:
    """Print the table."""
    print("| the server sends | what comes of it | grown by | takes |\n|---|---|---|---|")
    for name, answer in cases().items():
        said, grown, took = measure(answer)
        print(f"| {name} | {said} | {grown:.1f} MiB | {took:.2f} s |")


if __name__ == "__main__":
    main()
