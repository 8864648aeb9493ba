"""Reports, postings and hourly sums."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from service.adapters.storage.records import event_from_json
from service.adapters.storage.schema import bucket, changed_subject, event, posting, report
from service.domain.risk.incident import Incident, Report
from service.domain.risk.ledger import Channel, Entry, Posting

_Key = tuple[str, str, datetime]


class SqlLedger:
    """Implements `ports.Ledger`. Writers run in serial transactions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def save_reports(self, reports: Sequence[Report]) -> None:
        """A report that is there already stays as it is."""
        ids = [r.id for r in reports]
        known = set(self.connection.execute(select(report.c.event_id).where(report.c.event_id.in_(ids))).scalars())
        rows = [
            {"event_id": r.id, "key": r.key, "owner": r.owner, "grade": r.grade, "incident_id": ""}
            for r in reports
            if r.id not in known
        ]
        if rows:
            self.connection.execute(insert(report), rows)

    def reports_with_key(self, key: str) -> list[Report]:
        """All reports that may tell of the same incidents."""
        return [_report(row) for row in self.connection.execute(_reports().where(report.c.key == key))]

    def rebook(self, incidents: Sequence[Incident], key: str, postings: Sequence[Posting]) -> set[str]:
        """What was booked is taken back to the last unit, then the new is booked."""
        old = select(report.c.incident_id).where(report.c.key == key, report.c.incident_id != "")
        rows = self.connection.execute(select(posting).where(posting.c.incident_id.in_(old))).all()
        delta: defaultdict[_Key, int] = defaultdict(int)
        for row in rows:
            delta[row.subject, row.channel, row.hour] -= row.micro
        for p in postings:
            delta[str(p.subject), str(p.entry.channel), p.entry.hour] += p.entry.micro
        self.connection.execute(delete(posting).where(posting.c.incident_id.in_({r.incident_id for r in rows})))
        if postings:
            self.connection.execute(insert(posting), [_posting_row(p) for p in postings])
        self._assign(incidents)
        return {self._add(where, micro) for where, micro in sorted(delta.items()) if micro}

    def _assign(self, incidents: Sequence[Incident]) -> None:
        for incident in incidents:
            members = [r.id for r in incident.reports]
            self.connection.execute(
                update(report).where(report.c.event_id.in_(members)).values(incident_id=incident.id)
            )

    def _add(self, where: _Key, micro: int) -> str:
        subject, channel, hour = where
        here = (bucket.c.subject == subject, bucket.c.channel == channel, bucket.c.hour == hour)
        changed = self.connection.execute(update(bucket).where(*here).values(micro=bucket.c.micro + micro))
        if not changed.rowcount:
            row = {"subject": subject, "channel": channel, "hour": hour, "micro": micro}
            self.connection.execute(insert(bucket).values(row))
        return subject

    def entries(self, subject: str, since: datetime, until: datetime) -> list[Entry]:
        """Hourly sums of a subject."""
        mine = (bucket.c.subject == subject, bucket.c.hour >= since, bucket.c.hour <= until, bucket.c.micro != 0)
        rows = self.connection.execute(select(bucket.c.hour, bucket.c.channel, bucket.c.micro).where(*mine))
        return [Entry(row.hour, Channel(row.channel), row.micro) for row in rows]

    def postings(self, subject: str, since: datetime, until: datetime) -> dict[str, Entry]:
        """Incident id → its entry on a subject."""
        mine = (posting.c.subject == subject, posting.c.hour >= since, posting.c.hour <= until)
        rows = self.connection.execute(select(posting).where(*mine))
        return {row.incident_id: Entry(row.hour, Channel(row.channel), row.micro) for row in rows}

    def incidents(self, ids: Sequence[str]) -> dict[str, Incident]:
        """Incidents with their reports."""
        found: defaultdict[str, list[Report]] = defaultdict(list)
        for row in self.connection.execute(_reports().where(report.c.incident_id.in_(ids))):
            found[row.incident_id].append(_report(row))
        return {
            incident_id: Incident(tuple(sorted(members, key=lambda r: (r.event.at, r.id))))
            for incident_id, members in found.items()
        }

    def mark_changed(self, subjects: Iterable[str], at: datetime) -> None:
        """Repeating keeps the mark."""
        wanted = sorted(set(subjects))
        self.connection.execute(delete(changed_subject).where(changed_subject.c.subject.in_(wanted)))
        if wanted:
            self.connection.execute(insert(changed_subject), [{"subject": s, "changed_at": at} for s in wanted])

    def take_changed(self) -> list[str]:
        """Read and cleared in one transaction: marks come back if it fails."""
        subjects = list(self.connection.execute(select(changed_subject.c.subject)).scalars())
        self.connection.execute(delete(changed_subject).where(changed_subject.c.subject.in_(subjects)))
        return sorted(subjects)

    def subjects(self) -> list[str]:
        """Every subject with an entry."""
        return list(self.connection.execute(select(bucket.c.subject).distinct().order_by(bucket.c.subject)).scalars())


def _reports() -> Select[Any]:
    columns = (
        report.c.event_id,
        report.c.owner,
        report.c.grade,
        report.c.incident_id,
        event.c.article_id,
        event.c.body,
    )
    return select(*columns).join(event, event.c.id == report.c.event_id)


def _report(row: Row[Any]) -> Report:
    return Report(row.event_id, row.article_id, row.owner, row.grade, event_from_json(row.body))


def _posting_row(p: Posting) -> dict[str, object]:
    return {
        "incident_id": p.incident_id,
        "subject": str(p.subject),
        "channel": str(p.entry.channel),
        "hour": p.entry.hour,
        "micro": p.entry.micro,
    }
