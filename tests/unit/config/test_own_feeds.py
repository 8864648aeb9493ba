"""The operator's own feeds, and what they change of those that ship."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import Detente
from service.cli.checking import check
from service.config.load import load_file
from service.config.own_feeds import FeedsFile, append, switch
from service.config.schema import FeedEntry, SourcesFile
from service.errors import ConfigError
from service.ports import FeedKind

LISTED = """publishers: []
feeds:
  - {name: wire, url: "https://wire.example/rss", publisher: Wire}
  - {name: paper, url: "https://paper.example/rss"}
  - {name: asleep, url: "https://asleep.example/rss", disabled: true}
"""


def shown(feeds: tuple[FeedEntry, ...]) -> dict[str, tuple[str, bool]]:
    return {feed.name: (feed.url.removeprefix("https://"), feed.disabled) for feed in feeds}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A configuration that is good but for what a test adds."""
    (tmp_path / "sources.yaml").write_text(LISTED)
    (tmp_path / "rules.yaml").write_text("rules: [{name: r, kind: SILENCE, subjects: ['*']}]\n")
    (tmp_path / "routes.yaml").write_text("receivers: [{name: me}]\nroute: {receiver: me}\n")
    return tmp_path


def merged(folder: Path, written: str) -> dict[str, tuple[str, bool]]:
    (folder / "feeds.yaml").write_text(written)
    return shown(Detente(folder).sources.feeds)


def test_feeds_are_added_replaced_and_switched(folder: Path) -> None:
    assert merged(
        folder,
        "feeds:\n"
        "  - {name: harbour, url: 'https://harbour.example/map.xml', kind: sitemap, pages: false}\n"
        "  - {name: wire, url: 'https://wire.example/new'}\n"
        "  - {name: paper, disabled: true}\n"
        "  - {name: asleep, disabled: false}\n",
    ) == {
        "wire": ("wire.example/new", False),
        "paper": ("paper.example/rss", True),
        "asleep": ("asleep.example/rss", False),
        "harbour": ("harbour.example/map.xml", False),
    }
    feeds = {feed.name: feed for feed in Detente(folder).sources.feeds}
    assert (feeds["harbour"].kind, feeds["harbour"].pages) == (FeedKind.SITEMAP, False)
    assert feeds["wire"].publisher == "", "the whole entry takes the place of the other"


def test_a_listed_feed_gives_way_to_an_own_one_at_its_address(folder: Path) -> None:
    assert merged(folder, "feeds: [{name: mine, url: 'http://www.wire.example/rss/'}]") == {
        "paper": ("paper.example/rss", False),
        "asleep": ("asleep.example/rss", True),
        "mine": ("http://www.wire.example/rss/", False),
    }
    off = merged(folder, "feeds: [{name: mine, url: 'https://wire.example/rss', disabled: true}]")
    assert off["wire"] == ("wire.example/rss", False), "one that is not asked takes no address"


@pytest.mark.parametrize(
    ("written", "mistakes"),
    [
        ("feeds:\n- name: x\n", [":2: feeds.0: needs a url"]),
        ("feeds:\n- {name: x, disabled: true, pages: false}\n", [":2: feeds.0: needs a url"]),
        ("feeds:\n- {name: x, url: 'gopher://x'}\n", [":2: feeds.0.url: String should match"]),
        (
            "feeds:\n- {name: x, url: 'https://x.example'}\n- {name: x, disabled: true}\n",
            [": feeds name 'x' more than"],
        ),
        (
            "feeds:\n- {name: x, url: 'https://x.example'}\n- name: y\n  url: 'http://WWW.x.example/'\n",
            [":4: feeds.1.url: the feed 'x' has this address already"],
        ),
        ("feeds:\n- {name: x, kind: smoke, url: 'https://x.example'}\n", [":2: feeds.0.kind: Input should be"]),
        ("feeds: 5\n", [":1: feeds: Input should be"]),
        ("feed: []\n", [":1: feed: unknown key"]),
    ],
)
def test_mistakes_have_file_line_and_key(folder: Path, written: str, mistakes: list[str]) -> None:
    (folder / "feeds.yaml").write_text(written)
    found, _ = check(folder)
    assert len(found) == len(mistakes)
    for line, mistake in zip(found, mistakes, strict=True):
        assert line.startswith(f"{folder / 'feeds.yaml'}"), line
        assert mistake in line


def test_what_an_upgrade_may_bring_about_is_noted(folder: Path) -> None:
    (folder / "feeds.yaml").write_text(
        "feeds:\n- {name: papper, disabled: true}\n- {name: mine, url: 'https://wire.example/rss'}\n"
    )
    mistakes, notes = check(folder)
    assert [line for line in mistakes if "feeds.yaml" in line] == []
    assert mistakes == []
    assert [line for line in notes if "feeds.yaml:" in line] == [
        f"{folder / 'feeds.yaml'}:2: feeds.0.name: nothing is switched: 'papper' is no feed of sources.yaml;"
        " did you mean paper?",
        f"{folder / 'feeds.yaml'}:3: feeds.1.url: 'wire' of sources.yaml has this address too: it gives way",
    ]


def test_what_is_written_keeps_what_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("# ours alone\n")
    append(path, [FeedEntry(name="a", url="https://a.example/x?y=1#z", publisher="A: # b")])
    path.write_text(path.read_text() + "  # before b\n  - {name: b, url: 'https://b.example'}  # behind b\n")
    append(path, [FeedEntry(name="c", url="https://c.example", kind=FeedKind.SITEMAP, pages=False)])
    switch(path, "b", disabled=True)
    switch(path, "shipped", disabled=True)
    switch(path, "b", disabled=False)
    text = path.read_text()
    assert text.startswith("# ours alone\n")
    assert "# before b" in text
    assert "# behind b" in text
    kept = {feed.name: feed for feed in load_file(path, FeedsFile).feeds}
    assert list(kept) == ["a", "b", "c", "shipped"]
    assert (kept["a"].url, kept["a"].publisher) == ("https://a.example/x?y=1#z", "A: # b")
    assert (kept["c"].kind, kept["c"].pages) == (FeedKind.SITEMAP, False)
    assert [feed.name for feed in kept.values() if feed.disabled] == ["shipped"]


def test_what_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    entry = FeedEntry(name="a", url="https://a.example")
    append(path, [entry])
    before = path.read_text()
    with pytest.raises(ConfigError, match="more than once"):
        append(path, [entry])
    path.write_text(before + "nonsense")
    with pytest.raises(ConfigError, match=r"feeds\.yaml:"):
        switch(path, "a", disabled=True)
    assert path.read_text() == before + "nonsense"


def test_without_the_file_nothing_changes(folder: Path) -> None:
    listed = load_file(folder / "sources.yaml", SourcesFile)
    assert shown(Detente(folder).sources.feeds) == shown(listed.feeds)
