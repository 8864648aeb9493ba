"""Who did it to whom and where, by the names in the event's own sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.domain.events.event import Event, state_of, states_of
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import MentionRole, Signal

RECIPROCAL_ROOTS = frozenset({"AGREE", "CONSULT", "COOPERATE"})
"""Roots whose two sides do the same thing together, unless a third party does it for them."""
LEAST_SHARE = 0.15
"""Between .05 and .2 all are alike on the portal development set (F1 of dyads .788 to .789, without it .767)."""
ROVING = frozenset({"IRQ:ISIL", "AFG:ALQAEDA"})
"""Groups that fight in many states: their home is where the event happens (annotation guide)."""
PLACES = frozenset({MentionKind.REGION, MentionKind.CITY})
_ASIDE = frozenset({MentionRole.THIRD, MentionRole.MENTION})
_ACTS, _GETS = {MentionRole.ACTOR, MentionRole.BOTH}, {MentionRole.RECIPIENT, MentionRole.BOTH}
_HELD_GROUND = frozenset({"ASSAULT", "COERCE", "RETREAT"})
"""What a state does inside another one is done to that state, or ends there."""
_ADDRESSED = frozenset({"REQUEST", "ACCUSE", "THREATEN", "REJECT", "SUPPORT", "AID"})
"""What nobody does to himself: who is named as both is the one who does it."""
_CONTEXT = re.compile(
    r"\b(over|amid|since|during|despite|(heightened|fuell?ed|stoked|strained|overshadowed|inflamed) by|backdrop of) "
    r"(the )?([\w'-]+ ){0,3}?[\w'-]*(war|conflict|fighting)\b( (between|in|with|on) [^,.;]{0,60})?",
    re.IGNORECASE,
)
"""A war that is named as the setting of something else: whoever is named in it is no party here."""
_SOIL = re.compile(r"(['’]s)? (own )?(soil|territory|airspace|(territorial )?waters)\b", re.IGNORECASE)
_ANSWERS = re.compile(
    r"\s+((has|have|had) )?(answer(ed|s)|respond(ed|s)|repli(ed|es)|retaliat(ed|es)|reciprocat(ed|es)|"
    r"(hits?|strikes?|struck|fires?|fired) back)\b",
    re.IGNORECASE,
)
_CIVILIAN = re.compile(
    r"[- ](born )?(\w+ )?(journalists?|reporters?|tourists?|citizens?|nationals?|civilians?|"
    r"aid workers?|students?|academics?|sailors?|crew|businessm[ae]n|women|woman|"
    r"worshippers?)\b",
    re.IGNORECASE,
)
_ARMED = re.compile(
    r"\b(militants?|jihadi(st)?s?|gunm[ae]n|rebels?|insurgents?|militia(men|s)?|extremists?|guerrillas?|separatists?|"
    r"armed group)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A mention and its role in its sentence. `shares` is the probability (0 … 1) of every role, by the model."""

    mention: Mention
    role: MentionRole
    shares: Mapping[str, float] = field(default_factory=dict)


def most_likely_role(roles: Mapping[str, float]) -> MentionRole:
    """The role with the highest probability."""
    return MentionRole(max(roles, key=roles.__getitem__))


def name_roles(mentions: Sequence[Mention], shares: Sequence[Mapping[str, float]]) -> list[Named]:
    """The names of a sentence with their roles, from the probabilities of each.

    Where one side of an act is named and nobody is the other, it is the name that most likely is, if that has a
    probability of `LEAST_SHARE`.
    """
    named = [Named(mention, most_likely_role(roles), roles) for mention, roles in zip(mentions, shares, strict=True)]
    for side, opposite in ((MentionRole.ACTOR, MentionRole.RECIPIENT), (MentionRole.RECIPIENT, MentionRole.ACTOR)):
        at = _missing_side(named, shares, side, opposite)
        if at is not None:
            named[at] = replace(named[at], role=side)
    return named


def _missing_side(
    named: Sequence[Named], shares: Sequence[Mapping[str, float]], side: MentionRole, opposite: MentionRole
) -> int | None:
    """The index of the name that is taken for `side`; None where that side is named or nobody is likely."""
    parties = [i for i, n in enumerate(named) if n.mention.kind not in PLACES]
    known = {state_of(named[i].mention.code) for i in parties if named[i].role is opposite}
    if not known or any(named[i].role in {side, MentionRole.BOTH} for i in parties):
        return None
    likely = {
        i: shares[i].get(side, 0.0) + shares[i].get(MentionRole.BOTH, 0.0)
        for i in parties
        if state_of(named[i].mention.code) not in known
    }
    best = max(likely, key=lambda i: likely[i], default=None)
    return best if best is not None and likely[best] >= LEAST_SHARE else None


