"""Entries of feeds: what each kind needs, and what it may not have."""

from typing import Any

import pytest
from pydantic import ValidationError

from service.config.amend import plain
from service.config.own_feeds import FeedChange
from service.config.schema import FeedEntry

GOOD: list[tuple[dict[str, Any], str]] = [
    ({"url": "https://paper.example/rss"}, "https://paper.example/rss"),
    ({"kind": "sitemap", "url": "http://paper.example/news.xml.gz"}, "http://paper.example/news.xml.gz"),
    (
        {"kind": "gdelt", "url": "http://data.example/gdeltv2/lastupdate.txt"},
        "http://data.example/gdeltv2/lastupdate.txt",
    ),
    ({"kind": "folder", "path": "/srv/new articles"}, "file:///srv/new%20articles"),
    (
        {
            "kind": "mailbox",
            "url": "imaps://me%40paper.example@mail.example:1993/News/Asia",
            "password_file": "imap.secret",
        },
        "imaps://me%40paper.example@mail.example:1993/News/Asia",
    ),
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "needs a url"),
    ({"url": "imaps://me@mail.example/"}, "begins with https:// or http://"),
    ({"url": "file:///srv"}, "begins with https:// or http://"),
    ({"url": "ftp://paper.example"}, "should match pattern"),
    ({"url": "https://paper.example", "path": "/srv"}, "path belongs to feeds of kind folder"),
    ({"url": "https://paper.example", "password_file": "x"}, "password_file belongs to feeds of kind mailbox"),
    ({"kind": "gdelt"}, "needs a url"),
    ({"kind": "folder"}, "those need it"),
    ({"kind": "folder", "url": "https://paper.example"}, "those need it"),
    ({"kind": "folder", "path": "/srv", "url": "https://paper.example"}, "a path in place of a url"),
    ({"kind": "folder", "path": "/srv", "url": "file:///etc"}, "a path in place of a url"),
    ({"kind": "folder", "path": "srv"}, "should match pattern"),
    ({"kind": "mailbox", "url": "imaps://me@mail.example/"}, "those need it"),
    ({"kind": "mailbox", "password_file": "x"}, "needs a url"),
    ({"kind": "mailbox", "url": "https://me@mail.example/", "password_file": "x"}, "imaps://user@host/folder"),
    ({"kind": "mailbox", "url": "imaps://mail.example/", "password_file": "x"}, "imaps://user@host/folder"),
    ({"kind": "mailbox", "url": "imaps://me:secret@mail.example/", "password_file": "x"}, "without the password"),
    ({"kind": "pigeon", "url": "https://paper.example"}, "Input should be"),
]


@pytest.mark.parametrize(("written", "address"), GOOD)
@pytest.mark.parametrize("model", [FeedEntry, FeedChange])
def test_each_kind_has_its_address(written: dict[str, Any], address: str, model: type[FeedEntry]) -> None:
    entry = model.model_validate({"name": "x", **written})
    assert (entry.feed.url, entry.feed.kind) == (address, written.get("kind", "feed"))


@pytest.mark.parametrize(("written", "said"), BAD)
@pytest.mark.parametrize("model", [FeedEntry, FeedChange])
def test_what_does_not_fit_its_kind_is_refused(written: dict[str, Any], said: str, model: type[FeedEntry]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"name": "x", **written})
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("written", [written for written, _ in GOOD])
def test_an_entry_that_was_read_can_be_written_and_read_again(written: dict[str, Any]) -> None:
    entry = FeedEntry.model_validate({"name": "x", **written})
    assert FeedEntry.model_validate(plain(entry)) == entry
