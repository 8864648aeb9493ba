from datetime import timedelta
from math import isclose, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.risk.explanation import explain
from service.domain.risk.ledger import Channel, Entry, hour_of, start_of
from service.domain.risk.score import HORIZON, Band, Scale, band, kernel, level, risk, score
from tests.unit.domain.build import DAY, HOUR, NOW, entry
from tests.unit.domain.strategies import ages, entries, modest

SCALE = Scale()
D = Channel.DE_ESCALATION
LEDGERS = st.lists(entries, max_size=12)
MASSES = st.floats(0, 50)


@modest
@given(LEDGERS, st.randoms())
def test_the_order_of_entries_changes_no_bit(ledger: list[Entry], chance: Random) -> None:
    shuffled = list(ledger)
    chance.shuffle(shuffled)
    assert score(shuffled, NOW, SCALE) == score(ledger, NOW, SCALE)


@modest
@given(LEDGERS)
def test_a_level_is_between_0_and_100(ledger: list[Entry]) -> None:
    total = score(ledger, NOW, SCALE)
    assert 0.0 <= total.level <= 100.0
    assert total.e_24h <= total.e_30d <= total.e or isclose(total.e_30d, total.e)
    assert min(total.e_24h, total.d_24h) >= 0.0


@modest
@given(LEDGERS, ages)
def test_without_news_both_sides_only_decay(ledger: list[Entry], later: timedelta) -> None:
    before, after = score(ledger, NOW, SCALE), score(ledger, NOW + later, SCALE)
    assert after.e <= before.e
    assert after.d <= before.d


@modest
@given(LEDGERS, ages)
def test_without_news_of_peace_the_level_only_falls(ledger: list[Entry], later: timedelta) -> None:
    hostile = [e for e in ledger if e.channel is Channel.ESCALATION]
    assert score(hostile, NOW + later, SCALE).level <= score(hostile, NOW, SCALE).level


@modest
@given(MASSES, MASSES, MASSES)
def test_more_danger_never_lowers_the_level_and_more_peace_never_raises_it(e: float, d: float, more: float) -> None:
    here = level(risk(e, d), SCALE)
    assert level(risk(e + more, d), SCALE) >= here
    assert level(risk(e, d + more), SCALE) <= here


@modest
@given(LEDGERS, entries)
def test_an_entry_moves_the_level_in_its_own_direction(ledger: list[Entry], more: Entry) -> None:
    before, after = score(ledger, NOW, SCALE).level, score([*ledger, more], NOW, SCALE).level
    slack = 1e-9  # a sum of floats may round either way
    assert after >= before - slack if more.channel is Channel.ESCALATION else after <= before + slack


@modest
@given(LEDGERS, entries, ages)
def test_what_comes_late_counts_as_if_it_had_come_in_time(ledger: list[Entry], late: Entry, later: timedelta) -> None:
    in_time = score(sorted([late, *ledger]), NOW + later, SCALE)
    assert score([*ledger, late], NOW + later, SCALE) == in_time


@modest
@given(LEDGERS)
def test_what_lies_ahead_does_not_count_yet(ledger: list[Entry]) -> None:
    ahead = Entry(hour_of(NOW) + 1, Channel.ESCALATION, 1_000_000)
    assert score([*ledger, ahead], NOW, SCALE) == score(ledger, NOW, SCALE)


@modest
@given(MASSES, MASSES)
def test_peace_takes_at_most_three_fifths(e: float, d: float) -> None:
    assert 0.4 * e <= risk(e, d) <= e


@pytest.mark.parametrize(
    ("age", "weight"),
    [
        (timedelta(0), log(2) * (0.3 + 0.4 / 7 + 0.3 / 30)),
        (7 * DAY, log(2) * (0.3 / 128 + 0.2 / 7 + 0.3 / 30 * 2 ** (-7 / 30))),
        (-HOUR, 0.0),
        (HORIZON + timedelta(seconds=1), 0.0),
    ],
)
def test_kernel(age: timedelta, weight: float) -> None:
    assert kernel(age) == pytest.approx(weight)


