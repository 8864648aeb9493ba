"""Servers on this machine that write whatever they like, and resolvers that answer whatever they like."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@contextmanager
def raw_server(
    answer: Callable[[socket.socket], None] | bytes,
    heard: list[bytes] | None = None,
    context: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> Iterator[str]:
    """A server that reads a request, adds it to `heard`, and does as `answer` says; over TLS where it has a context."""
    listener = socket.create_server((host, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError), _spoken(connection, context) as spoken:
                request = spoken.recv(65536)
                if heard is not None:
                    heard.append(request)
                spoken.sendall(answer) if isinstance(answer, bytes) else answer(spoken)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://{host}:{listener.getsockname()[1]}/feed"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _spoken(connection: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    return context.wrap_socket(connection, server_side=True) if context else connection


class FakeResolver:
    """Stands for DNS: each name has the answers it gives in turn, the last one again and again.

    An answer is a list of addresses or the error that is raised. What it was asked is in `asked`.
    """

    def __init__(self, **names: list[list[str] | OSError]) -> None:
        self.answers = {name.replace("_", "."): list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *arguments: object, **options: object) -> list[tuple]:
        if host not in self.answers:
            return _system(host, port, *arguments, **options)
        self.asked.append(host)
        answers = self.answers[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, OSError):
            raise answer
        return [(_family(one), socket.SOCK_STREAM, 6, "", (one, port)) for one in answer]


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


_system = socket.getaddrinfo
