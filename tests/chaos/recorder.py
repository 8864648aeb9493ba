"""A web hook and a mail server in a process of their own: they write down what they are asked, and misbehave as told.

`python -m tests.chaos.recorder FOLDER` listens on free loopback ports, writes them to `FOLDER/ports` and appends each
message to `FOLDER/asked` before it answers. Nothing that is done to the service can take that back.
"""

import asyncio
import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psutil
from aiosmtpd.smtp import SMTP

from service.adapters.processes import start

LOOPBACK = "127.0.0.1"
ROOT = Path(__file__).parents[2]
UP_WITHIN = 20.0
KEY_HEADERS = ("idempotency-key", "message-id")
LONGEST = 20_000


@dataclass(frozen=True)
class Manner:
    """How a channel treats the next `times` messages (None: all of them), each `delay` seconds after it came.

    `take` and `drip` take the message; `drip` then sends its answer a byte a second. `refuse` answers `code`; `reset`
    cuts the connection; `hang` never answers; `flood` answers without end. `take-reset` takes the message and cuts the
    connection; `kill` takes it, and kills who sent it before the answer can be read.
    """

    does: str = "take"
    delay: float = 0.0
    code: int = 500
    times: int | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Asked:
    """One attempt to send: when it was answered or cut off (seconds since 1970), by which channel, and what it said.

    `key` is what the sender gave for telling repetitions; `taken` is whether the channel has the message now.
    """

    at: float
    channel: str
    key: str
    text: str
    taken: bool


TAKES = frozenset({"take", "drip", "take-reset", "kill"})


class Book:
    """What is written down, and each channel's manner."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.manners: dict[str, Manner] = {}

    def manner(self, channel: str) -> Manner:
        """How the channel treats the message that has just come."""
        manner = self.manners.get(channel, self.manners.get("*", Manner()))
        if manner.times is not None:
            left = manner.times - 1
            self.manners[channel] = Manner(**{**asdict(manner), "times": left}) if left else Manner()
        return manner

    def write(self, channel: str, manner: Manner, headers: Mapping[str, str], text: str) -> None:
        """In one write, so that a line is whole or not there."""
        key = next((headers[name] for name in KEY_HEADERS if headers.get(name)), "")
        asked = Asked(time.time(), channel, key, text[:LONGEST], manner.does in TAKES)
        os.write(self.file, json.dumps(asdict(asked)).encode() + b"\n")


class Hook:
    """The web hook: `POST /CHANNEL` is a message, `PUT /CHANNEL` sets a manner."""

    def __init__(self, book: Book) -> None:
        self.book = book

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection carries one request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            method, path, headers, body = await _request(reader)
            channel = path.strip("/")
            if method == "PUT":
                self.book.manners[channel] = Manner(**json.loads(body))
                await _reply(writer, 200)
            else:
                await self._take(channel, headers, body, writer)
        writer.close()

    async def _take(self, channel: str, headers: Mapping[str, str], body: bytes, writer: asyncio.StreamWriter) -> None:
        manner = self.book.manner(channel)
        await asyncio.sleep(manner.delay)
        victims = _senders(writer.get_extra_info("peername")[1]) if manner.does == "kill" else []
        self.book.write(channel, manner, headers, _json_text(body))
        match manner.does:
            case "reset" | "take-reset":
                writer.transport.abort()
            case "hang":
                await asyncio.sleep(3600)
            case "drip":
                await _drip(writer)
            case "flood":
                await _flood(writer)
            case _:
                await _reply(writer, manner.code if manner.does == "refuse" else 200, manner.headers)
        _kill(victims)


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    method, path, _ = (await reader.readuntil(b"\r\n")).decode().split(" ", 2)
    headers = {}
    while line := (await reader.readuntil(b"\r\n")).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, path, headers, await reader.readexactly(int(headers.get("content-length", "0")))


async def _reply(writer: asyncio.StreamWriter, code: int, headers: Mapping[str, str] | None = None) -> None:
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    writer.write(f"HTTP/1.1 {code} so\r\n{more}Content-Length: 2\r\nConnection: close\r\n\r\nok".encode())
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
    for _ in range(600):
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(1)


async def _flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    block = b"." * 2**16
    while True:
        writer.write(block)
        await writer.drain()


def _json_text(body: bytes) -> str:
    """The strings of a JSON object, else the body."""
    try:
        said = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
    return "\n".join(str(value) for value in said.values()) if isinstance(said, dict) else str(said)


class Mailbox:
    """The mail server: the part of the address before the @ is the channel."""

    def __init__(self, book: Book) -> None:
        self.book = book

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """One message."""
        channel = envelope.rcpt_tos[0].partition("@")[0]
        manner = self.book.manner(channel)
        await asyncio.sleep(manner.delay)
        message = message_from_bytes(envelope.content, policy=policy.default)
        headers = {name.lower(): str(value) for name, value in message.items()}
        part = message.get_body(("plain", "html"))
        victims = _senders(session.peer[1]) if manner.does == "kill" else []
        text = f"{message['Subject']}\n{part.get_content() if part else ''}"
        self.book.write(channel, manner, headers, text)
        if manner.does in {"reset", "take-reset"}:
            server.transport.abort()
        elif manner.does == "hang":
            await asyncio.sleep(3600)
        _kill(victims)
        return f"{manner.code} no" if manner.does == "refuse" else "250 OK"


def _senders(port: int) -> list[psutil.Process]:
    """Who holds the other end of a connection, with all up to its Celery worker's main process, stopped by now."""
    ends = psutil.net_connections("tcp4")
    pid = next(end.pid for end in ends if end.laddr.port == port and end.pid and end.pid != os.getpid())
    line = [psutil.Process(pid), *psutil.Process(pid).parents()]
    highest = max(n for n, process in enumerate(line) if "worker" in process.cmdline())
    family = line[: highest + 1]
    for process in family:
        process.suspend()
    return family


