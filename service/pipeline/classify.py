"""Ask the model what each sentence says."""

from collections.abc import Sequence

from service.domain.events.clause import clauses, is_outcome
from service.domain.events.coding import Coding, Passage
from service.domain.events.extraction import Sentence, mark_leads
from service.domain.events.place import Mention
from service.domain.news.article import Article
from service.domain.news.text import dateline
from service.flow import ArticleState
from service.ports import Claim, Classifier, Clock, CodedArticle, Gazetteer, Splitter, Units

BRIEF, BRIEF_SENTENCES = 600, 3
"""Characters and sentences up to which a text is a brief; 600 characters are about the model's 128 tokens."""
MAX_SENTENCES = 60
"""Sentences of an article that are read; what comes later is hardly ever news."""


def classify(
    claims: Sequence[Claim],
    units: Units,
    classifier: Classifier,
    gazetteer: Gazetteer,
    splitter: Splitter,
    clock: Clock,
) -> list[Claim]:
    """Code the articles' sentences, all in one call of the model, and keep the answers."""
    fresh = [c for c in claims if c.state == ArticleState.DEDUPLICATED]
    with units(read_only=True) as unit:
        articles = unit.articles.get([c.id for c in fresh])
    coded = code_articles([articles[c.id] for c in fresh], classifier, gazetteer, splitter)
    with units() as unit:
        held = unit.works.move(fresh, ArticleState.CLASSIFIED)
        of = {claim.id: answer for claim, answer in zip(fresh, coded, strict=True)}
        for claim in held:
            unit.articles.save_coding(claim.id, of[claim.id], clock.now())
    return [*held, *(c for c in claims if c.state != ArticleState.DEDUPLICATED)]


def code_articles(
    articles: Sequence[Article], classifier: Classifier, gazetteer: Gazetteer, splitter: Splitter
) -> list[CodedArticle]:
    """What the model says of each article, in order; ids do not matter."""
    read = [read_sentences(a, splitter) for a in articles]
    days = [article.published_at.date() for article in articles]
    mentions = [
        [tuple(gazetteer.mentions(s.text, at=day)) for s in sentences]
        for sentences, day in zip(read, days, strict=True)
    ]
    passages = [
        Passage(sentence.text, names)
        for sentences, found in zip(read, mentions, strict=True)
        for sentence, names in zip(sentences, found, strict=True)
    ]
    codings = iter(classifier.code(passages))
    return [
        _coded(sentences, found, [next(codings) for _ in sentences], classifier, gazetteer)
        for sentences, found in zip(read, mentions, strict=True)
    ]


def read_sentences(article: Article, splitter: Splitter) -> list[Sentence]:
    """The article's sentences, the title as the first, with offsets in its document."""
    document, title = article.document, article.title
    start = len(document) - len(article.text)
    skipped = dateline(article.text)
    if not title and is_brief(article.text, found := splitter.spans(article.text)):
        return [Sentence(0, found[0][0], found[-1][1], document[found[0][0] : found[-1][1]], lead=True)]
    spans = [(0, len(title))] if title else []
    spans += [(max(a, skipped) + start, b + start) for a, b in splitter.spans(article.text) if b > skipped]
    whole = mark_leads(spans[:MAX_SENTENCES], document, title)
    return [
        Sentence(
            index,
            s.start + start,
            s.start + end,
            s.text[start:end],
            s.lead,
            s.paragraph,
            is_outcome(s.text, start),
        )
        for index, (s, start, end) in enumerate((s, *span) for s in whole for span in clauses(s.text))
    ]


def is_brief(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a text without a title is read as one passage: the model learned on texts of up to three sentences."""
    return 1 <= len(spans) <= BRIEF_SENTENCES and len(text) <= BRIEF


def _coded(
    sentences: Sequence[Sentence],
    mentions: Sequence[tuple[Mention, ...]],
    codings: Sequence[Coding],
    classifier: Classifier,
    gazetteer: Gazetteer,
) -> CodedArticle:
    return CodedArticle(tuple(sentences), tuple(codings), tuple(mentions), classifier.version, gazetteer.version)
