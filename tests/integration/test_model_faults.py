"""A model that is broken, answers nonsense, or is given far too much: articles wait or are set aside, none is lost."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import Detente, shipped
from service.domain.news.article import Article
from service.domain.news.text import MAX_TEXT
from service.errors import ModelError
from service.flow import ArticleState, Kind, Task
from tests.fakes import NOON, FakeQueue, World, article, dump, pass_time, row

WAR = "Iran attacked Pakistan with missiles on Sunday, killing forty soldiers near the border."


@pytest.fixture
def detente(tmp_path: Path, migrated: Path) -> Iterator[Detente]:
    """A service with a copy of the model that can be broken."""
    shutil.copy(migrated, tmp_path / "detente.db")
    shutil.copytree(shipped("models") / "detente-coder", tmp_path / "model")
    made = Detente(overrides={"data_dir": tmp_path, "model": {"folder": tmp_path / "model"}})
    made.queue = FakeQueue()  # type: ignore[misc]
    yield made
    made.close()


def state(detente: Detente, name: str) -> str:
    with detente.units(read_only=True) as unit:
        return unit.articles.state(name)[0]


def war(name: str) -> Article:
    return article(name, f"{WAR} It was the {name} of its kind.", title=f"Iran attacks Pakistan: {name}")


def test_fault_36_with_a_truncated_model_articles_are_taken_in_and_wait_for_a_whole_one(
    detente: Detente, tmp_path: Path
) -> None:
    weights = next(path for path in (tmp_path / "model").iterdir() if path.suffix == ".onnx")
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    assert detente.take_in([war("first")], "test") == ("new",)
    for _ in range(5):
        with pytest.raises(ModelError, match="wrong hash"):
            detente.perform(Task.ANALYSE, ["first"])
    assert state(detente, "first") == ArticleState.RECEIVED, "no attempt is used, so it does not die"
    weights.write_bytes(whole)
    assert detente.perform(Task.ANALYSE, ["first"]) == 1
    assert state(detente, "first") == ArticleState.ATTRIBUTED


def test_fault_37_an_article_that_the_model_cannot_answer_on_is_set_aside_and_no_score_moves(world: World) -> None:
    world.classifier.error = lambda: ModelError("the model's answer is not a number")
    world.ingest(article("bad", "Iran attacked Pakistan with POISON."), article("good", publisher="BBC"))
    for _ in range(3):
        for name in ("bad", "good"):
            try:
                world.carry(Task.ANALYSE, name)
            except ModelError:
                pass_time(world.engine, world.patience.wait * 3)
    bad = row(world.engine, Kind.ARTICLE, "bad")
    assert (bad["state"], bad["last_error"]) == ("dead", "ModelError: the model's answer is not a number")
    assert row(world.engine, Kind.ARTICLE, "good")["state"] == "attributed"
    world.drain(Task.ASSESS)
    booked = [str(row) for row in dump(world.engine)["report"]]
    assert any("good" in row for row in booked)
    assert not any("bad" in row for row in booked)


def test_fault_38_a_text_of_a_million_characters_is_cut_alike_each_time(detente: Detente) -> None:
    long = Article("long", "Iran attacks Pakistan", f"{WAR} " + "x" * 10**6, "Reuters", "", NOON, NOON)
    flood = Article("flood", "Iran attacks Pakistan", f"{WAR} " * (10**6 // len(WAR)), "Reuters", "", NOON, NOON)
    for one in (long, flood):
        first, second = detente.desk.read([one]), detente.desk.read([one])
        assert first == second
        assert first[0].events
        assert len(one.text) > MAX_TEXT, "more than a text that is taken in may have"
