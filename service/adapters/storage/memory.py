"""The books in this process's memory: for a replay, which keeps nothing. One thread; nothing is rolled back."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from service.domain.alerting import canary
from service.domain.alerting.alert import Alert, Transition, may_change
from service.domain.alerting.record import Record
from service.domain.alerting.rule import Severity, State
from service.domain.alerting.subscriber import Subscriber, SubscriberState
from service.domain.audit import BEGINNING, AuditEntry, chained
from service.domain.events.event import Event
from service.domain.news.article import Article
from service.domain.news.canary import is_invented
from service.domain.risk.caps import Flood, day_of, is_flood
from service.domain.risk.grouping import Telling, Timeline
from service.domain.risk.incident import Incident, Report, telling
from service.domain.risk.ledger import Channel, Entry, Posting, hour_of, start_of
from service.flow import ArticleState
from service.ports import (
    ANY,
    Acknowledgement,
    Alerts,
    Audit,
    Booked,
    Books,
    Columns,
    Cursor,
    Decisions,
    Enrolled,
    Ledger,
    Marks,
    Published,
    Stamp,
    Subscribers,
    Texts,
    Wanted,
    Withdrawn,
)


class MemoryUnits:
    """Implements `ports.OpenBooks`. `now` is the clock of marks and rows."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._books = MemoryBooks(now)

    @contextmanager
    def __call__(self, *, serial: bool = False, read_only: bool = False) -> Iterator[Books]:
        """The books; there is nobody to be kept apart from, so every kind of transaction is the same."""
        assert not (serial and read_only), "who only reads need not be alone"
        self._books.actions.clear()
        yield self._books
        for action in self._books.actions:
            action()


class MemoryBooks:
    """Implements `ports.Books`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.articles: Texts = MemoryTexts()
        self.ledger: Ledger = MemoryLedger()
        self.alerts: Alerts = MemoryAlerts(now)
        self.decisions: Decisions = MemoryDecisions()
        self.marks: Marks = MemoryMarks(now)
        self.subscribers: Subscribers = MemorySubscribers()
        self.audit: Audit = MemoryAudit(now)
        self.actions: list[Callable[[], object]] = []

    def after_commit(self, action: Callable[[], object]) -> None:
        """Run this at the end of the block."""
        self.actions.append(action)


class MemoryTexts:
    """Implements `ports.Texts` for articles that come in order of time: bands too old to be met again are forgotten."""

    def __init__(self) -> None:
        self._articles: dict[str, Article] = {}
        self._hash: dict[str, str] = {}
        self._by_hash: defaultdict[str, list[str]] = defaultdict(list)
        self._by_band: defaultdict[int, list[str]] = defaultdict(list)
        self._bands: dict[str, Sequence[int]] = {}
        self._repeats: set[str] = set()
        self._events: dict[str, list[Event]] = {}

    def add(self, article: Article, origin: str, content_hash: str, state: ArticleState = ArticleState.RECEIVED) -> str:
        """Store a new article; the order of storing is the order of age. Origin and state are kept nowhere."""
        del origin, state
        if article.id in self._articles:
            return "duplicate" if self._hash[article.id] == content_hash else "conflict"
        self._articles[article.id], self._hash[article.id] = article, content_hash
        self._by_hash[content_hash].append(article.id)
        return "new"

    def get(self, ids: Sequence[str]) -> dict[str, Article]:
        """The articles with these ids that exist."""
        return {i: self._articles[i] for i in ids if i in self._articles}

    def first_with_hash(self, article_id: str) -> str | None:
        """The first stored with the same content, if that is another."""
        accepted = (i for i in self._by_hash[self._hash[article_id]] if i not in self._repeats)
        first = next(accepted, article_id)
        return None if first == article_id else first

    def sharing_band(self, article_id: str, bands: Sequence[int], since: datetime) -> list[Article]:
        """Ordered by time and id. From now on nobody may ask for what was published before `since`."""
        self._forget(since)
        ids = {i for band in bands if band in self._by_band for i in self._by_band[band] if i != article_id}
        found = (self._articles[i] for i in ids - self._repeats)
        return sorted((a for a in found if a.published_at >= since), key=lambda a: (a.published_at, a.id))

    def _forget(self, since: datetime) -> None:
        """The oldest stand first; 64 bands an article would fill the memory."""
        while self._bands and self._articles[oldest := next(iter(self._bands))].published_at < since:
            self._take_bands(oldest)

    def _take_bands(self, article_id: str) -> None:
        for band in self._bands.pop(article_id, ()):
            self._by_band[band].remove(article_id)
            if not self._by_band[band]:
                del self._by_band[band]

    def set_bands(self, article_id: str, bands: Sequence[int]) -> None:
        """Repeating changes nothing."""
        self._take_bands(article_id)
        self._bands[article_id] = sorted(set(bands))
        for band in self._bands[article_id]:
            self._by_band[band].append(article_id)

    def set_duplicate(self, article_id: str, of: str) -> None:  # noqa: ARG002  that it repeats one is enough to know
        """From now on nothing is compared with it."""
        self._repeats.add(article_id)

    def set_credit(self, article_id: str, agency: str) -> None:
        """Whose voice it is changes with it."""
        self._articles[article_id] = replace(self._articles[article_id], credit=agency)

    def save_events(self, article_id: str, events: Sequence[Event]) -> None:
        """Replaces the events it had."""
        self._events[article_id] = list(events)

    def events(self, ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of these articles, in order; an article without events has an empty list."""
        return {i: list(self._events.get(i, ())) for i in ids}


