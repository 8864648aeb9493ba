"""`feeds.yaml`: the operator's own feeds, and what differs from the feeds of `sources.yaml`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from pydantic import model_validator
from ruamel.yaml.comments import CommentedSeq

from service.config.amend import amend, plain
from service.config.load import Places
from service.config.schema import FeedEntry, Strict, no_twins
from service.domain.news.duplicate import canonical_url
from service.operations.naming import near

HEADER = "# Your own feeds, and changes to those of sources.yaml. `detente sources add` and others write here."


class FeedChange(FeedEntry):
    """A feed that is added or takes the place of one with its name; a name and `disabled` alone switch a listed one."""

    no_url: ClassVar[str] = "needs a url; a name and disabled alone switch a feed of sources.yaml off or on"

    @property
    def is_switch(self) -> bool:
        """By what is written."""
        return self.model_fields_set == {"name", "disabled"}

    def on(self, listed: FeedEntry) -> FeedEntry:
        """The listed feed of this name after the change."""
        return self if self.url else listed.model_copy(update={"disabled": self.disabled})


class FeedsFile(Strict):
    """`feeds.yaml`: feeds that are added, take the place of listed ones, or switch them off."""

    feeds: tuple[FeedChange, ...] = ()

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        no_twins("feeds", [feed.name for feed in self.feeds])
        return self

    def over(self, listed: Sequence[FeedEntry]) -> tuple[FeedEntry, ...]:
        """The listed feeds with these changes: replaced ones where they stood, new ones at the end.

        A listed feed at the address of one of these is left out: an upgrade may list what the operator has already.
        """
        changes = {change.name: change for change in self.feeds}
        names, mine = {feed.name for feed in listed}, asked_at(self.feeds)
        kept = [feed for feed in listed if feed.name in changes or address_of(feed) not in mine]
        changed = [changes[feed.name].on(feed) if feed.name in changes else feed for feed in kept]
        return (*changed, *(change for change in self.feeds if change.url and change.name not in names))


def address_of(feed: FeedEntry) -> str:
    """Where it is asked, in one spelling."""
    return canonical_url(feed.url) or feed.url


def asked_at(feeds: Iterable[FeedEntry]) -> Mapping[str, str]:
    """Address → name of the feed that is asked there, the first of several."""
    asked = [feed for feed in feeds if feed.url and not feed.disabled]
    return {address_of(feed): feed.name for feed in reversed(asked)}


def wrong_in_feeds(file: FeedsFile, places: Places) -> list[str]:
    """Addresses that stand twice, each with its place."""
    first = asked_at(file.feeds)
    return [
        places.name(("feeds", n, "url"), f"the feed {first[address_of(feed)]!r} has this address already")
        for n, feed in enumerate(file.feeds)
        if feed.url and not feed.disabled and first[address_of(feed)] != feed.name
    ]


def doubtful_in_feeds(file: FeedsFile, places: Places, listed: Sequence[FeedEntry]) -> list[str]:
    """Switches for feeds that are not listed, and listed feeds that give way; each a line with its place.

    They are no mistakes: an upgrade of `sources.yaml` must not stop the service.
    """
    names, theirs = [feed.name for feed in listed], asked_at(listed)
    return [
        places.name(("feeds", n, key), said)
        for n, change in enumerate(file.feeds)
        for key, said in _doubts(change, names, theirs)
    ]


def _doubts(change: FeedChange, names: Sequence[str], theirs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not change.url and change.name not in names:
        yield "name", f"nothing is switched: {change.name!r} is no feed of sources.yaml{near(change.name, names)}"
    other = theirs.get(address_of(change)) if change.url and not change.disabled else None
    if other and other != change.name:
        yield "url", f"{other!r} of sources.yaml has this address too: it gives way"


def append(path: Path, added: Sequence[FeedEntry]) -> None:
    """Write feeds at the end of the file; all else in it stays, comments too.

    Raises ConfigError, and leaves the file as it was, when it cannot be written or would be wrong.
    """
    amend(path, "feeds", FeedsFile, lambda listed: listed.extend(plain(feed) for feed in added), HEADER)


def switch(path: Path, name: str, *, disabled: bool) -> None:
    """Write that a feed is or is not asked. Raises ConfigError as `append` does."""

    def change(listed: CommentedSeq) -> None:
        mine = next((entry for entry in listed if entry["name"] == name), None)
        if mine is None:
            listed.append({"name": name, "disabled": disabled})
        else:
            mine["disabled"] = disabled

    amend(path, "feeds", FeedsFile, change, HEADER)
