"""Who we hear, and who is silent: feeds, publishers, and those nobody has decided on. Shared by pages and interface."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.domain.news.owner import NOT_ASSESSED, Listed, Owners, label_of, name_key
from service.domain.risk.ledger import start_of
from service.operations.feed_health import FeedHealth, feeds_in
from service.operations.quarantine import Stranger
from service.ports import Clock, Heard, Units

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Voice(StrEnum):
    """Whether we hear a publisher. `dark` means that all its feeds are silent, `quiet` that it published nothing."""

    HEARD = "heard"
    QUIET = "quiet"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher somebody decided on, with its articles of the last 24 hours and 7 days and the day of a flood."""

    name: str
    owner: str
    grade: str
    voice: Voice
    day: int
    week: int
    last_at: datetime | None
    feeds: tuple[str, ...]
    flood: date | None


@dataclass(frozen=True, slots=True)
class Sources:
    """All of it at a moment of the news' clock. `strangers` are of the last 7 days; `unread` counts by language."""

    at: datetime
    feeds: Sequence[FeedHealth]
    sources: Sequence[Source]
    strangers: Sequence[Stranger]
    floods: Sequence[tuple[str, date]]
    unread: Mapping[str, int]

    @property
    def silent(self) -> int:
        """How many feeds tell nothing."""
        return sum(feed.state.is_silent for feed in self.feeds)


def sources(units: Units, clock: Clock, publishers: Sequence[Listed]) -> Sources:
    """The picture now; `publishers` are those decided on. Publishers of feeds are decided on as well."""
    at = clock.now()
    with units(read_only=True) as unit:
        feeds, heard = feeds_in(unit), unit.desk.heard(at - WEEK, at - DAY)
        floods = dict(sorted((owner, start_of(day * 24).date()) for owner, day in unit.ledger.floods(at - WEEK)))
        unread = dict(unit.articles.unread())
    listed = _with_feeds(publishers, [feed.publisher for feed in feeds])
    known, strange = _told_apart(heard, listed)
    rows = [_source(one, known.get(one.name, []), feeds, floods) for one in listed]
    return Sources(at, feeds, rows, _strangers(strange), list(floods.items()), unread)


def _with_feeds(publishers: Sequence[Listed], of_feeds: Iterable[str]) -> list[Listed]:
    """The publishers, and those of feeds that are none of them, which count as not assessed."""
    known = Owners(publishers).known
    others = {name_key(name): name for name in of_feeds if name_key(name) and known(name, "") is None}
    return [*publishers, *(Listed(name, name, NOT_ASSESSED) for name in others.values())]


def _told_apart(heard: Iterable[Heard], listed: Sequence[Listed]) -> tuple[dict[str, list[Heard]], list[Heard]]:
    """What is known by the publisher's name, and the rest. Each publisher stands as an owner of its own."""
    whose = Owners([replace(one, owner=one.name) for one in listed]).known
    known: dict[str, list[Heard]] = {}
    strange = []
    for one in heard:
        if found := whose(one.publisher, one.url):
            known.setdefault(found.group, []).append(one)
        else:
            strange.append(one)
    return known, strange


def _source(one: Listed, heard: Sequence[Heard], feeds: Sequence[FeedHealth], floods: Mapping[str, date]) -> Source:
    mine = [feed for feed in feeds if name_key(feed.publisher) in one.keys]
    is_dark = bool(mine) and all(feed.state.is_silent for feed in mine)
    week = sum(row.articles for row in heard)
    return Source(
        name=one.name,
        owner=one.owner,
        grade=one.grade,
        voice=Voice.DARK if is_dark else Voice.HEARD if week else Voice.QUIET,
        day=sum(row.of_late for row in heard),
        week=week,
        last_at=max((row.last_at for row in heard), default=None),
        feeds=tuple(feed.id for feed in mine),
        flood=floods.get(one.owner),
    )


def _strangers(heard: Iterable[Heard]) -> list[Stranger]:
    """Spellings of one name are one publisher; the most frequent first."""
    found: dict[str, Stranger] = {}
    for one in heard:
        name = label_of(one.publisher, one.url)
        known = found.get(name_key(name) or name, Stranger(name, 0, one.last_at))
        total, last = known.articles + one.articles, max(known.last_seen, one.last_at)
        found[name_key(name) or name] = Stranger(known.name, total, last)
    return sorted(found.values(), key=lambda s: (-s.articles, s.name))


ORDERS = ("week", "day", "name", "owner", "grade", "voice")
"""What sources can be ordered by; counts have the highest first."""
_LOUDEST = {Voice.DARK: 0, Voice.HEARD: 1, Voice.QUIET: 2}


def ordered(found: Iterable[Source], order: str) -> list[Source]:
    """By one of ORDERS, or else by the first of them; equals by name."""
    match order:
        case "name":
            return sorted(found, key=lambda s: s.name.casefold())
        case "owner":
            return sorted(found, key=lambda s: (s.owner.casefold(), s.name.casefold()))
        case "grade":
            return sorted(found, key=lambda s: (s.grade, s.name.casefold()))
        case "voice":
            return sorted(found, key=lambda s: (_LOUDEST[s.voice], s.name.casefold()))
        case "day":
            return sorted(found, key=lambda s: (-s.day, s.name.casefold()))
        case _:
            return sorted(found, key=lambda s: (-s.week, s.name.casefold()))


def matching(found: Sources, written: str) -> Sources:
    """What has these letters in its name, owner or address, whatever their case."""
    part = written.strip().casefold()
    if not part:
        return found

    def fits(*texts: str) -> bool:
        return any(part in text.casefold() for text in texts)

    return replace(
        found,
        feeds=[one for one in found.feeds if fits(one.id, one.publisher, one.url)],
        sources=[one for one in found.sources if fits(one.name, one.owner, *one.feeds)],
        strangers=[one for one in found.strangers if fits(one.name)],
    )
