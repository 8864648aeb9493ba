"""Pages, firings, renewals and budgets, counted by hand."""

import pytest

from service.domain.evaluation.alarm import Alarms, Habit, Page, Point, at_budgets, pages, untied

HABIT = Habit(leave=0.5, hold=2, renew=1.5)


def fresh(*values: tuple[int, float]) -> list[Point]:
    return [Point(day, value, fresh=True) for day, value in values]


def days(points: list[Point], enter: float = 2.0) -> list[tuple[int, bool, bool]]:
    return [(p.day, p.renewed, p.refired) for p in pages({"s": points}, enter, HABIT, 0, 100)]


def test_a_firing_pages_once_while_it_is_held() -> None:
    assert days(fresh((10, 2.0), (11, 1.0), (13, 2.5), (15, 1.2), (17, 2.9))) == [(10, False, False)]


def test_after_leave_and_hold_it_pages_again_and_counts_as_refired_within_a_week_of_its_end() -> None:
    # The first ends on day 12. Day 19 is the seventh after it, day 20 the eighth.
    assert days(fresh((10, 2.0), (19, 2.0))) == [(10, False, False), (19, False, True)]
    assert days(fresh((10, 2.0), (20, 2.0))) == [(10, False, False), (20, False, False)]


def test_a_score_below_leave_does_not_hold() -> None:
    assert days(fresh((10, 2.0), (12, 0.9), (13, 2.0))) == [(10, False, False), (13, False, True)]


def test_a_page_is_renewed_when_the_score_has_grown_by_half_since_the_last_page() -> None:
    told = days(fresh((10, 2.0), (11, 2.9), (12, 3.0), (13, 4.4), (14, 4.5)))
    assert told == [(10, False, False), (12, True, False), (14, True, False)]


def test_a_day_without_news_never_pages_but_holds() -> None:
    stale = [Point(10, 5.0, fresh=False), *fresh((11, 2.0)), Point(12, 9.0, fresh=False), *fresh((14, 2.0))]
    assert days(stale) == [(11, False, False)]


def test_firings_from_before_the_period_go_on_in_it() -> None:
    assert pages({"s": fresh((9, 2.0), (10, 2.0), (20, 2.0))}, 2.0, HABIT, 10, 30) == [Page("s", 20)]


def test_a_budget_takes_the_lowest_threshold_that_keeps_to_it() -> None:
    series = {name: fresh((day, value)) for name, day, value in [("a", 1, 9.0), ("b", 2, 7.0), ("c", 9, 5.0)]}
    found = at_budgets(series, 0, 9, [0.1, 0.25, 0.5], HABIT)
    assert [[p.subject for p in alarms.pages] for alarms in found.values()] == [["a"], ["a", "b"], ["a", "b", "c"]]
    assert found[0.25].enter == pytest.approx(7.0, rel=1e-5)
    assert found[0.25].per_day == pytest.approx(0.2)


def test_ties_are_broken_so_that_equal_values_do_not_break_the_budget() -> None:
    series = {f"s{n}": fresh((n, 1.0)) for n in range(100)}
    chosen = at_budgets(series, 0, 99, [0.1], HABIT)[0.1]
    assert len(chosen.pages) == 10
    turned = at_budgets(dict(reversed(series.items())), 0, 99, [0.1], HABIT)[0.1]
    assert sorted(chosen.pages) == sorted(turned.pages)
    assert [p.day for p in sorted(chosen.pages)] != list(range(10))


def test_breaking_ties_moves_no_value_past_another_and_drops_what_is_not_above_zero() -> None:
    points = untied("s", fresh((1, 1.0), (2, 1.00001), (3, 0.0), (4, -2.0)))
    assert [p.day for p in points] == [1, 2]
    assert 1.0 <= points[0].value < points[1].value


def test_nothing_pages_where_no_threshold_keeps_to_the_budget() -> None:
    assert at_budgets({"s": fresh((3, 1.0))}, 0, 9, [0.05], HABIT)[0.05] == Alarms(None, (), 10)
    assert at_budgets({}, 0, 9, [0.5], HABIT)[0.5].refired == 0.0
