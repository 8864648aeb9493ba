"""A second reading of who did it to whom, pair by pair: whether two states are the sides of the act.

The roles say of each name by itself what it does. Whether two states are the sides of one act shows better in both
together, in the words around them and in what the rules made of them. `PairReader` weighs these; its weights are learnt
from labelled texts (`training/pairs.py`).
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from operator import mul

from service.domain.events.dyad import dyads
from service.domain.events.event import Event, state_of, states_of
from service.domain.events.ontology import ROOTS
from service.domain.events.parties import RECIPROCAL_ROOTS, Named, code_of
from service.domain.events.place import MentionKind
from service.domain.events.signal import MentionRole, Signal

Pair = tuple[str, str]

_BEFORE: Mapping[str, str] = {
    "in": r"in|inside|across|within|near|at|throughout",
    "on": r"on|against|into|towards?",
    "with": r"with",
    "between": r"between",
    "by": r"by",
    "of": r"of|from",
    "to": r"to|for",
    "after": r"over|amid|despite|during|after|since",
}
_AFTER: Mapping[str, str] = {
    "possessive": r"['’]s?\b",
    "backed": r"[- ](backed|led|linked|aligned|allied|bound|based|born|owned|controlled|held|occupied|sponsored|"
    r"supported|brokered|mediated|made|style)\b",
    "office": r"\s+(\w+\s+){0,2}?(president|prime minister|minister|foreign ministry|government|officials?|authorities|"
    r"army|forces?|military|troops|navy|police|leader|king|premier|chancellor|ministry|parliament|court|spokes\w+|"
    r"ambassador|secretary|envoy)\b",
    "people": r"[- ](\w+ )?(journalists?|reporters?|tourists?|citizens?|nationals?|civilians?|aid workers?|students?|"
    r"migrants?|sailors?|crew|hostages?|workers?|m[ae]n|wom[ae]n|children|people|refugees?|prisoners?|activists?|"
    r"protesters?|demonstrators?)\b",
    "armed": r"[- ](\w+ )?(rebels?|militants?|insurgents?|separatists?|gunmen|militias?|jihadists?|fighters)\b",
    "thing": r"\s+(embassy|consulate|border|capital|city|province|soil|airspace|territory|waters|town|region|village|"
    r"coast|ship|vessel|airline|company)\b",
}
_SIDE = r"(\s+(the|neighbou?ring|north(ern)?|south(ern)?|east(ern)?|west(ern)?|central))*\s*$"
_WORDS_BEFORE = {name: re.compile(rf"(?:^|[\s(“\"])({words}){_SIDE}", re.IGNORECASE) for name, words in _BEFORE.items()}
_WORDS_AFTER = {name: re.compile(words, re.IGNORECASE) for name, words in _AFTER.items()}
_WINDOW = 40
"""Characters before a name in which its preposition stands."""
_JUST_AND = re.compile(r"\s*(,|,?\s*and|&)\s*(the\s)?", re.IGNORECASE)
_STOP = re.compile(r"[.!?]\s")
_FAR = 200
"""Characters between two names from which they are as far apart as can be."""
_LEAST = 1e-3
_PLACES = frozenset({MentionKind.REGION, MentionKind.CITY})


@dataclass(frozen=True, slots=True)
class PairReader:
    """One hidden layer of rectified units between what is seen of a pair and its probability of being a dyad.

    Each row of `hidden` holds a unit's weights in the order of `FEATURES` and its constant, `out` the weight of every
    unit and a constant. `threshold` (0 … 1) is the probability from which two states are taken for the sides.
    """

    hidden: tuple[tuple[float, ...], ...]
    out: tuple[float, ...]
    threshold: float

    def probability(self, seen: Sequence[float]) -> float:
        """How likely a pair with these features (as many as `FEATURES`) is a dyad, 0 … 1."""
        units = [max(0.0, _sum(row, (*seen, 1.0))) for row in self.hidden]
        return 1 / (1 + math.exp(-_sum(self.out, (*units, 1.0))))


def _sum(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(map(mul, weights, values))


@dataclass(frozen=True, slots=True)
class _State:
    """A state with its names in the order of the text."""

    code: str
    names: tuple[Named, ...]

    def share(self, *roles: MentionRole) -> float:
        """The highest probability of one of `roles` among its names."""
        return max(_share(name, *roles) for name in self.names)

    @property
    def acts(self) -> float:
        """How likely it acts, alone or with the one it acts on."""
        return self.share(MentionRole.ACTOR, MentionRole.BOTH)

    @property
    def gets(self) -> float:
        """How likely it is acted on."""
        return self.share(MentionRole.RECIPIENT, MentionRole.BOTH)


def _share(name: Named, *roles: MentionRole) -> float:
    return math.fsum(name.shares.get(role, 0.0) for role in roles)


def revised(event: Event, named: Sequence[Named], reader: PairReader | None) -> Event:
    """The event, which has its parties by the rules, with those that `reader` finds; as it is without a reader."""
    return event if reader is None else _revised(event, named, reader)


def seen_pairs(event: Event, named: Sequence[Named]) -> dict[Pair, tuple[float, ...]]:
    """What is seen of every two states named, in the order of `FEATURES`. `event` has its parties by the rules."""
    states = _states(event, named)
    whole = _of_event(event, named, states)
    return {
        _pair(one, other): (
            *_of_state(event, one, states),
            *_of_state(event, other, states),
            *_of_both(event, one, other, named),
            *whole,
        )
        for one, other in combinations(states, 2)
    }


def _pair(one: _State, other: _State) -> Pair:
    return min(one.code, other.code), max(one.code, other.code)


def _states(event: Event, named: Sequence[Named]) -> list[_State]:
    """The states named, the first one first."""
    by_code: dict[str, list[Named]] = {}
    for name in named:
        if state := state_of(code_of(name.mention, event.places)):
            by_code.setdefault(state, []).append(name)
    return [_State(code, tuple(names)) for code, names in by_code.items()]


def _of_state(event: Event, state: _State, states: Sequence[_State]) -> Iterator[float]:
    first = state.names[0].mention
    before, others = event.text[max(0, first.start - _WINDOW) : first.start], [s for s in states if s is not state]
    yield from (math.log(max(state.share(role), _LEAST)) / 3 for role in MentionRole)
    yield from (state.acts, state.gets)
    yield from (max(s.acts for s in others), max(s.gets for s in others))
    yield from (float(bool(words.search(before))) for words in _WORDS_BEFORE.values())
    yield from (float(bool(words.match(event.text, first.end))) for words in _WORDS_AFTER.values())
    kinds = {name.mention.kind for name in state.names}
    yield from (float(kind in kinds) for kind in (MentionKind.DEMONYM, MentionKind.GROUP, MentionKind.CAPITAL))
    yield from (float(kinds <= _PLACES), math.log(len(state.names)))
    yield from (float(state.code in states_of(codes)) for codes in (event.actors, event.recipients, event.places))


def _of_both(event: Event, one: _State, other: _State, named: Sequence[Named]) -> Iterator[float]:
    near, far = min(
        (sorted((a.mention, b.mention), key=lambda m: m.start) for a in one.names for b in other.names),
        key=lambda two: two[1].start - two[0].start,
    )
    between = event.text[near.end : far.start]
    yield float(_pair(one, other) in dyads(event))
    yield min(len(between), _FAR) / _FAR
    yield sum(near.end <= name.mention.start < far.start for name in named) / 3
    yield float(bool(_JUST_AND.fullmatch(between)))
    yield float(bool(_STOP.search(between)))


def _of_event(event: Event, named: Sequence[Named], states: Sequence[_State]) -> tuple[float, ...]:
    bodies = [name for name in named if name.mention.kind is MentionKind.IGO]
    return (
        len(dyads(event)) / 3,
        min(len(states), 6) / 6,
        max((_share(name, MentionRole.ACTOR, MentionRole.BOTH) for name in bodies), default=0.0),
        max((_share(name, MentionRole.RECIPIENT, MentionRole.BOTH) for name in bodies), default=0.0),
        *(float(event.signal is signal) for signal in (Signal.ESCALATION, Signal.DE_ESCALATION)),
        *(float(event.type == root) for root in sorted(ROOTS)),
    )


_STATE_FEATURES = (
    *(f"log {role}" for role in MentionRole),
    *("acts", "gets", "another acts", "another gets"),
    *(f"after {name}" for name in _BEFORE),
    *(f"before {name}" for name in _AFTER),
    *("demonym", "group", "capital", "no state itself", "names", "actor by rule", "recipient by rule", "place by rule"),
)
FEATURES: tuple[str, ...] = (
    *(f"{which}: {name}" for which in ("first", "second") for name in _STATE_FEATURES),
    *("dyad by rule", "distance", "names between", "joined by and", "in two sentences"),
    *("dyads by rule", "states", "a body acts", "a body gets", "escalation", "de-escalation"),
    *(f"type {root}" for root in sorted(ROOTS)),
)
"""What `seen_pairs` gives for each pair, in its order; the first state is the one named first."""


def _revised(event: Event, named: Sequence[Named], reader: PairReader) -> Event:
    seen = seen_pairs(event, named)
    likely = {pair: reader.probability(values) for pair, values in seen.items()}
    accepted = {pair for pair, share in likely.items() if share >= reader.threshold}
    states = {state.code: state for state in _states(event, named)}
    event = _without(event, set(seen) - accepted, accepted, states)
    for pair in sorted(accepted, key=lambda pair: (-likely[pair], pair)):
        if pair not in dyads(event):
            event = _with(event, states[pair[0]], states[pair[1]])
    return event


def _without(event: Event, refused: set[Pair], accepted: set[Pair], states: Mapping[str, _State]) -> Event:
    """The event freed of refused pairs: of each, the state that is no side of an accepted one, the less likely first.

    A state that is also a side towards a body or towards its own people stays.
    """
    linked = {state for pair in accepted for state in pair}
    while True:
        free = {s for pair in dyads(event) if pair in refused for s in pair if s not in linked}
        free -= {state for state in free if _is_held(event, state)}
        if not free:
            return event
        event = _drop(event, min(sorted(free), key=lambda s: _standing(event, states[s])))


def _is_held(event: Event, state: str) -> bool:
    acts, gets = ({state_of(code) for code in codes} for codes in (event.actors, event.recipients))
    return (state in acts and bool(gets & {None, state})) or (state in gets and bool(acts & {None, state}))


def _standing(event: Event, state: _State) -> float:
    """How surely it is the side the event has it as."""
    acts, gets = (state.code in states_of(codes) for codes in (event.actors, event.recipients))
    return max(state.acts * acts, state.gets * gets)


def _drop(event: Event, state: str) -> Event:
    def kept(codes: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for code in codes if state_of(code) != state)

    return replace(event, actors=kept(event.actors), recipients=kept(event.recipients))


def _with(event: Event, one: _State, other: _State) -> Event:
    """The event with both states as its sides: on the side they have already, or else by their probabilities."""
    if event.type in RECIPROCAL_ROOTS and not event.recipients:
        return _joined(event, actors=(one, other))
    actor, recipient = (one, other) if _fits(event, one, other) >= _fits(event, other, one) else (other, one)
    if not event.actors:
        event = _drop(event, actor.code)  # one of those it was done to is the one who did it
    return _joined(event, (actor,), (recipient,))


def _fits(event: Event, actor: _State, recipient: _State) -> tuple[int, float]:
    """How many of the two the event has on that side already, and how likely the order is."""
    there = (actor.code in states_of(event.actors)) + (recipient.code in states_of(event.recipients))
    return there, actor.acts * recipient.gets


def _joined(event: Event, actors: Sequence[_State] = (), recipients: Sequence[_State] = ()) -> Event:
    acts = {_party(s, event, MentionRole.ACTOR) for s in actors if s.code not in states_of(event.actors)}
    gets = {_party(s, event, MentionRole.RECIPIENT) for s in recipients if s.code not in states_of(event.recipients)}
    return replace(
        event,
        actors=tuple(sorted({*event.actors, *acts})),
        recipients=tuple(sorted({*event.recipients, *gets})),
    )


def _party(state: _State, event: Event, role: MentionRole) -> str:
    """The code of the state's name that most likely has that role."""
    best = max(state.names, key=lambda name: _share(name, role, MentionRole.BOTH))
    return code_of(best.mention, event.places)
