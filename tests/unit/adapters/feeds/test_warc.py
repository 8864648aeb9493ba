"""Web archives as crawlers write them, whole and broken."""

import gzip
import io
import subprocess
import sys
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from service.adapters.feeds.files import read_file
from service.adapters.feeds.reader import shared_reader
from service.adapters.feeds.warc import LARGEST_PAGE, Passed, read_archive
from service.adapters.feeds.warc_records import BEGINNING
from service.domain.news.article import Article, Flag
from service.domain.news.completion import Page
from service.errors import Refusal, RefusedInput
from service.ports import Refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")  # warcio's writer
BODY = (
    "<html lang='en'><head><title>Talks {n}</title></head><body><article><h1>Talks {n}</h1><p>Delegations of Kestrel and "
    "Marl met on Monday for the {n}th time and agreed to restore their ambassadors within weeks, officials said.</p>"
    "<p>The agreement ends a quarrel of two years over fishing rights, in which both had called home their envoys.</p>"
    "</article></body></html>"
)


class Pages:
    """Takes the page as it is: what is tried here is the archive."""

    def page(self, content: bytes, address: str, now: datetime) -> Page:
        if b"<html" not in content:
            raise RefusedInput(Refusal.NO_TEXT, "no page")
        return Page("", content.decode("utf-8-sig", "replace"), None, "", address)


def html(n: int) -> bytes:
    return BODY.format(n=n).encode()


def response(
    writer: WARCWriter, body: bytes, url: str = "https://paper.example/1", status: str = "200 OK", **headers: str
) -> None:
    said = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
    http = StatusAndHeaders(status, list(said.items()), protocol="HTTP/1.1")
    dates = {"WARC-Date": "2026-02-27T08:00:00Z"}
    record = writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict=dates)
    writer.write_record(record)


def archive(*bodies: bytes, packed: bool = True, **headers: str) -> bytes:
    whole = io.BytesIO()
    writer = WARCWriter(whole, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "crawler"}))
    for n, body in enumerate(bodies):
        response(writer, body, f"https://paper.example/{n}", **headers)
    return whole.getvalue()


def passed(content: bytes, folder: Path, reader: Any = None, start: Any = BEGINNING) -> list[Passed]:
    path = folder / "a.warc.gz"
    path.write_bytes(content)
    with path.open("rb") as file:
        return list(read_archive(file, "a", reader or Pages(), NOW, start))


def read(content: bytes, folder: Path, reader: Any = None) -> tuple[list[Article], list[Refused]]:
    found = [one.found for one in passed(content, folder, reader)]
    return [f for f in found if isinstance(f, Article)], [f for f in found if isinstance(f, Refused)]


@pytest.mark.parametrize("packed", [True, False])
def test_pages_become_articles_with_address_and_date(tmp_path: Path, packed: bool) -> None:
    articles, refused = read(archive(html(1), html(2), packed=packed), tmp_path, shared_reader())
    assert refused == []
    assert [article.url for article in articles] == ["https://paper.example/0", "https://paper.example/1"]
    assert articles[0].title == "Talks 1"
    assert "restore their ambassadors" in articles[0].text
    assert articles[0].published_at == datetime(2026, 2, 27, 8, tzinfo=UTC)
    assert articles[0].flags == (Flag.UNDATED,)


def test_a_date_of_the_page_itself_counts(tmp_path: Path) -> None:
    dated = html(1).replace(b"<head>", b'<head><meta property="article:published_time" content="2026-02-26T10:00:00Z">')
    (article,), _ = read(archive(dated), tmp_path, shared_reader())
    assert (article.published_at, article.flags) == (datetime(2026, 2, 26, 10, tzinfo=UTC), ())


def test_one_packed_as_a_whole_is_read_too(tmp_path: Path) -> None:
    articles, refused = read(gzip.compress(archive(html(1), html(2), html(3), packed=False)), tmp_path)
    assert (len(articles), refused) == (3, [])