def test_the_whole_kernel_counts_an_act_once() -> None:
    days = sum(kernel(timedelta(hours=n + 0.5)) for n in range(90 * 24)) / 24
    assert days == pytest.approx(1.0, abs=0.05)  # an eighth of the monthly memory lies past the horizon


@pytest.mark.parametrize(("r", "expected"), [(0.0, 0.0), (0.0630, 29.4), (0.3073, 57.8), (2.5, 100.0), (1e9, 100.0)])
def test_level(r: float, expected: float) -> None:
    assert level(r, SCALE) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (0, Band.CALM),
        (19.99, Band.CALM),
        (20, Band.WATCH),
        (40, Band.ELEVATED),
        (59.99, Band.ELEVATED),
        (60, Band.HIGH),
        (80, Band.SEVERE),
        (100, Band.SEVERE),
    ],
)
def test_band(value: float, name: Band) -> None:
    assert band(value) is name


def test_a_score_knows_what_is_new_in_it() -> None:
    ledger = [entry(1.0, 2 * HOUR), entry(1.0, 10 * DAY), entry(1.0, 40 * DAY), entry(0.5, 2 * HOUR, D)]
    total = score(ledger, NOW, SCALE)
    assert total.e_24h == pytest.approx(kernel(2 * HOUR))
    assert total.e_30d == pytest.approx(kernel(2 * HOUR) + kernel(10 * DAY))
    assert total.e == pytest.approx(total.e_30d + kernel(40 * DAY))
    assert total.d_24h == total.d_30d == total.d == pytest.approx(0.5 * kernel(2 * HOUR))
    assert total.band is band(total.level)


def test_nothing_is_calm() -> None:
    total = score([], NOW, SCALE)
    assert (total.level, total.band) == (0.0, Band.CALM)


def test_hour_of_is_its_beginning() -> None:
    assert start_of(hour_of(NOW.replace(minute=59, second=59, microsecond=9))) == NOW


# The explanation.


def named(ledger: list[Entry]) -> dict[str, Entry]:
    return {f"incident {n}": e for n, e in enumerate(ledger)}


@modest
@given(LEDGERS)
def test_an_explanation_adds_up_exactly(ledger: list[Entry]) -> None:
    total, parts = explain(named(ledger), NOW, SCALE)
    assert total == score(ledger, NOW, SCALE)
    assert isclose(sum(p.share for p in parts), total.e - total.d, abs_tol=1e-9)
    assert round(sum(p.points for p in parts), 1) == round(total.level, 1)
    assert {p.incident_id for p in parts} == named(ledger).keys()


@modest
@given(LEDGERS)
def test_points_have_the_sign_of_their_share(ledger: list[Entry]) -> None:
    _, parts = explain(named(ledger), NOW, SCALE)
    assert all(p.points * p.share >= 0 or abs(p.points) <= 0.1 for p in parts)
    assert all(p.points == round(p.points, 1) for p in parts)


@modest
@given(LEDGERS.filter(bool), st.data())
def test_leaving_one_out_is_scoring_the_others(ledger: list[Entry], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(ledger) - 1))
    _, parts = explain(named(ledger), NOW, SCALE)
    part = next(p for p in parts if p.incident_id == f"incident {n}")
    assert part.without == score(ledger[:n] + ledger[n + 1 :], NOW, SCALE).level


def test_contributions_come_largest_first() -> None:
    _, parts = explain({"small": entry(0.1), "large": entry(0.9), "peace": entry(0.5, channel=D)}, NOW, SCALE)
    assert [p.incident_id for p in parts] == ["large", "peace", "small"]


@modest
@given(LEDGERS, st.integers(0, 12))
def test_the_largest_alone_are_as_they_are_among_all(ledger: list[Entry], most: int) -> None:
    total, parts = explain(named(ledger), NOW, SCALE)
    assert explain(named(ledger), NOW, SCALE, most=most) == (total, parts[:most])


def test_where_peace_takes_all_it_may_it_has_no_points_of_its_own() -> None:
    total, parts = explain({"war": entry(0.1), "peace": entry(1.5, channel=D)}, NOW, SCALE)
    points = {p.incident_id: p.points for p in parts}
    assert points == {"war": round(total.level, 1), "peace": 0.0}
    assert next(p.without for p in parts if p.incident_id == "peace") > total.level
