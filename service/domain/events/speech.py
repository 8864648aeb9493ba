"""Whose words state an event: what stands in quotation marks, and what somebody is named as saying.

The speaker is looked for beside a verb of speech or after "according to", among the names the gazetteer finds. A
speaker without a name ("officials said", "Reuters reported") and a reporter ("according to Syrian media") are nobody's
side.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from service.domain.events.event import Event, state_of, states_of
from service.domain.events.parties import RECIPROCAL_ROOTS, Named, with_parties
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole, Modality

LONGEST = 2000
"""Characters of a sentence in which speakers are looked for."""
_WHEN = r"(?: (?:late |early )?(?:on )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today))?"
_SAYS = (
    r"(?:says?|said|claim(?:s|ed)?|alleg(?:e|es|ed)|insist(?:s|ed)?|assert(?:s|ed)?|"
    r"(?:tells?|told)\b(?: [^,;]{1,60}? that| (?:the )?[\w-]+))"
)
"""Whom somebody tells belongs to the verb."""
_TELLS = (
    r"(?:announc(?:e|es|ed)|confirm(?:s|ed)?|report(?:s|ed)?|stat(?:e|es|ed)|declar(?:e|es|ed)|reveal(?:s|ed)?|"
    r"add(?:s|ed)?)"
)
"""Verbs that take a thing as well ("confirmed the deal"): they speak only before "that", or after what was said."""
_NO_VERB = "".join(
    rf"(?<!\b{word} )"
    for word in (
        *("is", "as", "was", "are", "not", "were", "been", "be", "to"),
        *("the", "of", "by", "on", "over", "amid", "its", "their", "these", "such"),
        *("denied", "denies", "rejected", "rejects", "dismissed", "dismisses", "confirm", "confirmed"),
    )
)
"""Whoever "was told" or "denies claims" does not speak."""
_BEFORE = re.compile(
    rf"\b(?=[acdirst]){_NO_VERB}(?:{_SAYS}\b"
    r"(?! (?:to|yes|no|nothing|an?|responsibility|credit|victory|lives|the li(?:fe|ves)|at least|\d)\b)|"
    rf"{_TELLS}{_WHEN} that\b)",
    re.IGNORECASE,
)
"""What is said comes after it.

