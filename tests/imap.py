"""A real IMAP server on this machine, behind TLS with a certificate of its own."""

import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

_PYMAP = """
from pymap import config, main
from pysasl.hashing import BuiltinHash
config.IMAPConfig._get_hash_context = classmethod(lambda *_: BuiltinHash(rounds=1))
main.main()
"""
"""Its own half a million rounds for a password would take longer than all else here."""
USER, PASSWORD = "reader@paper.example", 'Open "Sesame"'


@dataclass
class MailServer:
    """`port` speaks TLS, `plain_port` does not. What the service sends is in `heard`, decrypted."""

    port: int
    plain_port: int
    trusted: ssl.SSLContext
    heard: bytearray = field(default_factory=bytearray)
    cut_after: int | None = None
    """Bytes to the client after which a connection breaks off."""
    pause: float = 0.0
    """Seconds before anything is passed to the client."""

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.plain_port, ssl=False) as client:
            client.login(USER, PASSWORD)
            yield client

    def put(self, folder: str, *mails: bytes, came_at: datetime.datetime | None = None) -> None:
        with self.client() as client:
            with suppress(client.Error):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail, msg_time=came_at)


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """Files with a certificate for a name and 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    """pymap, with a relay before it that ends TLS: pymap itself knows only STARTTLS."""
    plain_port = _free_port()
    options = ["--host", "127.0.0.1", "--port", str(plain_port), "--no-tls"]
    user = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    command = [sys.executable, "-c", _PYMAP, *options, *user]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(plain_port)
        cert, key = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            trusted = ssl.create_default_context(cafile=str(cert))
            server = MailServer(listener.getsockname()[1], plain_port, trusted)
            _start(lambda: _accept(listener, context, server))
            yield server
            listener.shutdown(socket.SHUT_RDWR)
    finally:
        process.terminate()
        process.wait(10)


def _accept(listener: socket.socket, context: ssl.SSLContext, server: MailServer) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            _start(lambda connection=connection: _relay(connection, context, server))


def _relay(connection: socket.socket, context: ssl.SSLContext, server: MailServer) -> None:
    with (
        suppress(OSError),
        connection,
        context.wrap_socket(connection, server_side=True) as client,
        socket.create_connection(("127.0.0.1", server.plain_port)) as behind,
    ):
        for end in (client, behind):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _start(lambda: _forward(client, behind, server))
        sent = 0
        while piece := behind.recv(4096):
            time.sleep(server.pause)
            client.sendall(piece)
            sent += len(piece)
            if server.cut_after is not None and sent > server.cut_after:
                break
        client.shutdown(socket.SHUT_RDWR)


def _forward(client: ssl.SSLSocket, behind: socket.socket, server: MailServer) -> None:
    with suppress(OSError, ValueError):
        while piece := client.recv(4096):
            server.heard.extend(piece)
            behind.sendall(piece)
    with suppress(OSError):
        behind.shutdown(socket.SHUT_RDWR)


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _await(port: int) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the mail server did not start")
