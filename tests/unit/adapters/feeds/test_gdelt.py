"""GDELT's lists and updates: what is due, that none is skipped, and what is no update."""

import hashlib
import io
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.feeds.gdelt import GdeltFetcher, long_list, updates
from service.adapters.feeds.gdelt_table import COLUMNS, DATE_ADDED, MOST_RATIO, NUM_MENTIONS, SOURCE_URL, read_update
from service.errors import FetchFailed, Gone, Refusal, RefusedInput
from service.ports import Feed, FeedKind

NOW = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
LAST = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEP = timedelta(minutes=15)


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}"


def row(url: str, mentions: str = "5", added: str = "20260301120000") -> str:
    cells = [f"c{n}" for n in range(COLUMNS)]
    cells[NUM_MENTIONS], cells[DATE_ADDED], cells[SOURCE_URL] = mentions, added, url
    return "\t".join(cells)


def packed(*rows: str | bytes, name: str = "20260301120000.export.CSV", more: bool = False) -> bytes:
    table = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in rows)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for member in (name, "other.CSV")[: 1 + more]:
            at = zipfile.ZipInfo(member, (2026, 3, 1, 12, 0, 0))  # else its time, and so its MD5, would depend on now
            file.writestr(at, table, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


class Mirror:
    """A server that has GDELT's updates, one every quarter of an hour up to `last`."""

    def __init__(self, server: HTTPServer, last: datetime = LAST) -> None:
        self.server, self.last, self.asked = server, last, []
        self.missing: set[str] = set()
        self.broken: set[str] = set()
        self.knows_ranges, self.list_status = True, 200
        server.expect_request(re.compile("/v2/.*")).respond_with_handler(self.answer)

    @property
    def feed(self) -> Feed:
        return Feed("gdelt", self.server.url_for("/v2/lastupdate.txt"), "", kind=FeedKind.GDELT)

    def update(self, at: datetime) -> bytes:
        return packed(row(f"https://paper.example/{stamp(at)}", added=stamp(at)))

    def lines(self, at: datetime) -> str:
        content = self.update(at)
        said = f"{len(content)} {hashlib.md5(content).hexdigest()} {self.server.url_for('/v2/')}{stamp(at)}"
        return f"{said}.export.CSV.zip\n{said}.mentions.CSV.zip\n{said}.gkg.csv.zip\n"

    def answer(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        self.asked.append(name)
        if name == "lastupdate.txt":
            return Response(self.lines(self.last), status=self.list_status)
        if name == "masterfilelist.txt":
            return self._long_list(request)
        return self._update(name)

    def _long_list(self, request: Request) -> Response:
        times = (self.last - n * STEP for n in range(200, -1, -1))
        whole = "".join(map(self.lines, times)).encode()
        if "masterfilelist.txt" in self.missing:
            return Response(status=404)
        if not self.knows_ranges:
            return Response(whole)
        assert request.headers["Range"] == "bytes=-262144"
        return Response(whole[-40_001:], status=206)

    def _update(self, name: str) -> Response:
        if name in self.missing:
            return Response(status=410)
        at = datetime.strptime(name[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return Response(self.update(at)[: 50 if name in self.broken else None])


@pytest.fixture
def mirror(httpserver: HTTPServer) -> Mirror:
    return Mirror(httpserver)


@pytest.fixture
def fetcher(reach: Any, reader: Any) -> GdeltFetcher:
    return GdeltFetcher(reach, reader, within=5)


def polls(fetcher: GdeltFetcher, feed: Feed, now: datetime = NOW) -> Iterator[Any]:
    """Poll until there is no more."""
    while True:
        reply = fetcher.fetch(feed, now)
        yield reply
        feed = replace(feed, cursor=reply.cursor)
        if not reply.more:
            return


# --- which update


def test_the_first_poll_reads_the_last_update_alone(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    reply = fetcher.fetch(mirror.feed, NOW)
    assert [item.url for item in reply.items] == [f"https://paper.example/{stamp(LAST)}"]
    assert (reply.items[0].published_at, reply.items[0].title, reply.items[0].text) == (LAST, "", "")
    assert (reply.cursor, reply.more, reply.refused) == (stamp(LAST), False, ())
    assert mirror.asked == ["lastupdate.txt", f"{stamp(LAST)}.export.CSV.zip"]


def test_an_update_that_was_read_is_not_read_again(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    reply = fetcher.fetch(replace(mirror.feed, cursor=stamp(LAST)), NOW)
    assert (reply.not_modified, reply.items, reply.cursor) == (True, (), stamp(LAST))
    assert mirror.asked == ["lastupdate.txt"]


def test_the_next_one_needs_no_long_list(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    reply = fetcher.fetch(replace(mirror.feed, cursor=stamp(LAST - STEP)), NOW)
    assert (reply.cursor, reply.more) == (stamp(LAST), False)
    assert "masterfilelist.txt" not in mirror.asked


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_after_a_pause_what_was_missed_is_read_oldest_first(
    mirror: Mirror, fetcher: GdeltFetcher, knows_ranges: bool
) -> None:
    mirror.knows_ranges = knows_ranges
    replies = list(polls(fetcher, replace(mirror.feed, cursor=stamp(LAST - 5 * STEP))))
    assert [reply.cursor for reply in replies] == [stamp(LAST - n * STEP) for n in range(4, -1, -1)]
    assert [item.published_at for reply in replies for item in reply.items] == [
        LAST - n * STEP for n in range(4, -1, -1)
    ]


def test_what_was_missed_more_than_a_day_ago_stays_so(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    reply = fetcher.fetch(replace(mirror.feed, cursor="20260101000000"), NOW)
    assert (reply.cursor, reply.more) == (stamp(NOW.replace(minute=15) - timedelta(days=1)), True)


def test_a_poll_with_the_same_cursor_gives_the_same(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    feed = replace(mirror.feed, cursor=stamp(LAST - 3 * STEP))
    assert fetcher.fetch(feed, NOW) == fetcher.fetch(feed, NOW)


@pytest.mark.parametrize("seed", range(5))
def test_whoever_dies_between_polls_skips_nothing(seed: int, mirror: Mirror, fetcher: GdeltFetcher) -> None:
    """Updates come while polls come and go; what a poll found is lost when its worker dies."""
    dice, feed, read = random.Random(seed), mirror.feed, []
    for n in range(40):
        mirror.last += STEP * dice.choice([0, 0, 1, 2, 5]) if n < 20 else timedelta(0)
        reply = fetcher.fetch(feed, mirror.last + timedelta(minutes=5))
        if dice.random() < 0.7:
            read += [item.published_at for item in reply.items]
            feed = replace(feed, cursor=reply.cursor)
    while (reply := fetcher.fetch(feed, mirror.last)).items:
        read += [item.published_at for item in reply.items]
        feed = replace(feed, cursor=reply.cursor)
    assert read == [read[0] + n * STEP for n in range(len(read))]
    assert read[-1] == mirror.last


# --- when something is missing


def test_a_young_update_that_is_not_there_yet_is_waited_for(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    for wrong in (mirror.missing, mirror.broken):
        wrong.add(f"{stamp(LAST)}.export.CSV.zip")
        with pytest.raises(FetchFailed, match="cannot be read yet") as caught:
            fetcher.fetch(mirror.feed, NOW)
        assert not isinstance(caught.value, Gone), "the feed is still there"
        wrong.clear()


def test_an_old_one_is_passed_over_and_told_of(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    bad, worse = (f"{stamp(LAST - n * STEP)}.export.CSV.zip" for n in (9, 8))
    mirror.missing.add(bad)
    mirror.broken.add(worse)
    replies = list(polls(fetcher, replace(mirror.feed, cursor=stamp(LAST - 10 * STEP))))
    assert [len(reply.items) for reply in replies] == [0, 0, *[1] * 8]
    assert [one.refusal for reply in replies for one in reply.refused] == [Refusal.UNREADABLE] * 2


def test_without_the_long_list_the_last_is_read_and_the_loss_told(mirror: Mirror, fetcher: GdeltFetcher) -> None:
    mirror.missing.add("masterfilelist.txt")
    reply = fetcher.fetch(replace(mirror.feed, cursor=stamp(LAST - 5 * STEP)), NOW)
    assert (reply.cursor, reply.more, len(reply.items)) == (stamp(LAST), False, 1)
    assert [one.refusal for one in reply.refused] == [Refusal.UNREADABLE]


def test_a_long_list_that_fails_is_waited_for_no_longer_than_it_helps(
    mirror: Mirror, fetcher: GdeltFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_long_list", lambda _: Response(status=503))
    with pytest.raises(FetchFailed, match="503"):
        fetcher.fetch(replace(mirror.feed, cursor=stamp(LAST - 5 * STEP)), NOW)
    reply = fetcher.fetch(replace(mirror.feed, cursor=stamp(LAST - timedelta(days=2))), NOW)
    assert (reply.cursor, len(reply.items), len(reply.refused)) == (stamp(LAST), 1, 1)


def test_a_list_without_updates_is_none(httpserver: HTTPServer, fetcher: GdeltFetcher) -> None:
    httpserver.expect_request("/v2/lastupdate.txt").respond_with_data("<html>Moved</html>")
    with pytest.raises(RefusedInput) as caught:
        fetcher.fetch(Feed("gdelt", httpserver.url_for("/v2/lastupdate.txt"), "", kind=FeedKind.GDELT), NOW)
    assert caught.value.refusal is Refusal.NOT_A_FEED


# --- lists


@pytest.mark.parametrize(
    ("address", "counts"),
    [
        ("http://data.example/v2/20260301120000.export.CSV.zip", True),
        ("https://files.data.example/20260301120000.export.csv.zip", True),
        ("http://data.example/v2/20260301120000.translation.export.CSV.zip", True),
        ("http://other.example/20260301120000.export.CSV.zip", False),
        ("http://notdata.example/20260301120000.export.CSV.zip", False),
        ("http://data.example@evil.example/20260301120000.export.CSV.zip", False),
        ("http://data.example/v2/20260301120000.mentions.CSV.zip", False),
        ("http://data.example/v2/20261301120000.export.CSV.zip", False),
        ("http://data.example/v2/20260301140000.export.CSV.zip", False),
        ("file:///20260301120000.export.CSV.zip", False),
    ],
)
def test_only_updates_of_events_on_its_own_host_count(address: str, counts: bool) -> None:
    line = f"  150383 {'a' * 32} {address}\r\n".encode()
    assert len(list(updates(line, "http://data.example/v2/lastupdate.txt", NOW))) == counts


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_a_line_that_is_cut_or_broken_counts_for_nothing(noise: bytes) -> None:
    good = f"1 {'a' * 32} http://data.example/20260301120000.export.CSV.zip".encode()
    found = list(updates(noise + b"\n" + good + b"\n" + good[:-9], "http://data.example/l.txt", NOW))
    assert [update.stamp for update in found] == ["20260301120000"]


def test_the_long_list_stands_beside_the_short_one() -> None:
    base = "http://data.example/gdeltv2"
    assert long_list(f"{base}/lastupdate.txt") == f"{base}/masterfilelist.txt"
    assert long_list(f"{base}/lastupdate-translation.txt?x=1") == f"{base}/masterfilelist-translation.txt"
    assert long_list(f"{base}/mine.txt") == f"{base}/masterfilelist.txt"


# --- updates


def read(content: bytes, most: int = 200) -> dict[str, Any]:
    return read_update(content, {"most": most})


def test_each_address_comes_once_the_most_mentioned_first() -> None:
    urls = ("https://a.example/1", "https://b.example/2", "https://a.example/1?utm_source=x", "https://c.example/3")
    said = read(packed(*map(row, urls, ("2", "10", "7", "7"))))
    assert [item["url"] for item in said["items"]] == [urls[1], urls[2], urls[3]]
    assert [item["url"] for item in read(packed(*map(row, urls, "1234")), most=1)["items"]] == [urls[3]]
    assert said["items"][0]["published_at"] == "2026-03-01T12:00:00+00:00"


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\t\n", codec="utf-8")), min_size=COLUMNS, max_size=COLUMNS))
def test_no_other_column_has_any_effect(others: list[str]) -> None:
    used = {NUM_MENTIONS: "5", DATE_ADDED: "20260301120000", SOURCE_URL: "https://a.example/1"}
    cells = [used.get(n, cell) for n, cell in enumerate(others)]
    assert read(packed("\t".join(cells))) == read(packed(row("https://a.example/1")))


def test_bad_rows_are_counted_and_the_rest_goes_on() -> None:
    good = "https://a.example/1"
    rows = [
        row(good),
        "too\tfew",
        row("BBC Monitoring"),
        row(good + "2", mentions="many"),
        row(good + "3", mentions="-1"),
        row(good + "4", added="yesterday"),
        row(good + "5", added="20260230120000"),
        row(good).encode() + b"\xff",
        row(good) + "\tone more",
        "",
        row("https://z.example/\r"),
    ]
    said = read(packed(*rows))
    assert [item["url"] for item in said["items"]] == [good, "https://z.example/"]
    assert [(one["place"], one["refusal"]) for one in said["refused"]] == [
        ("2", "missing_field"),
        ("3", "unsupported"),
        ("4", "missing_field"),
        ("5", "missing_field"),
        ("6", "bad_date"),
        ("7", "bad_date"),
        ("8", "bad_encoding"),
        ("9", "missing_field"),
    ]


def encrypted() -> bytes:
    whole = bytearray(packed(row("https://a.example/1")))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(signature) + at] |= 1
    return bytes(whole)


def lying() -> bytes:
    """A member that says it is small, and is not."""
    whole = bytearray(packed(b"x" * 5000))
    whole[whole.index(b"PK\x01\x02") + 24 : whole.index(b"PK\x01\x02") + 28] = (10).to_bytes(4, "little")
    return bytes(whole)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Refusal.UNREADABLE),
        (b"no zip", Refusal.UNREADABLE),
        (packed(row("https://a.example/1"))[:-30], Refusal.UNREADABLE),
        (packed(row("https://a.example/1"), name="readme.txt"), Refusal.UNSUPPORTED),
        (packed(row("https://a.example/1"), more=True), Refusal.UNSUPPORTED),
        (encrypted(), Refusal.UNSUPPORTED),
        (lying(), Refusal.UNREADABLE),
        (packed(b"0" * 1024 * (MOST_RATIO + 1) * 2), Refusal.TOO_LARGE),
        (packed(b"0" * 80 * 2**20), Refusal.TOO_LARGE),
    ],
    ids=["empty", "prose", "cut", "other", "two", "encrypted", "lying", "ratio", "bomb"],
)
def test_what_is_no_update_is_refused(content: bytes, refusal: Refusal) -> None:
    with pytest.raises(RefusedInput) as caught:
        read(content)
    assert caught.value.refusal is refusal


@settings(deadline=None)
@given(st.binary(max_size=40), st.integers(0, 400))
def test_nothing_but_a_refusal_comes_of_a_broken_zip(noise: bytes, at: int) -> None:
    whole = packed(row("https://a.example/1"), row("https://b.example/2"))
    try:
        said = read(whole[:at] + noise + whole[at + len(noise) :])
    except RefusedInput:
        return
    assert len(said["items"]) <= 2
