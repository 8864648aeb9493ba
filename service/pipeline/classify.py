"""Ask the model what each sentence says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from service.domain.alerting.canary import mentions as invented
from service.domain.events.clause import Clause, clauses
from service.domain.events.coding import Coding, Passage
from service.domain.events.extraction import Sentence, mark_leads
from service.domain.events.place import Mention
from service.domain.events.wording import may_tell
from service.domain.news.article import Article
from service.domain.news.canary import is_canary
from service.domain.news.language import ENGLISH, decide, opening
from service.domain.news.text import dateline
from service.flow import ArticleState
from service.ports import Claim, Classifier, Clock, CodedArticle, Gazetteer, Recogniser, Splitter, UnitOfWork, Units

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
    recogniser: Recogniser,
    clock: Clock,
) -> list[Claim]:
    """Code the articles' sentences, all in one call of the model, and keep the answers.

    An article in a language that the model does not read ends here as `ignored`.
    """
    fresh = [c for c in claims if c.state == ArticleState.DEDUPLICATED]
    with units(read_only=True) as unit:
        articles = unit.articles.get([c.id for c in fresh])
    languages = {i: language_of(article, recogniser) for i, article in articles.items()}
    readable = [c for c in fresh if languages[c.id] in classifier.languages]
    told = [(articles[c.id], languages[c.id]) for c in readable]
    coded = code_articles(told, classifier, gazetteer, splitter)
    with units() as unit:
        for claim in fresh:
            if claim not in readable:
                _set_aside(claim, languages[claim.id], unit)
        held = unit.works.move(readable, ArticleState.CLASSIFIED)
        of = {claim.id: answer for claim, answer in zip(readable, coded, strict=True)}
        for claim in held:
            unit.articles.save_coding(claim.id, of[claim.id], clock.now())
    return [*held, *(c for c in claims if c.state != ArticleState.DEDUPLICATED)]


def _set_aside(claim: Claim, language: str, unit: UnitOfWork) -> None:
    for ours in unit.works.finish([claim], ArticleState.IGNORED, unread(language)):
        unit.articles.set_unread(ours.id, language)


def unread(language: str) -> str:
    """Why an article is not read."""
    return f"language {language}, no configured model reads it"


def language_of(article: Article, recogniser: Recogniser) -> str:
    """The language of an article, told by title and lead."""
    return decide(opening(article), article.language, recogniser.shares)


def code_articles(
    told: Sequence[tuple[Article, str]], classifier: Classifier, gazetteer: Gazetteer, splitter: Splitter
) -> list[CodedArticle]:
    """What the model says of each article with its language, in order; ids do not matter."""
    read = [read_sentences(article, splitter, language) for article, language in told]
    mentions = [
        [names_in(sentence, gazetteer, article) for sentence in sentences]
        for sentences, (article, _) in zip(read, told, strict=True)
    ]
    asked = [[is_worth_reading(sentence) for sentence in sentences] for sentences in read]
    passages = [
        Passage(sentence.passage, names, sentence.language)
        for sentences, found, worth in zip(read, mentions, asked, strict=True)
        for sentence, names, is_asked in zip(sentences, found, worth, strict=True)
        if is_asked
    ]
    codings = iter(classifier.code(passages))
    return [
        _coded(sentences, found, _answers(found, worth, codings), classifier, gazetteer)
        for sentences, found, worth in zip(read, mentions, asked, strict=True)
    ]


def _answers(mentions: Sequence[Sequence[Mention]], asked: Sequence[bool], codings: Iterator[Coding]) -> list[Coding]:
    """A coding for each sentence: the model's next one, or what stands for it where it was not asked."""
    return [next(codings) if is_asked else Coding.unread(len(m)) for m, is_asked in zip(mentions, asked, strict=True)]


def is_worth_reading(sentence: Sentence) -> bool:
    """Whether the model is asked: of the lead always, of the rest only where it has a word that acts are told with.

    Those words are English, so all of another language is read.
    """
    return sentence.lead or sentence.language != ENGLISH or may_tell(sentence.passage)


def names_in(sentence: Sentence, gazetteer: Gazetteer, article: Article) -> tuple[Mention, ...]:
    """The names in a sentence, in its language, as they were understood on the article's day.

    The invented countries of canaries are names there and nowhere else.
    """
    found = gazetteer.mentions(sentence.passage, sentence.language, article.published_at.date())
    if is_canary(article.id):
        found = sorted([*found, *invented(sentence.passage)], key=attrgetter("start"))
    return tuple(found)


def read_sentences(article: Article, splitter: Splitter, language: str = ENGLISH) -> list[Sentence]:
    """The article's sentences, the title as the first, with offsets in its document."""
    document, title = article.document, article.title
    start = len(document) - len(article.text)
    skipped = dateline(article.text)
    if not title and is_brief(article.text, found := splitter.spans(article.text, language)):
        first, last = found[0][0], found[-1][1]
        return [Sentence(0, first, last, document[first:last], lead=True, language=language)]
    spans = [(0, len(title))] if title else []
    spans += [(max(a, skipped) + start, b + start) for a, b in splitter.spans(article.text, language) if b > skipped]
    whole = mark_leads(spans[:MAX_SENTENCES], document, title, language)
    return [
        _part(index, sentence, clause)
        for index, (sentence, clause) in enumerate((s, clause) for s in whole for clause in clauses(s.text))
    ]


def _part(index: int, sentence: Sentence, clause: Clause) -> Sentence:
    return replace(
        sentence,
        index=index,
        start=sentence.start + clause.start,
        end=sentence.start + clause.end,
        text=sentence.text[clause.start : clause.end],
        link=clause.link,
        subject=clause.subject,
    )


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
    """What was said of passages, with offsets in their sentences."""
    shifts = [len(s.text) - len(s.passage) for s in sentences]
    return CodedArticle(
        tuple(sentences),
        tuple(coding.moved(by) for coding, by in zip(codings, shifts, strict=True)),
        tuple(tuple(m.moved(by) for m in found) for found, by in zip(mentions, shifts, strict=True)),
        classifier.version,
        gazetteer.version,
    )
