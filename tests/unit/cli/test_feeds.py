"""`detente sources`: feeds are listed, asked, added, switched, and exchanged with other readers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from service.bootstrap import Detente
from service.cli import feed_checking, feed_lists, feeds, reading, sources
from service.config.load import load_file
from service.config.own_feeds import FeedsFile
from service.config.schema import PublishersFile
from service.domain.news.pace import Pace
from service.errors import ConfigError, DetenteError, NotFound
from service.flow import Kind, RowState
from service.ports import Feed, Reply
from tests.fakes import set_row

ROOT = Path(__file__).parents[3]
LONG = "The harbour of the capital was closed by its guards again. " * 20
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>
<item><title>A</title><link>https://n.example/1</link><description>{text}</description><pubDate>{at}</pubDate></item>
<item><title>B</title><link>https://n.example/2</link><description>Two short words.</description></item>
</channel></rss>"""
SOURCES = """publishers: [{name: Wire, owner: Wire Group, grade: A}]
feeds:
  - {name: wire, url: "BASE/wire", publisher: Wire}
  - {name: broken, url: "BASE/broken"}
  - {name: asleep, url: "BASE/asleep", disabled: true}
"""


def rss(title: str, age: timedelta = timedelta(hours=1)) -> str:
    at = (datetime.now(UTC) - age).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return RSS.format(title=title, text=LONG, at=at)


@pytest.fixture
def base(httpserver: HTTPServer) -> str:
    for path, title in (("/wire", "Wire"), ("/asleep", "Asleep"), ("/new", "Café du Port & Co – World")):
        httpserver.expect_request(path).respond_with_data(rss(title), content_type="application/rss+xml")
    httpserver.expect_request("/broken").respond_with_data("no", status=404)
    httpserver.expect_request("/old").respond_with_data(rss("Old", timedelta(days=90)))
    page = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/new"></head><p>Hi.'
    httpserver.expect_request("/page").respond_with_data(page, content_type="text/html")
    return httpserver.url_for("").rstrip("/")


@pytest.fixture
def folder(tmp_path: Path, base: str) -> Path:
    (tmp_path / "sources.yaml").write_text(SOURCES.replace("BASE", base))
    (tmp_path / "routes.yaml").write_text("receivers: [{name: me}]\nroute: {receiver: me}\n")
    return tmp_path


@pytest.fixture
def detente(folder: Path) -> Iterator[Detente]:
    yield from opened(folder)


def opened(folder: Path) -> Iterator[Detente]:
    settings = {"data_dir": folder / "data", "intake": {"allow_private": True, "host_gap": "0s"}}
    made = Detente(folder, settings)
    yield made
    made.close()


def again(folder: Path) -> Detente:
    """With the files as they stand now."""
    return next(opened(folder))


def wanted(url: str, **changes: Any) -> feeds.Wanted:
    return replace(feeds.Wanted(url, None, None, "feed", pages=True, decided={}), **changes)


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# --- check


