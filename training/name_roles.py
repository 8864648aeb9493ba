"""Roles, name by name: what each country named in a text does in its event, by the labels and as it is told."""

from collections import Counter
from collections.abc import Collection, Sequence

from service.domain.events.event import state_of, states_of
from service.domain.events.place import Mention
from training import metrics

ACTOR, RECIPIENT, BOTH, PLACE, NONE = ROLES = ("actor", "recipient", "both", "place", "none")

Counts = Counter[tuple[str, str]]
"""(role in the labels, role told) → names."""


def countries(mentions: Sequence[Mention]) -> set[str]:
    """The countries that names stand for: themselves, the home of a group, the one country of a region or city."""
    return {
        state
        for m in mentions
        if (state := state_of(m.code) or (m.countries[0] if len(m.countries) == 1 else None)) is not None
    }


def role(country: str, actors: Sequence[str], recipients: Sequence[str], places: Collection[str]) -> str:
    """What a country does by the lists of a text. Where there are several actors and no recipient, each is both."""
    acting, getting = states_of(tuple(actors)), states_of(tuple(recipients))
    if not recipients and len(acting) > 1:
        getting = acting
    if country in acting:
        return BOTH if country in getting else ACTOR
    if country in getting:
        return RECIPIENT
    return PLACE if country in places else NONE


def f1(counts: Counts, which: str) -> tuple[float, float, float]:
    """F1 of a role and its 95 % interval: Wilson's, of the names that are it in both of those that are it in either.

    That share j is a share of names, and F1 is 2 j / (1 + j).
    """
    both = counts[which, which]
    either = sum(number for pair, number in counts.items() if which in pair)
    shares = (both / either if either else 0.0, *metrics.share_interval(both, either))
    middle, low, high = (2 * share / (1 + share) for share in shares)
    return middle, low, high


def confusion(counts: Counts) -> list[list[object]]:
    """Rows of a table: role in the labels, names told as each role, F1 with its interval."""
    rows: list[list[object]] = []
    for there in ROLES:
        middle, low, high = f1(counts, there)
        rows.append([there, *(counts[there, told] for told in ROLES), f"{middle:.2f} ({low:.2f} … {high:.2f})"])
    return rows
