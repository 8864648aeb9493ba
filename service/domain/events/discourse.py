"""What an article leaves unsaid because it has said it before: the other side of its quarrel."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from service.domain.events.dyad import dyads
from service.domain.events.event import Event, state_of, states_of
from service.domain.events.signal import ArticleRole, Signal

FEWEST = 2
"""Events that must name both sides before the sides of others are filled in; one is enough in the lead."""
_OF_OTHERS = frozenset({"REQUEST", "SUPPORT", "AID", "CONSULT", "AGREE"})
"""What an outsider does about a quarrel, to both sides of it; nobody agrees alone."""
_AT_HOME = frozenset({"PROTEST"})
_TOGETHER = frozenset({"AGREE", "CONSULT", "COOPERATE", "RETREAT"})
_BLOWS = frozenset({"ASSAULT", "COERCE"})
_INTO_THE_SEA = re.compile(
    r"\b(into|over) (the|its own) (\w+ )?(sea|waters|ocean)\b|\btest-?(fir\w+|launch\w*)|\b(missile|rocket) tests?\b"
)
"""A weapon that is tried out is aimed at nobody."""
_THEIR_MEETING = re.compile(
    r"^(the|this|that|their) ((\w+ )?(meeting|talks|summit|ceremony|deal|accord|agreement|truce|cease-?fire|pact)\b|"
    r"((two|both|foreign|defen[cs]e|prime) )*(ministers|leaders|presidents|delegations|negotiators|envoys|"
    r"commanders)\b)",
    re.IGNORECASE,
)
"""What the article has spoken of before: by the definite article it is that of its two sides."""
_ANSWERS = re.compile(r"\b(answer(s|ed)|repl(ies|ied)|respond(s|ed)|retort(s|ed)|retaliat(es|ed))\b", re.IGNORECASE)
_ATTACK_ON = re.compile(r"\b(attacks?|strikes?|assaults?|aggression|move) (on|against)\b", re.IGNORECASE)
_FIRMS_IN = re.compile(
    r"\b(companies|firms|entities|banks|businesses|people|individuals|persons|traders|networks|tankers)\b[^.;]* in\b",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(
    r"(the|its) ([\w-]+ ){0,3}"
    r"(government|ministry|ministers?|army|military|president|presidency|parliament|authorities|junta|cabinet|"
    r"spokes\w+|general staff|foreign office|state department)\b"
)


@dataclass(frozen=True, slots=True)
class Quarrel:
    """The two sides an article is about: party codes of two states, or of a state and a group in it."""

    sides: tuple[str, str]

    @property
    def states(self) -> frozenset[str]:
        """The countries of the sides."""
        return frozenset(states_of(self.sides))

    def side_of(self, parties: tuple[str, ...]) -> str | None:
        """The side that all of these parties are, None when they are none or several."""
        if len(self.states) == 1:
            return parties[0] if len(parties) == 1 and parties[0] in self.sides else None
        states = states_of(parties)
        return next((side for side in self.sides if states == states_of((side,))), None)

    def other(self, side: str) -> str:
        """The side that `side` is not."""
        return next(one for one in self.sides if one != side)


def complete(events: Sequence[Event]) -> list[Event]:
    """The events, with a side that is not named taken from the quarrel the article is about, if there is one.

    A side that acts or suffers alone does so against the other; what an outsider asks, praises or gives goes to both;
    what is condemned is what was told just before, or else the last blow.
    """
    speaking = [_speaking_from(event) for event in events]
    quarrel = main_quarrel(speaking)
    if quarrel is None:
        return speaking
    completed: list[Event] = []
    for event in speaking:
        completed.append(_completed(_aimed(event, quarrel), quarrel, completed))
    return completed


def _speaking_from(event: Event) -> Event:
    """A government that is named by its seat: "In Port Sudan the government accused …"."""
    if event.actors or not event.place_name or len(event.places) != 1:
        return event
    seat = f"In {event.place_name} "
    speaks = event.text.startswith(seat) and _AUTHORITY.match(event.text, len(seat))
    return replace(event, actors=event.places) if speaks else event


def main_quarrel(events: Iterable[Event]) -> Quarrel | None:
    """The pair of states that most events name as their two sides, or a state and a group in it; None without one."""
    counts: Counter[tuple[str, str]] = Counter()
    within: Counter[tuple[str, str]] = Counter()
    codes: Counter[str] = Counter()
    for event in events:
        times = FEWEST if event.role is ArticleRole.LEAD else 1
        parties = sorted({*event.actors, *event.recipients})
        for pair in dyads(event):
            counts[pair] += times
        if are_state_and_group(parties):
            within[parties[0], parties[1]] += times
        codes.update(parties)
    if (states := _foremost(counts)) is not None:
        one, other = (_commonest(code for code in codes.elements() if state_of(code) == state) for state in states)
        return Quarrel((one, other))
    sides = _foremost(within)
    return Quarrel(sides) if sides is not None else None


def are_state_and_group(parties: Sequence[str]) -> bool:
    """Whether these are the two sides of a quarrel within one state."""
    states = [state_of(party) for party in parties]
    return len(states) == 2 and states[0] is not None and states[0] == states[1]  # noqa: PLR2004


def _foremost(counts: Counter[tuple[str, str]]) -> tuple[str, str] | None:
    (pair, count), *_ = counts.most_common(1) or [(("", ""), 0)]
    return pair if count >= FEWEST else None


def _commonest(codes: Iterable[str]) -> str:
    counts = Counter(codes)
    return max(counts, key=lambda code: (counts[code], code))


def _aimed(event: Event, quarrel: Quarrel) -> Event:
    """The event against the side it is meant for, where the words name others beside it.

    Sanctions on firms in several countries for the sake of one are aimed at that one; who warns of an attack on a
    side warns the other.
    """
    actor, hit = quarrel.side_of(event.actors), quarrel.side_of(event.recipients)
    if event.type == "SANCTION" and actor and quarrel.other(actor) in event.recipients and _FIRMS_IN.search(event.text):
        return replace(event, recipients=(quarrel.other(actor),), places=())
    is_warning = event.type == "THREATEN" and not set(states_of(event.actors)) & quarrel.states
    if is_warning and hit and _ATTACK_ON.search(event.text):
        return replace(event, recipients=(quarrel.other(hit),))
    return event


def _completed(event: Event, quarrel: Quarrel, before: Sequence[Event]) -> Event:
    if event.type in _AT_HOME or (event.actors and event.recipients):
        return event
    if not (event.actors or event.recipients):
        return _joint(event, quarrel)
    if (actor := quarrel.side_of(event.actors)) is not None:
        return replace(event, recipients=() if _is_trial(event) else _addressed(event, actor, quarrel, before))
    if (hit := quarrel.side_of(event.recipients)) is not None:
        return replace(event, actors=(quarrel.other(hit),))
    return _by_outsider(event, quarrel, before) if event.actors else event


def _joint(event: Event, quarrel: Quarrel) -> Event:
    """The meeting, the deal, the ministers: those of the two sides."""
    is_theirs = event.signal is Signal.DE_ESCALATION and event.type in _TOGETHER and _THEIR_MEETING.search(event.text)
    return replace(event, actors=quarrel.sides) if is_theirs else event


def _is_trial(event: Event) -> bool:
    return event.type == "MOBILIZE" and bool(_INTO_THE_SEA.search(event.text))


def _addressed(event: Event, actor: str, quarrel: Quarrel, before: Sequence[Event]) -> tuple[str, ...]:
    """Whom a side means that acts alone: who has just spoken to it, if it answers, or else the other side."""
    last = before[-1] if before else None
    if last and _ANSWERS.search(event.text) and set(states_of(last.recipients)) & set(states_of((actor,))):
        return last.actors
    return (quarrel.other(actor),)


def _by_outsider(event: Event, quarrel: Quarrel, before: Sequence[Event]) -> Event:
    is_outsiders = not set(states_of(event.actors)) & quarrel.states
    if is_outsiders and event.signal is Signal.DE_ESCALATION and event.type in _OF_OTHERS:
        return replace(event, recipients=quarrel.sides)
    if event.signal is Signal.ESCALATION and event.type == "ACCUSE":
        hostile = [e for e in before if _is_hostile_act(e, quarrel) and not set(e.actors) & set(event.actors)]
        blows = [e for e in hostile if e.type in _BLOWS or e.sentence == event.sentence - 1]
        guilty = next((e.actors for e in reversed(blows or hostile)), ())
        return replace(event, recipients=guilty)
    return event


def _is_hostile_act(event: Event, quarrel: Quarrel) -> bool:
    is_deed = event.signal is Signal.ESCALATION and event.group != "words"
    return is_deed and quarrel.side_of(event.actors) is not None