def with_parties(event: Event, named: Sequence[Named]) -> Event:
    """The event with actors, recipients and places, from the names in its sentence alone."""
    context = [(match.start(), match.end()) for match in _CONTEXT.finditer(event.text)]
    named = _answering(event.text, [_on_soil(event.text, n) for n in named if not _inside(n.mention, context)])
    located = [n.mention for n in named if _is_place(n)]
    places = tuple(sorted({c for m in located if len(m.countries) == 1 for c in m.countries}))
    hosts = set(places) - {state_of(n.mention.code) for n in named if n.role in _ACTS}
    parties = [n for n in named if not _is_bystander(event, n, hosts)]
    actors, recipients = _codes(parties, _ACTS, places), _codes(parties, _GETS, places)
    if event.type in _ADDRESSED:
        recipients = tuple(code for code in recipients if code not in actors)
    alone = len({*actors, *recipients}) == 1 and actors == recipients
    whole = replace(event, places=places, actors=actors, recipients=() if alone else recipients)
    return replace(
        _reciprocal(_by_nobody_named(_struck(whole))),
        regions=tuple(sorted({m.code.removeprefix("region:") for m in located if m.kind is MentionKind.REGION})),
        place_name=next((m.text for m in located), ""),
    )


def _inside(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= mention.start < end for start, end in spans)


def _on_soil(text: str, named: Named) -> Named:
    """A country whose soil is named is the place, where the model sees no part in the act."""
    if named.role in _ASIDE and _SOIL.match(text, named.mention.end):
        return replace(named, role=MentionRole.PLACE)
    return named


def _answering(text: str, named: Sequence[Named]) -> list[Named]:
    """Who answers, acts: where the model sees no actor, it is the one of whom the text says so."""
    if any(n.role in _ACTS for n in named):
        return list(named)
    return [replace(n, role=MentionRole.ACTOR) if _ANSWERS.match(text, n.mention.end) else n for n in named]


def _is_bystander(event: Event, named: Named, hosts: set[str]) -> bool:
    """Whether a name only says of whose nation the victims were: the act is against the country that is the scene.

    `hosts` are the countries named as the scene that do not act.
    """
    return (
        event.type == "ASSAULT"
        and named.role is MentionRole.RECIPIENT
        and bool(hosts - set(named.mention.countries))
        and bool(_CIVILIAN.match(event.text, named.mention.end))
    )


def _codes(named: Iterable[Named], roles: set[MentionRole], places: Sequence[str]) -> tuple[str, ...]:
    found = {code for n in named if n.role in roles and (code := code_of(n.mention, places))}
    return tuple(sorted(found))


def code_of(mention: Mention, places: Sequence[str]) -> str:
    """The party a name stands for: a region or city for its one country, a roving group for where it strikes."""
    if mention.kind in PLACES:
        return mention.countries[0] if len(mention.countries) == 1 else ""
    if mention.code in ROVING and len(places) == 1:
        return f"{places[0]}:{mention.code.partition(':')[2]}"
    return mention.code


def _struck(event: Event) -> Event:
    """Force used by one state inside one other is used against it, whoever was aimed at."""
    abroad = set(event.places) - set(states_of(event.actors))
    if event.type not in _HELD_GROUND or event.recipients or not states_of(event.actors) or len(abroad) != 1:
        return event
    return replace(event, recipients=tuple(abroad))


def _by_nobody_named(event: Event) -> Event:
    """Gunmen without a name who strike somebody abroad, or protesters, are of the country it happens in."""
    if event.actors or not event.recipients or len(event.places) != 1:
        return event
    if event.type == "PROTEST":
        return replace(event, actors=(f"{event.places[0]}:CIV",))
    if event.type == "ASSAULT" and _ARMED.search(event.text) and event.places[0] not in states_of(event.recipients):
        return replace(event, actors=(f"{event.places[0]}:NSA",))
    return event


def _is_place(named: Named) -> bool:
    if named.mention.kind in PLACES:
        return named.role not in _ASIDE
    return named.role is MentionRole.PLACE


def _reciprocal(event: Event) -> Event:
    """Both sides as actors where they act together."""
    if event.type not in RECIPROCAL_ROOTS and not (set(event.actors) == set(event.recipients) and _is_mutual(event)):
        return event
    if len(set(event.recipients) - set(event.actors)) >= 2:  # noqa: PLR2004  a third party acts between them
        return event
    return replace(event, actors=tuple(sorted({*event.actors, *event.recipients})), recipients=())


def _is_mutual(event: Event) -> bool:
    return len(event.actors) > 1 and event.signal is Signal.DE_ESCALATION