class MemoryLedger:
    """Implements `ports.Ledger`. Everything that is asked for by time lies in order of time."""

    def __init__(self) -> None:
        self._clear()
        self._changed: set[str] = set()
        self._stamp = Stamp()

    def _clear(self) -> None:
        self._reports: dict[str, Report] = {}
        self._by_article: defaultdict[str, dict[str, Report]] = defaultdict(dict)
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)
        self._incidents: dict[str, Incident] = {}
        self._booked: dict[str, list[tuple[str, Entry]]] = {}
        self._accounts: defaultdict[str, _Account] = defaultdict(_Account)
        self._days: Counter[Flood] = Counter()
        self._floods: set[Flood] = set()

    def save_reports(self, reports: Sequence[Report]) -> None:
        """A report that is there already stays as it is."""
        for report in reports:
            if report.id not in self._reports:
                self._reports[report.id] = report
                self._by_article[report.article_id][report.id] = report
                self._lines[report.key].put(telling(report))
                self._count(report, 1)

    def withdraw(self, article_ids: Sequence[str]) -> list[Withdrawn]:
        """Their reports are gone; what they booked stands until their keys are booked again."""
        gone = []
        for report in (r for i in article_ids for r in self._by_article.pop(i, {}).values()):
            del self._reports[report.id]
            taken = self._lines[report.key].take(telling(report))
            self._count(report, -1)
            gone.append(Withdrawn(report.key, report.event.at, taken.incident_id))
        return gone

    def _count(self, report: Report, sign: int) -> None:
        day = (report.owner, day_of(hour_of(report.event.at)))
        self._days[day] += sign
        (self._floods.add if is_flood(report.owner, self._days[day]) else self._floods.discard)(day)

    def timeline(self, key: str) -> Timeline:
        """The key's reports in time."""
        return self._lines[key]

    def reports(self, ids: Sequence[str]) -> dict[str, Report]:
        """Reports by id."""
        return {i: self._reports[i] for i in ids if i in self._reports}

    def rebook(self, stale: Collection[str], incidents: Sequence[Incident], postings: Sequence[Posting]) -> set[str]:
        """What the stale incidents had booked is taken back to the last unit, then the new is booked."""
        moved: defaultdict[tuple[str, _Place], list[int]] = defaultdict(lambda: [0, 0, 0])
        for incident_id in stale:
            self._incidents.pop(incident_id, None)
            for subject, entry in self._booked.pop(incident_id, ()):
                self._accounts[subject].take(incident_id, entry)
                _add(moved[subject, _place(entry)], entry, -1)
        for incident in incidents:
            self._assign(incident)
        for posting in postings:
            subject, entry = str(posting.subject), posting.entry
            self._booked.setdefault(posting.incident_id, []).append((subject, entry))
            self._accounts[subject].put(posting.incident_id, entry)
            _add(moved[subject, _place(entry)], entry, 1)
        for (subject, place), sums in moved.items():
            self._accounts[subject].add(place, *sums)
        if any(any(sums) for sums in moved.values()):
            self._stamp = Stamp(self._stamp.emptied, self._stamp.number + 1)
        return {subject for (subject, _), sums in moved.items() if any(sums)}

    def _assign(self, incident: Incident) -> None:
        self._incidents[incident.id] = incident
        for report in incident.reports:
            self._lines[report.key].assign(telling(report), incident.id, incident.window_at)

    def entries(self, subject: str, since: datetime, until: datetime) -> list[Entry]:
        """Hourly sums of a subject, in order of time."""
        return self._accounts[subject].entries(since, until) if subject in self._accounts else []

    def sums(self, since: datetime, until: datetime, subjects: Sequence[str] | None = None) -> dict[str, Columns]:
        """Subject by subject."""
        found = {s: a for s, a in self._accounts.items() if (not is_invented(s) if subjects is None else s in subjects)}
        return _columns(found, lambda account: (e for e in account.entries(since, until) if e.micro))

    def sums_after(self, number: int, since: datetime) -> dict[str, Columns]:
        """All there are, and those that once were, as nothing: when each changed is not kept."""
        if number >= self._stamp.number:
            return {}
        found = {s: a for s, a in self._accounts.items() if not is_invented(s)}
        return _columns(found, lambda account: account.ever(since))

    def stamp(self) -> Stamp:
        """How often sums have changed."""
        return self._stamp

    def postings(self, subject: str, since: datetime, until: datetime) -> dict[str, Entry]:
        """Incident id → its entry on a subject."""
        return self._accounts[subject].postings(since, until) if subject in self._accounts else {}

    def booked(self, subject: str, since: datetime, until: datetime) -> Booked:
        """In order of time."""
        found = self.postings(subject, since, until)
        return Booked(list(found), _in_columns(list(found.values())))

    def tellers(self, subjects: Sequence[str], since: datetime, until: datetime) -> dict[str, set[str]]:
        """Subject → owner groups."""
        told = {s: self.incidents(list(self.postings(s, since, until))).values() for s in subjects}
        return {s: {r.owner for i in found for r in i.reports} for s, found in told.items() if found}

    def began(self, ids: Sequence[str]) -> dict[str, datetime]:
        """Incident id → when it began."""
        return {i: incident.started_at for i, incident in self.incidents(ids).items()}

    def owners(self, subject: str, since: datetime) -> set[str]:
        """The owner groups that told of what is booked on a subject since then."""
        account = self._accounts.get(subject)
        ids = account.incidents_since(since) if account else ()
        return {r.owner for i in ids for r in self._incidents[i].reports}

    def told_by(self, owners: Collection[str], since: datetime) -> set[str]:
        """The subjects that these owner groups told of since then."""
        return {subject for subject in self._accounts if not self.owners(subject, since).isdisjoint(owners)}

    def floods(self, since: datetime) -> set[Flood]:
        """Owners and days with more reports than anyone believes."""
        first = day_of(hour_of(since))
        return {flood for flood in self._floods if flood[1] >= first}

    def began_at(self) -> datetime | None:
        """When the first hour with an entry began."""
        first = min((a.first for a in self._accounts.values() if a.first is not None), default=None)
        return None if first is None else start_of(first)

    def empty(self) -> list[Report]:
        """Reports are read before they go."""
        found = list(self._reports.values())
        self._clear()
        self._stamp = Stamp(self._stamp.number + 1, self._stamp.number + 1)
        return found

    def incidents(self, ids: Sequence[str]) -> dict[str, Incident]:
        """Incidents with their reports."""
        return {i: self._incidents[i] for i in ids if i in self._incidents}

    def mark_changed(self, subjects: Iterable[str], at: datetime) -> None:  # noqa: ARG002  when is not asked
        """Repeating keeps the mark."""
        self._changed |= set(subjects)

    def take_changed(self) -> list[str]:
        """The marked subjects, no longer marked."""
        taken, self._changed = sorted(self._changed), set()
        return taken

    def subjects(self) -> list[str]:
        """Every subject with an entry, but what canaries move."""
        known = (subject for subject, account in self._accounts.items() if account.first is not None)
        return sorted(subject for subject in known if not is_invented(subject))


