"""Watched folders: each file once, none skipped, nothing outside, and whoever stops goes on where it was."""

import json
import os
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.adapters.feeds import folder as module
from service.adapters.feeds.files import LARGEST
from service.adapters.feeds.folder import FolderFetcher
from service.adapters.feeds.folder_files import DEPTH, Mark
from service.errors import FetchFailed, Refusal
from service.ports import Feed, FeedKind, Reply
from tests.unit.adapters.feeds.test_warc import Pages, archive, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")  # warcio's writer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def fetcher() -> FolderFetcher:
    return FolderFetcher(Pages(), settled=timedelta(0))


def feed(root: Path, cursor: str = "", publisher: str = "") -> Feed:
    return Feed("box", root.as_uri(), publisher, kind=FeedKind.FOLDER, cursor=cursor)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text} was told\n\nand more was said of it.", encoding="utf-8")
    return path


def tick() -> None:
    """A file system's clock goes in steps of some milliseconds, which is why young files are left alone."""
    time.sleep(0.02)


def lines(*numbers: int, size: int = 0) -> str:
    said = ({"id": f"a{n}", "text": f"Talks number {n} were held. {'and on ' * size}"} for n in numbers)
    return "".join(json.dumps(one) + "\n" for one in said)


def titles(reply: Reply) -> list[str]:
    return [item.title.partition(" ")[0] for item in reply.items]


def polls(fetcher: FolderFetcher, root: Path, cursor: str = "") -> list[Reply]:
    """Until there is no more."""
    replies = [fetcher.fetch(feed(root, cursor), NOW)]
    while replies[-1].more:
        assert len(replies) < 1000
        replies.append(fetcher.fetch(feed(root, replies[-1].cursor), NOW))
    return replies


# --- what is read, and when


def test_each_file_is_read_once_in_the_order_of_its_change(root: Path, fetcher: FolderFetcher) -> None:
    for name in ("b.txt", "sub/c.txt", "a.txt"):
        write(root / name, name)
        tick()
    reply = fetcher.fetch(feed(root), NOW)
    assert titles(reply) == ["b.txt", "sub/c.txt", "a.txt"]
    again = fetcher.fetch(feed(root, reply.cursor), NOW)
    assert (again.items, again.not_modified, again.cursor) == ((), True, reply.cursor)


def test_what_appears_or_changes_later_is_read_then(root: Path, fetcher: FolderFetcher) -> None:
    write(root / "old.txt", "old")
    changed = write(root / "changed.txt", "before")
    cursor = fetcher.fetch(feed(root), NOW).cursor
    tick()
    write(changed, "after")
    outside = write(root.parent / "moved.txt", "moved")
    outside.rename(root / "moved.txt")
    assert titles(fetcher.fetch(feed(root, cursor), NOW)) == ["after", "moved"]


def test_a_file_that_was_just_written_is_left_for_the_next_poll(root: Path, fetcher: FolderFetcher) -> None:
    write(root / "a.txt", "a")
    patient = FolderFetcher(Pages())
    reply = patient.fetch(feed(root), NOW)
    assert (reply.items, reply.more) == ((), False)
    assert titles(fetcher.fetch(feed(root, reply.cursor), NOW)) == ["a"]


