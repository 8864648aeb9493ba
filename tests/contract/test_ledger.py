"""Booking is exact: what is taken back leaves nothing, and the order of arrival does not show."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.domain.risk.incident import Report, group
from service.domain.risk.ledger import postings
from service.domain.risk.subject import Subject
from service.ports import UnitOfWork
from tests.contract.test_articles import an_event
from tests.fakes import NOON, article, dump

SINCE, UNTIL = NOON - timedelta(days=1), NOON + timedelta(days=1)
DYAD = "dyad:IRN-PAK"


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    units = SqlUnits(engine)
    with units() as unit:
        for n in range(4):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=NOON - timedelta(minutes=n))])
    return units


def report(n: int, owner: str = "") -> Report:
    event = an_event(f"a{n}", at=NOON - timedelta(minutes=n))
    return Report(f"a{n}#0", f"a{n}", owner or f"owner {n}", "A", event)


def book(unit: UnitOfWork, names: CompiledGazetteer, *reports: Report) -> set[str]:
    """What the score step does."""
    unit.ledger.save_reports(reports)
    changed: set[str] = set()
    for key in {r.key for r in reports}:
        incidents = group(unit.ledger.reports_with_key(key))
        booked = [p for i in incidents for p in postings(i, names.geography)]
        changed |= unit.ledger.rebook(incidents, key, booked)
    return changed


def test_what_was_booked_can_be_read_and_explained(units: SqlUnits, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        changed = book(unit, shipped_gazetteer, report(0), report(1))
        assert {DYAD, "country:IRN", "country:PAK"} <= changed
        entries = unit.ledger.entries(DYAD, SINCE, UNTIL)
        by_incident = unit.ledger.postings(DYAD, SINCE, UNTIL)
        assert [e.micro for e in entries] == [e.micro for e in by_incident.values()]
        incidents = unit.ledger.incidents(list(by_incident))
        assert [sorted(r.id for r in i.reports) for i in incidents.values()] == [["a0#0", "a1#0"]]
        assert {i.id for i in incidents.values()} == set(by_incident)
        assert DYAD in unit.ledger.subjects()


def test_booking_again_changes_nothing(units: SqlUnits, engine: Engine, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1))
    before = dump(engine)
    with units(serial=True) as unit:
        assert book(unit, shipped_gazetteer, report(0), report(1)) == set()
    assert dump(engine) == before


def test_the_sums_do_not_depend_on_the_order(units: SqlUnits, shipped_gazetteer: CompiledGazetteer) -> None:
    seen = set()
    for order in permutations(range(3)):
        with pytest.raises(KeyError), units(serial=True) as unit:
            for n in order:
                book(unit, shipped_gazetteer, report(n))
            subjects = unit.ledger.subjects()
            seen.add(repr([(s, sorted(unit.ledger.entries(s, SINCE, UNTIL))) for s in subjects]))
            raise KeyError("roll back")
    assert len(seen) == 1


def test_only_subjects_whose_sums_moved_are_named(units: SqlUnits, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(3), report(2))
        before = unit.ledger.entries(DYAD, SINCE, UNTIL)
        assert book(unit, shipped_gazetteer, report(1, owner="owner 2")) == set(), "an echo of one owner adds nothing"
        assert unit.ledger.entries(DYAD, SINCE, UNTIL) == before
        assert DYAD in book(unit, shipped_gazetteer, report(0))
        assert unit.ledger.entries(DYAD, SINCE, UNTIL)[0].micro > before[0].micro


def test_marks_of_change_are_taken_once(units: SqlUnits) -> None:
    with units(serial=True) as unit:
        unit.ledger.mark_changed([DYAD, "country:IRN", DYAD], NOON)
        unit.ledger.mark_changed([DYAD], NOON)
        unit.ledger.mark_changed([], NOON)
    with units(serial=True) as unit:
        assert unit.ledger.take_changed() == ["country:IRN", DYAD]
        assert unit.ledger.take_changed() == []


def test_marks_come_back_when_the_transaction_fails(units: SqlUnits) -> None:
    with units(serial=True) as unit:
        unit.ledger.mark_changed([DYAD], NOON)
    with pytest.raises(KeyError), units(serial=True) as unit:
        assert unit.ledger.take_changed() == [DYAD]
        raise KeyError("roll back")
    with units(serial=True) as unit:
        assert unit.ledger.take_changed() == [DYAD]


def test_entries_are_those_of_the_time_asked_for(units: SqlUnits, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0))
        assert unit.ledger.entries(DYAD, NOON + timedelta(hours=1), UNTIL) == []
        assert unit.ledger.entries(DYAD, SINCE, NOON - timedelta(hours=1)) == []
        assert unit.ledger.entries(str(Subject.dyad("IRN", "IND")), SINCE, UNTIL) == []
        assert len(unit.ledger.entries(DYAD, SINCE, UNTIL)) == 1
