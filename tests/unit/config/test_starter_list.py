"""The feeds that ship: who is heard out of the box."""

from collections import Counter

import pytest

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.bootstrap import shipped
from service.config.load import load_file
from service.config.schema import Publisher, SourcesFile
from service.domain.news.duplicate import canonical_url
from service.domain.news.owner import NOT_ASSESSED, host_of, name_key

THINK_TANKS = {"SIPRI", "Chatham House", "Lowy Institute", "International Crisis Group", "Atlantic Council"}
SECRET_WORDS = ("key=", "token=", "secret=", "password=", "@")


@pytest.fixture(scope="module")
def shipped_list() -> SourcesFile:
    return load_file(shipped("config") / "sources.yaml", SourcesFile)


@pytest.fixture(scope="module")
def heard(shipped_list: SourcesFile) -> list[Publisher]:
    """The publisher of each feed. KeyError where the table does not have it."""
    listed = {key: publisher for publisher in shipped_list.publishers for key in publisher.listed.keys}
    return [listed[name_key(feed.publisher)] for feed in shipped_list.feeds]


def test_there_are_many_feeds_and_none_stands_twice(shipped_list: SourcesFile) -> None:
    assert len(shipped_list.feeds) >= 130
    for found in (
        Counter(feed.name.casefold() for feed in shipped_list.feeds),
        Counter(canonical_url(feed.url) for feed in shipped_list.feeds),
    ):
        assert [one for one, times in found.items() if times > 1 or not one] == []


def test_addresses_are_safe_and_hold_no_secret(shipped_list: SourcesFile) -> None:
    for feed in shipped_list.feeds:
        assert feed.url.startswith("https://"), feed.name
        assert not any(word in feed.url.casefold() for word in SECRET_WORDS), feed.name


def test_no_feed_ships_switched_off(shipped_list: SourcesFile) -> None:
    assert [feed.name for feed in shipped_list.feeds if feed.disabled] == []


def test_every_feed_has_a_publisher_somebody_has_judged(heard: list[Publisher]) -> None:
    assert [p.name for p in heard if p.grade in {NOT_ASSESSED, "E"} or not p.owner] == []


def test_every_sub_region_is_heard_more_than_once(heard: list[Publisher]) -> None:
    geography = CompiledGazetteer.load().geography
    feeds = Counter(geography.m49(publisher.country or "") for publisher in heard)
    owners = {(geography.m49(publisher.country or ""), publisher.owner) for publisher in heard}
    voices = Counter(region for region, _ in owners)
    assert len(geography.subregion_names) == 22
    assert {name: feeds[code] for code, name in geography.subregion_names.items() if feeds[code] < 2} == {}
    assert {name: voices[code] for code, name in geography.subregion_names.items() if voices[code] < 2} == {}


def test_agencies_think_tanks_governments_and_the_united_nations_are_heard(heard: list[Publisher]) -> None:
    assert sum(publisher.agency for publisher in heard) >= 10
    assert {publisher.name for publisher in heard} >= THINK_TANKS
    assert sum(publisher.owner.endswith("government") for publisher in heard) >= 3
    assert {"UN News", "WHO"} <= {publisher.name for publisher in heard if publisher.owner == "United Nations"}


@pytest.mark.parametrize("name", ["Reuters", "AFP", "Xinhua", "TASS", "Anadolu", "Yonhap", "PTI", "KCNA", "SANA"])
def test_wire_agencies_are_marked(shipped_list: SourcesFile, name: str) -> None:
    assert [p.agency for p in shipped_list.publishers if name_key(name) in p.listed.keys] == [True]


@pytest.mark.parametrize("name", ["BBC News", "The Hindu", "UN News", "U.S. Department of State", "Chatham House"])
def test_papers_bodies_and_ministries_are_no_agencies(shipped_list: SourcesFile, name: str) -> None:
    assert [p.agency for p in shipped_list.publishers if p.name == name] == [False]


def test_feeds_come_from_their_publisher(shipped_list: SourcesFile, heard: list[Publisher]) -> None:
    """All but those of two whose feeds have a server under another name."""
    hosts = {
        host_of(feed.url)
        for feed, publisher in zip(shipped_list.feeds, heard, strict=True)
        if not any(f".{host_of(feed.url)}".endswith(f".{domain}") for domain in publisher.domain)
    }
    assert hosts == {"feeds.bbci.co.uk", "feeds.feedburner.com"}
