"""The sides of acts told in parts of one sentence: what one part leaves out, another says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from service.domain.events.clause import Link
from service.domain.events.dyad import dyads
from service.domain.events.event import Event

_FOUGHT = re.compile(
    r"\b(each other|clash(es|ed)?|fighting|(gun)?fights?|skirmish(es)?|exchang\w+ (of )?(fire|shots|gunfire))\b",
    re.IGNORECASE,
)


def with_sides_of_main_part(event: Event, link: Link, told: Sequence[Event]) -> Event:
    """The event with the sides that it takes from the part before, `told` being the events up to there.

    What an act led to is the other side's answer; "after clashes" means those of the two sides that are named.
    """
    before = next((e for e in told[-1:] if e.sentence == event.sentence - 1), None)
    if before is None:
        return event
    if link is Link.OUTCOME:
        actors = event.actors or tuple(code for code in before.recipients if code not in event.recipients)
        recipients = event.recipients or tuple(code for code in before.actors if code not in actors)
        return replace(event, actors=actors, recipients=recipients)
    is_theirs = link is Link.EARLIER and not event.actors and not event.recipients and _FOUGHT.search(event.text)
    if is_theirs and dyads(before):
        sides = tuple(sorted({*before.actors, *before.recipients}))
        return replace(event, actors=sides, recipients=sides)
    return event


def with_sides_of_same_doer(events: Sequence[Event], links: Mapping[int, Link]) -> list[Event]:
    """The events; of two acts of one doer in a sentence the one that names nobody has the sides of the other."""
    shared = list(events)
    for at, (one, other) in enumerate(pairwise(events)):
        if other.sentence == one.sentence + 1 and links.get(other.sentence) is Link.SAME_DOER:
            shared[at], shared[at + 1] = _with_sides_of(shared[at], other), _with_sides_of(other, shared[at])
    return shared


def _with_sides_of(event: Event, other: Event) -> Event:
    if event.actors or event.recipients:
        return event
    return replace(event, actors=other.actors, recipients=other.recipients if event.signal is other.signal else ())
