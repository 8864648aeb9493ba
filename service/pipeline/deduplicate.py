"""Set articles aside that repeat one we have, and find out whose report each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.domain.events.geography import Geography
from service.domain.news.article import Article
from service.domain.news.credit import Agencies
from service.domain.news.duplicate import Imprint, imprint, is_copy
from service.flow import ArticleState
from service.pipeline.score import OwnerOf, enter, reports_of, withdraw
from service.ports import Books, Claim, Clock, Fingerprints, UnitOfWork, Units

WINDOW = timedelta(days=14)
"""How far back a near duplicate is looked for, by date of publication."""
OLD_NEWS = timedelta(days=3 * 365)
"""How far back a text is looked for that is printed again as if it were new."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Who speaks in a text, and who in whose name."""

    owner_of: OwnerOf
    agencies: Agencies


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is beside those we have.

    `reason` says why it is set aside, as a repetition of `original`; both are "" for one that goes on. `copies` are
    earlier articles that turn out to be wire copy of it.
    """

    original: str = ""
    reason: str = ""
    copies: tuple[Article, ...] = ()


def deduplicate(
    claims: Sequence[Claim],
    units: Units,
    fingerprints: Fingerprints,
    voices: Voices,
    geography: Geography,
    clock: Clock,
) -> list[Claim]:
    """Claims of articles with something new in them; the others become `ignored`, with the reason.

    An agency's own text is not set aside for a copy that came first: the copy becomes the agency's voice.
    """
    fresh = [c for c in claims if c.state == ArticleState.RECEIVED]
    unique: list[Claim] = []
    with units(serial=True) as unit:
        held = unit.works.move(fresh, ArticleState.DEDUPLICATED)
        texts = unit.articles.get([c.id for c in held])
        for claim in held:
            verdict = judge(texts[claim.id], unit, fingerprints, voices)
            if verdict.reason:
                unit.works.finish([claim], ArticleState.IGNORED, verdict.reason)
                continue
            unique.append(claim)
            _hand_over(verdict.copies, voices, unit, geography, clock)
    return [*unique, *(c for c in claims if c.state != ArticleState.RECEIVED)]


def judge(new: Article, unit: Books, fingerprints: Fingerprints, voices: Voices, back: timedelta = OLD_NEWS) -> Verdict:
    """Compare an article with those we have.

    Remembered in the transaction: whom it credits, and what it repeats, or else its bands and whose its copies are.
    """
    article = _credited(new, unit, voices.agencies)
    verdict = _compare(article, unit, fingerprints, voices, back)
    if verdict.original:
        unit.articles.set_duplicate(article.id, verdict.original)
    for copy in verdict.copies:
        unit.articles.set_credit(copy.id, voices.agencies.own(article))
    return verdict


def _credited(article: Article, unit: Books, agencies: Agencies) -> Article:
    signed = agencies.signed(article)
    if signed.credit != article.credit:
        unit.articles.set_credit(article.id, signed.credit)
    return signed


def _compare(article: Article, unit: Books, fingerprints: Fingerprints, voices: Voices, back: timedelta) -> Verdict:
    """By its words, then by its bands; the oldest that it repeats is its original."""
    first = unit.articles.first_with_hash(article.id)
    if first and _gives_way(article, unit.articles.get([first])[first], voices):
        return Verdict(first, f"exact duplicate of {first}")
    own = imprint(article.document)
    bands = fingerprints.bands(own.shingles)
    copies = []
    for other in unit.articles.sharing_band(article.id, bands, article.published_at - back):
        if reason := _likeness(article, own, other, voices):
            if _gives_way(article, other, voices):
                return Verdict(other.id, reason)
            copies.append(other)
    unit.articles.set_bands(article.id, bands)
    own_name = voices.agencies.own(article)
    return Verdict(copies=tuple(copy for copy in copies if own_name and not copy.credit))


def _likeness(article: Article, own: Imprint, other: Article, voices: Voices) -> str:
    """In which way an article repeats an earlier one, "" if in none.

    What was printed long before must be the same at length: news in brief reads alike every year.
    """
    theirs = imprint(other.document)
    if other.published_at < article.published_at - WINDOW:
        is_again = not own.is_short and not theirs.is_short and is_copy(own, theirs, closely=True)
        return f"republished: near copy of {other.id} of {other.published_at:%Y-%m-%d}" if is_again else ""
    is_near = is_copy(own, theirs, closely=_is_of_one_house(article, other, voices))
    return f"near duplicate of {other.id}" if is_near else ""


def _is_of_one_house(one: Article, other: Article, voices: Voices) -> bool:
    owners = [voices.owner_of(a.publisher, a.url) for a in (one, other)]
    return owners[0].group == owners[1].group and not owners[0].is_quarantined


def _gives_way(article: Article, earlier: Article, voices: Voices) -> bool:
    """Whether an article is set aside for an earlier one with the same words.

    An agency's own text is not for another's that credits nobody else, and nobody's is for a publisher's in quarantine:
    who prints it first must not silence whom we trust.
    """
    agency = voices.agencies.own(article)
    if agency and not voices.agencies.own(earlier) and earlier.credit in {"", agency}:
        return False
    mine, theirs = (voices.owner_of(a.publisher, a.url) for a in (article, earlier))
    return mine.is_quarantined or not theirs.is_quarantined


def _hand_over(copies: Sequence[Article], voices: Voices, unit: UnitOfWork, geography: Geography, clock: Clock) -> None:
    """What wire copy has booked is booked again as the agency's voice; what is not booked yet will be."""
    booked = [copy.id for copy in copies if unit.articles.state(copy.id)[0] == ArticleState.SCORED]
    if booked:
        withdraw(booked, unit, geography, clock.now())
        enter(reports_of(booked, unit, voices.owner_of), unit, geography, clock.now())
