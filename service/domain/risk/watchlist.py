"""Subjects somebody watches together."""

from collections.abc import Iterable, Mapping

from service.domain.risk.ledger import Entry

Watchlists = Mapping[str, tuple[str, ...]]
"""Written subject of a watchlist → the written subjects on it, none of which is a watchlist."""


def together(postings: Iterable[Mapping[str, Entry]]) -> dict[str, Entry]:
    """Incident id → its entry on all the subjects together: each incident once, with its largest share."""
    largest: dict[str, Entry] = {}
    for booked in postings:
        for incident, entry in booked.items():
            if incident not in largest or entry.micro > largest[incident].micro:
                largest[incident] = entry
    return largest
