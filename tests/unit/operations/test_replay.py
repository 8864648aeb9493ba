"""A replay decides as the service would have, whatever order its input has."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.storage.database import SqlUnits
from service.adapters.storage.memory import MemoryUnits
from service.domain.alerting.rule import Rule, State
from service.domain.events.event import Event
from service.domain.events.signal import ArticleRole, Modality
from service.domain.news.article import Article
from service.domain.news.credit import Agencies
from service.domain.news.owner import QUARANTINED, Listed, Owner
from service.operations import present
from service.operations.replay import GRID, Replay, VirtualClock, last_look
from service.pipeline.books import Gauge
from service.ports import OpenBooks
from tests.unit.domain.build import ALLCLEAR, DAY, DEESC, GEOGRAPHY, HOUR, LEVEL, NOW, SURGE, event
from tests.unit.domain.strategies import HOSTILE, PEACEFUL, events, modest

RULES = (LEVEL, SURGE, DEESC, ALLCLEAR)
Story = tuple[Article, tuple[Event, ...]]


def owner_of(publisher: str, _url: str, _credit: str = "") -> Owner:
    return QUARANTINED if publisher == "stranger" else Owner(publisher, "A")


def story(name: str, told: Event, publisher: str, text: str = "", after: timedelta = timedelta(0)) -> Story:
    """An article with one event, published so long after it; no two have words in common unless a text is given."""
    words = text or " ".join(f"{name}w{n}" for n in range(12))
    at = told.at + after
    return Article(name, "", words, publisher, "", at, at), (told,)


def engine(units: OpenBooks | None = None, rules: Sequence[Rule] = RULES) -> Replay:
    clock = VirtualClock()
    books = units or MemoryUnits(clock.now)
    return Replay(books, clock, owner_of, GEOGRAPHY, rules, Gauge(), RensaFingerprints())


def run(
    stories: Sequence[Story],
    until: datetime | None = None,
    units: OpenBooks | None = None,
    rules: Sequence[Rule] = RULES,
) -> list[dict[str, object]]:
    """The lines of a replay."""
    replay = engine(units, rules)
    coded = {article.id: told for article, told in stories}
    new = replay.store_new([article for article, _ in stories])
    changes = replay.run(new, [coded[a.id] for a in new], until or last_look(new, RULES))
    return [present.moved(*change) for change in changes]


@st.composite
def stories(draw: st.DrawFn, **more: object) -> list[Story]:
    told = draw(st.lists(st.tuples(events(**more), st.sampled_from("uvw")), min_size=1, max_size=10))  # type: ignore[arg-type]
    return [story(f"a{n}", e, publisher) for n, (e, publisher) in enumerate(told)]


anything = stories(kinds=(*HOSTILE, *PEACEFUL))


@modest
@given(anything, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_show(told: list[Story], chance: random.Random) -> None:
    assert run(chance.sample(told, len(told))) == run(told)


@modest
@given(anything, st.integers(-14 * 24, 30 * 24))
def test_a_replay_that_ends_earlier_says_the_same_until_then(told: list[Story], hours: int) -> None:
    until = NOW + hours * HOUR
    known = [one for one in told if one[0].published_at <= until]
    cut = [move for move in run(told) if str(move["at"]) <= str(present.moment(until))]
    assert (run(known, until) if known else []) == cut


@modest
@given(st.lists(st.tuples(events((*HOSTILE, *PEACEFUL)), st.sampled_from("uvw")), min_size=1, max_size=10))
def test_background_and_denials_never_alert(drawn: list[tuple[Event, str]]) -> None:
    recalled = [replaced(e, role=ArticleRole.BACKGROUND) for e, _ in drawn]
    assert run([story(f"a{n}", e, drawn[n][1], after=DAY) for n, e in enumerate(recalled)]) == []
    denied = [replaced(e, modality=Modality.DENIED) for e, _ in drawn]
    assert run([story(f"a{n}", e, drawn[n][1]) for n, e in enumerate(denied)]) == []


@modest
@given(anything, st.floats(0.5, 8), st.floats(0, 8))
def test_a_higher_enter_never_fires_more_often(told: list[Story], enter: float, more: float) -> None:
    low = replace(SURGE, enter=enter, leave=enter / 2)
    begun = [
        [(m["at"], m["subject"]) for m in run(told, rules=[rule]) if m["to"] == "firing" and m["from"] != "firing"]
        for rule in (low, replace(low, enter=enter + more))
    ]
    assert len(begun[1]) <= len(begun[0])
    assert {subject for _, subject in begun[1]} <= {subject for _, subject in begun[0]}


@modest
@given(st.lists(events(HOSTILE), min_size=1, max_size=10))
def test_what_only_strangers_tell_is_info_at_most(drawn: list[Event]) -> None:
    moves = run([story(f"a{n}", e, "stranger") for n, e in enumerate(drawn)], rules=[LEVEL, replace(SURGE, enter=0.5)])
    assert {m["severity"] for m in moves} <= {"info"}
    assert not any(m["confirmed"] for m in moves)


def replaced(e: Event, **more: object) -> Event:
    return replace(e, **more)  # type: ignore[arg-type]


@modest
@given(anything)
def test_a_replay_ends_when_nothing_can_happen_any_more(told: list[Story]) -> None:
    replay = engine()
    coded = {article.id: events for article, events in told}
    new = replay.store_new([article for article, _ in told])
    list(replay.run(new, [coded[a.id] for a in new], last_look(new, RULES)))
    with replay.units() as unit:
        assert unit.alerts.watched() == []


def attack(name: str, publisher: str, at: datetime = NOW, **more: object) -> Story:
    return story(name, event(at=at, **more), publisher)  # type: ignore[arg-type]


def test_what_three_owners_deny_alerts_nobody() -> None:
    assert run([attack(name, name) for name in "abc"]), "told as done it would"
    assert run([attack(name, name, modality=Modality.DENIED) for name in "abc"]) == []


def test_one_denial_beside_one_report_confirms_nothing() -> None:
    denial = story("b", event(modality=Modality.DENIED), "other")
    assert any(m["confirmed"] for m in run([attack("a", "daily"), attack("c", "other")]))
    lines = run([story("a", event(modality=Modality.ALLEGED), "daily"), denial])
    assert not any(m["confirmed"] for m in lines)


def test_an_alert_fires_at_its_time_and_is_resolved_on_the_grid() -> None:
    moves = run([attack("a", "daily"), attack("b", "agency", NOW + timedelta(minutes=5))])
    dyad = [m for m in moves if m["subject"] == "dyad:IRN-PAK" and m["rule"] == "level"]
    assert [m["to"] for m in dyad] == ["firing", "resolved"]
    assert dyad[0]["at"] == present.moment(NOW + LEVEL.hold)
    over = datetime.fromisoformat(str(dyad[1]["at"]))
    assert over.hour % (GRID / HOUR) == over.minute == 0
    (clear,) = (m for m in moves if m["subject"] == "dyad:IRN-PAK" and m["rule"] == "all-clear")
    assert datetime.fromisoformat(str(clear["at"])) == over + GRID + ALLCLEAR.quiet


def test_a_surge_is_told_when_the_second_paper_joins_and_again_when_it_grows() -> None:
    first, second = NOW, NOW + timedelta(minutes=5)
    blows = [attack("a", "daily", first), attack("b", "agency", second)]
    more = [
        story(f"m{n}", event(kind, at=NOW + DAY + n * HOUR), "daily")
        for n, kind in enumerate(("MOBILIZE.troops", "SANCTION.expel_diplomats"))
    ]
    moves = [m for m in run([*blows, *more]) if (m["rule"], m["subject"]) == ("surge", "dyad:IRN-PAK")]
    assert [(m["from"], m["to"]) for m in moves] == [
        ("inactive", "firing"),
        ("firing", "firing"),
        ("firing", "resolved"),
    ]
    assert moves[0]["at"] in {present.moment(first), present.moment(second)}
    assert "told before, or more" in str(moves[1]["reason"])
    assert moves[2]["at"] == present.moment(NOW + 6 * DAY)


def test_what_repeats_a_text_is_set_aside_and_counts_for_nobody() -> None:
    text = "Iran attacked a camp in Pakistan on Sunday before dawn and killed nine soldiers there, officers said."
    first, again = story("a", event(), "daily", text), story("b", event(at=NOW + HOUR), "agency", text.upper())
    assert [article.id for article in engine().store_new([again[0], first[0]])] == ["a"]
    assert run([first, again]) == run([first])


def test_what_is_credited_to_an_agency_is_its_voice() -> None:
    agencies = Agencies([Listed("Wire", "Wire", "A", is_agency=True)])
    words = " ".join(f"word{n}" for n in range(90))
    signed = Article("signed", "", f"KABUL (Wire) - {' '.join(f'other{n}' for n in range(90))}", "paper", "", NOW, NOW)
    copy, own = (
        Article("copy", "", words, "paper", "", NOW, NOW),
        Article("own", "", words, "Wire", "", NOW + HOUR, NOW),
    )
    books = MemoryUnits(VirtualClock().now)
    new = replace(engine(books), agencies=agencies).store_new([signed, copy, own])
    assert [a.id for a in new] == ["copy", "signed", "own"]
    with books(read_only=True) as unit:
        credits_ = {id_: a.credit for id_, a in unit.articles.get(["signed", "copy", "own"]).items()}
    assert credits_ == {"signed": "Wire", "copy": "Wire", "own": ""}


def test_advance_is_told_of_every_article() -> None:
    told = [attack("a", "daily"), attack("b", "agency"), attack("c", "daily", NOW + DAY)]
    replay, seen = engine(), []
    new = replay.store_new([article for article, _ in told])
    list(replay.run(new, [e for _, e in told], last_look(new, RULES), seen.append))
    assert sum(seen) == len(told)


def test_books_in_a_database_decide_the_same(units: SqlUnits) -> None:
    told = [
        attack("a", "daily"),
        attack("b", "agency", NOW + HOUR),
        story("c", event("AGREE.deescalate", ("IRN", "PAK"), (), at=NOW + 2 * DAY), "daily"),
        attack("d", "agency", NOW + 6 * DAY),
    ]
    moves = run(told)
    assert {m["rule"] for m in moves} == {str(rule.name) for rule in RULES}
    assert {m["to"] for m in moves} == {str(State.FIRING), str(State.RESOLVED)}
    assert run(told, units=units) == moves