def test_only_pages_that_servers_gave_count(tmp_path: Path) -> None:
    whole = io.BytesIO()
    writer = WARCWriter(whole, gzip=True)
    response(writer, html(1), status="404 Not Found")
    response(writer, b"\xff\xd8\xff", Content_Type="image/jpeg")
    response(writer, html(1), status="")
    http = StatusAndHeaders("GET / HTTP/1.1", [("Host", "paper.example")], is_http_request=True)
    writer.write_record(writer.create_warc_record("https://paper.example/", "request", http_headers=http))
    writer.write_record(
        writer.create_warc_record("dns:paper.example", "response", io.BytesIO(b"1.2.3.4"), warc_content_type="text/dns")
    )
    revisit = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_revisit_record(
            "https://paper.example/", "sha1:AAAA", "https://paper.example/", "2026-02-27T08:00:00Z", revisit
        )
    )
    response(writer, html(2), url="https://paper.example/good")
    assert [a.url for a in read(whole.getvalue(), tmp_path)[0]] == ["https://paper.example/good"]
    assert read(whole.getvalue(), tmp_path)[1] == []


def test_a_resource_is_a_page_when_it_says_so(tmp_path: Path) -> None:
    whole = io.BytesIO()
    writer = WARCWriter(whole, gzip=True)
    for kind in ("text/html", "text/plain"):
        record = writer.create_warc_record(
            "https://paper.example/r", "resource", io.BytesIO(html(1)), warc_content_type=kind
        )
        writer.write_record(record)
    assert len(read(whole.getvalue(), tmp_path)[0]) == 1


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:50], body[50:])) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(html(1)), {"Content_Encoding": "gzip"}),
        (zlib.compress(html(1)), {"Content_Encoding": "deflate"}),
        (chunked(html(1)), {"Transfer_Encoding": "chunked"}),
        (chunked(gzip.compress(html(1))), {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}),
        (html(1), {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}),
        (html(1).decode().encode("utf-16-le"), {"Content_Type": "text/html; charset=UTF-16LE"}),
        (html(1), {"Content_Type": "text/html; charset=nonsense"}),
    ],
    ids=["gzip", "deflate", "chunked", "both", "neither, though it says so", "utf-16", "nonsense"],
)
def test_pages_are_decoded_as_their_servers_said(body: bytes, headers: Mapping[str, str], tmp_path: Path) -> None:
    articles, refused = read(archive(body, **headers), tmp_path)
    assert refused == []
    assert "restore their ambassadors" in articles[0].text


@pytest.mark.parametrize(
    ("body", "headers", "refusal"),
    [
        (gzip.compress(b" " * (LARGEST_PAGE + 1)), {"Content_Encoding": "gzip"}, Refusal.UNREADABLE),
        (gzip.compress(html(1))[:60], {"Content_Encoding": "gzip"}, Refusal.UNREADABLE),
        (b"\x00\x01", {"Content_Encoding": "br"}, Refusal.UNSUPPORTED),
        (b"<html>" + b"a " * LARGEST_PAGE, {}, Refusal.TOO_LARGE),
        (b"prose", {}, Refusal.NO_TEXT),
    ],
)
def test_a_bad_page_is_refused_and_the_others_go_on(
    body: bytes, headers: Mapping[str, str], refusal: Refusal, tmp_path: Path
) -> None:
    whole = archive(body, **headers) + archive(html(2))
    articles, refused = read(whole, tmp_path)
    assert [one.refusal for one in refused] == [refusal]
    assert len(articles) == 1


# --- broken archives


def offsets(content: bytes, folder: Path) -> list[int]:
    return [0, *(one.place.offset for one in passed(content, folder))]


@pytest.mark.parametrize("packed", [True, False])
def test_of_one_that_breaks_off_what_came_before_is_kept(tmp_path: Path, packed: bool) -> None:
    whole = archive(html(1), html(2), html(3), packed=packed)
    last = offsets(whole, tmp_path)[3]
    articles, refused = read(whole[: last + 150], tmp_path)
    assert len(articles) == 2
    assert [(one.where, one.refusal) for one in refused] == [(f"a@{last}", Refusal.UNREADABLE)]


def test_a_corrupt_record_is_refused_with_its_offset_and_reading_goes_on(tmp_path: Path) -> None:
    whole = bytearray(archive(html(1), html(2), html(3)))
    second = offsets(bytes(whole), tmp_path)[2]
    whole[second + 80 : second + 120] = b"\xaa" * 40
    articles, refused = read(bytes(whole), tmp_path)
    assert [article.url[-1] for article in articles] == ["0", "2"]
    assert [one.where for one in refused] == [f"a@{second}"]


