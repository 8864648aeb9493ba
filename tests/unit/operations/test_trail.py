"""The record of changes, page by page and along its chain."""

import pytest
from sqlalchemy import Engine, text

from service.adapters.storage.database import SqlUnits
from service.operations import trail


@pytest.fixture
def written(units: SqlUnits) -> SqlUnits:
    """Seven entries."""
    for number in range(7):
        with units(serial=True) as unit:
            unit.audit.add("cli:ann", "key.issue", f"key:{number % 2}", None, {"n": number})
    return units


def test_it_is_leafed_through_from_its_end(written: SqlUnits) -> None:
    first = trail.page(written, 3)
    assert [e.number for e in first] == [7, 6, 5]
    assert [e.number for e in trail.page(written, 9, first[-1].number)] == [4, 3, 2, 1]
    assert [e.number for e in trail.page(written, 9, subject="key:1")] == [6, 4, 2]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_the_chain_holds_in_pieces_of_any_length(written: SqlUnits, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(trail, "STEP", step)
    verdict = trail.verified(written)
    assert (verdict.entries, verdict.broken, verdict.head) == (7, None, trail.page(written, 1)[0].hashed)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 1", 1),
    ],
)
@pytest.mark.parametrize("step", [2, 1000])
def test_a_change_of_any_entry_shows(
    written: SqlUnits, engine: Engine, monkeypatch: pytest.MonkeyPatch, change: str, broken: int, step: int
) -> None:
    monkeypatch.setattr(trail, "STEP", step)
    with engine.begin() as connection:
        connection.execute(text(change))
    assert trail.verified(written).broken == broken


def test_an_empty_record_holds(units: SqlUnits) -> None:
    assert (trail.verified(units).entries, trail.verified(units).broken) == (0, None)
