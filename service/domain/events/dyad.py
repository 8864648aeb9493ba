"""Pairs of countries an event is about."""

from itertools import combinations

from service.domain.events.event import Event, states_of
from service.domain.events.signal import Signal


def dyads(event: Event) -> tuple[tuple[str, str], ...]:
    """The unordered pairs between which the event happened, each sorted, all sorted.

    Actor × recipient when there are recipients, all pairs of actors when it is reciprocal.
    """
    actors, recipients = states_of(event.actors), states_of(event.recipients)
    if not event.recipients:
        return tuple(combinations(actors, 2))
    return tuple(sorted({tuple(sorted((a, r))) for a in actors for r in recipients if a != r}))  # type: ignore[misc]


def is_third_party(event: Event) -> bool:
    """A country or body outside the quarrel helps at least two others towards peace: an offer, an appeal."""
    recipients = states_of(event.recipients)
    return (
        event.signal is Signal.DE_ESCALATION
        and len(recipients) >= 2  # noqa: PLR2004
        and not set(recipients) & set(states_of(event.actors))
    )


def helped_dyads(event: Event) -> tuple[tuple[str, str], ...]:
    """The pairs among the recipients of a third party's help; none for other events."""
    return tuple(combinations(states_of(event.recipients), 2)) if is_third_party(event) else ()