def _columns(accounts: Mapping[str, "_Account"], chosen: Callable[["_Account"], Iterable[Entry]]) -> dict[str, Columns]:
    found = {subject: list(chosen(account)) for subject, account in accounts.items()}
    return {subject: _in_columns(entries) for subject, entries in found.items() if entries}


def _in_columns(entries: Sequence[Entry]) -> Columns:
    return Columns(
        array("q", (e.hour for e in entries)),
        array("b", (e.channel is Channel.DE_ESCALATION for e in entries)),
        array("q", (e.micro for e in entries)),
        array("q", (e.variance for e in entries)),
        [e.owner for e in entries],
    )


_Place = tuple[int, Channel, str]
"""Hour, side and owner: where a sum of a subject stands."""


def _place(entry: Entry) -> _Place:
    return entry.hour, entry.channel, entry.owner


def _add(sums: list[int], entry: Entry, sign: int) -> None:
    sums[0] += sign * entry.micro
    sums[1] += sign * entry.variance
    sums[2] += sign * entry.stir


class _Account:
    """The sums of one subject and the postings they are made of, both in order of time."""

    def __init__(self) -> None:
        self._sums: dict[_Place, Entry] = {}
        self._gone: set[_Place] = set()
        self._entries: list[Entry] = []
        self._postings: list[tuple[int, str, Entry]] = []

    @property
    def first(self) -> int | None:
        """The first hour with an entry."""
        return self._entries[0].hour if self._entries else None

    def put(self, incident_id: str, entry: Entry) -> None:
        insort(self._postings, (entry.hour, incident_id, entry))

    def take(self, incident_id: str, entry: Entry) -> None:
        del self._postings[bisect_left(self._postings, (entry.hour, incident_id, entry))]

    def add(self, place: _Place, micro: int, variance: int, stir: int) -> None:
        """A sum that is nothing again is no entry."""
        hour, channel, owner = place
        if old := self._sums.pop(place, None):
            del self._entries[bisect_left(self._entries, old)]
            micro, variance, stir = micro + old.micro, variance + old.variance, stir + old.stir
        (self._gone.discard if micro else self._gone.add)(place)
        if micro or stir:
            self._sums[place] = new = Entry(hour, channel, micro, owner, variance, stir)
            insort(self._entries, new)

    def entries(self, since: datetime, until: datetime) -> list[Entry]:
        return self._entries[_within(self._entries, since, until)]

    def ever(self, since: datetime) -> Iterator[Entry]:
        """All sums there are and were."""
        first = hour_of(since)
        yield from (e for e in self._entries if e.hour >= first and e.micro)
        yield from (Entry(hour, side, 0, owner) for hour, side, owner in self._gone if hour >= first)

    def incidents_since(self, since: datetime) -> list[str]:
        return [i for _, i, _ in self._postings[bisect_left(self._postings, (hour_of(since),)) :]]

    def postings(self, since: datetime, until: datetime) -> dict[str, Entry]:
        return {i: entry for _, i, entry in self._postings[_within(self._postings, since, until)]}


