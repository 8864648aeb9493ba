"""Names that only stand beside an act: where a thing comes from, whom it is compared with, where others talk."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.domain.events.event import Event, state_of
from service.domain.events.parties import Named
from service.domain.events.place import MentionKind
from service.domain.events.signal import MentionRole, Signal

_TALKS = frozenset({"AGREE", "CONSULT"})
_ORIGIN = re.compile(r"[- ](made|built|flagged|registered|designed|born|trained)\b", re.IGNORECASE)
_OF_THE_PEOPLE = re.compile(r"\b(most|many|some|all|half|several|\w+) of (them|whom) (are |were )?$", re.IGNORECASE)
_DRILL_WITH = re.compile(r"\b(exercises?|drills?|man(oe|eu)vres?|maneuvers?) with (the )?$", re.IGNORECASE)
_AS_IN = re.compile(
    r",\s+((just )?as|like|unlike) ((it |they )?(did|happened|was|were) )?(in|with) (the )?$", re.IGNORECASE
)
_AS_DID = re.compile(r",\s+((just )?as|like|unlike) [^,;]{3,40} (did|does|do|had done|has done)\b[^,;]*", re.IGNORECASE)
_IN_THE = re.compile(r"\b(in|at|from) the $", re.IGNORECASE)
_CALLED_FROM = re.compile(r"\b(negotiators?|delegat(es|ions?)|teams?) (home )?from $", re.IGNORECASE)
_CAPITAL = re.compile(r"\s+capital\b", re.IGNORECASE)
_TALKS_THERE = re.compile(r"\s+((peace|truce|direct|indirect|nuclear) )?(talks|meetings?|summit|conference|round)\b")
_STANDS_BY = re.compile(
    r",\s+[^,]{3,60}\s(objecting|abstaining|opposing|dissenting|disagreeing|watching|voting against)\b", re.IGNORECASE
)
_ASIDE = re.compile(
    r",\s+((in|of|on|through|to|for|with|from|under|by) )?(which|who|whose|whom|where)\b[^,;]*(?=,)|"
    r",\s+((which|where|who)\b[^,;]*\b(had|has|have)\b[^,;]*)$|"
    r",\s+(an? ([a-z]+ )?(ally|allies|backer|supporter|patron|friend|partner|rival|foe|enemy|neighbou?r)|"
    r"\w+ (nautical )?(miles|kilometres|kilometers|km)) [^,;]*(?=,)",
    re.IGNORECASE,
)
"""What is said of a name beside the act: a relative clause, who or how far off it is, what it had done before."""


def standing(event: Event, named: Sequence[Named]) -> list[Named]:
    """The names of an event's sentence, those that only stand beside its act without a part in it."""
    aside = [span for pattern in (_ASIDE, _STANDS_BY, _AS_DID) for span in _spans(pattern, event.text)]
    return [_venue(event, _beside(event, n, aside), named) for n in named]


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    return ((match.start(), match.end()) for match in pattern.finditer(text))


def _beside(event: Event, named: Named, aside: Sequence[tuple[int, int]]) -> Named:
    before, start, end = event.text[: named.mention.start], named.mention.start, named.mention.end
    is_beside = (
        _ORIGIN.match(event.text, end)
        or _OF_THE_PEOPLE.search(before)
        or _AS_IN.search(before)
        or (event.signal is Signal.DE_ESCALATION and _DRILL_WITH.search(before))
        or any(first <= start < last for first, last in aside)
    )
    return replace(named, role=MentionRole.MENTION) if is_beside else named


def _venue(event: Event, named: Named, others: Sequence[Named]) -> Named:
    """A capital in which others talk, or whose table they leave, is where they do so and not one of them."""
    text, mention = event.text, named.mention
    in_capital = _IN_THE.search(text[: mention.start]) and _CAPITAL.match(text, mention.end)
    is_noun = mention.kind is MentionKind.CAPITAL and any(n.mention.start < mention.start for n in others)
    talks_there = is_noun and _TALKS_THERE.match(text, mention.end)
    if mention.kind is MentionKind.CAPITAL and _CALLED_FROM.search(text[: mention.start]):
        return replace(named, role=MentionRole.MENTION)
    states = {state_of(n.mention.code) for n in others if n.mention.code != mention.code} - {None}
    is_venue = in_capital or (talks_there and event.type in _TALKS and len(states) > 1)
    return replace(named, role=MentionRole.PLACE) if is_venue else named
