"""A TCP proxy on loopback that can fall silent, as a network does that is cut without a word."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOPBACK = "127.0.0.1"


class Proxy:
    """Passes bytes on between its own port and another."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self.listener.getsockname()[1]
        self.is_silent = False
        self.ends: list[socket.socket] = []
        self.dead: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Connections stay open, and nothing ever comes through those that are there or are made meanwhile."""
        self.is_silent = True
        self.dead.update(self.ends)

    def speak_again(self) -> None:
        """New connections work. The old ones stay as they are: nobody has told the ends that they are dead."""
        self.is_silent = False

    def close(self) -> None:
        self.listener.close()
        for end in self.ends:
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection((LOOPBACK, self.target))
                self.ends += [near, far]
                if self.is_silent:
                    self.dead.update((near, far))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(2**16):
                if one not in self.dead:
                    other.sendall(data)
            if one not in self.dead:
                other.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """A proxy before a port, gone when the block ends."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
