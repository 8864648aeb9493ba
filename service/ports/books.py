"""What is booked, and what rules said of it."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from service.domain.alerting.record import Record
from service.domain.risk.caps import Flood
from service.domain.risk.grouping import Timeline
from service.domain.risk.incident import Incident, Report
from service.domain.risk.ledger import Entry, Posting


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A report taken back: the key it shared, its time, and the incident it was booked in (empty: none)."""

    key: str
    at: datetime
    incident_id: str


class Columns(NamedTuple):
    """Sums of one subject in no order; every column has one element for each sum, as in `Entry`.

    `eases` is 1 on the side of de-escalation and 0 on the other. Columns, because there are a million sums.
    """

    hours: "array[int]"
    eases: "array[int]"
    micro: "array[int]"
    variance: "array[int]"
    owners: Sequence[str]


class Booked(NamedTuple):
    """What incidents book on a subject; every column has one element for each of the incidents."""

    ids: Sequence[str]
    columns: Columns


class Stamp(NamedTuple):
    """How often sums have changed, and the number of the change that emptied the books (0: none did)."""

    emptied: int = 0
    number: int = 0


class Ledger(Protocol):
    """Reports, incidents and what they book."""

    def save_reports(self, reports: Sequence[Report]) -> None:
        """Keep reports of stored events; repeating changes nothing."""
        ...

    def withdraw(self, article_ids: Sequence[str]) -> list[Withdrawn]:
        """Take the reports of these articles back. Their keys must be booked again in the same transaction."""
        ...

    def timeline(self, key: str) -> Timeline:
        """The reports that may tell of the same incidents, in time."""
        ...

    def reports(self, ids: Sequence[str]) -> dict[str, Report]:
        """Reports by id."""
        ...

    def rebook(self, stale: Collection[str], incidents: Sequence[Incident], postings: Sequence[Posting]) -> set[str]:
        """Put these incidents in place of the stale ones (ids); returns the written subjects whose sums changed."""
        ...

    def entries(self, subject: str, since: datetime, until: datetime) -> list[Entry]:
        """Hourly sums of a subject, from the hour of `since` to that of `until`."""
        ...

    def sums(self, since: datetime, until: datetime, subjects: Sequence[str] | None = None) -> dict[str, Columns]:
        """The sums of these subjects, or of all but what canaries move, from the hour of `since` to that of `until`.

        Subjects without any are left out.
        """
        ...

    def sums_after(self, number: int, since: datetime) -> dict[str, Columns]:
        """At least those of the same, from the hour of `since` on, that changed after the change of this number.

        A sum that is nothing any more is among them.
        """
        ...

    def stamp(self) -> Stamp:
        """What differs after every transaction that changed a sum. To be read before sums are."""
        ...

    def postings(self, subject: str, since: datetime, until: datetime) -> dict[str, Entry]:
        """Incident id → its entry on a subject."""
        ...

    def booked(self, subject: str, since: datetime, until: datetime) -> Booked:
        """The same as columns: there may be thousands."""
        ...

    def tellers(self, subjects: Sequence[str], since: datetime, until: datetime) -> dict[str, set[str]]:
        """Subject → the owner groups that told of what is booked on it from the hour of `since` to that of `until`.

        Subjects of which nobody told are left out.
        """
        ...

    def began(self, ids: Sequence[str]) -> dict[str, datetime]:
        """Incident id → when it began, by its first report."""
        ...

    def owners(self, subject: str, since: datetime) -> set[str]:
        """The owner groups that told of what is booked on a subject since then."""
        ...

    def told_by(self, owners: Collection[str], since: datetime) -> set[str]:
        """The subjects on which something is booked since then that one of these owner groups told of."""
        ...

    def floods(self, since: datetime) -> set[Flood]:
        """Owner groups and days since then on which they flood."""
        ...

    def began_at(self) -> datetime | None:
        """Since when there is anything booked."""
        ...

    def empty(self) -> list[Report]:
        """Take all reports out, with all that they booked."""
        ...

    def incidents(self, ids: Sequence[str]) -> dict[str, Incident]:
        """Incidents with their reports."""
        ...

    def mark_changed(self, subjects: Iterable[str], at: datetime) -> None:
        """Remember that rules must look at these subjects."""
        ...

    def take_changed(self) -> list[str]:
        """The marked subjects, no longer marked."""
        ...

    def subjects(self) -> list[str]:
        """Every subject with an entry, but what canaries move."""
        ...


class Decisions(Protocol):
    """What rules said of subjects, as it was when they said it."""

    def add(self, record: Record) -> None:
        """Keep a record."""
        ...

    def standing(self, subject: str, at: datetime | None = None) -> dict[str, Record]:
        """Rule → its last record on the subject, of all or of those made by `at`."""
        ...

    def of(self, rule: str, subject: str) -> list[Record]:
        """All records of a rule and subject, in order."""
        ...

    def began_at(self) -> datetime | None:
        """Time of the oldest record."""
        ...

    def forget(self, before: datetime) -> int:
        """Throw away the records that are older; returns how many."""
        ...
