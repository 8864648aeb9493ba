"""What is known, as tables: read page by page, each in a transaction of its own: a slow reader holds nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.operations import present
from service.operations.present import moment
from service.operations.published import kind_of
from service.operations.scores import Reading, read
from service.operations.table import Form, Row, What, csv_head, csv_rows, json_rows
from service.pipeline.books import Gauge
from service.ports import Cursor, Published, StoredEvent, Units, Wanted

PAGE = 500
"""Rows read at once."""
DAY = timedelta(days=1)
MOST_DAYS = 3660
"""Days of scores in one table: each is worked out anew."""


COLUMNS: Mapping[What, Sequence[str]] = {
    What.ALERTS: (
        "at", "id", "alert", "rule", "kind", "subject", "from", "to", "severity", "confirmed", "level", "level_before",
        "owner_groups", "reason", "publishers", "urls", "quotes",
    ),
    What.EVENTS: (
        "at", "id", "article", "publisher", "url", "published_at", "signal", "type", "mode", "modality", "role",
        "intensity", "confidence", "actors", "recipients", "places", "regions", "casualties", "attributed_to", "quoted",
        "text",
    ),
    What.SCORES: (
        "at", "subject", "level", "band", "low", "high", "surprise", "confidence", "freshness", "e", "d", "e_24h",
        "e_30d", "d_24h", "d_30d", "versions",
    ),
}  # fmt: skip
"""The columns of each table, in order; `docs/reference/http.md` says what they mean."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a table is wanted. `since` is counted in and `until` is not, but in scores, where it is the last day."""

    what: What
    since: datetime | None = None
    until: datetime | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where tables come from."""

    units: Units
    gauge: Gauge
    versions: Mapping[str, str]


def check(chosen: Chosen, now: datetime) -> None:
    """Raises ValueError where that cannot be asked for."""
    until = chosen.until or now
    if chosen.since and chosen.since > until:
        raise ValueError("since is after until")
    if chosen.what is What.SCORES and chosen.since and until - chosen.since > MOST_DAYS * DAY:
        raise ValueError(f"scores of more than {MOST_DAYS} days: ask for them in parts")


def written(chosen: Chosen, form: Form, shelf: Shelf, now: datetime) -> Iterator[bytes]:
    """The table as UTF-8, in pieces, the head first. Raises NotFound for an unknown watchlist."""
    columns = COLUMNS[chosen.what]
    if form is Form.CSV:
        yield csv_head(columns).encode()
    as_text = csv_rows if form is Form.CSV else json_rows
    for rows in pages(chosen, shelf, now):
        yield as_text(rows, columns).encode(errors="replace")


def pages(chosen: Chosen, shelf: Shelf, now: datetime) -> Iterator[list[Row]]:
    """The rows of a table, oldest first, some at a time."""
    match chosen.what:
        case What.ALERTS:
            return _alerts(chosen, shelf)
        case What.EVENTS:
            return _events(chosen, shelf)
        case What.SCORES:
            return _scores(chosen, shelf, now)


def _alerts(chosen: Chosen, shelf: Shelf) -> Iterator[list[Row]]:
    wanted = Wanted((chosen.subject,) if chosen.subject else (), since=chosen.since, until=chosen.until)
    after: Cursor | None = None
    while True:
        with shelf.units(read_only=True) as unit:
            found = unit.alerts.published_after(after, PAGE, wanted)
        if not found:
            return
        after = found[-1].cursor
        yield [_alert(one) for one in found]


def _alert(one: Published) -> Row:
    change, said = one.transition, present.transition(one.transition)
    return {
        **said,
        "id": change.id,
        "alert": one.alert.id,
        "rule": one.alert.rule,
        "kind": kind_of(one),
        "subject": one.alert.subject,
        "publishers": [quote.publisher for quote in change.evidence],
        "urls": [quote.url for quote in change.evidence],
        "quotes": [quote.text for quote in change.evidence],
    }


def _events(chosen: Chosen, shelf: Shelf) -> Iterator[list[Row]]:
    subjects = _members(chosen.subject, shelf)
    after: Cursor | None = None
    while True:
        with shelf.units(read_only=True) as unit:
            found = unit.articles.told(after, PAGE, chosen.since, chosen.until, subjects)
        if not found:
            return
        after = found[-1].cursor
        yield [_event(one) for one in found]


def _members(subject: str, shelf: Shelf) -> Collection[str] | None:
    """The subjects that events are booked on: those of a watchlist are its members."""
    return shelf.gauge.watchlists.get(subject, (subject,)) if subject else None


def _event(one: StoredEvent) -> Row:
    said = present.event(one.event)
    return {
        **said,
        "id": one.id,
        "article": one.article_id,
        "publisher": one.publisher,
        "url": one.url,
        "published_at": moment(one.published_at),
        "casualties": present.casualties(one.event),
    }


def _scores(chosen: Chosen, shelf: Shelf, now: datetime) -> Iterator[list[Row]]:
    """A day costs as much as all its subjects."""
    until = chosen.until or now
    at = chosen.since or until
    while at <= until:
        subjects = [chosen.subject] if chosen.subject else _subjects(shelf)
        for start in range(0, len(subjects), PAGE):
            with shelf.units(read_only=True) as unit:
                found = [read(s, unit, at, shelf.gauge, shelf.versions) for s in subjects[start : start + PAGE]]
            yield [_score(one) for one in found]
        at += DAY


def _subjects(shelf: Shelf) -> list[str]:
    with shelf.units(read_only=True) as unit:
        return [*unit.ledger.subjects(), *shelf.gauge.watchlists]


def _score(one: Reading) -> Row:
    said = present.reading(one)
    low, high = said["interval"]
    versions = [f"{name} {version}" for name, version in one.versions.items()]
    return {**said, "low": low, "high": high, "versions": versions}