def _within(rows: Sequence[tuple[Any, ...]], since: datetime, until: datetime) -> slice:
    """Where the rows of these times stand, which begin with their hour."""
    return slice(bisect_left(rows, (hour_of(since),)), bisect_left(rows, (hour_of(until) + 1,)))


class _Line:
    """Implements `grouping.Timeline` on one key."""

    def __init__(self) -> None:
        self._tellings: list[Telling] = []

    def put(self, new: Telling) -> None:
        insort(self._tellings, new)

    def take(self, old: Telling) -> Telling:
        return self._tellings.pop(bisect_left(self._tellings, old))

    def assign(self, told: Telling, incident_id: str, window_at: datetime | None) -> None:
        where = bisect_left(self._tellings, told)
        self._tellings[where] = replace(told, incident_id=incident_id, window_at=window_at)

    def between(self, since: datetime, until: datetime) -> list[Telling]:
        """Those of these times, both included."""
        first = bisect_left(self._tellings, since, key=_time)
        return self._tellings[first : bisect_right(self._tellings, until, key=_time)]

    def window_before(self, moment: datetime) -> datetime | None:
        """The report that began the window stands in it, so its own time is the window's."""
        for n in range(bisect_right(self._tellings, moment, key=_time) - 1, -1, -1):
            if (told := self._tellings[n]).window_at == told.at:
                return told.at
        return None

    def newest(self) -> datetime | None:
        """Time of the last one."""
        return self._tellings[-1].at if self._tellings else None