The letters these verbs begin with are tested first: the many looks back at every other letter took most of the time.
"""
_NO_CLAUSE = r"(?![^,;.]*\b(?:had|has|have|would|will|was|were|is|are|could|must|should|can|\w+ed)\b)"
_AFTER = re.compile(
    rf"[,”\"] (?P<subject>[^,;:\"“”]{{1,100}}?) {_SAYS}{_WHEN}(?: in an? [^,;.]{{1,40}})?\s*(?:[.,;]|$)|"
    rf"[,”\"] (?P<teller>[^,;:\"“”]{{1,100}}?) {_TELLS}{_WHEN}\s*(?:[.;]|$)|"
    rf"(?:[”\"]|,(?=[^,;]*\.?$)) {_SAYS} {_NO_CLAUSE}(?P<inverted>[^;:\"“”]{{1,120}})",
    re.IGNORECASE,
)
"""What is said comes before it."""
_ACCORDING = re.compile(r"\baccording to (?P<source>[^,;:\"“”]{1,120})", re.IGNORECASE)
_CUT = re.compile(r"[,;:\"“”]|\b(?:as|while|when|because|although|that|which|who)\b", re.IGNORECASE)
_ANOTHER_CLAUSE = re.compile(r"\s*(?:and|but)\b", re.IGNORECASE)
"""Begins a clause whose speaker did not say the one before it: "X did it, and Y said that …"."""
_APPOSED = re.compile(r",[^,;:\"“”]{1,80},\s*$")
_SENTENCE_END = re.compile(r"(?<=[a-z\d)\]”\"])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?][”\"]?\s+(?=[“\"]?[A-Z])")
_REPORTER = re.compile(
    r"(?<!\bstate )(?<!\bstate-run )\b(media|news\w*|agenc(y|ies)|television|TV|radio|press|times|post|journalists?|"
    r"reporters?|observatory|monitors?|activists?|analysts?)\b",
    re.IGNORECASE,
)
_OWN = re.compile(rf"{_WHEN}(?: that)?[\s\"“]*(?:it|its|they|their|we|our)\b", re.IGNORECASE)
"""What is said opens with a word for the speaker."""
_CONFIRMS = re.compile(r"confirm(?:s|ed)?\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(den(?:y|ies|ied)|disput(?:es|ed)|not (?:been )?confirmed|no (?:proof|evidence)|unverified)\b", re.IGNORECASE
)
_SAYS_AGAIN = re.compile(rf"\b(?:he|she|they) (?:(?:has|have|had) )?(?:{_SAYS}|add(?:s|ed)?)\b", re.IGNORECASE)
"""Somebody named in the sentence before goes on speaking."""
_BY_SPEAKING = frozenset({"ACCUSE", "REJECT", "REQUEST", "SUPPORT", "THREATEN"})
"""What is done by saying it: the speaker acts."""
_ACTS = frozenset({MentionRole.ACTOR, MentionRole.BOTH})
_PLACES = frozenset({MentionKind.REGION, MentionKind.CITY})
_JOINS = re.compile(r"(?:['’]s)?,? (?:and|&) (?:the )?", re.IGNORECASE)
_MARKS = re.compile(r"[“”]|\"(?!\s)|(?<!\s)\"")


class Written(Protocol):
    """A piece of text and the paragraph it stands in."""

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def paragraph(self) -> int:
        """Number of its paragraph."""
        ...


def quoted(told: Sequence[Written]) -> list[bool]:
    """Which pieces are a quotation for their greater part; it goes on to its closing mark or its paragraph's end.

    Several quotations make one only where the first opens the piece: "…", he said, "…".
    """
    answers, is_open, paragraph = [], False, -1
    for piece in told:
        opens = is_open and piece.paragraph == paragraph
        lengths, is_open = _quotations(piece.text, is_open=opens)
        is_one = opens or piece.text.lstrip()[:1] in {'"', "“"}
        answers.append(2 * (sum(lengths) if is_one else max(lengths, default=0)) > len(piece.text))
        paragraph = piece.paragraph
    return answers


def _quotations(text: str, *, is_open: bool) -> tuple[list[int], bool]:
    """Characters in each pair of quotation marks, and whether a quotation is open at the end of the text."""
    lengths, start = [], 0
    for mark in _MARKS.finditer(text):
        if is_open:
            lengths.append(mark.start() - start)
        is_open = {"“": True, "”": False}.get(mark[0], not is_open)
        start = mark.end()
    return [*lengths, len(text) - start] if is_open else lengths, is_open


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who is named as saying what the text tells.

    `speakers` are the names for them; `said` is where in the text the words begin that are theirs, `own` says that
    these open with a word for the speaker ("said that its forces …"), `confirms` that the verb is "confirm".
    """

    speakers: tuple[Mention, ...]
    said: int
    own: bool = False
    confirms: bool = False


def sources(text: str, mentions: Sequence[Mention]) -> list[Source]:
    """Who says what the first sentence tells; none where no speaker has a name."""
    end = _SENTENCE_END.search(text)
    first = text[: end.start() if end else len(text)][:LONGEST]
    found = [
        Source(_subjects(who, first, mentions), said, own, confirms)
        for who, said, own, confirms in _sources(first)
        if not _reports(first, who)
    ]
    return [source for source in found if source.speakers]


def _reports(text: str, who: tuple[int, int]) -> bool:
    return bool(_REPORTER.search(text, *who))


def _sources(text: str) -> Iterator[tuple[tuple[int, int], int, bool, bool]]:
    """Where the text names who speaks, and the other fields of a `Source`."""
    for match in _ACCORDING.finditer(text):
        yield match.span("source"), 0 if match.start() else match.end(), False, False
    for match in _AFTER.finditer(text):
        yield match.span(match.lastgroup or 0), 0, False, False
    for match in _BEFORE.finditer(text):
        who = _subject(text, match.start()), match.start()
        if who[0] and _ANOTHER_CLAUSE.match(text, who[0]):
            continue
        yield who, match.end(), bool(_OWN.match(text, match.end())), bool(_CONFIRMS.match(match[0]))


