"""What an article leaves unsaid because it has said it before: the other side of its quarrel."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from service.domain.events.dyad import dyads
from service.domain.events.event import Event, state_of, states_of
from service.domain.events.signal import ArticleRole, Signal

FEWEST = 2
"""Events that must name both sides before the sides of others are filled in; one is enough in the lead."""
_OF_OTHERS = frozenset({"REQUEST", "SUPPORT", "AID", "CONSULT"})
"""What an outsider does about a quarrel, to both sides of it."""
_AT_HOME = frozenset({"PROTEST"})


@dataclass(frozen=True, slots=True)
class Quarrel:
    """The two sides an article is about: party codes by state."""

    codes: dict[str, str]

    def other(self, state: str) -> str:
        """The code of the side that `state` is not."""
        return next(code for home, code in self.codes.items() if home != state)


def complete(events: Sequence[Event]) -> list[Event]:
    """The events, with a side that is not named taken from the quarrel the article is about, if there is one.

    A side that acts or suffers alone does so against the other; what an outsider asks, praises or gives goes to both;
    what an outsider condemns is the last hostile act.
    """
    quarrel = main_quarrel(events)
    if quarrel is None:
        return list(events)
    completed: list[Event] = []
    for event in events:
        completed.append(_completed(event, quarrel, completed))
    return completed


def main_quarrel(events: Iterable[Event]) -> Quarrel | None:
    """The pair of states that most events name as their two sides; None when none stands out."""
    counts: Counter[tuple[str, str]] = Counter()
    codes: Counter[str] = Counter()
    for event in events:
        for pair in dyads(event):
            counts[pair] += FEWEST if event.role is ArticleRole.LEAD else 1
        codes.update({*event.actors, *event.recipients})
    (pair, count), *_ = counts.most_common(1) or [(("", ""), 0)]
    if count < FEWEST:
        return None
    return Quarrel({state: _commonest(code for code in codes.elements() if state_of(code) == state) for state in pair})


def _commonest(codes: Iterable[str]) -> str:
    counts = Counter(codes)
    return max(counts, key=lambda code: (counts[code], code))


def _completed(event: Event, quarrel: Quarrel, before: Sequence[Event]) -> Event:
    if event.type in _AT_HOME or (event.actors and event.recipients):
        return event
    actors, recipients = states_of(event.actors), states_of(event.recipients)
    if len(actors) == 1 and actors[0] in quarrel.codes:
        return replace(event, recipients=(quarrel.other(actors[0]),))
    if len(recipients) == 1 and recipients[0] in quarrel.codes:
        return replace(event, actors=(quarrel.other(recipients[0]),))
    is_outsiders = bool(event.actors) and not set(actors) & set(quarrel.codes)
    return _by_outsider(event, quarrel, before) if is_outsiders else event


def _by_outsider(event: Event, quarrel: Quarrel, before: Sequence[Event]) -> Event:
    if event.signal is Signal.DE_ESCALATION and event.type in _OF_OTHERS:
        return replace(event, recipients=tuple(sorted(quarrel.codes.values())))
    if event.signal is Signal.ESCALATION and event.type == "ACCUSE":
        guilty = next((e.actors for e in reversed(before) if _is_hostile_act(e, quarrel)), ())
        return replace(event, recipients=guilty)
    return event


def _is_hostile_act(event: Event, quarrel: Quarrel) -> bool:
    actors = states_of(event.actors)
    is_deed = event.signal is Signal.ESCALATION and event.group != "words"
    return is_deed and len(actors) == 1 and actors[0] in quarrel.codes
