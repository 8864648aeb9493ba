"""Places in lists as text."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.operations.paging import place_of, rank_of, ranked, token
from service.ports import Cursor
from tests.fakes import NOON

IDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC))


@given(TIMES, IDS)
def test_a_place_comes_back_as_it_was(at: datetime, key: str) -> None:
    assert place_of(token(Cursor(at, key))) == Cursor(at, key)


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_what_was_made_up_is_refused_in_one_way(written: str) -> None:
    try:
        found = place_of(written)
    except ValueError as error:
        assert str(error).startswith("no such place")
    else:
        assert found.at.tzinfo


@pytest.mark.parametrize(
    "place",
    [
        Cursor(NOON.replace(tzinfo=None), "a"),
        Cursor(datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5))), "a"),
        Cursor(NOON, ""),
        Cursor(NOON, "a" * 251),
        Cursor(NOON, "a\0"),
    ],
)
def test_a_place_that_cannot_be_is_refused(place: Cursor) -> None:
    with pytest.raises(ValueError, match="no such place"):
        place_of(token(place))


@given(st.floats(0, 100), IDS)
def test_a_rank_comes_back_to_the_last_bit(level: float, subject: str) -> None:
    assert rank_of(ranked(NOON, level, subject)) == (-level, subject)


@pytest.mark.parametrize("key", ["a", "nan country:IRN", "inf country:IRN", " country:IRN"])
def test_a_rank_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no such place"):
        rank_of(Cursor(NOON, key))
