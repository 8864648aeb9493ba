"""Reading the books: what is booked on a subject, on a watchlist as on any other."""

from dataclasses import dataclass, field
from datetime import datetime

from service.domain.risk.baseline import USUAL
from service.domain.risk.ledger import Entry
from service.domain.risk.score import Scale
from service.domain.risk.subject import SubjectKind
from service.domain.risk.surge import REACH, Stir, stir
from service.domain.risk.watchlist import Watchlists, together
from service.errors import NotFound
from service.ports import Books


@dataclass(frozen=True, slots=True)
class Gauge:
    """How books are read: the scale of levels, what is usual (mass per day), and what is watched together.

    `calibration` names the fit that the scale comes from, empty where it comes from none.
    """

    scale: Scale = field(default_factory=Scale)
    usual: float = USUAL
    watchlists: Watchlists = field(default_factory=dict)
    calibration: str = ""

    @property
    def version(self) -> str:
        """The scale as it stands beside scores."""
        return f"{self.scale} ({self.calibration})" if self.calibration else str(self.scale)


def entries_of(subject: str, unit: Books, since: datetime, until: datetime, watchlists: Watchlists) -> list[Entry]:
    """What is booked on a subject by the hour. Raises NotFound for an unknown watchlist."""
    if is_watchlist(subject):
        return list(postings_of(subject, unit, since, until, watchlists).values())
    return unit.ledger.entries(subject, since, until)


def stir_at(subject: str, unit: Books, at: datetime, watchlists: Watchlists) -> Stir:
    """How a subject is stirred at a moment. Raises NotFound for an unknown watchlist."""
    return stir(entries_of(subject, unit, at - REACH, at, watchlists), at, unit.ledger.floods(at - REACH))


def postings_of(
    subject: str, unit: Books, since: datetime, until: datetime, watchlists: Watchlists
) -> dict[str, Entry]:
    """Incident id → what it books on a subject. Raises NotFound for an unknown watchlist."""
    if not is_watchlist(subject):
        return unit.ledger.postings(subject, since, until)
    if subject not in watchlists:
        raise NotFound(f"there is no watchlist {subject}: watchlists.yaml names {', '.join(watchlists) or 'none'}")
    return together(unit.ledger.postings(member, since, until) for member in watchlists[subject])


def is_watchlist(subject: str) -> bool:
    """Whether a written subject is one."""
    return subject.startswith(f"{SubjectKind.WATCH}:")
