"""Bad servers and bad addresses, by their numbers in the catalogue, and faults of the network."""

import gzip
import json
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from service.adapters.feeds.http import FeedFetcher
from service.adapters.feeds.reader import Feedful
from service.adapters.net.exchange import MOST_DECODED, MOST_WIRE, Answer, Reach, exchange
from service.errors import FetchFailed, Gone
from service.ports import Feed, Reply
from tests.servers import HEAD, FakeResolver, raw_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = Reach(allow_private=True)
BODY = b"<rss version='2.0'><channel><title>W</title></channel></rss>"
GROWTH = 64 * 2**20
"""Bytes by which a process may grow, whatever a server sends."""


class SilentReader:
    """Holds for a good feed whatever comes, and remembers it."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    def feed(self, content: bytes, *_: object) -> Feedful:
        self.read.append(content)
        return Feedful(())

    def page(self, content: bytes, *_: object) -> None:
        pytest.fail("feeds alone are asked for here")


def poll(url: str, *, reach: Reach = HERE, within: float = 5) -> Reply:
    return FeedFetcher(reach, SilentReader(), within).fetch(Feed("wire", url, "Wire"), NOW)


def fails(url: str, why: str, **wished) -> FetchFailed:
    with pytest.raises(FetchFailed, match=why) as caught:
        poll(url, **wished)
    return caught.value


def moved(to: str, status: int = 301) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def whole(body: bytes, headers: bytes = b"") -> bytes:
    return HEAD + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def bomb(size: int, wbits: int = 31) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(size >> 20)) + packer.flush()


PROBE = """
import json, resource, sys, time
from service.adapters.net.exchange import Reach, exchange
from service.errors import FetchFailed
here = Reach(allow_private=True)
exchange(sys.argv[1], reach=here)
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
try:
    said = str(len(exchange(sys.argv[2], reach=here).body))
except FetchFailed as failed:
    said = str(failed)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(json.dumps([said, grown, time.monotonic() - began]))