def _time(told: Telling) -> datetime:
    return told.at


class MemoryAlerts:
    """Implements `ports.Alerts`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._by_id: dict[str, Alert] = {}
        self._by_subject: defaultdict[str, dict[str, Alert]] = defaultdict(dict)
        self._watched: set[str] = set()
        self._transitions: dict[str, Transition] = {}
        self._stored_at: dict[str, datetime] = {}
        self._acknowledged: dict[str, Acknowledgement] = {}

    def for_subjects(self, subjects: Sequence[str]) -> list[Alert]:
        """The alerts of these subjects."""
        return [alert for subject in subjects for alert in self._by_subject.get(subject, {}).values()]

    def watched(self) -> list[str]:
        """Kept up to date alert by alert, so that it costs nothing to ask."""
        return sorted(self._watched)

    def save(self, alert: Alert) -> None:
        """Keep an alert's state."""
        mine = self._by_subject[alert.subject]
        self._by_id[alert.id] = mine[alert.rule] = alert
        (self._watched.add if may_change(mine.values()) else self._watched.discard)(alert.subject)

    def add_transition(self, transition: Transition) -> bool:
        """The id says what it is: the same transition cannot be stored twice."""
        is_new = transition.id not in self._transitions
        self._transitions.setdefault(transition.id, transition)
        self._stored_at.setdefault(transition.id, self._now())
        return is_new

    def transitions(self, ids: Sequence[str]) -> dict[str, tuple[Transition, Alert]]:
        """Transitions with their alerts."""
        return {i: (t, self._by_id[t.alert_id]) for i in ids if (t := self._transitions.get(i))}

    def is_known(self, alert_id: str) -> bool:
        """Whether there is an alert of this id."""
        return alert_id in self._by_id

    def names(self) -> list[tuple[str, str, str]]:
        """(id, rule, subject) of every alert."""
        return sorted(((a.id, a.rule, a.subject) for a in self._by_id.values()), key=lambda name: name[1:])

    def published(self, limit: int, wanted: Wanted = ANY, before: Cursor | None = None) -> list[Published]:
        """Newest first."""
        found = (p for p in reversed(self._published()) if before is None or p.cursor < before)
        return list(islice((p for p in found if self._is_wanted(p, wanted)), limit))

    def published_after(self, after: Cursor | None, limit: int, wanted: Wanted = ANY) -> list[Published]:
        """Oldest first."""
        found = (p for p in self._published() if after is None or p.cursor > after)
        return list(islice((p for p in found if self._is_wanted(p, wanted)), limit))

    def found(self, transition_id: str) -> Published | None:
        """One transition."""
        found = self._transitions.get(transition_id)
        return self._publish(found) if found else None

    def _publish(self, t: Transition) -> Published:
        return Published(t, self._by_id[t.alert_id], self._stored_at[t.id])

    def _published(self) -> list[Published]:
        return sorted(map(self._publish, self._transitions.values()), key=lambda p: p.cursor)

    def _is_wanted(self, p: Published, wanted: Wanted) -> bool:
        t, loud = p.transition, wanted.loud
        return (
            (not wanted.subjects or p.alert.subject in wanted.subjects)
            and wanted.kind in {"", p.alert.labels.get("kind")}
            and wanted.alert_id in {"", t.alert_id}
            and (wanted.since is None or t.at >= wanted.since)
            and (wanted.until is None or t.at < wanted.until)
            and (t.severity in loud or (t.to_state is State.RESOLVED and self._ends_what_was(p, loud)))
        )

    def _ends_what_was(self, p: Published, loud: Collection[Severity]) -> bool:
        """Whether a transition of the alert since its last end was loud."""
        mine = [t for t in self._transitions.values() if t.alert_id == p.alert.id and t.at < p.transition.at]
        ends = [t.at for t in mine if t.to_state is State.RESOLVED]
        return any(t.severity in loud and not any(t.at < end for end in ends) for t in mine)

    def of_subject(self, subject: str, most: int) -> list[tuple[Alert, list[Transition]]]:
        """By rule, each with its changes."""
        mine = sorted(self.for_subjects([subject]), key=lambda alert: alert.rule)
        known = {alert.id for alert in mine if alert.id != canary.ALERT}
        changes = sorted((t for t in self._transitions.values() if t.alert_id in known), key=lambda t: (t.at, t.id))
        last = changes[max(0, len(changes) - most) :]
        return [(alert, [t for t in last if t.alert_id == alert.id]) for alert in mine if alert.id in known]

    def firing(self, rule: str) -> list[Alert]:
        """The rule's firing alerts."""
        return [alert for alert in self._by_id.values() if alert.rule == rule and alert.state is State.FIRING]

    def acknowledge(self, alert_id: str, at: datetime, author: str, comment: str) -> None:
        """The last counts."""
        self._acknowledged[alert_id] = Acknowledgement(at, author, comment)

    def acknowledged(self, alert_ids: Collection[str]) -> dict[str, Acknowledgement]:
        """One that is older than the firing was of an earlier one."""
        mine = [(self._by_id[i], self._acknowledged[i]) for i in alert_ids if i in self._acknowledged]
        return {a.id: taken for a, taken in mine if a.state is State.FIRING and taken.at >= a.since}


