"""Recall, delay, chance, precision, intervals and tests, on cases small enough to do by hand."""

from datetime import date, timedelta
from math import comb

import pytest

from service.domain.evaluation.alarm import Alarms, Page
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.verdict import AWAY, PLACEBO_DATES, interval, judge, paired_p, placebo_dates
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject

START = date(2020, 6, 1)
FIRST, LAST = date(2020, 1, 1).toordinal(), date(2020, 12, 31).toordinal()


def episode(name: str, pair: str = "IRN-PAK", start: date = START, lasts: int = 10) -> Episode:
    return Episode(name, start, start + timedelta(lasts), Signal.ESCALATION, Subject.parse(f"dyad:{pair}"), name)


def itself(e: Episode) -> list[str]:
    return [str(e.subject)]


def alarms(*told: tuple[str, int]) -> Alarms:
    return Alarms(1.0, tuple(Page(f"dyad:{pair}", START.toordinal() + n) for pair, n in told), LAST - FIRST + 1)


@pytest.mark.parametrize(("offset", "hit"), [(-2, False), (-1, True), (0, True), (3, True), (4, False)])
def test_a_page_hits_from_a_day_before_to_three_days_after(offset: int, hit: bool) -> None:
    some = [episode("a")]
    verdict = judge(alarms(("IRN-PAK", offset)), some, itself, placebo_dates(some, FIRST, LAST))
    assert (verdict.hits, verdict.missed) == ((("a",), ()) if hit else ((), ("a",)))
    assert verdict.recall == float(hit)
    assert verdict.delay == (offset if hit else None)


def test_the_first_page_in_the_window_gives_the_delay_and_other_dyads_give_nothing() -> None:
    some = [episode("a"), episode("b", "ISR-SYR")]
    verdict = judge(
        alarms(("IRN-PAK", 2), ("IRN-PAK", 1), ("IRN-ISR", 0)), some, itself, placebo_dates(some, FIRST, LAST)
    )
    assert (verdict.recall, verdict.delay, verdict.missed) == (0.5, 1.0, ("b",))


def test_a_method_on_countries_may_page_on_either() -> None:
    some = [episode("a")]
    told = Alarms(1.0, (Page("country:PAK", START.toordinal()),), 366)
    verdict = judge(told, some, lambda _: ["country:IRN", "country:PAK"], placebo_dates(some, FIRST, LAST))
    assert verdict.recall == 1.0


def test_precision_is_the_share_of_pages_within_a_known_episode() -> None:
    some = [episode("a", lasts=10)]
    verdict = judge(alarms(("IRN-PAK", -1), ("IRN-PAK", 10), ("IRN-PAK", 11), ("ISR-SYR", 0)), some, itself, {"a": []})
    assert verdict.precision == 0.5
    assert judge(Alarms(None, (), 366), some, itself, {"a": []}).precision == 0.0


def test_lift_is_recall_less_the_share_of_random_days_hit() -> None:
    some = [episode("a")]
    day = START.toordinal()
    verdict = judge(
        alarms(("IRN-PAK", 0), ("IRN-PAK", 100)), some, itself, {"a": [day + 100, day + 101, day + 150, day + 60]}
    )
    assert verdict.placebo == 0.5  # the page of day 100 hits a start on it, and one on the day after
    assert verdict.lift == 0.5


def test_random_days_keep_away_from_known_starts_and_repeat() -> None:
    some = [episode("a"), episode("b", start=START + timedelta(100))]
    drawn = placebo_dates(some, FIRST, LAST)
    assert drawn == placebo_dates(some, FIRST, LAST)
    for days in drawn.values():
        assert len(days) == len(set(days)) == PLACEBO_DATES
        assert all(abs(day - e.start.toordinal()) >= AWAY for day in days for e in some)
        assert all(FIRST < day <= LAST - 3 for day in days)


def test_a_subject_without_free_days_draws_none() -> None:
    some = [episode("a")]
    dates = placebo_dates(some, START.toordinal() - 20, START.toordinal() + 20)
    assert dates == {"a": []}
    assert judge(alarms(("IRN-PAK", 0)), some, itself, dates).placebo == 0.0


def test_the_interval_draws_whole_dyads() -> None:
    same = [episode(str(n), start=START + timedelta(n)) for n in range(10)]
    assert interval(same, frozenset("01234")) == (0.5, 0.5)  # one dyad: every draw is the same
    apart = [episode(str(n), f"AA{chr(65 + n)}-ZZZ") for n in range(10)]
    low, high = interval(apart, frozenset("01234"))
    assert low < 0.3
    assert high > 0.7
    assert interval(apart, frozenset("01234")) == (low, high)


@pytest.mark.parametrize(
    ("ours", "theirs", "p"),
    [("", "", 1.0), ("abc", "abc", 1.0), ("abcde", "", 2 / 32), ("ab", "cd", 1.0), ("abcdefgh", "i", 2 * 10 / 512)],
)
def test_the_paired_test_counts_only_what_one_of_the_two_caught(ours: str, theirs: str, p: float) -> None:
    assert paired_p(ours, theirs) == pytest.approx(p)
    assert paired_p(theirs, ours) == paired_p(ours, theirs)


def test_the_paired_test_gives_the_published_figure_of_a_known_table() -> None:
    won, lost = [f"w{n}" for n in range(15)], ["l0", "l1", "l2"]
    exact = 2 * sum(comb(18, k) for k in range(4)) / 2**18
    assert paired_p(won, lost) == pytest.approx(exact)
    assert round(exact, 3) == 0.008