def _kill(victims: list[psutil.Process]) -> None:
    for process in victims:
        with suppress(psutil.NoSuchProcess):
            process.kill()


async def _serve(folder: Path) -> None:
    book = Book(folder / "asked")
    loop = asyncio.get_running_loop()
    web = await asyncio.start_server(Hook(book), LOOPBACK, 0)
    mail = await loop.create_server(lambda: SMTP(Mailbox(book), enable_SMTPUTF8=True), LOOPBACK, 0)
    ports = [server.sockets[0].getsockname()[1] for server in (web, mail)]
    half = folder / "ports.new"
    half.write_text(json.dumps(ports), encoding="utf-8")
    half.rename(folder / "ports")
    await asyncio.Event().wait()


class Recorder:
    """A running recorder, seen from a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web_port, self.mail_port = json.loads((folder / "ports").read_text(encoding="utf-8"))

    def hook_url(self, channel: str) -> str:
        """Apprise address of a web hook."""
        return f"json://{LOOPBACK}:{self.web_port}/{channel}"

    def box_url(self, channel: str) -> str:
        """Apprise address of a mailbox."""
        return f"mailto://{LOOPBACK}:{self.mail_port}/?from=detente@example.org&to={channel}@example.org&mode=insecure"

    @property
    def webhook_url(self) -> str:
        """As in `service.demo.sinks.Sinks`."""
        return self.hook_url("webhook")

    @property
    def mail_url(self) -> str:
        """As in `service.demo.sinks.Sinks`."""
        return self.box_url("mail")

    def behave(self, channel: str, manner: Manner) -> None:
        """Set a channel's manner; `*` stands for all that have none of their own."""
        url = f"http://{LOOPBACK}:{self.web_port}/{channel}"
        said = urllib.request.Request(url, json.dumps(asdict(manner)).encode(), method="PUT")
        with urllib.request.urlopen(said, timeout=10) as answer:
            answer.read()

    def asked(self) -> list[Asked]:
        """All attempts so far, in order."""
        path = self.folder / "asked"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Asked(**json.loads(line)) for line in lines]

    def taken(self) -> list[Asked]:
        """All messages the channels have."""
        return [asked for asked in self.asked() if asked.taken]


@contextmanager
def recording(folder: Path) -> Iterator[Recorder]:
    """A recorder that runs until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("ab") as log:
        process = start(
            [sys.executable, "-m", "tests.chaos.recorder", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + UP_WITHIN
        while not (folder / "ports").exists():
            assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "the recorder does not listen"
            time.sleep(0.05)
        yield Recorder(folder)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
