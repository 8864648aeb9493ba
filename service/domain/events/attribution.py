"""Who did it, to whom, and where."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.domain.events.dyad import dyads, helped_dyads
from service.domain.events.event import Event, states_of
from service.domain.events.extraction import RECAP_AGE
from service.domain.events.place import Mention, MentionKind
from service.domain.events.signal import ArticleRole, MentionRole, Signal

RECIPROCAL_ROOTS = frozenset({"AGREE", "CONSULT", "COOPERATE"})
"""Roots whose two sides do the same thing together, unless a third party does it for them."""
_PLACES = frozenset({MentionKind.REGION, MentionKind.CITY})
_ASIDE = frozenset({MentionRole.THIRD, MentionRole.MENTION})
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
_BOTH_SIDES = re.compile(
    r"^(they|both)\b|\b(the two|both|each) "
    r"(country|countries|sides?|governments|neighbou?rs|capitals|armies|nations|states)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A mention and the role the model gives it in its sentence."""

    mention: Mention
    role: MentionRole


def most_likely_role(roles: Mapping[str, float]) -> MentionRole:
    """The role with the highest probability."""
    return MentionRole(max(roles, key=roles.__getitem__))


def attribute(events: Sequence[Event], named: Mapping[int, Sequence[Named]]) -> list[Event]:
    """The events with actors, recipients and places, repeated tellings of one event joined.

    `named` maps a sentence's index to the names in it. Naming two countries in one sentence never makes a dyad by
    itself: only roles do.
    """
    attributed: list[Event] = []
    for event in events:
        attributed.append(_resolve(_with_parties(event, named.get(event.sentence, ())), attributed))
    return _drop_summaries(_set_background(_link(attributed)))


def _with_parties(event: Event, named: Sequence[Named]) -> Event:
    context = [(match.start(), match.end()) for match in _CONTEXT.finditer(event.text)]
    named = _answering(event.text, [_on_soil(event.text, n) for n in named if not _inside(n.mention, context)])
    parties = [n for n in named if n.mention.kind not in _PLACES]
    actors = _codes(parties, {MentionRole.ACTOR, MentionRole.BOTH})
    recipients = _codes(parties, {MentionRole.RECIPIENT, MentionRole.BOTH})
    located = [n.mention for n in named if _is_place(n)]
    alone = len({*actors, *recipients}) == 1 and actors == recipients
    placed = replace(event, places=tuple(sorted({c for m in located if len(m.countries) == 1 for c in m.countries})))
    return replace(
        _reciprocal(_struck(replace(placed, actors=actors, recipients=() if alone else recipients))),
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
    if any(n.role in {MentionRole.ACTOR, MentionRole.BOTH} for n in named):
        return list(named)
    return [replace(n, role=MentionRole.ACTOR) if _ANSWERS.match(text, n.mention.end) else n for n in named]


def _struck(event: Event) -> Event:
    """Force used by one state inside one other is used against it, whoever was aimed at."""
    abroad = set(event.places) - set(states_of(event.actors))
    if event.type != "ASSAULT" or event.recipients or not states_of(event.actors) or len(abroad) != 1:
        return event
    return replace(event, recipients=tuple(abroad))


def _codes(named: Iterable[Named], roles: set[MentionRole]) -> tuple[str, ...]:
    return tuple(sorted({n.mention.code for n in named if n.role in roles}))


def _is_place(named: Named) -> bool:
    if named.mention.kind in _PLACES:
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


def _resolve(event: Event, before: Sequence[Event]) -> Event:
    """The sides of the last event that had two, for texts that say "they" or "the two countries"."""
    if event.actors or event.recipients or not _BOTH_SIDES.search(event.text):
        return event
    sides = next((pair for e in reversed(before) for pair in reversed(helped_dyads(e) or dyads(e))), ())
    return replace(event, actors=sides, recipients=sides if event.type == "ASSAULT" else ())


def _key(event: Event) -> tuple[object, ...]:
    where = () if dyads(event) else event.places
    return (event.signal, event.group, states_of(event.actors), states_of(event.recipients), where)


def _link(events: Sequence[Event]) -> list[Event]:
    """One event for all its tellings: the first, with what later ones add about the place."""
    linked: dict[tuple[object, ...], Event] = {}
    for event in events:
        first = linked.get(key := _key(event))
        linked[key] = event if first is None else _merged(first, event)
    return list(linked.values())


def _merged(first: Event, again: Event) -> Event:
    may_replace = again.role is first.role or first.weight == 0  # "X may strike" must not hide that X struck
    stronger = again if may_replace and again.mass > first.mass else first
    return replace(
        stronger,
        places=tuple(sorted({*first.places, *again.places})),
        regions=tuple(sorted({*first.regions, *again.regions})),
        place_name=first.place_name or again.place_name,
    )


def _drop_summaries(events: Sequence[Event]) -> list[Event]:
    """An attack "on each other" says nothing new beside those of one side on the other that count as much."""
    directed: dict[tuple[object, ...], float] = {}
    for event in events:
        for pair in dyads(event) if not _has_same_sides(event) else ():
            key = (event.signal, event.group, pair)
            directed[key] = max(directed.get(key, 0.0), event.weight)
    return [e for e in events if not (_has_same_sides(e) and _is_told(e, directed))]


def _is_told(event: Event, directed: Mapping[tuple[object, ...], float]) -> bool:
    return all(directed.get((event.signal, event.group, pair), -1.0) >= event.weight for pair in _sides(event))


def _has_same_sides(event: Event) -> bool:
    """Both sides do it to each other; an accord, which is always mutual, is not meant."""
    return event.signal is Signal.ESCALATION and bool(_sides(event))


def _sides(event: Event) -> tuple[tuple[str, str], ...]:
    mutual = not event.recipients or states_of(event.actors) == states_of(event.recipients)
    return dyads(replace(event, recipients=())) if mutual else ()


def _set_background(events: Sequence[Event]) -> list[Event]:
    """What the news answers is background: the opposite signal between the same parties, told after it."""
    leads = [e for e in events if e.role is ArticleRole.LEAD and e.weight > 0]
    return [_as_background(e) if _is_answered(e, leads) else e for e in events]


def _is_answered(event: Event, leads: Sequence[Event]) -> bool:
    """A lead sentence that turns to the other side of the same matter is a recap too, the first one never."""
    parties = set(states_of(event.actors + event.recipients))
    return bool(parties and event.role is not ArticleRole.BACKGROUND) and any(
        lead.signal is not event.signal
        and lead.sentence < event.sentence
        and parties <= set(states_of(lead.actors + lead.recipients))
        for lead in (leads[:1] if event.role is ArticleRole.LEAD else leads)
    )


def _as_background(event: Event) -> Event:
    return replace(event, role=ArticleRole.BACKGROUND, at=event.at - RECAP_AGE)


def lead_event(events: Sequence[Event]) -> Event | None:
    """The event that decides what the article reports: the first lead event that counts, None without one."""
    return next((e for e in events if e.role is ArticleRole.LEAD and e.weight > 0), None)
