"""Articles in other languages: kept, set aside with the reason, counted, and coded only where a model reads them."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente, shipped
from service.cli.reading import status as show_status
from service.domain.events.extraction import Band
from service.domain.news.article import Article
from service.domain.risk.subject import Subject
from service.flow import ArticleState, Kind, Task
from service.operations import present
from service.operations.preview import Desk
from service.operations.status import status
from service.pipeline.ingest import ingest
from tests.fakes import NOON, FakeQueue, FakeSplitter, World, article, dump, pass_time, row
from tests.unit.adapters.nlp.test_hub import make_model

FRENCH = "L'Iran a attaqué le Pakistan dimanche, selon le ministère."
REASON = "language fr, no configured model reads it"


def take_in(world: World, *articles: Article) -> None:
    world.ingest(*articles)
    world.drain(Task.ANALYSE)


def unread(world: World) -> dict[str, int]:
    return dict(status(world.units, world.queue, lambda: True).unread)


def test_a_french_article_is_set_aside_and_counted_and_the_english_one_beside_it_is_coded(world: World) -> None:
    take_in(world, article("fr1", FRENCH), article("en1"))
    assert world.state(Kind.ARTICLE, "fr1") == ArticleState.IGNORED
    assert world.state(Kind.ARTICLE, "en1") == ArticleState.ATTRIBUTED
    with world.units(read_only=True) as unit:
        assert unit.articles.state("fr1") == ("ignored", REASON)
        assert unit.articles.codings(["fr1", "en1"]).keys() == {"en1"}
        assert unit.articles.events(["fr1"]) == {"fr1": []}
        assert unit.articles.get(["fr1"])["fr1"].text == FRENCH, "it is kept"
    assert unread(world) == {"fr": 1}
    assert world.classifier.calls == [1], "the model was not asked about the French text"


def test_what_is_set_aside_for_another_reason_is_not_counted(world: World) -> None:
    take_in(world, article("quiet", "Nothing of note happened here today."), article("en1"))
    assert world.state(Kind.ARTICLE, "quiet") == ArticleState.IGNORED
    assert unread(world) == {}


def test_the_most_frequent_language_comes_first(world: World) -> None:
    texts = ["Мост закрыт из-за выстрелов.", FRENCH, "L'Iran a attaqué un port et un navire lundi soir."]
    take_in(world, *(article(f"a{n}", text) for n, text in enumerate(texts)))
    assert list(unread(world).items()) == [("fr", 2), ("ru", 1)]


def test_setting_aside_twice_changes_nothing(world: World) -> None:
    world.ingest(article("fr1", FRENCH), article("en1"))
    claims = world.deduplicate(world.claim(Task.ANALYSE, "fr1", "en1"))
    assert [c.id for c in world.classify(claims)] == ["en1"]
    before = dump(world.engine)
    assert world.classify(claims) == []
    assert dump(world.engine) == before


def test_who_lost_the_claim_sets_nothing_aside(world: World) -> None:
    world.ingest(article("fr1", FRENCH))
    stale = world.deduplicate(world.claim(Task.ANALYSE, "fr1"))
    pass_time(world.engine, timedelta(minutes=5))
    fresh = world.claim(Task.ANALYSE, "fr1")
    assert world.classify(stale) == []
    assert world.state(Kind.ARTICLE, "fr1") == ArticleState.DEDUPLICATED
    assert unread(world) == {}
    assert world.classify(fresh) == []
    assert world.state(Kind.ARTICLE, "fr1") == ArticleState.IGNORED
    assert unread(world) == {"fr": 1}


def test_a_failure_of_the_batch_leaves_the_french_article_to_be_tried_again(world: World) -> None:
    world.ingest(article("fr1", FRENCH), article("bad", "POISON in every sentence."))
    with pytest.raises(ValueError, match="choked"):
        world.carry(Task.ANALYSE, "fr1", "bad")
    assert world.state(Kind.ARTICLE, "fr1") == ArticleState.DEDUPLICATED
    pass_time(world.engine, timedelta(minutes=5))
    world.carry(Task.ANALYSE, "fr1")
    assert world.state(Kind.ARTICLE, "fr1") == ArticleState.IGNORED
    assert row(world.engine, Kind.ARTICLE, "fr1")["unread_language"] == "fr"


def test_the_declared_language_outlasts_storage(world: World) -> None:
    short = from_mapping({"id": "s", "title": "Mali: Kidal", "language": "fr-FR"}, NOON)
    take_in(world, short)
    assert world.state(Kind.ARTICLE, "s") == ArticleState.IGNORED
    assert unread(world) == {"fr": 1}
    assert world.recogniser.asked == [], "it is too short to ask about"


def test_a_model_that_reads_french_codes_it(world: World) -> None:
    world.classifier.languages = frozenset({"en", "fr"})
    take_in(world, article("fr1", "L'armée a attaqué la ville : Iran attacked Pakistan."))
    assert world.state(Kind.ARTICLE, "fr1") == ArticleState.ATTRIBUTED
    with world.units(read_only=True) as unit:
        assert {s.language for s in unit.articles.codings(["fr1"])["fr1"].sentences} == {"fr"}


def test_a_reader_shows_the_names_in_a_text_nobody_reads(world: World) -> None:
    desk = Desk(world.classifier, world.gazetteer, FakeSplitter(), world.recogniser, Band(0.5, 0.5))
    french, english = desk.read([article("fr1", FRENCH), article("en1")])
    assert (french.language, french.ignored, french.events) == ("fr", REASON, ())
    assert [(n.code, FRENCH[n.start : n.end]) for n in french.names] == [("IRN", "Iran"), ("PAK", "Pakistan")]
    assert (english.language, english.ignored, len(english.events)) == ("en", "", 1)
    assert present.classification(french) == {"error": REASON}


# --- the real service

PAPERS = [
    {
        "id": "fr",
        "title": "Frappes au Pakistan",
        "text": "Des avions de chasse iraniens ont bombardé mardi un camp au Pakistan. Neuf soldats ont été tués dans la nuit.",
    },
    {
        "id": "en",
        "title": "Iranian jets bomb a camp in Pakistan",
        "text": "Iranian warplanes bombed a camp in Pakistan on Tuesday. Nine soldiers were killed during the night.",
        "language": "fr",
    },
]
HOUR_LATER = NOON + timedelta(hours=1)


def service(folder: Path, migrated: Path, **model: object) -> Detente:
    shutil.copy(migrated, folder / "detente.db")
    (folder / "clock").write_text(HOUR_LATER.isoformat(), encoding="utf-8")
    places = {"data_dir": folder, "broker_url": f"filesystem://{folder}/broker", "clock_file": folder / "clock"}
    return Detente(shipped("config"), {**places, "model": model} if model else places)


def analyse(detente: Detente) -> None:
    ingest([from_mapping(paper, NOON) for paper in PAPERS], "test", detente.units, FakeQueue())
    detente.perform(Task.ANALYSE, ["fr", "en"])
    detente.perform(Task.ASSESS, ["fr", "en"])


@pytest.fixture
def plain(tmp_path: Path, migrated: Path) -> Iterator[Detente]:
    detente = service(tmp_path, migrated)
    yield detente
    detente.close()


def test_the_shipped_service_sets_french_aside_and_codes_english_declared_as_french(
    plain: Detente, capsys: pytest.CaptureFixture[str]
) -> None:
    analyse(plain)
    with plain.units(read_only=True) as unit:
        assert unit.articles.state("fr") == ("ignored", REASON)
        assert unit.articles.state("en") == ("scored", "")
    shown = present.status(status(plain.units, FakeQueue(), plain.is_prepared), plain.versions)
    assert shown["unread"] == {"fr": 1}
    assert json.loads(json.dumps(shown))["rows"]["article"] == {"ignored": 1, "scored": 1}
    show_status(plain, as_json=False)
    assert "ignored for their language, which no configured model reads: 1 fr\n" in capsys.readouterr().out


def test_a_configured_model_of_more_languages_moves_countries_and_no_dyad(tmp_path: Path, migrated: Path) -> None:
    model = make_model(tmp_path / "tiny", ["escalation", "war", "neutral"])
    labels = "escalation=escalation, war=escalation, neutral=escalation"
    detente = service(tmp_path, migrated, name=str(model), labels=labels, languages="fr, es")
    try:
        analyse(detente)
        with detente.units(read_only=True) as unit:
            assert unit.articles.state("fr") == ("scored", "")
            events = unit.articles.events(["fr"])["fr"]
            moved = {Subject.parse(s) for s in unit.ledger.subjects()}
    finally:
        detente.close()
    assert {(e.signal, e.type, e.mode, e.intensity, e.actors, e.recipients) for e in events} == {
        ("escalation", "THREATEN", "force", -5.0, (), ())
    }
    assert ("PAK",) in {e.places for e in events}
    assert Subject.country("PAK") in moved
