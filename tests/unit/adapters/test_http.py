"""Fetching from a real server on this machine, and from servers that mean ill."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.feeds.http import MOST_DECODED, MOST_WIRE, HttpFetcher, is_public
from service.errors import DetenteError, FetchFailed, Refusal, RefusedInput
from service.ports import Feed, Reply

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RSS = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>W</title><item><title>Iran and Pakistan talk</title>'
    b"<description>They said so.</description></item></channel></rss>"
)


def fetch(url: str, *, allow_private: bool = True, within: float = 20, etag: str = "", since: str = "") -> Reply:
    return HttpFetcher(allow_private=allow_private, within=within).fetch(Feed("wire", url, "Wire", etag, since), NOW)


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that writes whatever it likes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    answer(connection)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/feed"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def test_a_feed_is_asked_again_only_for_what_is_new(httpserver: HTTPServer) -> None:
    seen: list[tuple[str | None, str | None]] = []

    def answer(request: Request) -> Response:
        asked = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
        seen.append(asked)
        if asked[0] == '"v1"':
            return Response(status=304)
        return Response(RSS, headers={"ETag": '"v1"', "Last-Modified": "Sun, 01 Mar 2026 10:00:00 GMT"})

    httpserver.expect_request("/feed").respond_with_handler(answer)
    first = fetch(httpserver.url_for("/feed"))
    assert [a.title for a in first.items] == ["Iran and Pakistan talk"]
    assert (first.etag, first.last_modified, first.not_modified) == ('"v1"', "Sun, 01 Mar 2026 10:00:00 GMT", False)
    again = fetch(httpserver.url_for("/feed"), etag=first.etag, since=first.last_modified)
    assert again == Reply((), first.etag, first.last_modified, not_modified=True)
    assert seen == [(None, None), ('"v1"', "Sun, 01 Mar 2026 10:00:00 GMT")]


def test_gzip_is_read_and_a_huge_cursor_is_not_kept(httpserver: HTTPServer) -> None:
    headers = {"Content-Encoding": "gzip", "ETag": '"' + "x" * 5000 + '"'}
    httpserver.expect_request("/feed").respond_with_data(gzip.compress(RSS), headers=headers)
    reply = fetch(httpserver.url_for("/feed"))
    assert len(reply.items) == 1
    assert reply.etag == ""


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "deflate", "gzip, identity", "nonsense"])
def test_a_coding_we_did_not_ask_for_is_refused(httpserver: HTTPServer, coding: str) -> None:
    body = gzip.compress(gzip.compress(RSS))
    httpserver.expect_request("/feed").respond_with_data(body, headers={"Content-Encoding": coding})
    with pytest.raises(FetchFailed, match="content coding"):
        fetch(httpserver.url_for("/feed"))


def test_a_bomb_is_cut_in_time_and_in_memory(httpserver: HTTPServer) -> None:
    import tracemalloc

    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()
    assert len(bomb) < MOST_WIRE
    httpserver.expect_request("/feed").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="larger than"):
        fetch(httpserver.url_for("/feed"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - began < 5
    assert peak < 4 * MOST_DECODED


def test_a_body_that_is_too_large_or_broken_is_refused(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/large").respond_with_data(b" " * (MOST_WIRE + 1))
    httpserver.expect_request("/broken").respond_with_data(b"no gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchFailed, match="larger than"):
        fetch(httpserver.url_for("/large"))
    with pytest.raises(FetchFailed, match="broken"):
        fetch(httpserver.url_for("/broken"))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def drip_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.1)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for n in range(100):
        connection.sendall(b"X-Drip-%d: yes\r\n" % n)
        time.sleep(0.1)


def drip_nothing(connection: socket.socket) -> None:
    time.sleep(1.5)


@pytest.mark.parametrize("answer", [drip_body, drip_headers, drip_nothing])
def test_a_server_that_drips_is_cut_at_the_deadline(answer: Callable[[socket.socket], None]) -> None:
    with raw_server(answer) as url:
        began = time.monotonic()
        with pytest.raises(FetchFailed):
            fetch(url, within=0.7)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 5000\r\n\r\n" + RSS,
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 64_000 * 10 + b"\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_server_that_breaks_the_rules_is_a_failed_fetch(answer: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(answer)) as url, pytest.raises(FetchFailed):
        fetch(url)


def test_redirects_are_followed_up_to_five(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(RSS)
    for n in range(9):
        where = httpserver.url_for(f"/r{n - 1}" if n else "/feed")
        httpserver.expect_request(f"/r{n}").respond_with_data("", status=301, headers={"Location": where})
    assert len(fetch(httpserver.url_for("/r4")).items) == 1
    with pytest.raises(FetchFailed):
        fetch(httpserver.url_for("/r8"))


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_any_other_answer_is_a_failed_fetch(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/feed").respond_with_data("CANARY", status=status)
    with pytest.raises(FetchFailed, match=f"answered {status}$"):
        fetch(httpserver.url_for("/feed"))


def test_a_page_is_no_feed_and_an_empty_answer_neither(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/page").respond_with_data("<html><body>Hello there</body></html>")
    httpserver.expect_request("/empty").respond_with_data("")
    for path, refusal in (("/page", Refusal.NOT_A_FEED), ("/empty", Refusal.EMPTY)):
        with pytest.raises(RefusedInput) as caught:
            fetch(httpserver.url_for(path))
        assert caught.value.refusal == refusal


def test_the_proxy_of_the_environment_is_ignored(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    httpserver.expect_request("/feed").respond_with_data(RSS)
    assert len(fetch(httpserver.url_for("/feed")).items) == 1


PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "fec0::1", "fe80::1", "fe80::1%lo", "fc00::1", "fd00::1", "ff02::1",
    "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_inner_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "0", "0.0.0.0",
        "[::1]", "[::ffff:127.0.0.1]", "[::]", "①②⑦.0.0.1", "127。0。0。1", "localhost.", "127.0.0.1.",
    ],
)  # fmt: skip
def test_no_spelling_of_this_machine_is_dialled(httpserver: HTTPServer, host: str) -> None:
    httpserver.expect_request("/feed").respond_with_data(RSS)
    for port in (8080, httpserver.port):
        with pytest.raises(
            FetchFailed, match=r"not a public one|not one of a web server|cannot be resolved|InvalidURL"
        ):
            fetch(f"http://{host}:{port}/feed", allow_private=False)
    assert httpserver.log == []


@pytest.mark.parametrize(
    "url", [r"http://127.0.0.1\@good.invalid/", "http://good.invalid@127.0.0.1:8080/", "http:///x", "http://"]
)
def test_a_crooked_address_is_a_failed_fetch(url: str) -> None:
    with pytest.raises(FetchFailed):
        fetch(url, allow_private=False)


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
def test_a_port_of_no_web_server_is_not_dialled(port: int) -> None:
    with pytest.raises(FetchFailed, match=f"port {port} is not one of a web server"):
        fetch(f"http://8.8.8.8:{port}/", allow_private=False)


def test_a_name_that_leads_inwards_is_refused_with_the_reason() -> None:
    with pytest.raises(DetenteError, match="not a public one"):
        fetch("http://localhost:8080/feed", allow_private=False)
