"""Booking is exact: what is taken back leaves nothing, and the order of arrival does not show."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import QUARANTINED_FLOOD
from service.domain.risk.incident import Report
from service.domain.risk.ledger import hour_of
from service.domain.risk.subject import Subject
from service.operations.rebuild import MARK, rebuild
from service.pipeline.score import enter, withdraw
from service.ports import Books, Columns, OpenBooks, Stamp
from tests.contract.conftest import Store
from tests.contract.test_articles import an_event
from tests.fakes import NOON, article

SINCE, UNTIL = NOON - timedelta(days=1), NOON + timedelta(days=1)
DYAD = "dyad:IRN-PAK"


@pytest.fixture
def units(store: Store) -> OpenBooks:
    units = store.units
    with units() as unit:
        for n in range(4):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=NOON - timedelta(minutes=n))])
    return units


def report(n: int, owner: str = "") -> Report:
    event = an_event(f"a{n}", at=NOON - timedelta(minutes=n))
    return Report(f"a{n}#0", f"a{n}", owner or f"owner {n}", "A", event)


def book(unit: Books, names: CompiledGazetteer, *reports: Report) -> set[str]:
    """What the score step does; returns the subjects whose sums changed."""
    unit.ledger.take_changed()
    enter(reports, unit, names.geography, NOON)
    return set(unit.ledger.take_changed())


def test_what_was_booked_can_be_read_and_explained(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
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


def test_who_told_of_what_is_known(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1), report(2, owner="owner 1"))
        assert unit.ledger.owners(DYAD, SINCE) == {"owner 0", "owner 1"}
        assert unit.ledger.owners(DYAD, UNTIL) == set()
        assert unit.ledger.owners("dyad:FRA-ITA", SINCE) == set()
        assert {DYAD, "country:IRN", "m49:034"} <= unit.ledger.told_by({"owner 1", "nobody"}, SINCE)
        assert unit.ledger.told_by({"owner 0"}, UNTIL) == set()
        assert unit.ledger.told_by({"nobody"}, SINCE) == unit.ledger.told_by(set(), SINCE) == set()


def test_booking_again_changes_nothing(units: OpenBooks, store: Store, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1))
    before = store.dump()
    with units(serial=True) as unit:
        assert book(unit, shipped_gazetteer, report(0), report(1)) == set()
    assert store.dump() == before


def test_the_sums_do_not_depend_on_the_order(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    seen = set()
    for order in permutations(range(3)):
        with units(serial=True) as unit:
            for n in order:
                book(unit, shipped_gazetteer, report(n))
            seen.add(repr(books(unit)))
            assert len(unit.ledger.empty()) == 3
    assert len(seen) == 1


def test_only_subjects_whose_sums_moved_are_named(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(3), report(2))
        before = unit.ledger.entries(DYAD, SINCE, UNTIL)
        assert book(unit, shipped_gazetteer, report(1, owner="owner 2")) == set(), "an echo of one owner adds nothing"
        assert unit.ledger.entries(DYAD, SINCE, UNTIL) == before
        assert DYAD in book(unit, shipped_gazetteer, report(0))
        assert unit.ledger.entries(DYAD, SINCE, UNTIL)[0].micro > before[0].micro


def test_marks_of_change_are_taken_once(units: OpenBooks) -> None:
    with units(serial=True) as unit:
        unit.ledger.mark_changed([DYAD, "country:IRN", DYAD], NOON)
        unit.ledger.mark_changed([DYAD], NOON)
        unit.ledger.mark_changed([], NOON)
    with units(serial=True) as unit:
        assert unit.ledger.take_changed() == ["country:IRN", DYAD]
        assert unit.ledger.take_changed() == []


def test_marks_come_back_when_the_transaction_fails(engine: Engine) -> None:
    units = SqlUnits(engine)
    with units(serial=True) as unit:
        unit.ledger.mark_changed([DYAD], NOON)
    with pytest.raises(KeyError), units(serial=True) as unit:
        assert unit.ledger.take_changed() == [DYAD]
        raise KeyError("roll back")
    with units(serial=True) as unit:
        assert unit.ledger.take_changed() == [DYAD]


def test_entries_are_those_of_the_time_asked_for(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0))
        assert unit.ledger.entries(DYAD, NOON + timedelta(hours=1), UNTIL) == []
        assert unit.ledger.entries(DYAD, SINCE, NOON - timedelta(hours=1)) == []
        assert unit.ledger.entries(str(Subject.dyad("IRN", "IND")), SINCE, UNTIL) == []
        assert len(unit.ledger.entries(DYAD, SINCE, UNTIL)) == 1


def test_taking_an_article_back_leaves_the_books_as_if_it_had_never_come(
    units: OpenBooks, shipped_gazetteer: CompiledGazetteer
) -> None:
    for gone in range(3):
        with units(serial=True) as unit:
            book(unit, shipped_gazetteer, *(report(n) for n in range(3) if n != gone))
            never = books(unit)
            book(unit, shipped_gazetteer, report(gone))
            assert books(unit) != never
            withdraw([f"a{gone}"], unit, shipped_gazetteer.geography, NOON)
            assert books(unit) == never
            assert DYAD in unit.ledger.take_changed()
            unit.ledger.empty()


def test_taking_the_only_article_back_leaves_nothing(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0))
        withdraw(["a0"], unit, shipped_gazetteer.geography, NOON)
        assert unit.ledger.entries(DYAD, SINCE, UNTIL) == []
        assert unit.ledger.postings(DYAD, SINCE, UNTIL) == {}
        withdraw(["a0", "never seen"], unit, shipped_gazetteer.geography, NOON)


def books(unit: Books) -> object:
    subjects = [s for s in unit.ledger.subjects() if unit.ledger.entries(s, SINCE, UNTIL)]
    return [(s, sorted(unit.ledger.entries(s, SINCE, UNTIL)), unit.ledger.postings(s, SINCE, UNTIL)) for s in subjects]


def test_what_one_owner_alone_tells_is_booked_under_its_name(
    units: OpenBooks, shipped_gazetteer: CompiledGazetteer
) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0))
        assert {e.owner for e in unit.ledger.entries(DYAD, SINCE, UNTIL)} == {"owner 0"}
        book(unit, shipped_gazetteer, report(1))
        assert {e.owner for e in unit.ledger.entries(DYAD, SINCE, UNTIL)} == {""}


def test_a_flood_is_seen_and_gone_when_its_articles_are(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units() as unit:
        for n in range(QUARANTINED_FLOOD + 1):
            unit.articles.add(article(f"spam{n}"), "test", f"spam{n}")
            unit.articles.save_events(f"spam{n}", [an_event(f"spam{n}", at=NOON)])
    spam = [
        Report(f"spam{n}#0", f"spam{n}", QUARANTINE, "F", an_event(f"spam{n}", at=NOON))
        for n in range(QUARANTINED_FLOOD + 1)
    ]
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, *spam[:-1])
        assert unit.ledger.floods(SINCE) == set()
        book(unit, shipped_gazetteer, spam[-1])
        assert unit.ledger.floods(SINCE) == {(QUARANTINE, hour_of(NOON) // 24)}
        assert unit.ledger.floods(NOON + timedelta(days=1)) == set()
        withdraw(["spam0"], unit, shipped_gazetteer.geography, NOON)
        assert unit.ledger.floods(SINCE) == set()


def test_the_books_know_when_they_began(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        assert unit.ledger.began_at() is None
        book(unit, shipped_gazetteer, report(0))
        assert unit.ledger.began_at() == NOON


def test_books_of_another_version_are_written_anew(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1), report(2))
        before, mine = books(unit), unit.ledger.reports(["a0#0"])
        unit.marks.set(MARK, "score of another day")
    assert rebuild(units, lambda: shipped_gazetteer.geography, NOON) == 3
    with units(serial=True) as unit:
        assert books(unit) == before
        assert unit.ledger.reports(["a0#0"]) == mine
    assert rebuild(units, lambda: shipped_gazetteer.geography, NOON) is None


Sum = tuple[str, int, str, int, str, int]


def told_by_one(unit: Books, subject: str) -> list[Sum]:
    entries = unit.ledger.entries(subject, SINCE, UNTIL)
    return [(subject, e.hour, str(e.channel), e.micro, e.owner, e.variance) for e in entries if e.micro]


def plain(sums: Mapping[str, Columns]) -> list[Sum]:
    return sorted(
        (subject, hour, "ED"[eases], micro, owner, variance)
        for subject, columns in sums.items()
        for hour, eases, micro, variance, owner in zip(*columns, strict=True)
    )


def test_the_sums_of_all_are_those_of_each(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1, owner="owner 0"))
        one_by_one = [row for subject in unit.ledger.subjects() for row in told_by_one(unit, subject)]
        assert plain(unit.ledger.sums(SINCE, UNTIL)) == sorted(one_by_one) != []
        assert plain(unit.ledger.sums(SINCE, UNTIL, [DYAD, "dyad:FRA-ITA"])) == told_by_one(unit, DYAD) != []
        assert plain(unit.ledger.sums(SINCE, UNTIL, [])) == []
        assert plain(unit.ledger.sums(NOON + timedelta(hours=1), UNTIL)) == []
        assert plain(unit.ledger.sums(SINCE, NOON - timedelta(hours=2))) == []


def test_what_is_booked_can_be_had_in_columns(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1))
        told, columns = unit.ledger.booked(DYAD, SINCE, UNTIL)
        rows = zip(*columns, strict=True)
        entries = unit.ledger.postings(DYAD, SINCE, UNTIL)
        wanted = {i: (e.hour, "ED".index(e.channel), e.micro, e.variance, e.owner) for i, e in entries.items()}
        assert dict(zip(told, rows, strict=True)) == wanted != {}
        assert list(unit.ledger.booked(DYAD, NOON + timedelta(hours=1), UNTIL).ids) == []
        assert [list(column) for column in unit.ledger.booked("dyad:FRA-ITA", SINCE, UNTIL).columns] == [[]] * 5


def test_what_changed_is_told_since_a_stamp(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        assert unit.ledger.stamp() == Stamp(0, 0)
        book(unit, shipped_gazetteer, report(0))
    with units(serial=True) as unit:
        first = unit.ledger.stamp()
        assert plain(unit.ledger.sums_after(0, SINCE)) == plain(unit.ledger.sums(SINCE, UNTIL))
        assert plain(unit.ledger.sums_after(first.number, SINCE)) == []
        book(unit, shipped_gazetteer, report(0))
        assert unit.ledger.stamp() == first, "nothing changed"
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(1))
    with units(serial=True) as unit:
        changed = plain(unit.ledger.sums_after(first.number, SINCE))
        assert unit.ledger.stamp().number > first.number
        assert set(plain(unit.ledger.sums(SINCE, UNTIL))) <= set(changed)
        assert (DYAD, hour_of(NOON), "E", 0, "owner 0", 0) in changed, "what is nothing any more is told too"
        assert plain(unit.ledger.sums_after(first.number, NOON + timedelta(hours=1))) == []


def test_only_what_changed_is_read_again(engine: Engine, shipped_gazetteer: CompiledGazetteer) -> None:
    units, long_ago = SqlUnits(engine), NOON - timedelta(days=20)
    old = Report("old#0", "old", "owner 1", "A", an_event("old", at=long_ago))
    with units(serial=True) as unit:
        for name, event in (("old", old.event), ("a0", report(0).event)):
            unit.articles.add(article(name), "test", name)
            unit.articles.save_events(name, [event])
        book(unit, shipped_gazetteer, old)
    with units(serial=True) as unit:
        number = unit.ledger.stamp().number
        book(unit, shipped_gazetteer, report(0))
        assert {hour for _, hour, *_ in plain(unit.ledger.sums_after(number, long_ago))} == {hour_of(NOON)}
        assert {hour for _, hour, *_ in plain(unit.ledger.sums(long_ago, UNTIL))} == {hour_of(NOON), hour_of(long_ago)}


def test_emptied_books_have_another_stamp(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0))
        before = unit.ledger.stamp()
        unit.ledger.empty()
    with units(serial=True) as unit:
        after = unit.ledger.stamp()
        assert after.emptied > before.number
        assert plain(unit.ledger.sums(SINCE, UNTIL)) == []
        book(unit, shipped_gazetteer, report(0))
        assert plain(unit.ledger.sums_after(after.number, SINCE)) == plain(unit.ledger.sums(SINCE, UNTIL)) != []


def test_who_told_of_each_is_known(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1), report(2, owner="owner 1"))
        told = unit.ledger.tellers([DYAD, "country:IRN", "dyad:FRA-ITA"], SINCE, UNTIL)
        assert told == {DYAD: {"owner 0", "owner 1"}, "country:IRN": {"owner 0", "owner 1"}}
        assert unit.ledger.tellers([DYAD], NOON + timedelta(hours=1), UNTIL) == {}
        assert unit.ledger.tellers([DYAD], SINCE, NOON - timedelta(hours=2)) == {}
        assert unit.ledger.tellers([], SINCE, UNTIL) == {}


def test_incidents_began_with_their_first_report(units: OpenBooks, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1))
        ids = list(unit.ledger.postings(DYAD, SINCE, UNTIL))
        incidents = unit.ledger.incidents(ids)
        assert (
            unit.ledger.began(ids) == {i: incidents[i].started_at for i in ids} == {ids[0]: NOON - timedelta(minutes=1)}
        )
        assert unit.ledger.began(["unheard of"]) == {}
