"""What was given up comes back, and who brought it back is written down."""

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.errors import NotFound
from service.flow import Kind
from service.operations.dead_letters import dead_letters, page, replay
from service.ports import Cursor
from tests.fakes import article, set_row


@pytest.fixture
def dead(units: SqlUnits, engine: Engine) -> SqlUnits:
    """Two articles were given up."""
    with units() as unit:
        for name in ("a1", "a2"):
            unit.articles.add(article(name, text=name), "test", name)
    for name in ("a1", "a2"):
        set_row(engine, Kind.ARTICLE, name, state="dead", last_error="no text")
    return units


def entries(units: SqlUnits) -> list[tuple[object, ...]]:
    with units(read_only=True) as unit:
        return [(e.actor, e.action, e.subject, e.after) for e in unit.audit.entries()]


def test_one_row_comes_back_by_somebodys_hand(dead: SqlUnits) -> None:
    assert [row.id for row in replay(dead, "a1", "cli:ann", as_new=True)] == ["a1"]
    assert [row.id for row in dead_letters(dead)] == ["a2"]
    assert entries(dead) == [("cli:ann", "dead.replay", "article:a1", {"rows": {"article": 1}, "as_new": True})]


def test_all_come_back_in_one_entry(dead: SqlUnits) -> None:
    assert len(replay(dead, None, "account:ann", as_new=False)) == 2
    assert replay(dead, None, "account:ann", as_new=False) == [], "nothing is left"
    assert entries(dead) == [("account:ann", "dead.replay", "dead", {"rows": {"article": 2}, "as_new": False})]


def test_what_is_not_dead_does_not_come_back(dead: SqlUnits) -> None:
    with pytest.raises(NotFound):
        replay(dead, "a3", "cli:ann", as_new=False)
    assert entries(dead) == []


def test_they_are_leafed_through(dead: SqlUnits) -> None:
    [first] = page(dead, 1)
    [second] = page(dead, 9, Cursor(first.died_at, first.id))
    assert {first.id, second.id} == {"a1", "a2"}
