from datetime import timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.risk.baseline import LEAST_HISTORY, MOST, incomplete_beta, surprise
from service.domain.risk.ledger import Channel, Entry
from tests.unit.domain.build import DAY, HOUR, NOW, entry
from tests.unit.domain.strategies import entries, modest

YEAR = timedelta(days=365)
USUAL = 0.02


def binomial_tail(k: int, n: int, p: float) -> float:
    return sum(comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1))


@pytest.mark.parametrize(("k", "n", "p"), [(1, 1, 0.3), (2, 5, 0.5), (7, 9, 0.2), (3, 40, 0.01), (30, 40, 0.9)])
def test_the_incomplete_beta_is_a_binomial_tail(k: int, n: int, p: float) -> None:
    assert incomplete_beta(k, n - k + 1, p) == pytest.approx(binomial_tail(k, n, p), rel=1e-10)


@modest
@given(st.floats(0.01, 300), st.floats(0.01, 300), st.floats(1e-6, 1 - 1e-6))
def test_the_incomplete_beta_is_a_probability_and_mirrors(a: float, b: float, x: float) -> None:
    assert -1e-12 <= incomplete_beta(a, b, x) <= 1 + 1e-12
    assert incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x) == pytest.approx(1.0, abs=1e-9)


def surely(ledger: list[Entry]) -> float:
    found = surprise(ledger, NOW, YEAR, USUAL)
    assert found is not None
    return found


def test_without_two_weeks_of_history_nothing_is_said() -> None:
    assert surprise([entry(1.0)], NOW, LEAST_HISTORY - HOUR, USUAL) is None
    assert surprise([entry(1.0)], NOW, LEAST_HISTORY, USUAL) is not None


def test_a_day_without_news_is_no_surprise() -> None:
    assert surprise([], NOW, YEAR, USUAL) == 0.0
    assert surprise([entry(1.0, 30 * HOUR)], NOW, YEAR, USUAL) == 0.0
    assert surprise([entry(1.0, channel=Channel.DE_ESCALATION)], NOW, YEAR, USUAL) == 0.0


def test_the_same_day_surprises_the_less_the_more_usual_it_is() -> None:
    first = surely([entry(1.0)])
    monthly = surely([entry(1.0, n * 30 * DAY + HOUR) for n in range(12)])
    daily = surely([entry(1.0, n * DAY + HOUR) for n in range(360)])
    assert first > monthly > 1.0 > daily


def test_what_is_building_up_is_no_part_of_what_is_usual() -> None:
    calm = surely([entry(1.0)])
    rising = surely([entry(1.0), entry(1.0, 30 * HOUR), entry(1.0, 60 * HOUR)])
    older = surely([entry(1.0), entry(1.0, 80 * HOUR)])
    assert rising == calm
    assert older < calm


def test_one_great_day_does_not_hide_the_next_for_long() -> None:
    quiet = [entry(0.1, n * DAY + HOUR) for n in range(3, 360)]
    war = surely([entry(2.0), entry(40.0, 20 * DAY), *quiet])
    uncut = surely([entry(2.0), *(entry(2.0, n * DAY + HOUR) for n in range(3, 23)), *quiet])
    assert war > uncut, "the forty are cut"


@modest
@given(st.lists(entries, max_size=20), st.integers(1, 2_000_000))
def test_more_in_the_last_day_never_surprises_less(ledger: list[Entry], micro: int) -> None:
    more = entry(micro / 1e6)
    before, after = surely(ledger), surely([*ledger, more])
    assert 0.0 <= before <= after + 1e-9 <= MOST + 1e-9
