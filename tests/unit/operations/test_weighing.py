"""Strips are weighed as the domain weighs entries."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.news.owner import QUARANTINE
from service.domain.risk.baseline import surprise
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of, start_of
from service.domain.risk.score import Scale, score
from service.operations.strip import Names, Strip, of_entries
from service.operations.weighing import Weighing
from tests.unit.domain.build import DAY, HOUR, NOW
from tests.unit.domain.strategies import modest

SCALE, LATE = Scale(), 400 * 24
TODAY = hour_of(NOW) // 24
places = st.tuples(st.integers(0, LATE), st.sampled_from(Channel), st.sampled_from(["", "agency", "daily", QUARANTINE]))
sums = st.tuples(st.integers(1, 3 * MICRO), st.integers(0, MICRO))
busy = st.integers(0, 60)
ledgers = st.one_of(
    st.dictionaries(places, sums, min_size=1, max_size=60),
    st.dictionaries(
        st.tuples(busy, *(st.sampled_from(x) for x in (list(Channel), ["", "daily", QUARANTINE]))), sums, min_size=1
    ),
).map(
    lambda found: [
        Entry(hour_of(NOW) - age, side, micro, owner, doubt) for (age, side, owner), (micro, doubt) in found.items()
    ]
)
floods = st.sets(
    st.tuples(st.sampled_from(["agency", "daily", QUARANTINE, "nobody"]), st.integers(0, 3).map(lambda n: TODAY - n)),
    max_size=3,
)
ats = st.integers(-5 * 24 * 60, 26 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


def strip(entries: Sequence[Entry]) -> Strip:
    return of_entries(entries, Names())


@modest
@given(ledgers, floods, ats)
def test_a_score_is_that_of_the_domain_to_the_last_bit(
    ledger: list[Entry], flooded: set[tuple[str, int]], at: datetime
) -> None:
    weighed = Weighing(strip(ledger), flooded)
    exact = score(ledger, at, SCALE, flooded)
    assert weighed.score(at, SCALE) == exact
    quick = weighed.quick_score(at, SCALE)
    for name in ("level", "low", "high", "e", "d"):
        assert getattr(quick, name) == pytest.approx(getattr(exact, name), rel=1e-9, abs=1e-12)


@modest
@given(ledgers, floods, ats, st.integers(0, 500))
def test_surprise_is_that_of_the_domain_to_the_last_bit(
    ledger: list[Entry], flooded: set[tuple[str, int]], at: datetime, days: int
) -> None:
    history = timedelta(days=days, hours=3)
    assert Weighing(strip(ledger), flooded).surprise(at, history, 0.01) == surprise(ledger, at, history, 0.01, flooded)


@modest
@given(ledgers, floods, st.integers(-4, 0))
def test_levels_of_days_are_those_of_their_last_moments(
    ledger: list[Entry], flooded: set[tuple[str, int]], last: int
) -> None:
    first = TODAY + last - 9
    found = Weighing(strip(ledger), flooded).levels(first, 10, SCALE)
    ends = [start_of((first + n + 1) * 24) - timedelta(microseconds=1) for n in range(10)]
    assert found == pytest.approx([score(ledger, end, SCALE, flooded).level for end in ends], abs=1e-6)


@modest
@given(ledgers, ledgers)
def test_changed_sums_take_the_place_of_those_that_were(old: list[Entry], new: list[Entry]) -> None:
    names = Names()
    before, after = (of_entries(told, names) for told in (old, new))
    merged = before.with_changed(after)
    wanted = {e[:2] + e[3:4]: e for e in (*old, *new)}
    assert sorted(merged.entries(np.arange(len(merged)))) == sorted(wanted.values())
    assert (np.diff(merged.places) > 0).all()


def test_what_is_older_can_be_left_out() -> None:
    ledger = [Entry(hour_of(NOW) - n, Channel.ESCALATION, MICRO) for n in range(3)]
    assert [e.hour for e in strip(ledger).since(hour_of(NOW) - 1).entries(np.arange(2))] == [
        hour_of(NOW) - 1,
        hour_of(NOW),
    ]


def test_nothing_ahead_is_weighed() -> None:
    ahead = strip([Entry(hour_of(NOW + DAY), Channel.ESCALATION, MICRO)])
    assert Weighing(ahead).score(NOW, SCALE).level == 0.0
    assert Weighing(ahead).surprise(NOW, 90 * DAY, 0.01) == 0.0
    assert Weighing(ahead).score(NOW + DAY + HOUR, SCALE).level > 0.0
