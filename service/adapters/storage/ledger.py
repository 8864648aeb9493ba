"""Reports, postings and hourly sums."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from service.adapters.storage.marks import SqlMarks
from service.adapters.storage.records import event_from_json
from service.adapters.storage.schema import INSERT_INTO, bucket, changed_subject, event, owner_day, posting, report
from service.domain.news.canary import is_invented
from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import FLOOD, QUARANTINED_FLOOD, Flood, day_of
from service.domain.risk.grouping import Telling, Timeline
from service.domain.risk.incident import Incident, Report, telling
from service.domain.risk.ledger import Channel, Entry, Posting, hour_of, start_of
from service.ports import Booked, Columns, Stamp, Withdrawn

_Place = tuple[str, int, str, str]
"""Subject, hour, side and owner: where a sum stands."""
_MOST_NAMES = 500
"""Values in one IN list; the databases have limits of their own."""
_LISTED = {"sqlite": func.json_group_array, "postgresql": func.json_agg}
"""Dialect → its function that makes a list of texts."""
_SIDES = {str(channel): channel for channel in Channel}
_EASES = bytes.maketrans("".join(Channel).encode("ascii"), b"\x00\x01")
_STAMP = "changes of sums"
"""The mark that holds the stamp."""


class SqlLedger:
    """Implements `ports.Ledger`. Writers run in serial transactions."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.marks = connection, SqlMarks(connection, now)
        self._number: int | None = None

    def save_reports(self, reports: Sequence[Report]) -> None:
        """A report that is there already stays as it is."""
        known = set(self.reports([r.id for r in reports]))
        new = [r for r in reports if r.id not in known]
        if new:
            self.connection.execute(insert(report), [_report_row(r) for r in new])
            self._count(new, 1)

    def withdraw(self, article_ids: Sequence[str]) -> list[Withdrawn]:
        """Their reports are gone; what they booked stands until their keys are booked again."""
        mine = _reports().where(event.c.article_id.in_(article_ids))
        rows = self.connection.execute(mine).all()
        found = [_report(row) for row in rows]
        self.connection.execute(delete(report).where(report.c.event_id.in_([r.id for r in found])))
        self._count(found, -1)
        return [Withdrawn(row.key, r.event.at, row.incident_id) for row, r in zip(rows, found, strict=True)]

    def _count(self, reports: Sequence[Report], sign: int) -> None:
        for (owner, day), number in Counter((r.owner, day_of(hour_of(r.event.at))) for r in reports).items():
            here = (owner_day.c.owner == owner, owner_day.c.day == day)
            more = update(owner_day).where(*here).values(reports=owner_day.c.reports + sign * number)
            if not self.connection.execute(more).rowcount:
                self.connection.execute(insert(owner_day).values(owner=owner, day=day, reports=number))

    def timeline(self, key: str) -> Timeline:
        """The key's reports in time."""
        return _SqlTimeline(self.connection, key)

    def reports(self, ids: Sequence[str]) -> dict[str, Report]:
        """Reports by id."""
        return {r.id: r for part in _parts(ids) for r in self._read(report.c.event_id.in_(part))}

    def _read(self, condition: ColumnElement[bool]) -> list[Report]:
        return [_report(row) for row in self.connection.execute(_reports().where(condition))]

    def rebook(self, stale: Collection[str], incidents: Sequence[Incident], postings: Sequence[Posting]) -> set[str]:
        """What the stale incidents had booked is taken back to the last unit, then the new is booked."""
        rows = self.connection.execute(select(posting).where(posting.c.incident_id.in_(stale))).all()
        delta: defaultdict[_Place, list[int]] = defaultdict(lambda: [0, 0, 0])
        booked = [(p.subject, p.incident_id, p.entry) for p in postings]
        for sign, found in ((-1, [(r.subject, r.incident_id, _entry(r)) for r in rows]), (1, booked)):
            for subject, _, entry in found:
                sums = delta[str(subject), entry.hour, str(entry.channel), entry.owner]
                sums[0] += sign * entry.micro
                sums[1] += sign * entry.variance
                sums[2] += sign * entry.stir
        self.connection.execute(delete(posting).where(posting.c.incident_id.in_({r.incident_id for r in rows})))
        if postings:
            self.connection.execute(insert(posting), [_posting_row(p) for p in postings])
        self._assign(incidents)
        moved = {where: sums for where, sums in sorted(delta.items()) if any(sums)}
        self._add(moved)
        return {subject for subject, *_ in moved}

    def _assign(self, incidents: Sequence[Incident]) -> None:
        values: dict[str, Any] = {"incident_id": bindparam("incident"), "window_at": bindparam("window")}
        assigned = update(report).where(report.c.event_id == bindparam("told")).values(values)
        rows = [{"told": r.id, "incident": i.id, "window": i.window_at} for i in incidents for r in i.reports]
        if rows:
            self.connection.execute(assigned, rows)

    def _add(self, moved: Mapping[_Place, Sequence[int]]) -> None:
        if not moved:
            return
        place, sums = ("subject", "hour", "channel", "owner"), ("micro", "variance", "stir")
        new = INSERT_INTO[self.connection.dialect.name](bucket)
        more = {name: bucket.c[name] + new.excluded[name] for name in sums}
        said = {"changed": self._turn()}
        rows = [dict(zip((*place, *sums), (*where, *values), strict=True)) | said for where, values in moved.items()]
        set_ = {**more, "changed": new.excluded.changed}
        self.connection.execute(new.on_conflict_do_update(index_elements=place, set_=set_), rows)

    def _turn(self) -> int:
        """The number of this transaction's change."""
        if self._number is None:
            held = self.stamp()
            self._note(Stamp(held.emptied, held.number + 1))
        assert self._number is not None, "noted above"
        return self._number

    def _note(self, stamp: Stamp) -> None:
        self._number = stamp.number
        self.marks.set(_STAMP, f"{stamp.emptied} {stamp.number}")

    def stamp(self) -> Stamp:
        """Kept as a mark: it outlives the sums."""
        noted = self.marks.get(_STAMP)
        return Stamp(*map(int, noted[1].split())) if noted else Stamp()

    def entries(self, subject: str, since: datetime, until: datetime) -> list[Entry]:
        """Hourly sums of a subject."""
        columns = (bucket.c.hour, bucket.c.channel, bucket.c.micro, bucket.c.owner, bucket.c.variance, bucket.c.stir)
        there = or_(bucket.c.micro != 0, bucket.c.stir != 0)
        mine = (bucket.c.subject == subject, there, *_in_time(bucket.c.hour, since, until))
        rows = self.connection.execute(select(*columns).where(*mine)).all()
        return [Entry(hour, _SIDES[channel], *values) for hour, channel, *values in rows]

    def sums(self, since: datetime, until: datetime, subjects: Sequence[str] | None = None) -> dict[str, Columns]:
        """All in one walk over the table, a few by the primary key."""
        there = (bucket.c.micro != 0, *_in_time(bucket.c.hour, since, until))
        if subjects is None:
            return {subject: held for subject, held in self._sums(*there).items() if not is_invented(subject)}
        found = (self._sums(*there, bucket.c.subject.in_(part)) for part in _parts(subjects))
        return {subject: held for some in found for subject, held in some.items()}

    def sums_after(self, number: int, since: datetime) -> dict[str, Columns]:
        """By the index on the number of the change."""
        changed = self._sums(bucket.c.changed > number, bucket.c.hour >= hour_of(since))
        return {subject: held for subject, held in changed.items() if not is_invented(subject)}

    def _sums(self, *conditions: ColumnElement[bool]) -> dict[str, Columns]:
        """A row a subject, which costs a quarter of a row a sum."""
        chosen = select(bucket.c.subject, *self._listed(bucket)).where(*conditions).group_by(bucket.c.subject)
        return {subject: _columns(*listed) for subject, *listed in self.connection.execute(chosen)}

    def booked(self, subject: str, since: datetime, until: datetime) -> Booked:
        """In one row too."""
        mine = (posting.c.subject == subject, *_in_time(posting.c.hour, since, until))
        ids = self._list(posting.c.incident_id)
        chosen = select(ids, *self._listed(posting)).where(*mine).group_by(posting.c.subject)
        for incidents, *listed in self.connection.execute(chosen):
            return Booked(incidents, _columns(*listed))
        return Booked([], _columns("", [], "", "", ""))

    def _listed(self, table: Table) -> list[ColumnElement[Any]]:
        """What `_columns` reads, of all rows of a group in the same order."""
        numbers = (cast(table.c[name], Text) for name in ("hour", "micro", "variance"))
        return [
            func.aggregate_strings(table.c.channel, ""),
            self._list(table.c.owner),
            *(func.aggregate_strings(number, ",") for number in numbers),
        ]

    def _list(self, column: ColumnElement[str]) -> ColumnElement[Any]:
        return _LISTED[self.connection.dialect.name](column, type_=JSON)

    def postings(self, subject: str, since: datetime, until: datetime) -> dict[str, Entry]:
        """Incident id → its entry on a subject."""
        mine = (posting.c.subject == subject, *_in_time(posting.c.hour, since, until))
        columns = (posting.c[name] for name in ("incident_id", "channel", "hour", "micro", "owner", "variance", "stir"))
        rows = self.connection.execute(select(*columns).where(*mine)).all()
        return {incident: Entry(hour, _SIDES[side], *values) for incident, side, hour, *values in rows}

    def tellers(self, subjects: Sequence[str], since: datetime, until: datetime) -> dict[str, set[str]]:
        """Subject → owner groups."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for part in _parts(subjects):
            mine = (posting.c.subject.in_(part), *_in_time(posting.c.hour, since, until))
            for subject, owner in self.connection.execute(_told(posting.c.subject, report.c.owner).where(*mine)):
                found[subject].add(owner)
        return dict(found)

    def began(self, ids: Sequence[str]) -> dict[str, datetime]:
        """The first report stands in time."""
        first = select(report.c.incident_id, func.min(report.c.at)).group_by(report.c.incident_id)
        asked = (first.where(report.c.incident_id.in_(part)) for part in _parts(ids))
        return {incident: at for chosen in asked for incident, at in self.connection.execute(chosen)}

    def owners(self, subject: str, since: datetime) -> set[str]:
        """The owner groups that told of what is booked on a subject since then."""
        mine = (posting.c.subject == subject, posting.c.hour >= hour_of(since))
        return set(self.connection.execute(_told(report.c.owner).where(*mine)).scalars())

    def told_by(self, owners: Collection[str], since: datetime) -> set[str]:
        """The subjects that these owner groups told of since then."""
        theirs = (report.c.owner.in_(sorted(owners)), posting.c.hour >= hour_of(since))
        return set(self.connection.execute(_told(posting.c.subject).where(*theirs)).scalars())

    def floods(self, since: datetime) -> set[Flood]:
        """Owners and days with more reports than anyone believes."""
        unknown = and_(owner_day.c.owner == QUARANTINE, owner_day.c.reports > QUARANTINED_FLOOD)
        many = or_(owner_day.c.reports > FLOOD, unknown)
        mine = (owner_day.c.reports > min(FLOOD, QUARANTINED_FLOOD), many, owner_day.c.day >= day_of(hour_of(since)))
        return {(row.owner, row.day) for row in self.connection.execute(select(owner_day).where(*mine))}

    def began_at(self) -> datetime | None:
        """When the first hour with an entry began: the least of those of the subjects, each found by the key."""
        known = _subjects()
        mine = select(func.min(bucket.c.hour)).where(bucket.c.subject == known.c.subject)
        first = self.connection.execute(select(func.min(mine.scalar_subquery())).select_from(known)).scalar()
        return None if first is None else start_of(first)

    def empty(self) -> list[Report]:
        """Reports are read before they go."""
        found = self._read(true())
        for table in (posting, bucket, owner_day, report):
            self.connection.execute(delete(table))
        number = self.stamp().number + 1
        self._note(Stamp(number, number))
        return found

    def incidents(self, ids: Sequence[str]) -> dict[str, Incident]:
        """Incidents with their reports."""
        found: defaultdict[str, list[Report]] = defaultdict(list)
        for part in _parts(ids):
            for row in self.connection.execute(_reports().where(report.c.incident_id.in_(part))):
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
        """Every subject with an entry, but what canaries move."""
        known = _subjects()
        found = self.connection.execute(select(known.c.subject).order_by(known.c.subject)).scalars()
        return [subject for subject in found if not is_invented(subject)]


def _subjects() -> Subquery:
    """All subjects, each found by the key from the one before: there are thousands of sums of each."""
    known = select(func.min(bucket.c.subject).label("subject")).cte("known", recursive=True)
    following = select(func.min(bucket.c.subject)).where(bucket.c.subject > known.c.subject).scalar_subquery()
    known = known.union_all(select(following).where(known.c.subject.is_not(None)))
    return select(known.c.subject).where(known.c.subject.is_not(None)).subquery()


class _SqlTimeline:
    """Implements `grouping.Timeline` on one key."""

    def __init__(self, connection: Connection, key: str) -> None:
        self.connection, self.mine = connection, report.c.key == key

    def between(self, since: datetime, until: datetime) -> list[Telling]:
        """Those of these times, both included."""
        columns = (report.c.at, report.c.event_id, report.c.is_background, report.c.incident_id, report.c.window_at)
        chosen = select(*columns).where(self.mine, report.c.at >= since, report.c.at <= until)
        return [Telling(*row) for row in self.connection.execute(chosen)]

    def window_before(self, moment: datetime) -> datetime | None:
        """The report that began the window stands in it, so its own time is the window's."""
        began = select(func.max(report.c.at)).where(self.mine, report.c.at <= moment, report.c.window_at == report.c.at)
        return self.connection.execute(began).scalar()

    def newest(self) -> datetime | None:
        """Time of the last one."""
        return self.connection.execute(select(func.max(report.c.at)).where(self.mine)).scalar()


