"""robots.txt: what is heeded, for how long, and what a hostile one can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from service.adapters.feeds import robots as module
from service.adapters.feeds.robots import KEPT, KEPT_FAILURE, Robots, _parser
from service.adapters.net import target
from service.adapters.net.addresses import Reach
from service.errors import FetchFailed, Refusal, RefusedInput


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def robots(reach: Reach, seconds: Seconds) -> Robots:
    return Robots(reach, 2.0, seconds)


def says(httpserver: HTTPServer, text: str, status: int = 200, **headers: str) -> None:
    httpserver.clear()
    httpserver.expect_request("/robots.txt").respond_with_data(text, status=status, headers=headers)


def may(robots: Robots, httpserver: HTTPServer, path: str = "/article") -> bool:
    try:
        robots.check(target.read(httpserver.url_for(path)))
    except RefusedInput as refused:
        assert refused.refusal is Refusal.UNSUPPORTED
        return False
    return True


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("user-AGENT: detente\nDISALLOW: /art # why\n", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Detente\nAllow: /\n", True),
        ("User-agent: Other\nDisallow: /", True),
        ("User-agent: *\nAllow: /article\nDisallow: /", True),
        ("User-agent: *\nCrawl-delay: 10\nDisallow: /article", False),
        ("User-agent: *\nCrawl-delay: \u00b2\nDisallow: //[\nDisallow: /article", False),
        ("<html><body>Not found, but we say 200</body></html>", True),
    ],
)
def test_what_is_asked_of_programs_is_heeded(robots: Robots, httpserver: HTTPServer, text: str, allowed: bool) -> None:
    says(httpserver, text)
    assert may(robots, httpserver) == allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_server_without_the_file_forbids_nothing(robots: Robots, httpserver: HTTPServer, status: int) -> None:
    says(httpserver, "User-agent: *\nDisallow: /", status)
    assert may(robots, httpserver)


def test_an_answer_counts_for_a_day(robots: Robots, httpserver: HTTPServer, seconds: Seconds) -> None:
    says(httpserver, "User-agent: *\nDisallow: /private")
    assert [may(robots, httpserver, path) for path in ("/a", "/private/a", "/b")] == [True, False, True]
    seconds.now += KEPT - 1
    assert may(robots, httpserver)
    assert len(httpserver.log) == 1
    seconds.now += 2
    assert may(robots, httpserver)
    assert len(httpserver.log) == 2


@pytest.mark.parametrize(("status", "wait"), [(500, KEPT_FAILURE), (503, 900.0), (429, 900.0)])
def test_a_server_in_trouble_is_left_alone_for_a_while(
    robots: Robots, httpserver: HTTPServer, seconds: Seconds, status: int, wait: float
) -> None:
    says(httpserver, "", status, **({"Retry-After": "900"} if wait == 900 else {}))
    for _ in range(2):
        with pytest.raises(FetchFailed, match=f"robots.txt cannot be read: the server answers {status}") as failed:
            may(robots, httpserver)
        assert failed.value.wait == wait
    assert len(httpserver.log) == 1
    seconds.now += wait + 1
    says(httpserver, "")
    assert may(robots, httpserver)


def test_a_file_that_is_too_large_or_never_comes_is_trouble(
    httpserver: HTTPServer, reach: Reach, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(httpserver, "#" * (module.LARGEST + 1))
    with pytest.raises(FetchFailed, match="larger than"):
        may(Robots(reach, 2.0, seconds), httpserver)
    with pytest.raises(FetchFailed, match="not a public one"):
        Robots(Reach(), 2.0, seconds).check(target.read("http://127.0.0.1:8080/"))


def test_only_so_much_is_remembered(robots: Robots, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    says(httpserver, "User-agent: *\nDisallow: /private\n")
    monkeypatch.setattr(module, "MOST_HOSTS", 2)
    port = httpserver.port
    hosts = [f"http://127.0.0.{n}:{port}/a" for n in (1, 1, 1)]
    for host in hosts:
        robots.check(target.read(host))
    assert len(httpserver.log) == 1
    robots.check(target.read(f"http://localhost:{port}/a"))
    monkeypatch.setattr(module, "MOST_TEXT", 0)
    robots._keep(("http", "b.example", 80), module._Rules(1e9, size=1))
    assert len(robots._known) == 0
    robots.check(target.read(f"http://localhost:{port}/a"))
    assert len(httpserver.log) == 3


@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                "User-agent: *",
                "User-agent:",
                "Disallow: /",
                "Disallow: //[",
                "Allow: http://[",
                "Crawl-delay: \u00b2",
                "Request-rate: \u00b2/1",
                "Disallow: %zz\ud800",
                "Disallow: ?[",
                "Sitemap: http://[",
                "",
            ]
        )
    ).map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))
)
def test_no_text_breaks_the_parser(content: bytes) -> None:
    assert _parser(content).can_fetch("Detente", "http://good.example/a?b=[") in {True, False}
