from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from service.adapters.messages.language import Language

ENGLISH = Language.of("en", UTC)


@pytest.mark.parametrize(("tag", "code"), [("de", "de"), ("de-AT", "de"), ("DE", "de"), ("tlh", "en"), ("", "en")])
def test_a_language_without_a_catalogue_is_english(tag: str, code: str) -> None:
    assert Language.of(tag, UTC).code == code


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (-5, "0 min"), (47, "47 min"), (150, "2 h 30 min"), (60, "1 h"), (1500, "1 d 1 h"), (1441, "1 d")],
)
def test_a_length_of_time_is_told_in_two_units(minutes: int, said: str) -> None:
    assert ENGLISH.span(timedelta(minutes=minutes)) == said


@pytest.mark.parametrize(
    ("level", "digits", "said"),
    [(63.42, 1, "63.4"), (63.42, 0, "63"), (59.97, 1, "59.9"), (59.6, 0, "59"), (60.0, 0, "60"), (47.5, 0, "48")],
)
def test_a_level_is_not_rounded_into_the_next_band(level: float, digits: int, said: str) -> None:
    assert ENGLISH.position(level, digits) == said


def test_numbers_and_moments_are_written_as_in_the_language() -> None:
    german, at = Language.of("de", ZoneInfo("Europe/Berlin")), datetime(2024, 3, 31, 0, 59, tzinfo=UTC)
    assert german.number(3.25, 2) == "3,25"
    assert german.moment(at) == "So, 31. März 2024, 01:59 Uhr (UTC+01:00)"
    assert german.moment(at + timedelta(minutes=1)) == "So, 31. März 2024, 03:00 Uhr (UTC+02:00)"


def test_the_offset_is_shown_to_the_minute() -> None:
    at = datetime(2024, 1, 17, 14, 30, tzinfo=UTC)
    west = Language.of("en", timezone(-timedelta(hours=3, minutes=30)))
    assert west.moment(at) == "Wed 17 Jan 2024, 11:00 (UTC-03:30)"
    assert ENGLISH.moment(at) == "Wed 17 Jan 2024, 14:30 (UTC)"