def _columns(sides: str, owners: Sequence[str], hours: str, micro: str, variance: str) -> Columns:
    return Columns(_numbers(hours), _eases(sides), _numbers(micro), _numbers(variance), owners)


def _numbers(listed: str) -> "array[int]":
    import numpy as np  # noqa: PLC0415  other processes that store things can do without it

    return array("q", np.fromstring(listed, dtype=np.int64, sep=",").tobytes())


def _eases(sides: str) -> "array[int]":
    return array("b", sides.encode("ascii").translate(_EASES))


def _in_time(hour: ColumnElement[int], since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return hour >= hour_of(since), hour <= hour_of(until)


def _told(*columns: Any) -> Select[Any]:
    """Values of columns of what is booked and the reports it is booked from."""
    return select(*columns).join_from(posting, report, report.c.incident_id == posting.c.incident_id).distinct()


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[n : n + _MOST_NAMES] for n in range(0, len(ids), _MOST_NAMES)]


def _reports() -> Select[Any]:
    columns = (
        report.c.event_id,
        report.c.owner,
        report.c.grade,
        report.c.incident_id,
        report.c.key,
        event.c.article_id,
        event.c.body,
    )
    return select(*columns).join(event, event.c.id == report.c.event_id)


def _report(row: Row[Any]) -> Report:
    return Report(row.event_id, row.article_id, row.owner, row.grade, event_from_json(row.body))


def _report_row(r: Report) -> dict[str, object]:
    told = telling(r)
    return {
        "event_id": r.id,
        "key": r.key,
        "owner": r.owner,
        "grade": r.grade,
        "incident_id": "",
        "at": told.at,
        "is_background": told.is_background,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.hour, Channel(row.channel), row.micro, row.owner, row.variance, row.stir)


def _posting_row(p: Posting) -> dict[str, object]:
    return {
        **p.entry._asdict(),
        "incident_id": p.incident_id,
        "subject": str(p.subject),
        "channel": str(p.entry.channel),
    }