def test_files_of_one_moment_are_all_read(root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "dbca":
        write(root / f"{name}.txt", name)
    at_once = sorted(replace(entry, changed=7) for entry in module.entries(root)[0])
    monkeypatch.setattr(module, "entries", lambda _: (at_once, []))
    monkeypatch.setattr(module, "MOST_FOUND", 1)
    assert [titles(reply) for reply in polls(fetcher, root)] == [["a"], ["b"], ["c"], ["d"]]


def test_every_known_kind_of_file_is_read(root: Path, fetcher: FolderFetcher) -> None:
    write(root / "a.txt", "a")
    (root / "b.json").write_text('{"text": "Talks were held.", "publisher": "The Paper"}')
    (root / "c.jsonl").write_text(lines(1, 2))
    (root / "d.warc.gz").write_bytes(archive(html(1), html(2)))
    (root / "e.xml").write_text(
        "<rss version='2.0'><channel><item><title>Talks were held</title></item></channel></rss>"
    )
    (root / "f.HTML").write_bytes(html(3))
    reply = fetcher.fetch(feed(root, publisher="The Box"), NOW)
    assert reply.refused == ()
    assert [item.publisher for item in reply.items] == ["The Box", "The Paper", *["The Box"] * 6]


def test_hidden_unfinished_and_deep_files_are_left_alone(root: Path, fetcher: FolderFetcher) -> None:
    deepest = "/".join("abcdefgh"[:DEPTH])
    for name in (".hidden.txt", ".git/x.txt", "a.txt.part", "b.TMP", f"{deepest}/in.txt", f"{deepest}/z/out.txt"):
        write(root / name, name)
    assert titles(fetcher.fetch(feed(root), NOW)) == [f"{deepest}/in.txt"]


def test_odd_files_are_refused_once_and_stop_no_other(root: Path, fetcher: FolderFetcher) -> None:
    (root / "a.pdf").write_bytes(b"%PDF-1.7\0")
    (root / "b.docx").write_text("plain enough")
    (root / "c.txt").write_bytes(b"x" * (LARGEST + 1))
    (root / "d.txt").write_text("")
    os.mkfifo(root / "e.txt")
    write(root / os.fsdecode(b"f\xff %.txt"), "good")
    reply = fetcher.fetch(feed(root), NOW)
    assert [one.refusal for one in reply.refused] == [
        Refusal.BINARY,
        Refusal.UNSUPPORTED,
        Refusal.TOO_LARGE,
        Refusal.EMPTY,
        Refusal.UNSUPPORTED,
    ]
    assert titles(reply) == ["good"]
    assert reply.cursor.isascii()
    assert fetcher.fetch(feed(root, reply.cursor), NOW).refused == ()


def test_links_are_not_followed(root: Path, fetcher: FolderFetcher) -> None:
    secret = write(root.parent / "secret.txt", "secret")
    (root / "link.txt").symlink_to(secret)
    (root / "folder").symlink_to(root.parent)
    (root / "round").symlink_to(root)
    assert fetcher.fetch(feed(root), NOW).items == ()


def test_a_folder_that_becomes_a_link_between_looking_and_reading_leads_nowhere(
    root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "sub" / "a.txt", "a")
    write(root.parent / "outside" / "a.txt", "secret")
    looked = module.entries(root)
    (root / "sub").rename(root.parent / "away")
    (root / "sub").symlink_to(root.parent / "outside")
    monkeypatch.setattr(module, "entries", lambda _: looked)
    reply = fetcher.fetch(feed(root), NOW)
    assert (reply.items, [one.refusal for one in reply.refused]) == ((), [Refusal.UNREADABLE])


def test_a_file_that_is_taken_away_meanwhile_is_no_trouble(
    root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "a.txt", "a")
    looked = module.entries(root)
    (root / "a.txt").unlink()
    monkeypatch.setattr(module, "entries", lambda _: looked)
    reply = fetcher.fetch(feed(root), NOW)
    assert (reply.items, reply.refused) == ((), ())


def test_a_folder_that_is_not_there_is_a_failure(root: Path, fetcher: FolderFetcher) -> None:
    with pytest.raises(FetchFailed, match="No such file"):
        fetcher.fetch(feed(root / "none"), NOW)
    with pytest.raises(FetchFailed, match="Not a directory"):
        fetcher.fetch(feed(write(root / "a.txt", "a")), NOW)


@pytest.mark.parametrize("cursor", ["", "nonsense", " ", "12", "x y z", "9 %ff"])
def test_a_cursor_that_is_none_is_read_as_the_beginning_or_a_place(
    cursor: str, root: Path, fetcher: FolderFetcher
) -> None:
    write(root / "a.txt", "a")
    assert titles(fetcher.fetch(feed(root, cursor), NOW)) == ["a"]


def test_a_cursor_can_be_written_and_read() -> None:
    for mark in (Mark(), Mark(5, b"a b/\xff%20", ""), Mark(5, b"a", "7+3")):
        assert Mark.parse(str(mark)) == mark


# --- much at once


def test_a_poll_takes_so_many_articles_and_says_that_there_is_more(
    root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FOUND", 3)
    for n in range(8):
        write(root / f"{n}.txt", str(n))
    assert [titles(reply) for reply in polls(fetcher, root)] == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]


def test_a_poll_takes_so_many_bytes(root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    for n in range(4):
        write(root / f"{n}.txt", str(n) * 20)
    assert [len(reply.items) for reply in polls(fetcher, root)] == [1, 1, 1, 1]


def test_a_poll_ends_in_time(root: Path) -> None:
    for n in range(4):
        write(root / f"{n}.txt", str(n))
    hasty = FolderFetcher(Pages(), within=0, settled=timedelta(0))
    assert [len(reply.items) for reply in polls(hasty, root)] == [1, 1, 1, 1]


@pytest.mark.parametrize("bound", [("MOST_FOUND", 4), ("MOST_BYTES", 300)])
def test_a_long_list_is_read_on_where_the_last_poll_stopped(
    bound: tuple[str, int], root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, *bound)
    (root / "a.jsonl").write_text(lines(*range(7)) + "\nnonsense\n" + lines(*range(7, 12)))
    write(root / "b.txt", "last")
    replies = polls(fetcher, root)
    assert len(replies) > 2
    assert [item.id for reply in replies for item in reply.items][:-1] == [f"a{n}" for n in range(12)]
    assert [one.where for reply in replies for one in reply.refused] == [f"{root}/a.jsonl:9"]


def test_a_line_without_end_is_refused_and_the_next_one_read(root: Path, fetcher: FolderFetcher) -> None:
    (root / "a.jsonl").write_text("x" * (3 * LARGEST) + "\n" + lines(1))
    reply = fetcher.fetch(feed(root), NOW)
    assert [(one.where, one.refusal) for one in reply.refused] == [(f"{root}/a.jsonl:1", Refusal.TOO_LARGE)]
    assert [item.id for item in reply.items] == ["a1"]


@pytest.mark.parametrize("packed", [True, False])
def test_an_archive_is_read_on_where_the_last_poll_stopped(
    packed: bool, root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FOUND", 2)
    (root / "a.warc.gz").write_bytes(archive(*map(html, range(5)), packed=packed))
    replies = polls(fetcher, root)
    assert [item.url[-1] for reply in replies for item in reply.items] == list("01234")


def test_a_list_that_grows_between_two_polls_is_read_from_its_beginning(
    root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FOUND", 2)
    (root / "a.jsonl").write_text(lines(1, 2, 3))
    cursor = fetcher.fetch(feed(root), NOW).cursor
    tick()
    (root / "a.jsonl").write_text(lines(0, 1, 2, 3))
    assert [item.id for reply in polls(fetcher, root, cursor) for item in reply.items] == ["a0", "a1", "a2", "a3"]


@pytest.mark.parametrize("seed", range(10))
def test_whoever_dies_between_polls_skips_nothing(
    seed: int, root: Path, fetcher: FolderFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files come and change while polls come and go; what a poll found is lost when its worker dies."""
    dice = random.Random(seed)
    monkeypatch.setattr(module, "MOST_FOUND", dice.randint(1, 5))
    written: set[str] = set()
    stored: set[str] = set()
    cursor = ""
    for n in range(30):
        if dice.random() < 0.6:
            write(root / f"{dice.randint(0, 9)}" / f"{n}.txt", f"t{n}")
            written.add(f"t{n}")
        elif dice.random() < 0.5:
            (root / f"{n}.jsonl").write_text(lines(*range(10 * n, 10 * n + 7)))
            written |= {f"a{m}" for m in range(10 * n, 10 * n + 7)}
        reply = fetcher.fetch(feed(root, cursor), NOW)
        assert fetcher.fetch(feed(root, cursor), NOW).items[: len(reply.items)] == reply.items
        if dice.random() < 0.5:
            stored |= {item.title.partition(" ")[0] or item.id for item in reply.items}
            cursor = reply.cursor
            tick()
    for reply in polls(fetcher, root, cursor):
        stored |= {item.title.partition(" ")[0] or item.id for item in reply.items}
    assert stored == written
