"""The largest reasons are those the domain gives, and with the rest they add up."""

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.risk.explanation import explain
from service.domain.risk.ledger import Entry
from service.operations.reasons import Rest, reasons
from service.operations.strip import columns_of
from service.ports import Booked
from tests.unit.domain.build import NOW
from tests.unit.domain.risk.test_explanation import SCALE, booked, floods
from tests.unit.domain.strategies import modest


@modest
@given(booked, floods, st.integers(0, 13))
def test_they_are_those_of_the_domain_to_the_last_bit(
    ledger: dict[str, Entry], flooded: set[tuple[str, int]], most: int
) -> None:
    whole, told = explain(ledger, NOW, SCALE, flooded)
    found = reasons(Booked(list(ledger), columns_of(ledger.values())), NOW, SCALE, flooded, most)
    assert found.largest == told[:most]
    others = told[most:]
    assert found.rest.count == len(others)
    assert found.rest.share == fsum(c.share for c in others)
    shares = [*(c.share for c in found.largest), found.rest.share]
    assert fsum(shares) == pytest.approx(whole.e - whole.d, rel=1e-12, abs=1e-12)
    points = round(fsum([*(c.points for c in found.largest), found.rest.points]), 1)
    assert points == (round(whole.level, 1) if any(c.points for c in told) else 0.0)


def test_nothing_booked_is_no_reason() -> None:
    found = reasons(Booked([], columns_of(())), NOW, SCALE, (), 5)
    assert (found.largest, found.rest) == ([], Rest(0, 0.0, 0.0))