def _subject(text: str, verb: int) -> int:
    """Where the subject of the verb begins: after the last cut, over what stands between two commas before the verb."""
    apposed = _APPOSED.search(text[:verb])
    return max((cut.end() for cut in _CUT.finditer(text, 0, apposed.start() if apposed else verb)), default=0)


def _subjects(who: tuple[int, int], text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The first name there and those joined to it by "and": a later one is whom or what they speak of."""
    found: list[Mention] = []
    for name in (m for m in mentions if who[0] <= m.start < who[1]):
        if found and not _JOINS.fullmatch(text[found[-1].end : name.start]):
            break
        found.append(name)
    return tuple(found)


def with_sides(event: Event, named: Sequence[Named], before: Event | None) -> Event:
    """The event with its parties and with those who state it; `before` is the event before it in the article.

    - Who merely reports what another does is no actor.
    - What a party owns to or confirms, and nobody denies, is no allegation.
    - A deed told in a verbatim quotation of somebody who did not do it is alleged.
    """
    found = sources(event.text, [n.mention for n in named])
    reporters = _reporters(event, found, named)
    heard = [replace(n, role=_heard(n, event, named)) if n.mention in reporters else n for n in named]
    whole = with_parties(event, heard)
    speakers = tuple(sorted({code for source in found for m in source.speakers if (code := _party(m))}))
    goes_on = before is not None and event.sentence - before.sentence <= 1 and _SAYS_AGAIN.search(event.text)
    told = replace(whole, attributed_to=before.attributed_to if before and goes_on and not speakers else speakers)
    modality = _modality(told, found)
    return told if modality is told.modality else replace(told, modality=modality)


def _reporters(event: Event, found: Sequence[Source], named: Sequence[Named]) -> list[Mention]:
    """Speakers whose words open with another who acts."""
    if event.type in _BY_SPEAKING:
        return []
    return [m for source in found if not source.own and _is_of_another(source, named) for m in source.speakers]


def _heard(reporter: Named, event: Event, named: Sequence[Named]) -> MentionRole:
    """What is left of the role of one who only reports: whoever announces what two others agree on is no side of it."""
    others = {state_of(_party(n.mention)) for n in named if n.role in _ACTS} - {
        state_of(_party(reporter.mention)),
        None,
    }
    is_side = event.type not in RECIPROCAL_ROOTS or len(others) < 2  # noqa: PLR2004
    if reporter.role is MentionRole.BOTH and is_side:
        return MentionRole.RECIPIENT
    return MentionRole.THIRD if reporter.role in _ACTS else reporter.role


def _is_of_another(source: Source, named: Sequence[Named]) -> bool:
    said = next((n for n in named if n.mention.start >= source.said and n.mention not in source.speakers), None)
    speakers = {state_of(_party(m)) or m.code for m in source.speakers}
    return (
        said is not None
        and said.role in _ACTS
        and (state_of(_party(said.mention)) or said.mention.code) not in speakers
    )


def _party(mention: Mention) -> str:
    """The party a name stands for: of a place, its one country."""
    if mention.kind in _PLACES:
        return mention.countries[0] if len(mention.countries) == 1 else ""
    return mention.code


def _modality(event: Event, found: Sequence[Source]) -> Modality:
    if event.type in _BY_SPEAKING or not event.attributed_to:
        return event.modality
    owns = any(source.confirms or source.own for source in found) and not _DENIED.search(event.text)
    if event.modality is Modality.ALLEGED and owns:
        return Modality.ACTUAL
    speaks_of_itself = set(states_of(event.attributed_to)) & set(states_of(event.actors))
    is_claim = event.quoted and event.modality is Modality.ACTUAL and not speaks_of_itself
    return Modality.ALLEGED if is_claim else event.modality
