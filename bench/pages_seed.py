"""A database as large as a year of the world's news: a tenth is made of values, the rest is copied to earlier times."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

from sqlalchemy import Connection, Engine, insert, text

from service.adapters.storage import migrate
from service.adapters.storage.articles import event_id
from service.adapters.storage.database import SqlUnits
from service.adapters.storage.records import event_to_json, memory_to_json
from service.adapters.storage.schema import alert, article, event, posting, report, transition
from service.domain.alerting.alert import fingerprint
from service.domain.alerting.rule import Memory, State
from service.domain.events.event import Event
from service.domain.events.geography import Geography
from service.domain.events.ontology import TYPES
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.article import Article
from service.domain.news.owner import QUARANTINE
from service.domain.risk.incident import Incident, Report, telling
from service.domain.risk.ledger import postings
from service.domain.risk.subject import Subject
from service.pipeline.score import enter

NOW = datetime(2024, 6, 1, tzinfo=UTC)
BLOCKS, SPAN = 10, timedelta(hours=876)
"""Ten times 36.5 days are a year."""
COUNTRIES, PAIRS, REGIONS = 70, 150, 12
OWNERS, MOST_OWNERS = 60, 5
KINDS = tuple({row.root: name for name, row in TYPES.items()}.values())
RULES, CHANGES = ("level", "rise", "surge", "novel"), 12
GRADES = "ABBCCCDF"
_CHUNK = 20_000


def build(engine: Engine, events: int, geography: Geography) -> None:
    """Migrate an empty SQLite database and fill it with so many events on about 250 subjects over 365 days.

    Every run makes the same. The books agree with the reports to the last unit.
    """
    migrate.upgrade(engine)
    chance = random.Random(1)
    with engine.begin() as connection:
        for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _first_block(connection, events // BLOCKS, geography, chance)
        for number in range(1, BLOCKS):
            _copy(connection, number)
        for statement in _SUMS:
            connection.execute(text(statement))
        _alerts(connection)


def _first_block(connection: Connection, events: int, geography: Geography, chance: random.Random) -> None:
    articles: set[str] = set()
    for incidents in _chunks(_incidents(events, geography, chance)):
        told = [(incident, r) for incident in incidents for r in incident.reports]
        new = {r.article_id: r for _, r in told if r.article_id not in articles}
        articles |= new.keys()
        connection.execute(insert(article), [_article_row(r) for r in new.values()])
        connection.execute(insert(event), [_event_row(r) for _, r in told])
        connection.execute(insert(report), [_report_row(incident, r) for incident, r in told])
        connection.execute(insert(posting), [row for i in incidents for row in _posting_rows(i, geography)])


def _chunks(incidents: Iterator[Incident]) -> Iterator[list[Incident]]:
    some: list[Incident] = []
    held = 0
    for incident in incidents:
        some.append(incident)
        held += len(incident.reports)
        if held >= _CHUNK:
            yield some
            some, held = [], 0
    if some:
        yield some


def _incidents(events: int, geography: Geography, chance: random.Random) -> Iterator[Incident]:
    """Happenings between pairs of countries, few of which make most of the news; one article tells of two of them."""
    codes = sorted(code for code in geography.countries if geography.m49(code))
    chance.shuffle(codes)
    pairs = chance.sample(sorted(combinations(sorted(codes[:COUNTRIES]), 2)), PAIRS)
    loud = [1.0 / (n + 3) for n in range(PAIRS)]
    regions = chance.sample(sorted(code for code in geography.places if code.startswith("region:")), REGIONS)
    owners = [f"Owner {n}" for n in range(OWNERS)]
    fame = [1.0 / (n + 2) for n in range(OWNERS)]
    number = made = 0
    while made < events:
        pair = chance.choices(pairs, loud)[0]
        at = NOW - timedelta(seconds=int(chance.random() * SPAN.total_seconds()))
        happened = _event(pair, chance.choice(KINDS), at, regions, chance)
        tellers = _tellers(owners, fame, chance)
        told = [_told(number, n, owner, happened) for n, owner in enumerate(tellers)]
        yield Incident(tuple(told[: events - made]))
        made += len(told)
        number += 1


def _tellers(owners: Sequence[str], fame: Sequence[float], chance: random.Random) -> Sequence[str]:
    """Who tells of a happening: a few, often one agency alone, and now and then only publishers nobody knows."""
    kind = chance.random()
    if kind < 0.02:  # noqa: PLR2004
        return (QUARANTINE,)
    alone = chance.choices(owners, fame, k=1 if kind < 0.3 else MOST_OWNERS)  # noqa: PLR2004
    return tuple(dict.fromkeys(alone[: chance.randint(1, MOST_OWNERS)]))


def _told(number: int, teller: int, owner: str, happened: Event) -> Report:
    name, later = f"a{number // 2}-{teller}", timedelta(minutes=teller)
    grade = "F" if owner == QUARANTINE else GRADES[hash_of(owner) % len(GRADES)]
    return Report(event_id(name, number % 2), name, owner, grade, replace(happened, at=happened.at + later))


def hash_of(owner: str) -> int:
    """A number that hangs on the name alone, the same in every process."""
    return sum(owner.encode())


def _event(pair: tuple[str, str], kind: str, at: datetime, regions: Sequence[str], chance: random.Random) -> Event:
    row = TYPES[kind]
    words = f"Forces of {pair[0]} were said to {row.root.lower()} near the border with {pair[1]} on that day."
    near = chance.random()
    return Event(
        start=0,
        end=len(words),
        text=words,
        sentence=0,
        signal=Signal.ESCALATION if row.intensity < 0 else Signal.DE_ESCALATION,
        type=row.root,
        mode=row.mode,
        actors=(pair[0],),
        recipients=(pair[1],),
        places=(pair[1],) if near < 0.5 else (),  # noqa: PLR2004  half say where
        regions=(chance.choice(regions).removeprefix("region:"),) if near > 0.8 else (),  # noqa: PLR2004  a fifth
        place_name="",
        modality=Modality.ACTUAL,
        role=ArticleRole.LEAD,
        level=3,
        intensity=row.intensity,
        confidence=0.9,
        at=at,
        words=((10, 13, 0.4), (27, 33, 0.9)),
    )


def _article_row(r: Report) -> dict[str, object]:
    at, name = r.event.at, r.article_id
    times = {"published_at": at, "fetched_at": at, "created_at": at, "updated_at": at}
    held = {"origin": "bench", "content_hash": name, "language": "en", "state": "scored"}
    title = f"What {r.owner} says of {r.event.actors[0]} and {r.event.recipients[0]}"
    url = f"https://news.example.org/{name}"
    return {"id": name, "title": title, "text": r.event.text, "publisher": r.owner, "url": url, **times, **held}


def _event_row(r: Report) -> dict[str, object]:
    e = r.event
    told = {"signal": str(e.signal), "type": e.type, "role": str(e.role), "at": e.at, "body": event_to_json(e)}
    return {"id": r.id, "article_id": r.article_id, "ordinal": int(r.id[-1]), **told}


def _report_row(incident: Incident, r: Report) -> dict[str, object]:
    told = telling(r)
    placed = {"incident_id": incident.id, "window_at": incident.window_at, "is_background": told.is_background}
    return {"event_id": r.id, "key": r.key, "owner": r.owner, "grade": r.grade, "at": told.at, **placed}


def _posting_rows(incident: Incident, geography: Geography) -> list[dict[str, object]]:
    return [
        {**p.entry._asdict(), "channel": str(p.entry.channel), "incident_id": p.incident_id, "subject": str(p.subject)}
        for p in postings(incident, geography)
    ]


def _copy(connection: Connection, number: int) -> None:
    """The first block once more, so many spans earlier."""
    hours = SPAN // timedelta(hours=1) * number
    values = {"n": f"{number:02d}", "hours": hours, "span": f"-{hours} hours", "latest": _hour(NOW - SPAN)}
    for table, (changes, mine) in _COPIES.items():
        names = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
        chosen = ", ".join(changes.get(name, f'"{name}"') for name in names)
        query = f"INSERT INTO {table} SELECT {chosen} FROM {table} WHERE {mine}"
        connection.execute(text(query), {k: v for k, v in values.items() if f":{k}" in query})


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)


_AT = "strftime('%Y-%m-%d %H:%M:%S.000000', {0}, :span)"
_ARTICLE_ID = "replace({0}, '-', '-' || :n || '-')"
_INCIDENT_ID = "substr(incident_id, 1, 13) || 'z' || :n"
_COPIES = {
    "article": (
        {
            "id": _ARTICLE_ID.format("id"),
            "content_hash": _ARTICLE_ID.format("id"),
            **{name: _AT.format(name) for name in ("published_at", "fetched_at", "created_at", "updated_at")},
        },
        "id NOT LIKE '%-%-%'",
    ),
    "event": (
        {
            "id": _ARTICLE_ID.format("id"),
            "article_id": _ARTICLE_ID.format("article_id"),
            "at": _AT.format("at"),
            "body": "json_set(body, '$.at', strftime('%Y-%m-%dT%H:%M:%S+00:00', at, :span))",
        },
        "id NOT LIKE '%-%-%'",
    ),
    "report": (
        {
            "event_id": _ARTICLE_ID.format("event_id"),
            "incident_id": _INCIDENT_ID,
            "at": _AT.format("at"),
            "window_at": _AT.format("window_at"),
        },
        "event_id NOT LIKE '%-%-%'",
    ),
    "posting": ({"incident_id": _INCIDENT_ID, "hour": "hour - :hours"}, "hour >= :latest"),
}
_SUMS = (
    "INSERT INTO bucket (subject, hour, channel, owner, micro, variance, stir) "
    "SELECT subject, hour, channel, owner, sum(micro), sum(variance), sum(stir) "
    "FROM posting GROUP BY subject, hour, channel, owner",
    "INSERT INTO owner_day (owner, day, reports) "
    "SELECT owner, CAST(strftime('%s', at) AS INTEGER) / 86400, count(*) FROM report GROUP BY 1, 2",
)


def _alerts(connection: Connection) -> None:
    """Every rule has fired on every subject, off and on over the year."""
    subjects = connection.execute(text("SELECT DISTINCT subject FROM bucket ORDER BY 1")).scalars().all()
    made = [(rule, subject, fingerprint(rule, subject)) for subject in subjects for rule in RULES]
    empty = {"labels": {"kind": "LEVEL"}, "severity": "warning", "reason": "the level is high", "owner_groups": 3}
    kept = {
        "memory": memory_to_json(Memory(State.FIRING)),
        "evidence": [],
        "annotations": {},
        "updated_at": NOW,
        "since": NOW,
    }
    rows = [{"id": i, "rule": rule, "subject": s, "state": "firing", **empty, **kept} for rule, s, i in made]
    connection.execute(insert(alert), rows)
    connection.execute(insert(transition), [row for _, _, i in made for row in _transition_rows(i)])


def _transition_rows(alert_id: str) -> list[dict[str, object]]:
    fixed = {"severity": "warning", "level": 50.0, "level_before": 20.0, "reason": "the level is high", "evidence": []}
    kept = {"owner_groups": 3, "confirmed": True, "state": "routed"}
    steps = [("resolved", "firing"), ("firing", "resolved")] * (CHANGES // 2)
    rows = []
    for n, (before, after) in enumerate(steps):
        at = NOW - timedelta(days=30 * (CHANGES - n) - 1)
        moved = {"id": f"{alert_id}-{n}", "alert_id": alert_id, "from_state": before, "to_state": after}
        rows.append({**moved, "at": at, "created_at": at, "updated_at": at, **fixed, **kept})
    return rows


def book_one_more(units: SqlUnits, name: str, number: int, geography: Geography) -> None:
    """What one more article does to the books, of a publisher nobody heard of before."""
    with units(serial=True) as unit:
        dyads = [s for s in unit.ledger.subjects() if s.startswith("dyad:")]
        one, other = Subject.parse(dyads[number % len(dyads)]).countries
        happened = _event((one, other), KINDS[number % len(KINDS)], NOW, ["region:none"], random.Random(number))
        told = Report(event_id(name, 0), name, f"Newcomer {name}", "B", happened)
        unit.articles.add(Article(name, "", name, told.owner, "", NOW, NOW), "bench", name)
        unit.articles.save_events(name, [happened])
        enter([told], unit, geography, NOW)


def subjects_of(connection: Connection) -> list[Subject]:
    """Every subject, in order."""
    found = connection.execute(text("SELECT DISTINCT subject FROM bucket ORDER BY 1")).scalars()
    return [Subject.parse(written) for written in found]
