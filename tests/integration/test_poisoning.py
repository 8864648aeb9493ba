"""Ten thousand false articles leave a normal day as it was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.storage.memory import MemoryUnits
from service.domain.events.event import Event
from service.domain.news.article import Article
from service.domain.news.owner import Listed, Owners
from service.domain.risk.caps import FLOOD, QUARANTINED
from service.operations.replay import Replay, VirtualClock, last_look
from service.pipeline.books import Gauge
from tests.unit.domain.build import ALLCLEAR, DAY, DEESC, GEOGRAPHY, HOUR, LEVEL, NOW, event

SPAM = 10_000
KNOWN = [Listed("Agency", "Agency", "A"), Listed("Daily", "Daily", "B"), Listed("Weekly", "Weekly", "C")]
Story = tuple[Article, Event]


def told(name: str, publisher: str, what: Event, at: datetime, url: str = "") -> Story:
    words = " ".join(f"{name}w{n}" for n in range(8))
    return Article(name, "", words, publisher, url, at, at), replace(what, at=at)


def normal_day() -> list[Story]:
    """A war, a new strike told by two owners, a rumour told by one, and peace on the war."""
    war = [
        told(f"war{n}{p}", p, event(actors=["RUS"], recipients=["UKR"]), NOW - n * DAY + HOUR)
        for n in range(1, 20)
        for p in ("Agency", "Daily")
    ]
    strike = [told(f"strike{p}", p, event(), NOW + n * HOUR) for n, p in enumerate(("Agency", "Weekly"))]
    rumour = [told("rumour", "Weekly", event(actors=["IND"], recipients=["PAK"]), NOW + HOUR)]
    truce = [
        told(f"truce{p}", p, event("AGREE.deescalate", ["RUS", "UKR"], []), NOW + 5 * HOUR) for p in ("Agency", "Daily")
    ]
    return [*war, *strike, *rumour, *truce]


def spam(publisher: str, *, new_domains: bool = False) -> list[Story]:
    """Wars and truces everywhere, at one moment of the day, each told once in words of its own."""
    return [_lie(n, "" if new_domains else publisher, f"https://site{n}.example/" * new_domains) for n in range(SPAM)]


PAIRS = [("CHN", "IND"), ("IND", "PAK"), ("IRN", "ISR"), ("RUS", "UKR"), ("IRN", "PAK"), ("CHN", "USA")]


def _lie(n: int, publisher: str, url: str) -> Story:
    one, other = PAIRS[n // 2 % 6][:: (-1) ** (n // 12)]
    war, peace = event(actors=[one], recipients=[other]), event("AGREE.deescalate", [one, other], [])
    return told(f"spam{n}", publisher, (war, peace)[n % 2], NOW + 2 * HOUR, url)


def alerts(stories: Sequence[Story]) -> set[tuple[str, str, str, bool]]:
    """Every message that would have gone out on the day: rule, subject, new state, whether it pages."""
    clock = VirtualClock()
    owners = Owners(KNOWN, quarantine=True)
    rules = (replace(LEVEL, hold=timedelta(minutes=15)), DEESC, ALLCLEAR)
    replay = Replay(MemoryUnits(clock.now), clock, owners, GEOGRAPHY, rules, Gauge(), RensaFingerprints())
    events = {article.id: [what] for article, what in stories}
    new = replay.store_new([article for article, _ in stories])
    changes = replay.run(new, [events[a.id] for a in new], min(last_look(new, rules), NOW + 2 * DAY))
    return {(a.rule, a.subject, str(t.to_state), t.confirmed) for t, a in changes}


@pytest.fixture(scope="module")
def calm() -> set[tuple[str, str, str, bool]]:
    found = alerts(normal_day())
    assert {(rule, subject) for rule, subject, to, _ in found if to == "firing"} >= {
        ("level", "dyad:RUS-UKR"),
        ("level", "dyad:IRN-PAK"),
        ("deescalation", "dyad:RUS-UKR"),
    }
    return found


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(spam("Truth Now"), id="one new domain"),
        pytest.param(spam("", new_domains=True), id="a new domain for each"),
        pytest.param(spam("Weekly"), id="one owner we know"),
    ],
)
def test_a_flood_changes_no_alert(flood: list[Story], calm: set[tuple[str, str, str, bool]]) -> None:
    assert len(flood) > FLOOD
    assert alerts([*normal_day(), *flood]) == calm


def test_fifty_of_a_new_domain_page_nobody() -> None:
    """Below what counts as a flood, strangers are one voice with little to say."""
    some = spam("Truth Now")[:50]
    assert not any(pages for _, _, _, pages in alerts(some))
    assert QUARANTINED < 0.5