def test_feeds_are_asked_now(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    assert feed_checking.sources_check(detente, [], as_json=True) == 1
    found = {one["name"]: one for one in said(capsys)}
    assert list(found) == ["wire", "broken"], "those that are asked, in their order"
    wire = found["wire"]
    assert (wire["outcome"], wire["items"], wire["whole_texts"], wire["note"]) == ("ok", 2, 0.5, "")
    assert datetime.fromisoformat(wire["newest"]) > datetime.now(UTC) - timedelta(hours=2)
    assert (found["broken"]["outcome"], found["broken"]["items"]) == ("failed", 0)
    assert "404" in found["broken"]["note"]
    assert not (detente.config_dir / "data").exists(), "nothing is kept"


def test_any_address_can_be_asked(detente: Detente, base: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert feed_checking.sources_check(detente, ["asleep", f"{base}/new"], as_json=False) == 0
    shown = capsys.readouterr().out
    assert "asleep" in shown
    assert "2 of 2 can be read now" in shown
    assert feed_checking.sources_check(detente, [f"{base}/old", f"{base}/page"], as_json=True) == 1
    old, page = said(capsys)
    assert (old["outcome"], page["outcome"]) == ("ok", "refused")
    assert "days old: is it still kept?" not in page["note"]
    assert f"it names a feed: {base}/new" in page["note"]
    with pytest.raises(NotFound, match=r"'wier' is no feed and no address; did you mean wire\?"):
        feed_checking.sources_check(detente, ["wier"], as_json=False)


# --- add


def test_a_feed_is_added_under_a_name_of_its_own(
    detente: Detente, folder: Path, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    feeds.sources_add(detente, wanted(f"{base}/new"), checked=True, as_json=False)
    shown = capsys.readouterr().out
    assert shown.startswith(f"cafe-du-port-co-world: {base}/new; written to {folder / 'feeds.yaml'}")
    assert "It has 2 articles" in shown
    assert "quarantine" in shown
    assert feeds.WHEN in shown
    [kept] = load_file(folder / "feeds.yaml", FeedsFile).feeds
    assert (kept.name, kept.publisher, kept.pages) == ("cafe-du-port-co-world", "", True)
    assert [feed.name for feed in again(folder).sources.feeds][-1] == kept.name


def test_a_decision_on_its_publisher_is_written_with_it(
    detente: Detente, folder: Path, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    decided = {"grade": "C", "owner": "Port & Co", "country": "FRA", "reason": None}
    feeds.sources_add(detente, wanted(f"{base}/new", name="port", decided=decided), checked=True, as_json=True)
    shown = said(capsys)
    assert (shown["feed"]["publisher"], shown["publisher"]["grade"]) == ("Café du Port & Co – World", "C")
    [publisher] = load_file(folder / "publishers.yaml", PublishersFile).publishers
    assert (publisher.name, publisher.owner, publisher.country) == ("Café du Port & Co – World", "Port & Co", "FRA")
    owner = again(folder).owner_of("Café du Port & Co – World", "")
    assert (owner.group, owner.grade) == ("Port & Co", "C")


@pytest.mark.parametrize(
    ("path", "changes", "says"),
    [
        ("/wire", {}, "the feed 'wire' has this address already"),
        ("/WIRE/../wire#top", {"url": "BASE/wire?utm_source=x#top"}, "the feed 'wire' has this address already"),
        ("/asleep", {}, "switched off: detente sources enable asleep"),
        ("/new", {"name": "wire"}, "--name: a feed 'wire' is there already"),
        ("/new", {"name": "no name"}, "--name: String should match"),
        ("/new", {"url": "ftp://x.example"}, "URL: String should match"),
        ("/new", {"publisher": "..."}, "--publisher: must have a letter"),
        ("/new", {"decided": {"owner": "X"}}, "--owner is part of a decision"),
        ("/new", {"decided": {"grade": "Z"}}, "--grade: "),
        ("/new", {"decided": {"grade": "A", "country": "QQQ"}}, "--country: 'QQQ' is no country code"),
    ],
)
def test_what_cannot_be_added_is_not_written(
    detente: Detente, folder: Path, base: str, path: str, changes: dict[str, Any], says: str
) -> None:
    changes = {key: value.replace("BASE", base) if key == "url" else value for key, value in changes.items()}
    with pytest.raises(ConfigError) as raised:
        feeds.sources_add(detente, replace(wanted(f"{base}{path}"), **changes), checked=True, as_json=False)
    assert says in str(raised.value)
    assert not (folder / "feeds.yaml").exists()
    assert not (folder / "publishers.yaml").exists()


def test_what_cannot_be_read_is_added_only_unchecked(
    detente: Detente, folder: Path, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DetenteError, match=r"404.*Nothing is written"):
        feeds.sources_add(detente, wanted(f"{base}/elsewhere/404"), checked=True, as_json=False)
    feeds.sources_add(detente, wanted("https://feeds.later.example/x"), checked=False, as_json=False)
    assert capsys.readouterr().out.startswith("later-example: https://feeds.later.example/x; written to")


# --- switch


def test_feeds_are_switched_off_and_on_and_that_is_recorded(
    detente: Detente, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    detente.prepare_database()
    feeds.sources_disable(detente, "wire", as_json=False)
    feeds.sources_disable(again(folder), "wire", as_json=True)
    assert {feed.name for feed in again(folder).sources.feeds if feed.disabled} == {"wire", "asleep"}
    feeds.sources_enable(again(folder), "wire", as_json=False)
    feeds.sources_enable(again(folder), "wire", as_json=False)
    feeds.sources_enable(again(folder), "asleep", as_json=False)
    assert not any(feed.disabled for feed in again(folder).sources.feeds)
    shown = capsys.readouterr().out
    for part in ("wire is not asked any more", "switched off before", "wire is asked again", "wire is asked already"):
        assert part in shown
    with detente.units(read_only=True) as unit:
        entries = [(entry.action, entry.subject, (entry.after or {}).get("disabled")) for entry in unit.audit.entries()]
    assert sorted(entries) == [
        ("feed.disable", "feed:wire", True),
        ("feed.enable", "feed:asleep", False),
        ("feed.enable", "feed:wire", False),
    ]
    with pytest.raises(NotFound, match=r"'wier' is no feed; did you mean wire\?"):
        feeds.sources_enable(detente, "wier", as_json=False)


def test_a_feed_that_is_gone_is_asked_again(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    detente.prepare_database()
    set_row(detente.units.engine, Kind.FEED, "wire", state=RowState.GONE)  # type: ignore[attr-defined]
    feeds.sources_enable(detente, "wire", as_json=True)
    assert said(capsys)["note"] == "is asked again"
    with detente.units(read_only=True) as unit:
        [wire] = [feed for feed in unit.feeds.health() if feed["id"] == "wire"]
        [entry] = unit.audit.entries()
    assert wire["state"] == RowState.PENDING
    assert (entry.action, entry.subject) == ("feed.revive", "feed:wire")
    assert not detente.feeds_file.exists()


def test_what_could_not_be_written_is_not_recorded(detente: Detente, folder: Path) -> None:
    detente.prepare_database()
    (folder / "feeds.yaml").write_text("feeds: nonsense\n")
    with pytest.raises(ConfigError):
        feeds.sources_disable(detente, "wire", as_json=False)
    with detente.units(read_only=True) as unit:
        assert list(unit.audit.entries()) == []


# --- list and status


def test_feeds_are_listed_with_how_they_fare(detente: Detente, capsys: pytest.CaptureFixture[str]) -> None:
    sources.sources_list(detente, feeds=True, quarantined=False, as_json=True)
    before = {feed["id"]: feed["state"] for feed in said(capsys)["feeds"]}
    assert before == {"wire": "new", "broken": "new", "asleep": "disabled"}
    detente.prepare_database()
    with detente.units() as unit:
        reply = Reply((), "", "", not_modified=False, moved_to="https://new.example/rss")
        unit.feeds.record("wire", reply, Pace(timedelta(minutes=20), 1.0), 7)
    set_row(detente.units.engine, Kind.FEED, "broken", state=RowState.GONE, last_error="410 it says")  # type: ignore[attr-defined]
    sources.sources_list(detente, feeds=True, quarantined=False, as_json=True)
    found = {feed["id"]: feed for feed in said(capsys)["feeds"]}
    wire = found["wire"]
    assert (wire["owner"], wire["grade"], wire["state"], wire["articles"]) == ("Wire Group", "A", "answering", 7)
    assert (wire["interval_seconds"], wire["moved_to"]) == (1200, "https://new.example/rss")
    assert (found["broken"]["state"], found["broken"]["owner"]) == ("gone", None)
    sources.sources_list(detente, feeds=True, quarantined=False, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "410 it says" in shown.replace("│", "")
    sources.sources_list(detente, feeds=False, quarantined=False, as_json=True)
    assert said(capsys)["feeds"] is None


def test_status_counts_feeds_and_names_those_that_tell_nothing(
    detente: Detente, capsys: pytest.CaptureFixture[str]
) -> None:
    detente.prepare_database()
    with detente.units() as unit:
        unit.feeds.record("wire", Reply((), "", "", not_modified=False), Pace(timedelta(minutes=20)), 7)
    set_row(detente.units.engine, Kind.FEED, "broken", state=RowState.GONE, last_error="410 it says")  # type: ignore[attr-defined]
    reading.status(detente, as_json=False)
    shown = capsys.readouterr().out
    assert "feeds: 1 answering, 1 gone\n" in shown
    assert "feed broken: gone, last good answer never, 410 it says\n" in shown
    assert "feed wire:" not in shown
    assert "warning: the feed broken is gone for good" in shown


def test_status_names_some_silent_feeds_and_counts_the_rest(
    detente: Detente, capsys: pytest.CaptureFixture[str]
) -> None:
    detente.prepare_database()
    with detente.units() as unit:
        unit.feeds.sync([Feed(f"f{n:02}", f"https://wire.example/{n}", "Wire") for n in range(13)])
    for n in range(13):
        set_row(detente.units.engine, Kind.FEED, f"f{n:02}", attempt=1, last_error="no answer")  # type: ignore[attr-defined]
    reading.status(detente, as_json=False)
    shown = capsys.readouterr().out
    assert shown.count("no answer\n") == 10
    assert "and 3 feeds more that are silent: detente sources list --feeds\n" in shown


# --- lists


def test_a_list_goes_out_and_comes_in_again(
    detente: Detente, folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    nasty = "https://x.example/a?b=1&c=%22%3E<x>'\""
    feeds.sources_add(detente, wanted(nasty, name="nasty"), checked=False, as_json=False)
    feeds.sources_add(again(folder), wanted("https://m.example/map", kind="sitemap"), checked=False, as_json=False)
    feed_lists.sources_export(again(folder), folder / "out.opml")
    capsys.readouterr()
    feed_lists.sources_export(again(folder), None)
    assert capsys.readouterr().out.count("<outline") == 3, "those that are asked, but for sitemaps"
    other = tmp_path_factory.mktemp("other")
    (other / "sources.yaml").write_text("feeds: []\n")
    assert feed_lists.sources_import(again(other), folder / "out.opml", dry=False, as_json=False) == 0
    mine = {feed.name: feed.url for feed in again(folder).sources.feeds if not feed.disabled and feed.kind == "feed"}
    assert {feed.name: feed.url for feed in again(other).sources.feeds} == mine
    assert mine["nasty"] == nasty
    capsys.readouterr()
    assert feed_lists.sources_import(again(other), folder / "out.opml", dry=False, as_json=True) == 0
    shown = said(capsys)
    assert (shown["added"], len(shown["twins"])) == ([], 3)


def test_bad_entries_are_named_and_the_others_come_in(
    detente: Detente, folder: Path, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = f"""<?xml version="1.0"?>
<opml version="1.0"><body>
<outline text="News"><outline text="Deep"><outline title="Port" xmlURL="https://port.example/rss"/></outline></outline>
<outline text="No address"/>
<outline text="Mail" xmlUrl="mailto:x@y.example"/>
<outline text="Wire again" xmlUrl="{base}/wire"/>
<outline text="Port" xmlUrl="https://port.example/two"/>
<outline text="Port once more" xmlUrl="http://PORT.example/two/"/>
</body></opml>"""
    (folder / "list.opml").write_text(written)
    assert feed_lists.sources_import(detente, folder / "list.opml", dry=True, as_json=True) == 1
    shown = said(capsys)
    assert [feed["name"] for feed in shown["added"]] == ["port", "port-2"]
    assert [(one["line"], one["of"]) for one in shown["twins"]] == [(6, "wire"), (8, "port-2")]
    assert [one["where"].rpartition(":")[2] for one in shown["refused"]] == ["4", "5"]
    assert not detente.feeds_file.exists()
    assert feed_lists.sources_import(detente, folder / "list.opml", dry=False, as_json=False) == 1
    heard = capsys.readouterr()
    assert "list.opml:4: No address has no xmlUrl" in heard.err
    assert "list.opml:5: xmlUrl: String should match" in heard.err
    assert f"2 written to {detente.feeds_file}, 2 there already, 2 refused" in heard.out
    assert [feed.name for feed in again(folder).sources.feeds][-2:] == ["port", "port-2"]


def test_a_list_that_is_none_is_bad_use(detente: Detente, folder: Path) -> None:
    (folder / "list.opml").write_text("<rss/>")
    with pytest.raises(ConfigError, match="this is no OPML"):
        feed_lists.sources_import(detente, folder / "list.opml", dry=False, as_json=False)
    with pytest.raises(ConfigError, match="cannot be read"):
        feed_lists.sources_import(detente, folder / "none.opml", dry=False, as_json=False)


# --- as typed


def test_all_of_it_can_be_typed(folder: Path, base: str) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DETENTE_DATA_DIR": str(folder / "data"),
        "DETENTE_CONFIG_DIR": str(folder),
        "DETENTE_INTAKE__ALLOW_PRIVATE": "true",
        "DETENTE_INTAKE__HOST_GAP": "0s",
    }

    def typed(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "service.cli.main", "sources", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    code, shown = typed("add", f"{base}/new", "--name", "port", "--kind", "feed", "--no-pages", "--grade", "B")
    assert (code, "port: " in shown) == (0, True), shown
    code, shown = typed("add", f"{base}/page")
    assert (code, "Nothing is written" in shown) == (1, True), shown
    assert typed("disable", "wire")[0] == 0
    assert typed("enable", "nobody") == (1, "detente: 'nobody' is no feed; known are asleep, broken, port, wire\n")
    assert typed("check")[0] == 1
    code, shown = typed("export", str(folder / "out.opml"))
    assert (code, shown) == (0, "")
    assert typed("import", str(folder / "out.opml"), "--dry-run")[0] == 0
    code, shown = typed("list", "--feeds", "--json")
    assert [feed["state"] for feed in json.loads(shown)["feeds"]] == ["disabled", "new", "disabled", "new"]
    assert json.loads(shown)["feeds"][-1]["pages"] is False
