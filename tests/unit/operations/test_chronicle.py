"""When alerts were on, and the moments a picture is made of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import Memory, Severity, State
from service.operations.chronicle import MOMENTS, Firing, firings, moments, times_of
from tests.unit.domain.build import DAY, HOUR, NOW

OFF, WAITS, ON, OVER = State.INACTIVE, State.PENDING, State.FIRING, State.RESOLVED


def alert(state: State) -> Alert:
    return Alert("level", "dyad:IRN-PAK", {}, state, Severity.HIGH, "", NOW, Memory())


def change(n: int, before: State, after: State) -> Transition:
    return Transition("a", NOW + n * HOUR, before, after, Severity.HIGH, 50.0, 0.0, "", (), 1, confirmed=True)


def test_an_alert_is_on_from_its_first_firing_to_its_end() -> None:
    changes = [change(0, WAITS, ON), change(1, ON, ON), change(5, ON, OVER), change(9, OVER, ON)]
    first = Firing("level", NOW, NOW + 5 * HOUR)
    assert firings(alert(ON), changes) == [first, Firing("level", NOW + 9 * HOUR, None)]
    assert firings(alert(OVER), changes[:3]) == [first]
    assert firings(alert(OFF), []) == []


def test_where_no_end_is_told_only_the_beginning_is_known() -> None:
    ticks = [Firing("level", NOW, NOW), Firing("level", NOW + 3 * HOUR, NOW + 3 * HOUR)]
    assert firings(alert(OVER), [change(0, OFF, ON), change(3, OVER, ON)]) == ticks
    all_clear = [replace(c, from_state=WAITS, to_state=OVER) for c in (change(0, OFF, ON), change(3, OFF, ON))]
    assert firings(alert(OVER), all_clear) == ticks


def test_moments_are_even_and_at_least_an_hour_apart() -> None:
    assert moments(NOW, NOW + 3 * HOUR) == [NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR]
    assert moments(NOW, NOW + timedelta(minutes=5)) == [NOW, NOW + timedelta(minutes=5)]
    many = moments(NOW, NOW + 90 * DAY)
    assert len(many) == MOMENTS + 1
    assert (many[0], many[-1]) == (NOW, NOW + 90 * DAY)


def test_times_of_a_series_are_points_or_steps() -> None:
    assert times_of(NOW, NOW + DAY, 3, None) == [NOW, NOW + 12 * HOUR, NOW + DAY]
    assert times_of(NOW, NOW + DAY, None, 10 * HOUR) == [NOW, NOW + 10 * HOUR, NOW + 20 * HOUR]
    assert len(times_of(NOW, NOW + 399 * HOUR, None, HOUR)) == len(times_of(NOW, NOW + 90 * DAY, 400, None)) == 400
    assert times_of(NOW, NOW + 3 * HOUR, None, None) == moments(NOW, NOW + 3 * HOUR)
    assert len(times_of(NOW, NOW + 3660 * DAY, None, None)) == 400


@pytest.mark.parametrize(
    ("span", "points", "step", "says"),
    [
        pytest.param(0 * DAY, None, None, "since must lie before until", id="no time"),
        pytest.param(-DAY, None, None, "since must lie before until", id="backwards"),
        pytest.param(3661 * DAY, 10, None, "at most 3660 days", id="too long"),
        pytest.param(DAY, 10, HOUR, "either points or a step", id="both"),
        pytest.param(DAY, 1, None, "from 2 to 400", id="one point"),
        pytest.param(DAY, 401, None, "from 2 to 400", id="too many points"),
        pytest.param(DAY, None, HOUR / 2, "an hour or more", id="short step"),
        pytest.param(400 * HOUR, None, HOUR, "makes 401 points", id="too many steps"),
    ],
)
def test_what_no_series_can_be_is_refused(
    span: timedelta, points: int | None, step: timedelta | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        times_of(NOW, NOW + span, points, step)