"""


def probe(httpserver: HTTPServer, body: bytes, coding: str) -> tuple[str, int, float]:
    """What a process of its own says of such a body, by how many bytes it grew, and how long it took."""
    httpserver.expect_request("/good").respond_with_data(gzip.compress(BODY), headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/bad").respond_with_data(body, headers={"Content-Encoding": coding})
    command = [sys.executable, "-c", PROBE, httpserver.url_for("/good"), httpserver.url_for("/bad")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    said, grown, took = json.loads(done.stdout)
    return said, grown, took


def test_28_redirect_to_a_file() -> None:
    heard: list[bytes] = []
    with raw_server(moved("file:///etc/passwd"), heard) as url:
        fails(url, "a redirect is not followed: .* neither http:// nor https://")
    assert len(heard) == 1


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_29_gzip_bomb(httpserver: HTTPServer, coding: str) -> None:
    packed = bomb(2**28, 31 if coding == "gzip" else 15)
    assert len(packed) < MOST_WIRE
    said, grown, took = probe(httpserver, packed, coding)
    assert "larger than" in said
    assert grown < GROWTH
    assert took < 5


def test_29_the_largest_body_that_is_taken(httpserver: HTTPServer) -> None:
    said, grown, _ = probe(httpserver, bomb(MOST_DECODED), "gzip")
    assert said == str(MOST_DECODED)
    assert grown < GROWTH


def test_30_gzip_of_gzip(httpserver: HTTPServer) -> None:
    twice = gzip.compress(bomb(2**28))
    said, grown, took = probe(httpserver, twice, "gzip, gzip")
    assert "content coding" in said
    assert grown < GROWTH
    assert took < 5


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "exi", "gzip, br", "*", "aes128gcm"])
def test_31_a_coding_nobody_asked_for(coding: str) -> None:
    with raw_server(whole(BODY, b"Content-Encoding: %s\r\n" % coding.encode())) as url:
        fails(url, "content coding")


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 5000\r\n\r\n" + BODY,
        HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n" + BODY,
        HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + BODY,
        HEAD + b"Content-Length: -1\r\n\r\n" + BODY,
        HEAD + b"Content-Length: x\r\n\r\n" + BODY,
    ],
)
def test_32_wrong_content_length(answer: bytes) -> None:
    with raw_server(answer) as url:
        fails(url, "breaks the rules of HTTP")


def test_32_a_length_that_is_too_short_and_packed() -> None:
    packed = gzip.compress(BODY)
    headers = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(packed) - 4)
    with raw_server(HEAD + headers + packed) as url:
        fails(url, "ends too early")


def test_33_ninety_headers_of_64_kb() -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 65536) for n in range(90))
    with raw_server(whole(BODY, headers)) as url:
        fails(url, "breaks the rules of HTTP")


def one_byte_at_a_time(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.1)


def test_34_one_byte_at_a_time() -> None:
    with raw_server(one_byte_at_a_time) as url:
        began = time.monotonic()
        fails(url, "took too long", within=0.7)
        assert time.monotonic() - began < 1.5


def test_35_a_huge_etag() -> None:
    with raw_server(whole(BODY, b'ETag: "' + b"x" * 60_000 + b'"\r\n')) as url:
        assert poll(url).etag == ""
    with raw_server(whole(BODY, b'ETag: "' + b"x" * 2**20 + b'"\r\n')) as url:
        fails(url, "breaks the rules of HTTP")


def test_36_cookies_and_strict_transport() -> None:
    heard: list[bytes] = []
    headers = b"Set-Cookie: a=CANARY; Path=/\r\nStrict-Transport-Security: max-age=31536000\r\n"
    with raw_server(whole(BODY, headers + b"Connection: close\r\n"), heard) as url:
        for _ in range(2):
            poll(url)
    assert len(heard) == 2
    assert b"CANARY" not in heard[1]


SPELLINGS = [
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "0177.0.0.1", "0",
    "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "①②⑦.0.0.1", "１２７.0.0.1", "127。0。0。1",
    "localhost.",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_53_no_spelling_of_this_machine_is_dialled(httpserver: HTTPServer, host: str) -> None:
    assert len(SPELLINGS) == 18
    httpserver.expect_request("/feed").respond_with_data(BODY)
    for port in (8080, httpserver.port):
        fails(f"http://{host}:{port}/feed", "not a public one|the address is refused", reach=Reach())
    assert httpserver.log == []


def test_54_rebinding_name(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    httpserver.expect_request("/feed").respond_with_data(BODY)
    resolver = FakeResolver(flips_example=[["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"]])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    for _ in range(3):
        fails(f"http://flips.example:{httpserver.port}/feed", "not a public one", reach=Reach())
    assert resolver.asked == ["flips.example"] * 3
    assert httpserver.log == []


def test_54_a_name_is_resolved_once_and_what_was_checked_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    dialled: list[str] = []

    def refuse(address: tuple[str, int], *_: object, **__: object) -> None:
        dialled.append(address[0])
        raise ConnectionRefusedError

    resolver = FakeResolver(flips_example=[["93.184.216.34"], ["127.0.0.1"]])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(socket, "create_connection", refuse)
    fails("http://flips.example/feed", "no connection", reach=Reach())
    assert (resolver.asked, dialled) == (["flips.example"], ["93.184.216.34"])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@good.example/", "http://good.example\\@127.0.0.1/", "http://good.example\\127.0.0.1/",
        "http:\\\\127.0.0.1/", "http://127.0.0.1\t@good.example/", "http://127.0.0.1\r\n@good.example/",
        "http://good.example@127.0.0.1:8080/", "http://a:b@c@127.0.0.1/", "http://127.0.0.1%00@good.example/",
        "http://%6c%6f%63%61%6c%68%6f%73%74/", "http:///127.0.0.1/", "http://[::1]@good.example/",
    ],
)  # fmt: skip
def test_55_an_address_that_is_read_in_two_ways(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = FakeResolver(good_example=[["93.184.216.34"]])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    dialled: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *at, **_: dialled.append(at))
    with pytest.raises(FetchFailed, match="the address is refused"):
        exchange(url)
    assert (resolver.asked, dialled) == ([], [])


@pytest.mark.parametrize(
    "host",
    [
        "fe80::1%25lo", "fe80::1%lo", "::1%25lo", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
        "2002:a00:1::1", "2001:0:7f00:1::", "2001::1", "::7f00:1", "::ffff:0:127.0.0.1", "fec0::1", "fd00:ec2::254",
        "ff02::1", "::ffff:169.254.169.254",
    ],
)  # fmt: skip
def test_56_zones_and_translations(host: str) -> None:
    fails(f"http://[{host}]/", "not a public one|the address is refused", reach=Reach())


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 11211, 1])
def test_57_ports_of_other_servers(port: int) -> None:
    fails(f"http://8.8.8.8:{port}/", f"port {port} is not one of a web server", reach=Reach())


def test_57_a_redirect_to_such_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(moved("http://8.8.8.8:6379/")) as url:
        port = int(url.split(":")[2].partition("/")[0])
        monkeypatch.setattr("service.adapters.net.guard.WEB_PORTS", frozenset({port}))
        monkeypatch.setattr("service.adapters.net.addresses.is_public", lambda _: True)
        fails(url, "port 6379 is not one of a web server", reach=Reach())


def test_58_proxies_of_the_environment(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:1")
    httpserver.expect_request("/feed").respond_with_data(BODY)
    assert not poll(httpserver.url_for("/feed")).not_modified


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "cannot be resolved: Temporary"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution"), "cannot be resolved: Non-rec"),
        ([], "cannot be resolved: it has no address"),
    ],
    ids=["SERVFAIL", "failure", "no answers"],
)
def test_fault_28_dns(monkeypatch: pytest.MonkeyPatch, answer: list[str] | OSError, why: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", FakeResolver(wire_example=[answer]))
    fails("http://wire.example/feed", why)


def test_fault_28_dns_that_is_silent_or_slow(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = FakeResolver(wire_example=[["127.0.0.1"]])

    def slow(*asked: object, **options: object) -> list[tuple]:
        time.sleep(0.5)
        return resolver(*asked, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    httpserver.expect_request("/feed").respond_with_data(BODY)
    url = httpserver.url_for("/feed").replace("localhost", "wire.example")
    began = time.monotonic()
    fails(url, "no answer in time", within=0.2)
    assert time.monotonic() - began < 0.45
    assert poll(url).items == ()


def endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b" " * 65536)


def no_headers(connection: socket.socket) -> None:
    time.sleep(1.2)


@pytest.mark.parametrize(
    ("answer", "why"),
    [(one_byte_at_a_time, "took too long"), (endless, "larger than"), (no_headers, "took too long")],
    ids=["1 B/s", "never ends", "no headers"],
)
def test_fault_29_a_server_that_does_not_come_to_an_end(answer: Callable[[socket.socket], None], why: str) -> None:
    with raw_server(answer) as url:
        fails(url, why, within=0.8)


def reset(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n" + BODY)
    time.sleep(0.1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_fault_30_a_connection_that_breaks() -> None:
    with raw_server(reset) as url:
        fails(url, "broke off")
    with raw_server(HEAD + b"Content-Length: 5000\r\n\r\n" + BODY) as url:
        fails(url, "broke off")


def test_fault_31_redirects_that_lead_astray() -> None:
    with raw_server(moved("/feed")) as url:
        fails(url, "in a circle")
    for to, why in (("file:///etc/passwd", "neither http"), ("http://127.0.0.1:1/", "no connection")):
        with raw_server(moved(to)) as url:
            fails(url, why)


def test_fault_31_a_redirect_from_outside_to_this_machine(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server is the only one that counts as public."""
    httpserver.expect_request("/inner").respond_with_data(BODY)
    outside = FakeResolver(out_example=[["127.0.0.2"]])
    monkeypatch.setattr(socket, "getaddrinfo", outside)
    monkeypatch.setattr("service.adapters.net.addresses.is_public", lambda address: address == "127.0.0.2")
    heard: list[bytes] = []
    with raw_server(moved(f"http://127.0.0.1:{httpserver.port}/inner"), heard, host="127.0.0.2") as url:
        port = int(url.split(":")[2].partition("/")[0])
        monkeypatch.setattr("service.adapters.net.guard.WEB_PORTS", frozenset({port, httpserver.port}))
        fails(f"http://out.example:{port}/feed", "not a public one", reach=Reach())
    assert len(heard) == 1
    assert httpserver.log == []


@pytest.mark.parametrize("status", [403, 429, 503])
def test_fault_32_a_server_that_wants_to_be_left_alone(status: int) -> None:
    with raw_server(f"HTTP/1.1 {status} No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n".encode()) as url:
        assert fails(url, f"the server answers {status}: ").wait == 120


def test_fault_32_a_feed_that_is_gone() -> None:
    with raw_server(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n") as url:
        assert isinstance(fails(url, "gone for good"), Gone)


def test_good_servers_are_read_all_the_same() -> None:
    """Without this, a room that refuses everything would pass."""
    with raw_server(whole(gzip.compress(BODY), b"Content-Encoding: gzip\r\n")) as url:
        answer = exchange(url, reach=HERE)
    assert answer == Answer(200, answer.headers, BODY, url)
