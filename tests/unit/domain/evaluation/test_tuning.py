"""Budgets, what counts as a page, what a threshold catches, and which is chosen: all by hand."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.alert import Quote, Transition
from service.domain.alerting.rule import Severity, State
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.tuning import (
    Budget,
    Known,
    Told,
    Tried,
    caught,
    choose,
    compare,
    difference,
    fair_shares,
    known_episodes,
    need,
    pages,
    past_alarms,
    precision,
)
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject
from tests.unit.domain.build import DAY, HOUR, NOW

PAIR, OTHER = "dyad:IRN-PAK", "dyad:ISR-SYR"


def told(day: int, subject: str = PAIR, level: float = 50.0, quote: str = "") -> Told:
    return Told(subject, NOW + day * DAY, level, quote, confirmed=True)


def known(name: str, day: int = 0, subject: str = PAIR) -> Known:
    return Known(name, subject, (NOW + day * DAY).date(), name)


@pytest.mark.parametrize(
    ("written", "pages_of", "days", "over_28"),
    [("3/week", 3, 7, 12), ("0.5/day", 0.5, 1, 14), (" 2 / day ", 2, 1, 56)],
)
def test_a_budget_is_read(written: str, pages_of: float, days: int, over_28: float) -> None:
    budget = Budget.parse(written)
    assert (budget.pages, budget.days, budget.over(28)) == (pages_of, days, over_28)


@pytest.mark.parametrize(
    "written", ["", "3", "3/month", "-1/day", "0/week", "nan/day", "1e9/day", "2000/day", "3/week/2"]
)
def test_what_is_no_budget_is_told_how_one_looks(written: str) -> None:
    with pytest.raises(ValueError, match=r"as 3/week or 0\.5/day"):
        Budget.parse(written)


def change(at: timedelta, to: State, came_from: State = State.INACTIVE, alert: str = "a", text: str = "") -> Transition:
    quotes = (Quote("Wire", "", text, "x"),) if text else ()
    return Transition(alert, NOW + at, came_from, to, Severity.HIGH, 61.0, 20.0, "", quotes, 2, confirmed=True)


def test_pages_are_beginnings_and_what_gets_worse() -> None:
    found = pages(
        [
            (change(0 * DAY, State.FIRING, text="Iran struck."), PAIR),
            (change(1 * DAY, State.FIRING, State.FIRING), PAIR),
            (change(4 * DAY, State.RESOLVED, State.FIRING), PAIR),
            (change(11 * DAY, State.FIRING, State.RESOLVED), PAIR),
            (change(11 * DAY, State.FIRING, alert="b"), OTHER),
            (change(12 * DAY, State.RESOLVED, State.FIRING), PAIR),
            (change(19 * DAY + HOUR, State.FIRING, State.RESOLVED), PAIR),
        ]
    )
    assert [(p.subject, p.renewed, p.refired) for p in found] == [
        (PAIR, False, False),
        (PAIR, True, False),
        (PAIR, False, True),  # seven days after the end
        (OTHER, False, False),
        (PAIR, False, False),  # an hour more
    ]
    assert (found[0].quote, found[0].level, found[0].confirmed) == ("Iran struck.", 61.0, True)
    assert found[0].severity is Severity.HIGH


@pytest.mark.parametrize(("day", "is_caught"), [(-2, False), (-1, True), (3, True), (4, False)])
def test_a_page_catches_from_a_day_before_to_three_days_after(day: int, is_caught: bool) -> None:
    assert caught([told(day), told(0, OTHER)], [known("a")]) == ({"a"} if is_caught else set())


def test_past_alarms_come_heaviest_first_and_once_a_day() -> None:
    found = past_alarms([told(0, level=41), told(0, level=70, quote="worst"), told(5, OTHER, 55), told(9)])
    assert [(k.subject, k.day.isoformat(), k.level, k.label) for k in found] == [
        (PAIR, "2024-01-19", 70, "worst"),
        (OTHER, "2024-01-24", 55, ""),
        (PAIR, "2024-01-28", 50, ""),
    ]
    assert found[0].id == "dyad:IRN-PAK 2024-01-19"


def test_episodes_are_known_by_their_id() -> None:
    def episode(name: str) -> Episode:
        return Episode(name, date(2020, 1, 2), date(2020, 1, 3), Signal.ESCALATION, Subject.parse(PAIR), "Raid")

    assert known_episodes([episode("b"), episode("a")]) == [
        Known("a", PAIR, date(2020, 1, 2), "Raid", end=date(2020, 1, 3)),
        Known("b", PAIR, date(2020, 1, 2), "Raid", end=date(2020, 1, 3)),
    ]


def test_what_no_threshold_catches_is_nobodys_loss() -> None:
    by_threshold = {60.0: [told(0)], 40.0: [told(0), told(20)]}
    tried, out_of_reach = compare(by_threshold, [known("a", 0), known("b", 20), known("c", 40)])
    assert [(one.threshold, list(one.caught), list(one.lost)) for one in tried] == [
        (40.0, ["a", "b"], []),
        (60.0, ["a"], ["b"]),
    ]
    assert out_of_reach == ["c"]


@pytest.mark.parametrize(("day", "is_kept"), [(8, False), (9, True), (13, True), (14, False)])
def test_a_page_that_would_catch_todays_says_the_same(day: int, is_kept: bool) -> None:
    present = [told(10), told(10, OTHER)]
    found = difference([told(day)], present)
    assert (list(found.kept), list(found.new)) == (([told(day)], []) if is_kept else ([], [told(day)]))
    assert list(found.lost) == (present[1:] if is_kept else present)


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_what_is_lost_of_todays_is_what_the_other_does_not_catch(others: list[int], days: list[int]) -> None:
    present, of = [told(day) for day in days], [told(day) for day in others]
    found = difference(of, present)
    alarms = past_alarms(present)
    lost = {k.id for k in alarms} - caught(of, alarms)
    assert {f"{page.subject} {page.at.date()}" for page in found.lost} == lost
    assert len(found.kept) + len(found.new) == len(of)


def test_precision_is_the_share_of_pages_in_known_episodes() -> None:
    week = Known("w", PAIR, NOW.date(), "", end=(NOW + 7 * DAY).date())
    assert precision([told(-2), told(-1), told(7), told(8)], [week]) == 0.5
    assert precision([told(0, OTHER)], [week]) == 0.0
    assert precision([], [week]) is None
    assert precision([told(0)], past_alarms([told(0)])) is None


def ladder(*rows: tuple[float, int, int]) -> list[Tried]:
    """(threshold, pages, caught)."""
    return [Tried(t, [told(n) for n in range(count)], [str(n) for n in range(hit)], []) for t, count, hit in rows]


@pytest.mark.parametrize(
    ("allowed", "now", "chosen"),
    [
        (9, 40.0, 40.0),
        (4, 40.0, 50.0),  # 60 catches as many, but 50 is nearer
        (1, 40.0, 60.0),
        (0.5, 40.0, None),
        (9, 30.0, 40.0),  # 20 and 30 catch less than 40, although they page more
        (9, 70.0, 40.0),
    ],
)
def test_the_choice_catches_most_and_changes_least(allowed: float, now: float, chosen: float | None) -> None:
    tried = ladder((20, 9, 3), (30, 9, 4), (40, 8, 5), (50, 4, 2), (60, 1, 2))
    assert choose(tried, now, allowed) == chosen


def test_of_two_as_near_the_higher_is_chosen() -> None:
    assert choose(ladder((30, 3, 1), (40, 2, 0), (50, 1, 1)), 40, 9) == 50


def test_a_threshold_below_one_that_pages_too_often_is_not_chosen() -> None:
    assert choose(ladder((30, 2, 5), (40, 6, 5), (50, 1, 1)), 40, 3) == 50


@st.composite
def ladders(draw: st.DrawFn) -> Sequence[Tried]:
    counts = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=8))
    return ladder(*((10.0 * n, pages_of, hit) for n, (pages_of, hit) in enumerate(counts)))


@given(ladders(), st.integers(0, 7), st.integers(0, 9), st.integers(0, 9))
def test_fewer_pages_never_give_a_lower_threshold(tried: Sequence[Tried], now: int, one: int, other: int) -> None:
    few, many = (choose(tried, 10.0 * now, allowed) for allowed in sorted((one, other)))
    assert few is None or (many is not None and few >= many)


def test_a_rule_needs_what_it_would_choose_freely_and_what_pages_above_that() -> None:
    assert need(ladder((30, 9, 2), (40, 5, 2), (50, 6, 1)), 40) == 6
    assert need(ladder((30, 9, 3), (40, 5, 2), (50, 6, 1)), 40) == 9
    assert need(ladder((30, 9, 2), (40, 5, 2), (50, 1, 2)), 50) == 1
    assert need([], 40) == 0


def test_what_one_rule_does_not_need_is_left_to_the_others() -> None:
    assert fair_shares({"a": 1, "b": 10, "c": 20}, 9) == {"a": 1, "b": 4, "c": 4}
    assert fair_shares({"a": 1, "b": 2}, 9) == {"a": 1, "b": 2}
    assert fair_shares({}, 9) == {}


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 50), min_size=1), st.floats(0, 99), st.floats(0, 99))
def test_shares_keep_to_the_budget_and_never_shrink_with_it(needs: dict[str, float], one: float, other: float) -> None:
    less, more = (fair_shares(needs, budget) for budget in sorted((one, other)))
    assert sum(more.values()) <= max(one, other) + 1e-9
    assert all(less[name] <= more[name] + 1e-9 for name in needs)
