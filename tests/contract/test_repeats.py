"""What hangs together with one article: who repeats it, and what its events move."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.domain.risk.ledger import Channel
from service.ports import Repeat
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import DYAD, book, report
from tests.fakes import NOON, article


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    made = SqlUnits(engine)
    with made() as unit:
        for n in range(4):
            unit.articles.add(article(f"a{n}", at=NOON - timedelta(hours=n)), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=NOON - timedelta(minutes=n))])
    return made


def test_who_repeats_an_article_is_found_both_ways(units: SqlUnits) -> None:
    with units() as unit:
        for n in (1, 2, 3):
            unit.articles.set_duplicate(f"a{n}", "a0")
    with units(read_only=True) as unit:
        assert [unit.articles.original(i) for i in ("a0", "a1", "nobody")] == ["", "a0", ""]
        found = unit.articles.repeats("a0", 2)
        assert found == [Repeat(f"a{n}", "Reuters", NOON - timedelta(hours=n)) for n in (3, 2)]
        assert unit.articles.repeats("a1", 2) == []


def test_what_an_article_moves_is_told_by_incident(units: SqlUnits, shipped_gazetteer: CompiledGazetteer) -> None:
    with units(serial=True) as unit:
        book(unit, shipped_gazetteer, report(0), report(1), report(2, owner="owner 1"))
    with units(read_only=True) as unit:
        found = unit.articles.moved("a1", 100)
        [dyad] = [one for one in found if one.subject == DYAD]
        assert (dyad.channel, dyad.ordinals, dyad.owners, dyad.articles) == (Channel.ESCALATION, (0,), 2, 3)
        [(incident, entry)] = unit.ledger.postings(DYAD, NOON - timedelta(days=1), NOON + timedelta(days=1)).items()
        assert (dyad.incident_id, dyad.micro) == (incident, entry.micro)
        assert [one.micro for one in found] == sorted((one.micro for one in found), reverse=True)
        assert {DYAD, "country:PAK"} <= {one.subject for one in found}
        assert unit.articles.moved("a1", 1) == found[:1]
        assert unit.articles.moved("a3", 100) == []
