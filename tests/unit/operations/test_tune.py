"""Thresholds on a history small enough to count by hand.

Ten weeks, each with one strike on a pair of its own, by one newspaper of grade A: five heavy ones, which bring the
level to 51.5, and five lighter ones, which bring it to 41.6.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.storage.memory import MemoryUnits
from service.config.schema import RulesFile
from service.config.thresholds import tunables
from service.domain.alerting.rule import Rule
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.tuning import Budget
from service.domain.events.signal import Signal
from service.domain.news.article import Article
from service.domain.news.owner import Owner
from service.domain.risk.subject import Subject
from service.operations.replay import Replay, VirtualClock
from service.operations.tune import Advice, Aim, History, Tunable, Tuning, tune
from service.pipeline.books import Gauge
from tests.unit.domain.build import DAY, GEOGRAPHY, NOW, event

WEEK = 7 * DAY
HEAVY = ("IRN-PAK", "CHN-IND", "ISR-PSE", "AFG-USA", "IRN-USA")
LIGHT = ("IND-PAK", "AFG-PAK", "IRN-ISR", "CHN-USA", "AFG-IRN")
STEPS = [{"enter": 40, "leave": 28, "severity": "warning"}, {"enter": 80, "leave": 65, "severity": "critical"}]
LEVEL = {"name": "level", "kind": "LEVEL", "subjects": ["dyad:*"], "steps": STEPS}
DEESC = {"name": "peace", "kind": "DEESC", "subjects": ["dyad:*"]}


def engine(rules: Sequence[Rule]) -> Replay:
    clock = VirtualClock()
    units = MemoryUnits(clock.now)
    return Replay(units, clock, lambda name, *_: Owner(name, "A"), GEOGRAPHY, rules, Gauge(), RensaFingerprints())


def history(pairs: Sequence[tuple[str, float]], every: timedelta = WEEK) -> History:
    """One strike of this intensity on each pair, the first at noon of 2024-01-20."""
    articles, events = [], []
    for n, (pair, intensity) in enumerate(pairs):
        at = NOW + every * n
        side, other = pair.split("-")
        told = event(actors=[side], recipients=[other], intensity=intensity, at=at, text=f"{side} struck {other}.")
        articles.append(Article(f"a{n:02}", "", f"{side} struck {other}.", "Daily", "", at, at))
        events.append((told,))
    return History(articles, events)


def ten_weeks() -> History:
    return history(
        [pair for two in zip(((p, -9.5) for p in HEAVY), ((p, -7.0) for p in LIGHT), strict=True) for pair in two]
    )


def run(
    budget: str,
    told: History | None = None,
    rules: Sequence[dict[str, object]] = (LEVEL,),
    **aim: object,
) -> Tuning:
    file = RulesFile.model_validate({"rules": list(rules)})
    present = [entry.rule() for entry in file.rules]
    return tune(told or ten_weeks(), tunables(file), present, Aim(Budget.parse(budget), **aim), engine, lambda _: None)  # type: ignore[arg-type]


def level(found: Tuning) -> Advice:
    return found.advice[0]


def counts(found: Tuning) -> dict[float, int]:
    return {one.threshold: len(one.pages) for one in level(found).tried}


def lost(found: Tuning) -> list[str]:
    advice = level(found)
    names = next(one.lost for one in advice.tried if one.threshold == advice.proposed)
    return sorted(name.split()[0].removeprefix("dyad:") for name in names)


def test_every_threshold_is_tried_with_the_pages_counted_by_hand() -> None:
    found = run("1/week")
    assert found.history.days == 64
    pages = counts(found)
    assert len(pages) >= 8
    assert (pages[40.0], pages[42.5], pages[50.0], pages[52.5], pages[95.0]) == (10, 5, 5, 0, 0)


@pytest.mark.parametrize(
    ("budget", "proposed", "gone"),
    [
        ("2/week", 40.0, ()),
        ("0.6/week", 42.5, LIGHT),  # 5.5 pages in 64 days
        ("0.5/week", 52.5, (*HEAVY, *LIGHT)),  # 4.6: one too few for the heavy ones
    ],
)
def test_the_proposal_keeps_to_the_budget_and_names_what_it_loses(
    budget: str, proposed: float, gone: tuple[str, ...]
) -> None:
    found = run(budget)
    assert level(found).proposed == proposed
    assert lost(found) == sorted(gone)
    assert found.proof.kept
    assert found.proof.pages <= Budget.parse(budget).over(found.history.days)
    assert found.proof.pages == counts(found)[proposed]


def test_a_past_alarm_is_named_by_day_subject_level_and_sentence() -> None:
    heaviest = level(run("1/week")).known[0]
    assert (heaviest.subject, heaviest.day, heaviest.label) == ("dyad:IRN-PAK", NOW.date(), "IRN struck PAK.")
    assert heaviest.level == pytest.approx(51.5, abs=0.1)


def episode(name: str, pair: str, start: date, signal: Signal = Signal.ESCALATION) -> Episode:
    return Episode(name, start, start, signal, Subject.parse(f"dyad:{pair}"), name)


def test_known_episodes_take_the_place_of_past_alarms() -> None:
    start = NOW.date()
    light = start + timedelta(weeks=1)
    episodes = [
        episode("heavy", "IRN-PAK", start),
        episode("light", "IND-PAK", light),
        episode("unheard", "IND-USA", light),
        episode("peace", "IRN-PAK", light, Signal.DE_ESCALATION),
        episode("before", "IRN-PAK", start - timedelta(1)),
    ]
    found = run("0.6/week", episodes=episodes)
    assert [k.id for k in level(found).known] == ["heavy", "light", "unheard"]
    assert level(found).out_of_reach == ["unheard"]
    assert lost(found) == ["light"]
    assert found.left_out == ["before"]


def test_where_nothing_is_gained_nothing_is_changed() -> None:
    found = run("2/week", episodes=[episode("heavy", "IRN-PAK", NOW.date())])
    assert level(found).proposed == 40.0


def test_only_the_receivers_subjects_count() -> None:
    found = run("0.1/week", subjects=("dyad:IRN-*",))
    assert counts(found)[40.0] == 3
    assert {page.subject for page in level(found).tried[0].pages} <= {f"dyad:IRN-{c}" for c in ("PAK", "USA", "ISR")}


def test_a_short_history_lowers_nothing() -> None:
    brief = history([("IRN-PAK", -7.0), ("CHN-IND", -7.0)], every=10 * DAY)
    high = LEVEL | {"steps": [{"enter": 60, "leave": 45, "severity": "high"}]}
    heard = [episode("x", "IRN-PAK", NOW.date())]
    found = run("7/week", brief, [high], episodes=heard)
    assert (found.is_short, level(found).proposed) == (True, 60.0)
    longer = history([("IRN-PAK", -7.0), ("CHN-IND", -7.0)], every=40 * DAY)
    found = run("7/week", longer, [high], episodes=heard)
    assert (found.is_short, level(found).proposed) == (False, 40.0)


def test_a_country_for_which_a_dyad_speaks_is_no_page() -> None:
    wide = LEVEL | {"subjects": ["dyad:*", "country:*"]}
    found = run("7/week", history([("IRN-PAK", -9.5)]), [wide])
    assert {page.subject for page in level(found).tried[0].pages} == {"dyad:IRN-PAK"}
    alone = LEVEL | {"subjects": ["country:*"]}
    found = run("7/week", history([("IRN-PAK", -9.5)]), [alone])
    assert {page.subject for page in level(found).tried[0].pages} == {"country:IRN", "country:PAK"}


def test_rules_share_the_budget_and_the_proof_counts_them_all() -> None:
    twice = [LEVEL, LEVEL | {"name": "again", "subjects": ["dyad:IRN-*"]}]
    found = run("1/week", rules=twice)  # 9.1 pages: 3 for the one that needs no more, 6.1 for the other
    assert [advice.tunable.name for advice in found.advice] == ["level", "again"]
    assert [round(advice.share, 1) for advice in found.advice] == [6.1, 3.0]
    assert {name: len(told) for name, told in found.proof.told.items()} == {"level": 5, "again": 3}


def test_pages_of_rules_without_a_threshold_come_off_the_budget() -> None:
    file = RulesFile.model_validate({"rules": [LEVEL, LEVEL | {"name": "fixed"}]})
    only = [t for t in tunables(file) if t.name == "level"]
    present = [entry.rule() for entry in file.rules]
    found = tune(ten_weeks(), only, present, Aim(Budget.parse("1.2/week")), engine, lambda _: None)
    assert (level(found).share, level(found).proposed) == (pytest.approx(0.97, abs=0.01), 52.5)
    assert (found.proof.kept, found.proof.pages) == (True, 10)


def test_a_proof_that_pages_more_than_the_trial_raises_the_threshold() -> None:
    """The trial is made to promise too much: each of its rules asks for more than the proposal does."""
    told, (honest,) = ten_weeks(), tunables(RulesFile.model_validate({"rules": [LEVEL]}))
    calls: list[int] = []

    def flattering(rules: Sequence[Rule]) -> Replay:
        calls.append(len(rules))
        deaf = [replace(r, subjects=("dyad:IRN-PAK",)) for r in rules]
        return engine(deaf if len(calls) == 1 else rules)

    found = tune(told, [honest], [honest.rules[40.0]], Aim(Budget.parse("0.6/week")), flattering, lambda _: None)
    assert (level(found).proposed, found.proof.kept, found.proof.pages) == (42.5, True, 5)
    assert calls[1:] == [1, 1]


def test_what_no_threshold_can_keep_is_said() -> None:
    (honest,) = tunables(RulesFile.model_validate({"rules": [LEVEL]}))
    loud = Tunable("level", honest.key, 40.0, honest.signal, {t: honest.rules[t] for t in (35.0, 40.0)})
    found = tune(ten_weeks(), [loud], [honest.rules[40.0]], Aim(Budget.parse("0.1/week")), engine, lambda _: None)
    assert (level(found).proposed, found.proof.kept) == (40.0, False)


def test_a_smaller_budget_never_lowers_a_threshold() -> None:
    proposed = [level(run(f"{tenths / 10}/week")).proposed for tenths in (2, 6, 9, 11)]
    assert proposed == sorted(proposed, reverse=True)
    assert proposed[0] > proposed[-1]


def test_the_same_history_gives_the_same_answer() -> None:
    assert run("0.6/week") == run("0.6/week")


def test_a_day_counts_from_midnight() -> None:
    at = datetime.fromisoformat("2024-01-31T23:30:00+00:00")
    one = Article("x", "", "x", "Daily", "", at, at)
    span = History([one, replace(one, published_at=at + timedelta(hours=1))], [(), ()])
    assert (span.first.isoformat(), span.last.isoformat(), span.days) == ("2024-01-31", "2024-02-01", 2)
