"""Each bad input that comes from outside, and each fault of intake, has a test that bears its number."""

import re
from pathlib import Path

import pytest

from bench.slow_feeds import INTERVAL, run

TESTS = Path(__file__).parents[1]


def numbers(prefix: str) -> set[int]:
    found = (re.findall(rf"^def test_{prefix}(\d\d)_", path.read_text(), re.MULTILINE) for path in TESTS.rglob("*.py"))
    return {int(number) for mine in found for number in mine}


def test_every_bad_input_has_its_test() -> None:
    assert set(range(1, 70)) <= numbers("")


def test_every_fault_of_intake_has_its_test() -> None:
    assert numbers("fault_") == set(range(28, 39))


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_fault_33_two_hundred_slow_feeds_hold_others_up_by_less_than_two_intervals() -> None:
    found = run(slow=200, good=5, seconds=INTERVAL.total_seconds() * 1.6)
    assert found["asked"] >= 5, "each good one was asked within two intervals"
    assert found["worst"] < 2
