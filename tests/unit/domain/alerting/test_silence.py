from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alerting.matcher import Matcher, Op
from service.domain.alerting.silence import Silence, is_active

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOT = (Matcher("subject", Op.EQUAL, "dyad:IRN-PAK"),)
MINUTES = st.integers(-600, 600).map(lambda n: timedelta(minutes=n))


def silence(starts: timedelta, ends: timedelta, expired: timedelta | None = None) -> Silence:
    expired_at = None if expired is None else NOON + expired
    return Silence("s1", HOT, NOON + starts, NOON + ends, "desk", "planned", NOON, expired_at)


@given(MINUTES, st.integers(1, 600), st.none() | MINUTES, MINUTES)
def test_it_holds_from_its_start_to_before_its_end_or_until_it_was_expired(
    starts: timedelta, lasts: int, expired: timedelta | None, at: timedelta
) -> None:
    ends = starts + timedelta(minutes=lasts)
    holds = starts <= at < ends and (expired is None or at < expired)
    assert is_active(silence(starts, ends, expired), NOON + at) is holds


@pytest.mark.parametrize("ends", [timedelta(0), timedelta(minutes=-1)])
def test_it_must_end_after_it_starts(ends: timedelta) -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        silence(timedelta(0), ends)


@pytest.mark.parametrize("matchers", [(), (Matcher("team", Op.NOT_EQUAL, "night"),), (Matcher("a", Op.MATCHES, ".*"),)])
def test_it_must_not_hold_for_everything(matchers: tuple[Matcher, ...]) -> None:
    with pytest.raises(ValueError, match="hold for all"):
        Silence("s1", matchers, NOON, NOON + timedelta(hours=1), "desk", "", NOON)
