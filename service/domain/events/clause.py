"""Sentences that tell of several acts, cut where one ends and the next begins.

A cut that should not be costs more than one that is missed, so each needs an act on its far side and a sign in the
grammar.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from service.domain.events.acts import ACTED, FORCE, SPOKE

FEWEST_WORDS = 4
"""Words a part must have to stand by itself."""


class Link(StrEnum):
    """How a part of a sentence hangs on the part before it."""

    NONE = "none"
    """Not at all: it is the first part, or the whole."""
    BEFOREHAND = "beforehand"
    """Not at all: it is the first part and says what the next one came after ("After X struck, …")."""
    NEXT = "next"
    """One more act, of somebody else."""
    SAME_DOER = "same doer"
    """One more act, of whoever did the part before ("… and recalled its envoy")."""
    OUTCOME = "outcome"
    """What the part before led to ("…, prompting X to answer"): by itself it reads like an intention."""
    EARLIER = "earlier"
    """What the part before came after or answers."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence. `start` and `end` are offsets in it, without the joining words.

    `subject` are the words for who did it, where they stand in the part before and not in this one.
    """

    start: int
    end: int
    link: Link = Link.NONE
    subject: str = ""


_ADVERB = r"(?:(?:has|have|had|also|later|again|once more|immediately|subsequently)\s+){0,2}"
_HOW_MANY = (
    r"(?:about|almost|less than|more than|nearly|only|an?|few|several|some|\d+|one|two|three|four|five|six|seven|eight|"
    r"nine|ten)"
)
_HOW_LONG = rf"(?:shortly|soon|just|immediately|(?:{_HOW_MANY}\s+){{0,3}}(?:minutes|hours?|days?|weeks?|months?))"
_LATER = re.compile(rf",?\s+{_HOW_LONG}$", re.IGNORECASE)
_CAME_AFTER = r"(?:after|following|in response to|in retaliation for)\s+"
_JOINTS = re.compile(
    rf"(?=[;,\s])(?:(?P<next>;\s+|,\s+(?:while|whereas|but)\s+)|"
    rf"(?P<outcome>,\s+(?:prompting|triggering|provoking|drawing|leading|forcing)\s+)|"
    rf"(?P<same_doer>,?\s+(?:and\s+then|and|then)\s+(?={_ADVERB}{ACTED})|,\s+(?={SPOKE}))|"
    rf"(?P<series>,\s+(?={ACTED}[^,;]*,?\s+and\s+(?:then\s+)?{_ADVERB}{ACTED}))|"
    rf"(?P<other_doer>,\s+and\s+)|"
    rf"(?P<named_doer>\s+and\s+(?=(?-i:[A-Z][\w'’-]+\s+(?:[A-Z][\w'’-]+\s+)?){_ADVERB}{ACTED}))|"
    rf"(?P<earlier>,?\s+{_CAME_AFTER}))",
    re.IGNORECASE,
)
"""All begin with one of the signs that are looked for first, so that no other place is tried in seven ways."""
_OPENING = re.compile(rf"(?:{_HOW_LONG}\s+)?{_CAME_AFTER}([^,;]+),\s+", re.IGNORECASE)
_LINKS = {
    "next": Link.NEXT,
    "outcome": Link.OUTCOME,
    "same_doer": Link.SAME_DOER,
    "series": Link.SAME_DOER,
    "other_doer": Link.NEXT,
    "named_doer": Link.NEXT,
    "earlier": Link.EARLIER,
}
_ACT = re.compile(
    rf"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbeen )(?<!ed )(?<!shot and )\b{ACTED}", re.IGNORECASE
)
"""Done by the subject, not to it."""
_FINITE = re.compile(
    rf"(?<![\w-])(?:{ACTED}|has|have|had|is|are|was|were|will|would|said|says|"
    r"(?!armed|allied|united|masked|wounded|retired)(?-i:[a-z]{2,}ed))\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being)\s+(?:\w+ly\s+)?(?:\w+ed|shot|hit|held|struck)\b", re.IGNORECASE
)
_PAIRED = re.compile(r"\b(?:\w+ed|shot|hit|struck|beaten)$", re.IGNORECASE)
"""Two verbs with one object are one act: "shot and killed"."""
_SUBORDINATE = re.compile(r"\b(?:who|which|that|where|when|after|while)\b[^,;]*$", re.IGNORECASE)
"""A clause that is still open at the end: what "and" adds may belong to it."""
_HARM = re.compile(r"(?:\w+\s+)?(?:killed|destroyed)\b", re.IGNORECASE)
"""What an act did is the act that did it."""
_OTHER_ACTS = re.compile(rf"(?:[\w'’.-]+\s+){{1,8}}?{_ADVERB}{_ACT.pattern}", re.IGNORECASE)
_LONG_AGO = re.compile(r"\b(?:years?|decades?)$", re.IGNORECASE)
_NEW = re.compile(
    rf"(?!which\b)(?:[^,;]*?\b{ACTED}|(?!(?:the|this|that|those|these|its|his|her|their)\b)[^,;]*?\b{FORCE})",
    re.IGNORECASE,
)
"""A finite verb, or a noun that is told for the first time: what has an article has been told before."""
_MEASURE = re.compile(
    rf"(?:{_HOW_MANY}\s+){{1,3}}(?:minutes?|hours?|days?|weeks?|months?|years?|decades?)\b(?! of\b)", re.IGNORECASE
)
_BY_THE_SAME = re.compile(
    r"(?!(?:shell|fight|kill|bomb|shoot)ing\s+(?:at|between|by|in|near|of|on|that|which)\b)[a-z]+ing\b"
)
"""A verb without a subject ("after shelling two towns"); "shelling in the border area" is a noun."""


def clauses(text: str) -> list[Clause]:
    """The parts of a sentence; the whole if it tells of one act."""
    opening = _opening(text)
    parts = [Clause(*opening.span(1), Link.BEFOREHAND)] if opening else []
    start, link, subject = (opening.end(), Link.NEXT, "") if opening else (0, Link.NONE, "")
    for joint in _JOINTS.finditer(text, start):
        before, after, kind = text[start : joint.start()], text[joint.end() :], str(joint.lastgroup)
        before = _LATER.sub("", before) if kind == "earlier" else before
        if not _stands(before) or not _stands(after) or not _IS_CUT[kind](before, after, link):
            continue
        parts.append(Clause(start, start + len(before), link, subject))
        shares = _LINKS[kind] is Link.SAME_DOER or (kind == "earlier" and bool(_BY_THE_SAME.match(after)))
        subject = (subject or _subject(before)) if shares else ""
        start, link = joint.end(), _LINKS[kind]
    return [*parts, Clause(start, len(text), link, subject)]


def _opening(text: str) -> re.Match[str] | None:
    """The act, group 1, to which a sentence looks back before it comes to its own; None if it does not."""
    found = _OPENING.match(text)
    if found is None or not _is_new_act(found[1]) or not _stands(found[1]) or not _stands(text[found.end() :]):
        return None
    return found if _ACT.search(text, found.end()) and not _BY_THE_SAME.match(found[1]) else None


def _stands(part: str) -> bool:
    return len(part.split()) >= FEWEST_WORDS


def _subject(part: str) -> str:
    """The words before its verb."""
    verb = _FINITE.search(part)
    return part[: verb.start()].strip(" ,") if verb else ""


def _always(_before: str, _after: str, _link: Link) -> bool:
    return True


def _is_same_doer(before: str, after: str, link: Link) -> bool:
    if link is Link.EARLIER or _HARM.match(after) or _PAIRED.search(before) or _SUBORDINATE.search(before):
        return False
    return bool(_ACT.search(before) or (_FINITE.search(before) and not _PASSIVE.search(before)))


def _is_other_doer(before: str, after: str, _link: Link) -> bool:
    return bool(_FINITE.search(before) and _OTHER_ACTS.match(after))


def _is_named_doer(before: str, _after: str, _link: Link) -> bool:
    """Whether the name begins a clause; after another name it may belong to that: "urged Iran and Iraq"."""
    return bool(before.rsplit(maxsplit=1)[-1].islower() and _ACT.search(before) and not _SUBORDINATE.search(before))


def _is_earlier(before: str, after: str, _link: Link) -> bool:
    """Whether it tells of an act before an act. After harm and the like it is what did it, and no act of its own."""
    return bool(_is_new_act(after) and _ACT.search(before) and not _LONG_AGO.search(before))


def _is_new_act(part: str) -> bool:
    return bool(_NEW.match(part) and not _MEASURE.match(part))


_IS_CUT: dict[str, Callable[[str, str, Link], bool]] = {
    "next": _always,
    "outcome": _always,
    "same_doer": _is_same_doer,
    "series": _is_same_doer,
    "other_doer": _is_other_doer,
    "named_doer": _is_named_doer,
    "earlier": _is_earlier,
}
