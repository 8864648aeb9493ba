"""Fetching from real servers on this machine, also from those that mean ill."""

import contextlib
import gzip
import socket
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import service
from service.adapters.net.exchange import MOST_REDIRECTS, MOST_WIRE, Answer, Reach, exchange
from service.errors import FetchFailed, Gone
from tests.servers import HEAD, raw_server

HERE = Reach(allow_private=True)


def get(url: str, **wished) -> Answer:
    return exchange(url, **{"reach": HERE, "within": 10.0} | wished)


def fails(url: str, why: str, **wished) -> FetchFailed:
    with pytest.raises(FetchFailed, match=why) as caught:
        get(url, **wished)
    return caught.value


def test_what_came_back_is_told_whole(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a", query_string="b=c%20d").respond_with_data("hello", headers={"X-One": "1"})
    answer = get(httpserver.url_for("/a") + "?b=c%20d#part")
    assert (answer.status, answer.body, answer.moved_to) == (200, b"hello", "")
    assert answer.url == httpserver.url_for("/a") + "?b=c%20d"
    assert answer.headers["x-one"] == "1"


def test_the_request_says_who_asks_and_keeps_no_cookie(httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response("", headers={"Set-Cookie": "a=b", "Strict-Transport-Security": "max-age=9"})

    httpserver.expect_request("/").respond_with_handler(answer)
    for _ in range(2):
        get(httpserver.url_for("/"), headers={"Accept": "text/html", "If-None-Match": '"x"'})
    sent = {name.lower(): value for name, value in seen[1].headers.items()}
    assert sent == {
        "host": f"localhost:{httpserver.port}",
        "user-agent": f"Detente/{service.__version__} (news early warning)",
        "accept": "text/html",
        "accept-encoding": "gzip",
        "if-none-match": '"x"',
    }


def test_a_path_in_another_alphabet_is_sent_in_ascii() -> None:
    heard: list[bytes] = []
    with raw_server(EMPTY, heard) as url:
        get(url.replace("/feed", "/caf\u00e9?q=\u4e2d&p=%20"))
    assert heard[0].splitlines()[0] == b"GET /caf%C3%A9?q=%E4%B8%AD&p=%20 HTTP/1.1"


def test_an_answer_of_no_change_is_an_answer(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("", status=304, headers={"ETag": '"v1"'})
    answer = get(httpserver.url_for("/"))
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", '"v1"')


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (202, "answers 202$"), (204, "answers 204$"), (206, "answers 206$"), (300, "answers 300$"),
        (400, "answers 400$"), (401, "401: it wants a user"), (403, "403: it does not want to be asked by programs"),
        (404, "404: there is nothing"), (429, "429: it is asked too often"), (500, "500: it has trouble of its own"),
        (503, "503: it has trouble of its own"), (599, "599: it has trouble"),
    ],
)  # fmt: skip
def test_any_other_status_is_told_in_words_of_ours(httpserver: HTTPServer, status: int, said: str) -> None:
    httpserver.expect_request("/").respond_with_data("" if status == 204 else "CANARY", status=status)
    error = fails(httpserver.url_for("/"), said)
    assert error.wait is None
    assert not isinstance(error, Gone)
    assert "CANARY" not in str(error)


def test_what_is_gone_is_gone(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("", status=410)
    assert isinstance(fails(httpserver.url_for("/"), "answers 410: .* gone for good"), Gone)


def test_other_statuses_are_answers_for_those_who_want_them(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("{}", status=400)
    assert get(httpserver.url_for("/"), takes={400}).body == b"{}"


@pytest.mark.parametrize("status", [403, 429, 503])
@pytest.mark.parametrize(
    ("wish", "wait"),
    [("120", 120.0), ("0", 0.0), ("99999999", 86400.0), ("-5", None), ("soon", None), ("1" * 400, 86400.0), ("", None)],
)
def test_a_wish_to_be_left_alone_is_heard(httpserver: HTTPServer, status: int, wish: str, wait: float | None) -> None:
    httpserver.expect_request("/").respond_with_data("", status=status, headers={"Retry-After": wish})
    assert fails(httpserver.url_for("/"), f"{status}").wait == wait


def test_a_wish_may_be_a_date(httpserver: HTTPServer) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=10)
    headers = {"Retry-After": format_datetime(moment, usegmt=True)}
    httpserver.expect_request("/").respond_with_data("", status=429, headers=headers)
    assert fails(httpserver.url_for("/"), "429").wait == pytest.approx(600, abs=5)


def redirect(httpserver: HTTPServer, path: str, to: str, status: int = 301) -> str:
    httpserver.expect_request(path).respond_with_data("", status=status, headers={"Location": to})
    return httpserver.url_for(path)


def test_redirects_are_followed_up_to_five(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/end").respond_with_data("here")
    for n in range(MOST_REDIRECTS + 1):
        redirect(httpserver, f"/{n}", httpserver.url_for(f"/{n - 1}" if n else "/end"))
    answer = get(httpserver.url_for("/4"))
    assert (answer.body, answer.url) == (b"here", httpserver.url_for("/end"))
    fails(httpserver.url_for("/5"), "more than 5 redirects")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_only_what_has_moved_for_good_has_moved(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/end").respond_with_data("here")
    redirect(httpserver, "/second", "/end#part", status)
    answer = get(redirect(httpserver, "/first", "second", 308))
    assert answer.url == httpserver.url_for("/end")
    assert answer.moved_to == (httpserver.url_for("/end") if status in {301, 308} else "")


@pytest.mark.parametrize(("first", "second"), [(302, 301), (301, 302), (307, 308)])
def test_one_hop_that_is_not_for_good_is_enough(httpserver: HTTPServer, first: int, second: int) -> None:
    httpserver.expect_request("/end").respond_with_data("here")
    redirect(httpserver, "/second", "/end", second)
    assert get(redirect(httpserver, "/first", "/second", first)).moved_to == ""


def test_what_has_moved_to_a_failure_or_no_change_has_not_moved(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/same").respond_with_data("", status=304)
    assert get(redirect(httpserver, "/first", "/same")).moved_to == ""
    httpserver.expect_request("/bad").respond_with_data("", status=500)
    fails(redirect(httpserver, "/second", "/bad"), "answers 500")


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("file:///etc/passwd", "neither http:// nor https://"),
        ("ftp://127.0.0.1/", "neither http:// nor https://"),
        ("data:text/xml,<rss/>", "neither http:// nor https://"),
        ("javascript:alert(1)", "neither http:// nor https://"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "neither http:// nor https://"),
        ("http://user:SECRET@127.0.0.1/", "user name or password"),
        ("//user@127.0.0.1/", "user name or password"),
        ("http://127.0.0.1:99999/", "malformed"),
        ("http://[::1", "not followed"),
        ("http://127.0.0.1:1/\\@good.example/", "backslash"),
        ("http://2130706433/", "unusual spelling"),
        ("http:///x", "names no host"),
        ("///x", "names no host"),
        ("http:x", "neither http:// nor https://"),
        ("", "does not say where to"),
        ("/first", "in a circle"),
        ("#part", "in a circle"),
    ],
)
def test_a_redirect_that_leads_astray_is_not_followed(to: str, why: str) -> None:
    heard: list[bytes] = []
    location = b"Location: " + to.encode() + b"\r\n" if to else b""
    with raw_server(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" + location + b"\r\n", heard) as url:
        error = fails(url.replace("/feed", "/first"), why)
    assert "SECRET" not in str(error)
    assert len(heard) == 1


def test_a_redirect_may_lead_to_an_address_with_a_blank(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a b").respond_with_data("here")
    with raw_server(
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + httpserver.url_for("/a b").encode() + b"\r\n\r\n"
    ) as url:
        assert get(url).body == b"here"


def test_every_hop_passes_the_guard(httpserver: HTTPServer) -> None:
    here = Reach()
    where = redirect(httpserver, "/first", "http://127.0.0.1:8080/")
    fails(where, "not a public one", reach=here)
    assert httpserver.log == []


def test_credentials_stay_with_their_server(httpserver: HTTPServer) -> None:
    heard: list[bytes] = []
    with raw_server(EMPTY, heard) as elsewhere:
        redirect(httpserver, "/away", elsewhere)
        redirect(httpserver, "/first", "/second")
        httpserver.expect_request("/second", headers={"Authorization": "Basic eA=="}).respond_with_data("here")
        get(httpserver.url_for("/away"), headers={"Authorization": "Basic eA==", "Cookie": "a=b", "X-Mine": "1"})
        assert get(httpserver.url_for("/first"), headers={"Authorization": "Basic eA=="}).body == b"here"
    assert b"x-mine: 1" in heard[0]
    assert b"authorization" not in heard[0].lower()
    assert b"cookie" not in heard[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_post_sends_its_body_and_follows_nowhere(httpserver: HTTPServer, status: int) -> None:
    seen: list[tuple[str, bytes]] = []

    def answer(request: Request) -> Response:
        seen.append((request.method, request.data))
        return Response("taken")

    httpserver.expect_request("/").respond_with_handler(answer)
    assert get(httpserver.url_for("/"), body=b"a=1").body == b"taken"
    assert seen == [("POST", b"a=1")]
    fails(redirect(httpserver, "/away", httpserver.url_for("/"), status), f"answers {status}", body=b"a=1")
    assert len(seen) == 1


def test_an_empty_post_is_a_post(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/", method="POST").respond_with_data("taken")
    assert get(httpserver.url_for("/"), body=b"").body == b"taken"


def test_the_environment_has_no_say(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine localhost login CANARY password CANARY\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    httpserver.expect_request("/").respond_with_data("here")
    assert get(httpserver.url_for("/")).body == b"here"
    assert "Authorization" not in httpserver.log[0][0].headers


EMPTY = HEAD + b"Content-Length: 0\r\n\r\n"
TOO_LATE = "took too long"


def drip(begin: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(begin)
        for _ in range(30):
            connection.sendall(piece)
            time.sleep(0.1)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        drip(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
        drip(HEAD + b"\r\n", b" "),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(HEAD, b"X-Drip: yes\r\n"),
        drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        drip(b"", b""),
    ],
    ids=["body", "body without length", "chunks", "headers", "hints", "nothing"],
)  # fmt: skip
def test_a_server_that_drips_is_cut_at_the_deadline(answer: Callable[[socket.socket], None]) -> None:
    with raw_server(answer) as url:
        began = time.monotonic()
        fails(url, TOO_LATE, within=0.6)
        assert time.monotonic() - began < 1.5


def test_a_handshake_that_drips_is_cut_at_the_deadline() -> None:
    with raw_server(drip(b"\x16\x03\x03\x40\x00", b"\x02")) as url:
        began = time.monotonic()
        fails(url.replace("http:", "https:"), TOO_LATE, within=0.6)
        assert time.monotonic() - began < 1.5


def test_redirects_share_one_deadline(httpserver: HTTPServer) -> None:
    def slow(request: Request) -> Response:
        time.sleep(0.4)
        return Response("", status=302, headers={"Location": f"/{int(request.path[1:]) + 1}"})

    for n in range(8):
        httpserver.expect_request(f"/{n}").respond_with_handler(slow)
    began = time.monotonic()
    fails(httpserver.url_for("/0"), TOO_LATE, within=1.0)
    assert time.monotonic() - began < 1.6


def test_a_certificate_nobody_vouches_for_is_refused(own_certificate) -> None:
    heard: list[bytes] = []
    with raw_server(EMPTY, heard, own_certificate) as url:
        fails(url, "certificate is refused: self-signed certificate")
    assert heard == []


def test_a_certificate_that_is_trusted_is_taken(own_certificate, trusting) -> None:
    with raw_server(HEAD + b"Content-Length: 5\r\n\r\nhello", context=own_certificate) as url:
        assert get(url).body == b"hello"
        with raw_server(b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + url.encode() + b"\r\n\r\n") as plain:
            assert get(plain).moved_to == url


def test_a_certificate_for_another_name_is_refused(own_certificate, trusting) -> None:
    with raw_server(EMPTY, context=own_certificate) as url:
        fails(url.replace("127.0.0.1", "localhost"), "certificate is refused: Hostname mismatch")


def test_a_redirect_never_leaves_https(own_certificate, trusting) -> None:
    heard: list[bytes] = []
    with raw_server(EMPTY, heard) as plain:
        answer = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + plain.encode() + b"\r\n\r\n"
        with raw_server(answer, context=own_certificate) as url:
            fails(url, "leads from https to http")
    assert heard == []


def test_a_server_that_speaks_no_tls_is_no_secure_one() -> None:
    with raw_server(b"nonsense\r\n") as url:
        fails(url.replace("http:", "https:"), "no secure connection|broke off")


RULES = "breaks the rules of HTTP"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 5000\r\n\r\nhalf a body",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhal",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        HEAD + b"Transfer-Encoding: snail\r\n\r\nx",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        HEAD + b"Content-Length: -5\r\n\r\nhello",
        HEAD + b"Content-Length: " + b"9" * 6000 + b"\r\n\r\nhello",
        HEAD,
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX Y: a\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 64_000 * 10 + b"\r\n\r\n",
    ],
)
def test_half_an_answer_or_one_against_the_rules_is_none(answer: bytes) -> None:
    with raw_server(answer) as url:
        fails(url, RULES)


def test_a_header_of_64_kb_is_read_and_ninety_are_not() -> None:
    header = b"X-Long-%d: " + b"y" * 64_000 + b"\r\n"
    with raw_server(HEAD + header % 1 + b"Content-Length: 2\r\n\r\nok") as url:
        assert get(url).body == b"ok"
    with raw_server(HEAD + b"".join(header % n for n in range(90)) + b"Content-Length: 2\r\n\r\nok") as url:
        fails(url, RULES)


def test_a_connection_that_is_reset_within_the_body_is_a_failed_fetch() -> None:
    def reset(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\nhalf")
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with raw_server(reset) as url:
        fails(url, "broke off")


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"x" * 65536)


def hints(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 500)


def lengths(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"1;" + b"y" * 90_000 + b"\r\nx\r\n")


@pytest.mark.parametrize(
    ("answer", "why"),
    [(endless, "larger than"), (hints, "ever read"), (lengths, "ever read")],
    ids=["body", "hints", "lengths"],
)
def test_what_never_ends_is_cut_by_size(answer: Callable[[socket.socket], None], why: str) -> None:
    with raw_server(answer) as url:
        fails(url, why, most_wire=2**19)


def test_a_body_may_be_as_large_as_the_limit_and_no_larger(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/fits").respond_with_data(b" " * MOST_WIRE)
    httpserver.expect_request("/not").respond_with_data(b" " * (MOST_WIRE + 1))
    assert len(get(httpserver.url_for("/fits")).body) == MOST_WIRE
    fails(httpserver.url_for("/not"), "larger than")


def test_a_body_is_unpacked(httpserver: HTTPServer) -> None:
    packed = gzip.compress(b"hello" * 1000)
    httpserver.expect_request("/").respond_with_data(packed, headers={"Content-Encoding": "GZip"})
    assert get(httpserver.url_for("/")).body == b"hello" * 1000


def test_two_codings_are_refused_however_they_are_said(httpserver: HTTPServer) -> None:
    twice = gzip.compress(gzip.compress(b"hello"))
    httpserver.expect_request("/").respond_with_data(twice, headers={"Content-Encoding": "gzip, gzip"})
    fails(httpserver.url_for("/"), "content coding")
    with raw_server(HEAD + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n" + twice) as url:
        fails(url, "content coding")


@pytest.mark.parametrize("header", ["a\nb", "a\r\nX-Evil: 1", "\u4e2d\n"])
def test_a_header_that_is_none_is_not_sent(httpserver: HTTPServer, header: str) -> None:
    fails(httpserver.url_for("/"), "not one that HTTP allows", headers={"If-None-Match": header})
    assert httpserver.log == []


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", HEAD + b"Content-Encoding: gzip\r\n\r\n"])
)
@settings(max_examples=150, deadline=None)
def test_no_answer_raises_anything_else(noise: bytes, begin: bytes) -> None:
    with raw_server(begin + noise) as url, contextlib.suppress(FetchFailed):
        assert isinstance(get(url, within=2.0), Answer)
