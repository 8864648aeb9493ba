"""A part of a sentence without a subject: the model reads it with one, everything else sees the part alone."""

from dataclasses import replace

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.domain.events.coding import Coding, Passage
from service.domain.events.extraction import extract
from service.domain.news.article import Article
from service.pipeline.attribute import told
from service.pipeline.classify import code_articles
from tests.fakes import NOON, FakeClassifier, FakeSplitter

TEXT = "Iran recalled its ambassador and attacked a base in Pakistan."


class Attentive(FakeClassifier):
    """Says of each passage that its first and its last word decided."""

    def _coding(self, passage: Passage) -> Coding:
        first, last = passage.text.index(" "), passage.text.rindex(" ") + 1
        words = ((0, first, 0.5), (last, len(passage.text), 0.5))
        return replace(super()._coding(passage), words=words)


def test_a_part_is_read_with_its_subject_and_kept_without(shipped_gazetteer: CompiledGazetteer) -> None:
    article = Article("a", "News of the day", TEXT, "Reuters", "", NOON, NOON)
    (coded,) = code_articles([(article, "en")], Attentive(), shipped_gazetteer, FakeSplitter())
    part, said, names = coded.sentences[-1], coded.codings[-1], coded.mentions[-1]
    assert (part.subject, part.text) == ("Iran", "attacked a base in Pakistan.")
    assert [(m.code, part.text[m.start : m.end]) for m in names] == [("IRN", ""), ("PAK", "Pakistan")]
    assert [part.text[start:end] for start, end, _ in said.words] == ["Pakistan."]
    (event,) = told(extract(coded.sentences, coded.codings, NOON, 0.5), coded)
    assert (event.actors, event.recipients) == (("IRN",), ("PAK",))
    assert article.document[event.start : event.end] == part.text
