"""Texts, their codings and events, as stored."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.adapters.storage.schema import article as article_table
from service.adapters.storage.schema import coding, event
from service.domain.events.casualties import Casualty
from service.domain.events.casualty_words import Harm
from service.domain.events.clause import Link
from service.domain.events.coding import Passage
from service.domain.events.event import Event
from service.domain.events.extraction import Sentence
from service.domain.events.quantities import Bound
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.article import Flag
from service.flow import ArticleState, Task
from service.ports import CodedArticle, Earlier
from tests.fakes import LEASE, NOON, FakeClassifier, article, dump


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def an_event(article_id: str = "a1", **changes: object) -> Event:
    first = Event(
        start=0,
        end=10,
        text=f"Iran attacked – «{article_id}» \U0001f680",
        sentence=0,
        signal=Signal.ESCALATION,
        type="ASSAULT",
        mode="aerial",
        actors=("IRN",),
        recipients=("PAK", "PAK:BLA"),
        places=("PAK",),
        regions=("balochistan",),
        place_name="Balochistan",
        modality=Modality.ACTUAL,
        role=ArticleRole.LEAD,
        level=4,
        intensity=-9.5,
        confidence=0.93,
        at=NOON,
        words=((0, 4, 0.5), (5, 13, -0.25)),
        casualties=(Casualty(Harm.KILLED, 9, Bound.AT_LEAST, "soldiers", cumulative=False, start=0, end=10),),
        quoted=True,
        attributed_to=("IRN", "UN"),
    )
    return replace(first, **changes)  # type: ignore[arg-type]


def test_where_articles_come_from_the_latest_first(units: SqlUnits) -> None:
    with units() as unit:
        assert list(unit.articles.origins()) == []
        for n in range(3):
            moment = NOON + timedelta(hours=n)
            sent = replace(article(f"a{n}", publisher=f"P{n}"), url=f"https://p{n}.example", fetched_at=moment)
            unit.articles.add(sent, "test", f"h{n}")
    with units(read_only=True) as unit:
        found = list(unit.articles.origins())
    assert found == [(f"P{n}", f"https://p{n}.example", NOON + timedelta(hours=n)) for n in (2, 1, 0)]


def test_an_article_is_stored_once(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        assert unit.articles.add(article("a1"), "test", "h1") == "new"
        assert unit.articles.add(article("a1"), "test", "h1") == "duplicate"
    before = dump(engine)
    with units() as unit:
        assert unit.articles.add(article("a1"), "elsewhere", "h1") == "duplicate"
        assert unit.articles.add(article("a1", "Another text altogether."), "test", "h2") == "conflict"
    assert dump(engine) == before
    with units(read_only=True) as unit:
        assert unit.articles.get(["a1", "nobody"]) == {"a1": article("a1")}
        assert unit.articles.state("a1") == (ArticleState.RECEIVED, "")


def test_two_who_bring_the_same_id_at_once_do_not_fail(units: SqlUnits) -> None:
    start = threading.Barrier(6)

    def bring(n: int) -> str:
        start.wait()
        with units() as unit:
            return unit.articles.add(article("a1", f"Text {n % 2} says so."), "test", f"hash {n % 2}")

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(bring, range(6)))
    assert outcomes == ["conflict"] * 3 + ["duplicate"] * 2 + ["new"]


def test_strange_text_survives(units: SqlUnits) -> None:
    strange = article(
        "a:1/ü@x", "Zalgo e\u0301 \u4e2d\u6587 \U0001f680 '; DROP TABLE article; -- %s {0.__class__} {{7*7}}"
    )
    with units() as unit:
        unit.articles.add(strange, "test", "h")
    with units(read_only=True) as unit:
        assert unit.articles.get([strange.id])[strange.id] == strange


def test_the_older_of_two_equal_texts_is_the_original(units: SqlUnits) -> None:
    for article_id in ("z-first", "a-second"):
        with units() as unit:
            unit.articles.add(article(article_id), "test", "same")
    with units() as unit:
        assert unit.articles.first_with_hash("z-first") is None
        assert unit.articles.first_with_hash("a-second") == "z-first"
        unit.works.finish(unit.works.claim(Task.ANALYSE, ["z-first"], LEASE), ArticleState.IGNORED, "no event")
        assert unit.articles.first_with_hash("a-second") is None, "what was set aside is no original"


def test_articles_meet_in_a_band(units: SqlUnits, engine: Engine) -> None:
    biggest = 2**63 - 1
    with units() as unit:
        for n, article_id in enumerate(("a1", "a2", "a3")):
            unit.articles.add(article(article_id, at=NOON - timedelta(days=n)), "test", article_id)
        unit.articles.set_bands("a1", [1, biggest, -biggest - 1, 1])
        unit.articles.set_bands("a3", [biggest])
    before = dump(engine)
    with units() as unit:
        unit.articles.set_bands("a1", [-biggest - 1, biggest, 1])
    assert dump(engine) == before
    with units(read_only=True) as unit:
        met = unit.articles.sharing_band("a2", [biggest, 7], NOON - timedelta(days=9))
        assert [a.id for a in met] == ["a3", "a1"]
        assert [a.id for a in unit.articles.sharing_band("a2", [biggest], NOON - timedelta(days=1))] == ["a1"]
        assert unit.articles.sharing_band("a1", [1], NOON - timedelta(days=9)) == []
        assert unit.articles.sharing_band("a2", [7], NOON - timedelta(days=9)) == []


def test_a_coding_comes_back_as_it_was(units: SqlUnits, shipped_gazetteer: CompiledGazetteer) -> None:
    text = "Iran attacked Balochistan in Pakistan."
    found = tuple(shipped_gazetteer.mentions(text))
    codings = tuple(FakeClassifier().code([Passage(text, found)]))
    part = Sentence(0, 0, len(text), text, lead=True, link=Link.SAME_DOER, subject="Iran")
    coded = CodedArticle((part,), codings, (found,), "model 1", "names 1")
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.articles.save_coding("a1", replace(coded, model_version="old"), NOON)
        unit.articles.save_coding("a1", coded, NOON)
    with units(read_only=True) as unit:
        assert unit.articles.codings(["a1", "a2"]) == {"a1": coded}


@pytest.mark.parametrize(("outcome", "link"), [(True, Link.OUTCOME), (False, Link.NONE)])
def test_codings_stored_before_parts_were_linked_still_load(
    units: SqlUnits, engine: Engine, *, outcome: bool, link: Link
) -> None:
    part = Sentence(1, 0, 5, "to act", lead=False, link=link)
    codings = tuple(FakeClassifier().code([Passage(part.text)]))
    coded = CodedArticle((part,), codings, ((),), "model 1", "names 1")
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.articles.save_coding("a1", coded, NOON)
    with engine.begin() as connection:
        (stored,) = connection.execute(select(coding.c.sentences)).scalar_one()
        old = {name: value for name, value in stored["sentence"].items() if name not in {"link", "subject"}}
        connection.execute(update(coding).values(sentences=[{**stored, "sentence": {**old, "outcome": outcome}}]))
    with units(read_only=True) as unit:
        assert unit.articles.codings(["a1"]) == {"a1": coded}


def test_events_come_back_in_order_and_are_replaced_whole(units: SqlUnits) -> None:
    events = [an_event(), an_event(signal=Signal.DE_ESCALATION, type="RETREAT", words=())]
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.articles.save_events("a1", [an_event(type="COERCE")] * 3)
        unit.articles.save_events("a1", events)
    with units(read_only=True) as unit:
        assert unit.articles.events(["a1", "a2"]) == {"a1": events, "a2": []}


def test_a_declared_language_comes_back(units: SqlUnits) -> None:
    with units() as unit:
        unit.articles.add(replace(article("a1"), language="pt-BR"), "test", "h")
        unit.articles.add(article("a2"), "test", "h2")
    with units(read_only=True) as unit:
        assert [unit.articles.get(["a1", "a2"])[i].language for i in ("a1", "a2")] == ["pt-BR", ""]


def test_unread_articles_are_counted_by_language_the_most_frequent_first(units: SqlUnits) -> None:
    with units() as unit:
        assert unit.articles.unread() == {}
        for n, language in enumerate(("fr", "es", "es", None)):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            if language:
                unit.articles.set_unread(f"a{n}", language)
        unit.articles.set_unread("a0", "fr")
    with units(read_only=True) as unit:
        assert list(unit.articles.unread().items()) == [("es", 2), ("fr", 1)]


def test_events_stored_before_casualties_and_speakers_were_read_still_load(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.articles.save_events("a1", [an_event()])
    with engine.begin() as connection:
        body = dict(connection.execute(select(event.c.body)).scalar_one())
        for later in ("casualties", "quoted", "attributed_to"):
            del body[later]
        connection.execute(update(event).values(body=body))
    with units(read_only=True) as unit:
        assert unit.articles.events(["a1"]) == {"a1": [an_event(casualties=(), quoted=False, attributed_to=())]}


def test_what_is_booked_comes_by_time_of_publication(units: SqlUnits) -> None:
    with units() as unit:
        for name, hours in (("late", 2), ("open", 0), ("b", 1), ("a", 1)):
            told = replace(article(name), published_at=NOON + timedelta(hours=hours))
            unit.articles.add(told, "test", f"h{name}")
        assert unit.articles.booked() == []
    with units() as unit:
        rows = update(article_table).where(article_table.c.id != "open")
        unit.articles.connection.execute(rows.values(state=ArticleState.SCORED))
    with units(read_only=True) as unit:
        assert unit.articles.booked() == ["a", "b", "late"]


def test_a_credit_is_kept_and_taken_off(units: SqlUnits) -> None:
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h")
        unit.articles.set_credit("a1", "Reuters")
    with units() as unit:
        assert unit.articles.get(["a1"])["a1"] == replace(article("a1"), credit="Reuters")
        unit.articles.set_credit("a1", "")
    with units(read_only=True) as unit:
        assert unit.articles.get(["a1"])["a1"] == article("a1")


def test_an_article_is_met_at_its_address_by_its_own_origin(units: SqlUnits) -> None:
    first = replace(article("a1"), url="https://www.wire.example/1?utm_source=x", flags=(Flag.UNDATED, Flag.CUT))
    with units() as unit:
        unit.articles.add(first, "feed:wire", "h1")
        unit.articles.add(replace(first, id="a2"), "feed:other", "h2")
        unit.articles.add(article("a3"), "feed:wire", "h3")
    with units() as unit:
        assert unit.articles.at_address("https://wire.example/1", "feed:wire") == Earlier("a1", "h1", 0)
        assert unit.articles.at_address("https://wire.example/2", "feed:wire") is None
        assert unit.articles.at_address("", "feed:wire") is None
        unit.articles.replace(replace(first, text="New words."), "feed:wire", "h4", "updated", ArticleState.ANNOUNCED)
        assert unit.articles.at_address("https://wire.example/1", "feed:wire") == Earlier("a1", "h4", 1)
        assert unit.articles.state("a1") == ("announced", "")
        assert [(v.number, v.text, v.reason) for v in unit.articles.versions("a1")] == [(1, first.text, "updated")]
        unit.articles.complete(replace(first, text="The whole page."), "h5")
        assert unit.articles.at_address("https://wire.example/1", "feed:wire") == Earlier("a1", "h4", 1)
        assert unit.articles.get(["a1"])["a1"] == replace(first, text="The whole page.")
