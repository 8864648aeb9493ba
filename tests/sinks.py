"""Servers on this machine that messages are sent to in tests: a mail server and a raw one, each as good or bad as told."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Mailbox:
    """Keeps what it is sent. `replies` are its answers to commands, by name; what is not there is agreed to."""

    replies: dict[str, str] = field(default_factory=dict)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_MAIL(
        self, _server: object, _session: object, envelope: object, address: str, _options: object
    ) -> str:
        envelope.mail_from = address  # type: ignore[attr-defined]
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: object, address: str, _options: object
    ) -> str:
        answer = self.replies.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]
        return answer

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        answer = self.replies.get("DATA", "250 OK")
        if answer.startswith("250"):
            self.raw.append(envelope.content)  # type: ignore[attr-defined]
            self.recipients.append(list(envelope.rcpt_tos))  # type: ignore[attr-defined]
        return answer

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]


@contextmanager
def mail_server(box: Mailbox, *, password: str | None = None) -> Iterator[int]:
    """Run it; gives the port. With a password it asks for a login first, and warns that it does so in the clear."""

    def is_right(_server: object, _session: object, _envelope: object, _mechanism: str, login: object) -> AuthResult:
        given = getattr(login, "password", b"")
        return AuthResult(success=given == (password or "").encode(), handled=False)

    options = {"authenticator": is_right, "auth_require_tls": False, "auth_required": True} if password else {}
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=10, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def raw_server(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that lets `talk` do what it likes with each connection; gives the port."""
    ends: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    end, _ = server.accept()
                except OSError:
                    return
                ends.append(end)
                threading.Thread(target=_talk, args=(talk, end), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for end in ends:
                end.close()


def _talk(talk: Callable[[socket.socket], object], end: socket.socket) -> None:
    with end:
        try:
            talk(end)
        except OSError:
            return


def read_request(end: socket.socket) -> bytes:
    """A whole HTTP request with a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += end.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += end.recv(65536)
    return head + b"\r\n\r\n" + body
