"""A webhook and a mail server on this machine that remember what they were sent."""

import json
import socket
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from aiosmtpd.controller import Controller

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Message:
    """What a sink was sent."""

    channel: str
    title: str
    body: str


class Addresses(Protocol):
    """Where a web hook and a mailbox are."""

    @property
    def webhook_url(self) -> str:
        """Apprise address of the webhook."""
        ...

    @property
    def mail_url(self) -> str:
        """Apprise address of the mailbox."""
        ...


@dataclass
class Sinks:
    """Both sinks and what came in, in order of arrival; `letters` are mails as they came."""

    messages: list[Message] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Listen on free loopback ports."""
        self._web = ThreadingHTTPServer((LOOPBACK, 0), _handler(self))
        threading.Thread(target=self._web.serve_forever, daemon=True).start()
        self._mail = Controller(_MailHandler(self), hostname=LOOPBACK, port=_free_port())
        self._mail.start()

    def stop(self) -> None:
        """Listen no longer."""
        self._web.shutdown()
        self._web.server_close()
        self._mail.stop()

    @property
    def webhook_url(self) -> str:
        """Apprise address of the webhook."""
        return f"json://{LOOPBACK}:{self._web.server_address[1]}/alerts"

    @property
    def mail_url(self) -> str:
        """Apprise address of the mailbox."""
        return f"mailto://{LOOPBACK}:{self._mail.port}/?from=detente@example.org&to=desk@example.org&mode=insecure"

    def add(self, message: Message) -> None:
        """Remember a message."""
        with self._lock:
            self.messages.append(message)


def _free_port() -> int:
    """A free port: aiosmtpd cannot choose one itself, it knocks at the one it was given."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _handler(sinks: Sinks) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sinks.add(Message("webhook", body["title"], body["message"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's own signature
            """Stay quiet."""

    return Handler


class _MailHandler:
    def __init__(self, sinks: Sinks) -> None:
        self.sinks = sinks

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        part = message.get_body(("plain", "html"))
        self.sinks.letters.append(envelope.content)
        self.sinks.add(
            Message("mail", str(message["Subject"]), part.get_content().replace("\r\n", "\n") if part else "")
        )
        return "250 OK"