def test_a_checksum_that_is_wrong_is_a_corrupt_record(tmp_path: Path) -> None:
    whole = bytearray(archive(html(1), html(2)))
    start, end = offsets(bytes(whole), tmp_path)[1:3]
    whole[end - 6] ^= 1
    articles, refused = read(bytes(whole), tmp_path)
    assert [article.url[-1] for article in articles] == ["1"]
    assert [one.where for one in refused] == [f"a@{start}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Content-Length: 4", b"Content-Length: 9"),
        (b"Content-Length: 4", b"Content-Length: -"),
        (b"Content-Length: 4", b"Content-Leng1h: 4"),
        (b"Content-Length: 4", b"Content-Length: 0"),
        (b"WARC/1.0\r\nWARC-Date", b"WORC/1.0\r\nWARC-Date"),
        (b"WARC/1.0\r\nWARC-Date", b"WARC/9.9\r\nWARC-Date"),
    ],
)
def test_a_plain_record_that_lies_costs_no_other(old: bytes, new: bytes, tmp_path: Path) -> None:
    whole = archive(html(1), html(2), html(3), packed=False)
    second = offsets(whole, tmp_path)[2]
    assert old in whole[second : second + 400], "the record is as long as this test supposes"
    articles, refused = read(whole[:second] + whole[second:].replace(old, new, 1), tmp_path)
    assert {"0", "2"} >= {article.url[-1] for article in articles} >= {"2"}
    assert {one.refusal for one in refused} == {Refusal.UNREADABLE}


@pytest.mark.parametrize(
    "content", [b"", b"prose", b"\r\n" * 1000, gzip.compress(b""), gzip.compress(b"prose\n"), b"\x1f\x8b\x08"]
)
def test_what_is_no_archive_has_nothing(content: bytes, tmp_path: Path) -> None:
    articles, refused = read(content, tmp_path)
    assert articles == []
    assert len(refused) <= 1


def test_headers_without_end_are_given_up(tmp_path: Path) -> None:
    for endless in (b"WARC/1.0\r\n" + b"a" * 50_000_000, b"WARC/1.0\r\n" + b"X: y\r\n" * 10_000_000):
        articles, refused = read(gzip.compress(endless, 1) + archive(html(1)), tmp_path)
        assert (len(articles), [one.refusal for one in refused]) == (1, [Refusal.UNREADABLE])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=30), at=st.integers(0, 3000), packed=st.booleans())
def test_nothing_but_refusals_comes_of_broken_bytes(noise: bytes, at: int, packed: bool, tmp_path: Path) -> None:
    whole = archive(html(1), html(2), html(3), packed=packed)
    at %= len(whole)
    articles, _ = read(whole[:at] + noise + whole[at + len(noise) :], tmp_path)
    assert len(articles) >= 1


# --- going on where one stopped


@pytest.mark.parametrize("form", ["packed", "plain", "one piece"])
def test_reading_goes_on_from_any_record(form: str, tmp_path: Path) -> None:
    whole = archive(*map(html, range(5)), packed=form == "packed")
    whole = gzip.compress(whole) if form == "one piece" else whole
    steps = passed(whole, tmp_path)
    for n, step in enumerate(steps):
        assert passed(whole, tmp_path, start=step.place) == steps[n + 1 :]


def test_a_large_archive_takes_little_memory(tmp_path: Path) -> None:
    """300 MiB of records that are no pages, and one page at the end."""
    path = tmp_path / "big.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for _ in range(30):
            response(writer, bytes(10 * 2**20), Content_Type="application/octet-stream")
        response(writer, html(1))
    script = (
        "import resource, sys, pathlib, datetime\n"
        "from service.adapters.feeds.warc import read_archive\n"
        "from tests.unit.adapters.feeds.test_warc import Pages, NOW\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    found = [one.found for one in read_archive(file, 'a', Pages(), NOW) if one.found]\n"
        "print(len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    said = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    found, grown = map(int, said.stdout.split())
    assert found == 1
    assert grown < 30 * 1024, "KiB"


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc", "A.WARC.GZ"])
def test_an_archive_is_a_file_like_others(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(archive(html(1), b"prose", packed=name.lower().endswith("gz")))
    article, refused = read_file(tmp_path / name, NOW)
    assert isinstance(article, Article)
    assert isinstance(refused, Refused)
    assert refused.where.startswith(str(tmp_path / name) + "@")


def test_an_archive_without_a_page_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive())
    assert [one.refusal for one in read_file(tmp_path / "a.warc.gz", NOW)] == [Refusal.EMPTY]  # type: ignore[union-attr]
