"""Lists of feeds from other programs, and from nobody's friends."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.feeds.opml import LARGEST, Outline, read_opml, write_opml
from service.errors import Refusal, RefusedInput
from service.ports import Refused

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAD = '<?xml version="1.0"?>\n'


def opml(body: str, head: str = HEAD) -> bytes:
    return f'{head}<opml version="2.0"><head><title>x</title></head><body>{body}</body></opml>'.encode()


def test_feeds_are_found_in_all_folders() -> None:
    body = (
        '<outline text="A"><outline text="B">\n<outline type="rss" text="One" title="First" xmlUrl=" https://1.example "/>'
        '</outline></outline>\n<outline text="Two" XMLURL="https://2.example?a=1&amp;b=2"><outline text="Three" '
        'xmlUrl="https://3.example"/></outline>'
    )
    assert list(read_opml(opml(body), "f")) == [
        Outline("First", "https://1.example", 3),
        Outline("Two", "https://2.example?a=1&b=2", 4),
        Outline("Three", "https://3.example", 4),
    ]


def test_what_is_no_feed_is_named_with_its_line() -> None:
    found = list(read_opml(opml('\n<outline text="A link"/>\n<outline xmlUrl="" />'), "f.opml"))
    assert found == [
        Refused("f.opml:3", Refusal.MISSING_FIELD, "A link has no xmlUrl"),
        Refused("f.opml:4", Refusal.MISSING_FIELD, "an entry has no xmlUrl"),
    ]


LAUGHS = (
    "<!DOCTYPE opml [<!ENTITY a '"
    + "x" * 1000
    + "'>"
    + "".join(f"<!ENTITY {new} '{f'&{old};' * 30}'>" for old, new in zip("abcdefg", "bcdefgh", strict=True))
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "this is no XML"),
        (b"not xml", "this is no XML"),
        (opml("<outline"), "line 2: this is no XML"),
        (b"<rss/>", "this is no OPML"),
        (b"<opml/>", "this is no OPML"),
        (opml('<outline text="&h;"/>', HEAD + LAUGHS + "]>"), "this is no XML|document type"),
        (opml("<outline>&h;</outline>", HEAD + LAUGHS + "]>"), "this is no XML|document type"),
        (opml("&x;", HEAD + '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "document type"),
        (opml("", HEAD + '<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/x.dtd">'), "document type"),
        (opml("<outline>" * 5000 + "</outline>" * 5000), "this is no XML"),
        (opml(" " * LARGEST), "larger than"),
        ("<?xml version='1.0' encoding='nonsense'?><opml/>".encode("utf-16"), "this is no OPML"),
    ],
)
def test_what_is_no_list_is_refused_soon(content: bytes, says: str) -> None:
    began = time.monotonic()
    with pytest.raises(RefusedInput, match=says) as raised:
        list(read_opml(content, "f"))
    assert "root:" not in str(raised.value)
    assert time.monotonic() - began < 2


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=5))
def test_whatever_is_written_can_be_read(feeds: list[tuple[str, str]]) -> None:
    read = list(read_opml(write_opml("A list", feeds, AT), "f"))
    assert len(read) == len(feeds)


def test_what_is_written_is_read_the_same() -> None:
    feeds = [("a", "https://a.example/?x=1&y=<\"'>"), ("b-2", "https://b.example/é")]
    written = write_opml("Mine & yours", feeds, AT)
    assert b"<title>Mine &amp; yours</title>" in written
    assert b"<dateCreated>Sun, 01 Mar 2026 12:00:00 GMT</dateCreated>" in written
    read = [one for one in read_opml(written, "f") if isinstance(one, Outline)]
    assert [(one.title, one.url) for one in read] == feeds
