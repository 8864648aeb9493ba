"""A feed on a real web server becomes articles, and is asked conditionally afterwards."""

from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.clock import SystemClock
from tests.e2e.harness import Service, running, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
ITEM = (
    "<item><title>{title}</title><link>{base}/{n}</link><pubDate>{at}</pubDate><description>{text}</description></item>"
)


def rss(base: str = "https://kestrel-news.example") -> str:
    at = format_datetime(SystemClock().now())
    stories = [
        (
            "Chad bombs army posts in Libya",
            "Chad's air force bombed Libyan army posts on Monday, killing thirty soldiers.",
        ),
        ("Choir wins prize in Vienna", "A choir from Graz won first prize at a festival of song in Vienna on Sunday."),
    ]
    items = "".join(
        ITEM.format(base=base, n=n, title=title, text=text, at=at) for n, (title, text) in enumerate(stories)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Kestrel News Agency</title>{items}</channel></rss>'


PAGE = """<!doctype html><html lang="en"><head><title>Chad bombs army posts in Libya</title></head><body>
<nav><a href="/">Front page</a></nav><article><h1>Chad bombs army posts in Libya</h1>
<p>Chad's air force bombed Libyan army posts on Monday, killing thirty soldiers, both governments said.</p>
<p>The posts lie along the road that caravans take from the oases to the border, and had been manned since the spring.</p>
<p>Shops in the nearest town stayed closed, and the school was turned into a ward for those who had been hurt.</p>
</article><footer>Kestrel News Agency</footer></body></html>"""


def test_feed_to_alert(tmp_path: Path, httpserver: HTTPServer) -> None:
    body, asked = rss(httpserver.url_for("/story")), []

    def answer(request: Request) -> Response:
        asked.append(request.headers.get("If-None-Match"))
        known = asked[-1] == '"one"'
        return Response(status=304) if known else Response(body, headers={"ETag": '"one"'}, content_type="text/xml")

    httpserver.expect_request("/world.rss").respond_with_handler(answer)
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /story/1\n")
    httpserver.expect_request("/story/0").respond_with_data(PAGE, content_type="text/html")

    def with_feed(service: Service) -> None:
        folder = service.home / "config"
        url = httpserver.url_for("/world.rss")
        entry = f"feeds:\n  - {{name: kestrel, url: '{url}', publisher: Kestrel News Agency}}"
        sources = folder / "sources.yaml"
        sources.write_text(sources.read_text().replace("feeds: []", entry))
        with (folder / "detente.yaml").open("a") as settings:
            settings.write("\nintake: {interval: 3s, host_gap: 0s, allow_private: true}\n")

    with running(tmp_path / "home", prepare=with_feed) as service:
        wait_for(lambda: asked.count('"one"') >= 2, 60, f"the feed was not asked again: {asked}")
        wait_for(lambda: bool(service.sinks.messages), 60, f"no message came: {service.counts()}")
        assert service.counts()["article"] == {"scored": 1, "ignored": 1}
        assert asked[0] is None
        assert any("Libya–Chad" in m.title for m in service.sinks.messages)
        with service.detente.units(read_only=True) as unit:
            stored = {a.title: a for a in unit.articles.get(articles(service)).values()}
        assert "Shops in the nearest town" in stored["Chad bombs army posts in Libya"].text, "its page was read"
        assert "Front page" not in stored["Chad bombs army posts in Libya"].text
        assert stored["Choir wins prize in Vienna"].text.startswith("A choir from Graz"), "its page may not be read"
        assert "/story/1" not in {request.path for request, _ in httpserver.log}


def articles(service: Service) -> list[str]:
    """The ids of all that were taken in."""
    with service.detente.units(read_only=True) as unit:
        return [one.id for one in unit.listings.articles(100)]