class MemoryDecisions:
    """Implements `ports.Decisions`."""

    def __init__(self) -> None:
        self._records: defaultdict[str, list[Record]] = defaultdict(list)

    def add(self, new: Record) -> None:
        """Records of a subject stand in the order they were made."""
        self._records[new.subject].append(new)

    def standing(self, subject: str, at: datetime | None = None) -> dict[str, Record]:
        """Rule → its last record on the subject, of those made by then."""
        return {r.rule: r for r in self._records.get(subject, ()) if at is None or r.at <= at}

    def of(self, rule: str, subject: str) -> list[Record]:
        """All records of the two, in order."""
        return [r for r in self._records.get(subject, ()) if r.rule == rule]

    def began_at(self) -> datetime | None:
        """Time of the oldest record."""
        return min((r.at for records in self._records.values() for r in records), default=None)

    def forget(self, before: datetime) -> int:
        """Throw away what is older."""
        held = sum(map(len, self._records.values()))
        for subject, records in self._records.items():
            self._records[subject] = [r for r in records if r.at >= before]
        return held - sum(map(len, self._records.values()))


class MemorySubscribers:
    """Implements `ports.Subscribers`."""

    def __init__(self) -> None:
        self._subscribers: dict[str, Subscriber] = {}
        self._enrolled: dict[tuple[str, str], Enrolled] = {}
        self._contacted: dict[str, datetime] = {}

    def get(self, subscriber_id: str) -> Subscriber | None:
        """One subscriber with their channels."""
        return next((one for one in self.all() if one.id == subscriber_id), None)

    def all(self) -> list[Subscriber]:
        """Every subscriber."""
        found = [replace(s, channels=tuple(e.channel for e in self.enrolled(s.id))) for s in self._subscribers.values()]
        return sorted(found, key=lambda one: (one.name, one.id))

    def active(self, ids: Collection[str] | None = None) -> list[Subscriber]:
        """Those in the state active, of all or of these."""
        chosen = (one for one in self.all() if ids is None or one.id in ids)
        return [one for one in chosen if one.state is SubscriberState.ACTIVE]

    def save(self, subscriber: Subscriber) -> None:
        """Keep what they want."""
        self._subscribers[subscriber.id] = subscriber

    def delete(self, subscriber_id: str) -> bool:
        """Their channels go with them."""
        for enrolled in self.enrolled(subscriber_id):
            self.remove(subscriber_id, enrolled.channel.name)
        return self._subscribers.pop(subscriber_id, None) is not None

    def put(self, enrolled: Enrolled) -> None:
        """Keep a channel."""
        self._enrolled[enrolled.subscriber_id, enrolled.channel.name] = enrolled

    def remove(self, subscriber_id: str, channel: str) -> bool:
        """Forget a channel."""
        return self._enrolled.pop((subscriber_id, channel), None) is not None

    def enrolled(self, subscriber_id: str | None = None) -> list[Enrolled]:
        """Channels with what is kept of their addresses."""
        return [e for key, e in sorted(self._enrolled.items()) if subscriber_id in {None, key[0]}]

    def contacted_at(self, fingerprints: Sequence[str]) -> datetime | None:
        """The latest of them."""
        return max((self._contacted[f] for f in fingerprints if f in self._contacted), default=None)

    def set_contacted(self, fingerprint: str, at: datetime) -> None:
        """One time for each address."""
        self._contacted[fingerprint] = at

    def forget_contacts(self, before: datetime) -> None:
        """Throw away what is older."""
        self._contacted = {f: at for f, at in self._contacted.items() if at >= before}


class MemoryAudit:
    """Implements `ports.Audit`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: list[AuditEntry] = []

    def add(
        self,
        actor: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> AuditEntry:
        """Add an entry at the end."""
        previous = self._entries[-1].hashed if self._entries else BEGINNING
        entry = chained(len(self._entries) + 1, self._now(), actor, action, subject, before, after, previous)
        self._entries.append(entry)
        return entry

    def entries(self, subject: str | None = None, last: int | None = None) -> list[AuditEntry]:
        """Entries in order."""
        mine = [entry for entry in self._entries if subject in {None, entry.subject}]
        return mine if last is None else mine[max(0, len(mine) - last) :]


class MemoryMarks:
    """Implements `ports.Marks`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._marks: dict[str, tuple[datetime, str]] = {}

    def set(self, name: str, value: str = "") -> None:
        """It happened now."""
        self._marks[name] = (self.now(), value)

    def get(self, name: str) -> tuple[datetime, str] | None:
        """When it last happened, and what was noted."""
        return self._marks.get(name)
