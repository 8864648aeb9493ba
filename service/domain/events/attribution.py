"""The events of an article with their parties: what one sentence leaves open, the others say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from service.domain.events import when
from service.domain.events.bystander import standing
from service.domain.events.clause import Link
from service.domain.events.discourse import are_state_and_group, complete
from service.domain.events.dyad import dyads, helped_dyads
from service.domain.events.event import Event, states_of
from service.domain.events.extraction import event_time
from service.domain.events.pairs import PairReader, revised
from service.domain.events.parties import PLACES, Named
from service.domain.events.parts import with_sides_of_main_part, with_sides_of_same_doer
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.events.speech import with_sides

_BOTH_SIDES = re.compile(
    r"^(they|both)\b|\b(the two|both|each) "
    r"(country|countries|sides?|governments|neighbou?rs|capitals|armies|nations|states)\b",
    re.IGNORECASE,
)

_HE_OR_IT = re.compile("(it|he|she)\\b", re.IGNORECASE)
SUBJECT_WITHIN = 40
"""Characters from the start of a sentence within which a name is taken for its subject."""
_SPOKEN_TOGETHER = frozenset({"ACCUSE", "REQUEST", "SUPPORT"})
"""What several say side by side, which makes them no two sides."""


def attribute(
    events: Sequence[Event],
    named: Mapping[int, Sequence[Named]],
    links: Mapping[int, Link] | None = None,
    reader: PairReader | None = None,
) -> list[Event]:
    """The events with actors, recipients and places, repeated tellings of one event joined.

    `named` maps a sentence's index to the names in it, `links` to how it hangs on the part before it. Naming two
    countries in one sentence never makes a dyad by itself: only roles do, and `reader`, which weighs what is seen of
    the two where the text is one piece, as those it was learnt on.
    """
    links, attributed = links or {}, list[Event]()
    for event in events:
        names = standing(event, named.get(event.sentence, ()))
        alone = with_sides(event, names, attributed[-1] if attributed else None)
        alone = revised(alone, names, reader) if len(named) == 1 else alone
        told = _subject_before(alone, named.get(event.sentence - 1, ()))
        whole = with_sides_of_main_part(told, links.get(event.sentence, Link.NONE), attributed)
        attributed.append(_resolve(whole, attributed))
    completed = with_sides_of_same_doer(complete(attributed), links)
    return _drop_summaries(_set_background(_link(completed, links)))


def _resolve(event: Event, before: Sequence[Event]) -> Event:
    """The sides of the last event that had two, for texts that say "they" or "the two countries"."""
    if event.actors or event.recipients or not _BOTH_SIDES.search(event.text):
        return event
    sides = next((pair for e in reversed(before) for pair in _last_two(e)), ())
    return replace(event, actors=sides, recipients=sides if event.type == "ASSAULT" else ())


def _last_two(event: Event) -> tuple[tuple[str, ...], ...]:
    """The pairs an event has as its two sides, the last first; a state and a group in it are two as well."""
    if event.type in _SPOKEN_TOGETHER and not event.recipients:
        return ()
    parties = tuple(sorted({*event.actors, *event.recipients}))
    within = (parties,) if are_state_and_group(parties) else ()
    return tuple(reversed(helped_dyads(event) or dyads(event))) or within


def _subject_before(event: Event, names: Sequence[Named]) -> Event:
    """Who "it" is that acts: the first party named in the sentence before."""
    if event.actors or not event.recipients or not _HE_OR_IT.match(event.text):
        return event
    subjects = (n.mention for n in names if n.mention.kind not in PLACES and n.mention.start < SUBJECT_WITHIN)
    first = next((mention.code for mention in subjects), None)
    return event if first is None or first in event.recipients else replace(event, actors=(first,))


def _key(event: Event) -> tuple[object, ...]:
    where = () if dyads(event) else event.places
    return (event.signal, event.group, states_of(event.actors), states_of(event.recipients), where)


def _link(events: Sequence[Event], links: Mapping[int, Link]) -> list[Event]:
    """One event for its tellings, in one sentence and the next or as background: the first, with later places added.

    Two parts of a sentence are two acts. Further apart the same words about the same sides are two acts more often than
    one; incidents join what is one.
    """
    linked: list[Event] = []
    for event in events:
        at = next((i for i, first in enumerate(linked) if _retells(event, first, links)), None)
        if at is None:
            linked.append(event)
        else:
            linked[at] = _merged(linked[at], event)
    return linked


def _retells(event: Event, first: Event, links: Mapping[int, Link]) -> bool:
    """In the body, another root is another act, and so is what only a rival says beside what is known."""
    apart = event.sentence - first.sentence
    if apart == 1 and links.get(event.sentence, Link.NONE) not in {Link.NONE, Link.BEFOREHAND}:
        return False
    near = apart <= 1 or event.role is ArticleRole.BACKGROUND
    if near and first.role is not ArticleRole.LEAD and event.role is not ArticleRole.LEAD:
        near = event.type == first.type and (event.modality is Modality.ALLEGED) == (first.modality is Modality.ALLEGED)
    return (near or _plain(event.text) == _plain(first.text)) and _key(event) == _key(first)


def _plain(text: str) -> str:
    return text.strip(" .").casefold()


def _merged(first: Event, again: Event) -> Event:
    """The graver coding of the two, shown by the fuller telling: a title says less than the lead below it."""
    may_replace = again.role is first.role or first.weight == 0  # "X may strike" must not hide that X struck
    stronger = again if may_replace and again.mass > first.mass else first
    shown = again if may_replace and (len(again.text) > len(first.text) or first.weight == 0) else first
    return replace(
        stronger,
        start=shown.start,
        end=shown.end,
        text=shown.text,
        sentence=shown.sentence,
        words=shown.words,
        quoted=shown.quoted,
        attributed_to=shown.attributed_to,
        confidence=shown.confidence,
        places=tuple(sorted({*first.places, *again.places})),
        regions=tuple(sorted({*first.regions, *again.regions})),
        place_name=first.place_name or again.place_name,
    )


def _drop_summaries(events: Sequence[Event]) -> list[Event]:
    """An attack "on each other" says nothing new beside those of one side on the other that count as much.

    What it says of people who came to harm is new.
    """
    directed: dict[tuple[object, ...], float] = {}
    for event in events:
        for pair in dyads(event) if not _has_same_sides(event) else ():
            key = (event.signal, event.group, pair)
            directed[key] = max(directed.get(key, 0.0), event.weight)
    return [e for e in events if e.casualties or not (_has_same_sides(e) and _is_told(e, directed))]


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
    leads = [e for e in events if e.role is ArticleRole.LEAD and e.weight > 0]  # each is dated at publication
    if not leads:
        return list(events)
    published_at = leads[0].at
    answered = [_is_answered(event, leads) for event in events]
    if not any(answered):
        return list(events)
    times = when.said([e.text for e in events], published_at)
    return [
        _as_background(event, published_at, said) if is_answered else event
        for event, is_answered, said in zip(events, answered, times, strict=True)
    ]


def _is_answered(event: Event, leads: Sequence[Event]) -> bool:
    """A lead sentence that turns to the other side of the same matter is a recap too, the first one never."""
    parties = set(states_of(event.actors + event.recipients))
    return bool(parties and event.role is not ArticleRole.BACKGROUND) and any(
        lead.signal is not event.signal
        and lead.sentence < event.sentence
        and parties <= set(states_of(lead.actors + lead.recipients))
        for lead in (leads[:1] if event.role is ArticleRole.LEAD else leads)
    )


def _as_background(event: Event, published_at: datetime, said: when.Said | None) -> Event:
    role = ArticleRole.BACKGROUND
    return replace(event, role=role, at=event_time(role, event.modality, said, published_at))


def lead_event(events: Sequence[Event]) -> Event | None:
    """The event that decides what the article reports: the first lead event that counts, None without one."""
    return next((e for e in events if e.role is ArticleRole.LEAD and e.weight > 0), None)
