"""When alerts were on, and the moments a picture is made of."""

from dataclasses import replace
from datetime import timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import Memory, Severity, State
from service.operations.chronicle import MOMENTS, Firing, firings, moments
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
