"""Articles, what the model said of them, and their events."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, or_, select, update

from service.adapters.storage.records import coded_from_json, event_from_json, event_to_json, sentences_to_json
from service.adapters.storage.schema import (
    INSERT_INTO,
    article,
    article_band,
    article_version,
    coding,
    event,
    posting,
    report,
)
from service.domain.events.event import Event
from service.domain.news import canary
from service.domain.news.article import Article, Flag
from service.domain.news.duplicate import canonical_url
from service.domain.risk.ledger import Channel
from service.flow import ArticleState
from service.ports import CodedArticle, Cursor, Earlier, Moved, Repeat, StoredEvent, Version

_COLUMNS = tuple(article.c[field.name] for field in fields(Article))
_FROM_OUTSIDE = article.c.origin != canary.ORIGIN
_REFUSED = (ArticleState.IGNORED, ArticleState.DEAD)


class SqlArticles:
    """Implements `ports.Articles`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def add(self, new: Article, origin: str, content_hash: str, state: ArticleState = ArticleState.RECEIVED) -> str:
        """The primary key settles a race: the second insert of an id is a duplicate or a conflict."""
        now, insert_into = self.now(), INSERT_INTO[self.connection.dialect.name]
        added = self.connection.execute(
            insert_into(article)
            .values(
                **{column.name: getattr(new, column.name) for column in _COLUMNS},
                origin=origin,
                content_hash=content_hash,
                came_hash=content_hash,
                address=canonical_url(new.url),
                state=state,
                due_at=now,
                created_at=now,
                updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=["id"])
            .returning(article.c.id)
        ).scalar()
        if added is not None:
            return "new"
        hashes = select(article.c.content_hash, article.c.came_hash).where(article.c.id == new.id)
        return "duplicate" if content_hash in self.connection.execute(hashes).one() else "conflict"

    def at_address(self, address: str, origin: str) -> Earlier | None:
        """By the index on addresses."""
        columns = (article.c.id, article.c.came_hash, func.count(article_version.c.number))
        mine = select(*columns).outerjoin(article_version).group_by(article.c.id)
        mine = mine.where(article.c.address == address, article.c.origin == origin)
        row = self.connection.execute(mine.order_by(article.c.created_at.desc(), article.c.id).limit(1)).one_or_none()
        return Earlier(*row) if row and address else None

    def complete(self, new: Article, content_hash: str) -> None:
        """Its row keeps its holder and where it stands."""
        values = {column.name: getattr(new, column.name) for column in _COLUMNS if column.name != "id"}
        mine = update(article).where(article.c.id == new.id)
        self.connection.execute(mine.values(**values, content_hash=content_hash, updated_at=self.now()))

    def set_credit(self, article_id: str, agency: str) -> None:
        """Whose voice it is changes with it."""
        self.connection.execute(update(article).where(article.c.id == article_id).values(credit=agency))

    def replace(
        self, new: Article, origin: str, content_hash: str, reason: str, state: ArticleState = ArticleState.RECEIVED
    ) -> None:
        """A holder of the row finds that it is no longer his; what was read of the old text is gone."""
        self._keep_version(new.id, reason)
        self._forget(new.id)
        values = {column.name: getattr(new, column.name) for column in _COLUMNS if column.name != "id"}
        known = {"content_hash": content_hash, "came_hash": content_hash, "address": canonical_url(new.url)}
        self._set(new.id, **values, origin=origin, **known, state=state, due_at=self.now(), last_error=None)

    def retract(self, article_id: str, reason: str) -> None:
        """The text stays, to be looked up."""
        self._keep_version(article_id, reason)
        self._forget(article_id)
        self._set(article_id, state=ArticleState.IGNORED, due_at=None, last_error=reason)

    def _set(self, article_id: str, **values: object) -> None:
        free = {"lease_owner": None, "lease_until": None, "nudged_at": None, "attempt": 0, "losses": 0}
        mine = update(article).where(article.c.id == article_id)
        self.connection.execute(
            mine.values(**values, **free, duplicate_of=None, unread_language=None, updated_at=self.now())
        )

    def _keep_version(self, article_id: str, reason: str) -> None:
        mine = article_version.c.article_id == article_id
        number = self.connection.execute(select(func.count()).where(mine)).scalar_one() + 1
        columns = (article.c.id, article.c.title, article.c.text, article.c.published_at)
        id_, title, text, published_at = self.connection.execute(
            select(*columns).where(article.c.id == article_id)
        ).one()
        kept = {"title": title, "text": text, "published_at": published_at, "replaced_at": self.now(), "reason": reason}
        self.connection.execute(insert(article_version).values(article_id=id_, number=number, **kept))

    def _forget(self, article_id: str) -> None:
        for table in (article_band, coding):
            self.connection.execute(delete(table).where(table.c.article_id == article_id))
        self.save_events(article_id, ())

    def versions(self, article_id: str) -> list[Version]:
        """Oldest first."""
        chosen = select(article_version).where(article_version.c.article_id == article_id)
        rows = self.connection.execute(chosen.order_by(article_version.c.number))
        return [Version(r.number, r.title, r.text, r.published_at, r.replaced_at, r.reason) for r in rows]

    def get(self, ids: Sequence[str]) -> dict[str, Article]:
        """The articles with these ids that exist."""
        rows = self.connection.execute(select(*_COLUMNS).where(article.c.id.in_(ids)))
        return {row.id: _article(row) for row in rows}

    def state(self, article_id: str) -> tuple[str, str]:
        """(state, reason)."""
        row = self.connection.execute(
            select(article.c.state, article.c.last_error).where(article.c.id == article_id)
        ).one()
        return row.state, row.last_error or ""

    def original(self, article_id: str) -> str:
        """As deduplication found it."""
        found = self.connection.execute(select(article.c.duplicate_of).where(article.c.id == article_id)).scalar()
        return found or ""

    def repeats(self, article_id: str, limit: int) -> list[Repeat]:
        """By the index on what they repeat."""
        columns = (article.c.id, article.c.publisher, article.c.published_at)
        mine = select(*columns).where(article.c.duplicate_of == article_id)
        rows = self.connection.execute(mine.order_by(article.c.published_at, article.c.id).limit(limit))
        return [Repeat(*row) for row in rows]

    def moved(self, article_id: str, limit: int) -> list[Moved]:
        """Three statements, however many events there are."""
        told: defaultdict[str, list[int]] = defaultdict(list)
        mine = select(report.c.incident_id, event.c.ordinal).join(event, event.c.id == report.c.event_id)
        for row in self.connection.execute(mine.where(event.c.article_id == article_id).order_by(event.c.ordinal)):
            told[row.incident_id].append(row.ordinal)
        sizes = self._sizes(told)
        chosen = select(posting.c.incident_id, posting.c.subject, posting.c.channel, posting.c.micro)
        rows = self.connection.execute(
            chosen.where(posting.c.incident_id.in_(told))
            .order_by(posting.c.micro.desc(), posting.c.incident_id, posting.c.subject)
            .limit(limit)
        )
        return [
            Moved(
                r.incident_id, r.subject, Channel(r.channel), r.micro, tuple(told[r.incident_id]), *sizes[r.incident_id]
            )
            for r in rows
        ]

    def _sizes(self, incident_ids: Collection[str]) -> dict[str, tuple[int, int]]:
        """Incident → (owner groups, articles) that tell of it."""
        asked = (func.count(report.c.owner.distinct()), func.count(event.c.article_id.distinct()))
        rows = self.connection.execute(
            select(report.c.incident_id, *asked)
            .join(event, event.c.id == report.c.event_id)
            .where(report.c.incident_id.in_(incident_ids))
            .group_by(report.c.incident_id)
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def first_with_hash(self, article_id: str) -> str | None:
        """Older means: stored before; the id settles a tie."""
        mine = self.connection.execute(
            select(article.c.content_hash, article.c.created_at).where(article.c.id == article_id)
        ).one()
        rows = self.connection.execute(
            select(article.c.id, article.c.created_at)
            .where(article.c.content_hash == mine.content_hash, article.c.id != article_id)
            .where(article.c.state.not_in(_REFUSED))
            .order_by(article.c.created_at, article.c.id)
        ).all()
        return next((r.id for r in rows if (r.created_at, r.id) < (mine.created_at, article_id)), None)

    def sharing_band(self, article_id: str, bands: Sequence[int], since: datetime) -> list[Article]:
        """Only articles that went further than deduplication or have bands already can be met here."""
        rows = self.connection.execute(
            select(*_COLUMNS)
            .join(article_band, article_band.c.article_id == article.c.id)
            .where(article_band.c.band.in_(bands), article.c.id != article_id)
            .where(article.c.published_at >= since, article.c.state.not_in(_REFUSED))
            .distinct()
            .order_by(article.c.published_at, article.c.id)
        )
        return [_article(row) for row in rows]

    def set_bands(self, article_id: str, bands: Sequence[int]) -> None:
        """Repeating changes nothing."""
        self.connection.execute(delete(article_band).where(article_band.c.article_id == article_id))
        rows = [{"band": band, "article_id": article_id} for band in sorted(set(bands))]
        self.connection.execute(insert(article_band), rows)

    def set_duplicate(self, article_id: str, of: str) -> None:
        """The reason stands in last_error once the row is finished."""
        self.connection.execute(update(article).where(article.c.id == article_id).values(duplicate_of=of))

    def set_unread(self, article_id: str, language: str) -> None:
        """The reason stands in last_error once the row is finished."""
        self.connection.execute(update(article).where(article.c.id == article_id).values(unread_language=language))

    def unread(self) -> dict[str, int]:
        """Language → articles, the most frequent first."""
        rows = self.connection.execute(
            select(article.c.unread_language, func.count().label("n"))
            .where(article.c.unread_language.is_not(None))
            .group_by(article.c.unread_language)
            .order_by(func.count().desc(), article.c.unread_language)
        )
        return {row.unread_language: row.n for row in rows}

    def origins(self) -> Iterator[tuple[str, str, datetime]]:
        """Read as they are asked for: there may be millions."""
        columns = (article.c.publisher, article.c.url, article.c.fetched_at)
        found = select(*columns).where(_FROM_OUTSIDE).order_by(article.c.fetched_at.desc(), article.c.id)
        yield from (tuple(row) for row in self.connection.execute(found.execution_options(yield_per=1000)))

    def told(
        self,
        after: Cursor | None,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
        subjects: Collection[str] | None = None,
    ) -> list[StoredEvent]:
        """By the index on an event's time."""
        columns = (
            event.c.id,
            event.c.at,
            event.c.article_id,
            article.c.publisher,
            article.c.url,
            article.c.published_at,
        )
        chosen = select(*columns, event.c.body).join(article, article.c.id == event.c.article_id).where(_FROM_OUTSIDE)
        if after:
            same = and_(event.c.at == after.at, event.c.id > after.id)
            chosen = chosen.where(event.c.at >= after.at, or_(event.c.at > after.at, same))
        if since:
            chosen = chosen.where(event.c.at >= since)
        if until:
            chosen = chosen.where(event.c.at < until)
        if subjects is not None:
            booked = and_(report.c.event_id == event.c.id, posting.c.subject.in_(subjects))
            chosen = chosen.where(exists().where(booked, posting.c.incident_id == report.c.incident_id))
        rows = self.connection.execute(chosen.order_by(event.c.at, event.c.id).limit(limit))
        return [StoredEvent(*row[:-1], event_from_json(row.body)) for row in rows]

    def arrivals(self, since: datetime) -> tuple[int, datetime | None]:
        """By the clock of work; an article that is corrected has come only once."""
        asked = (func.count().filter(article.c.created_at >= since), func.max(article.c.created_at))
        number, last = self.connection.execute(select(*asked).where(_FROM_OUTSIDE)).one()
        return number, last

    def forget(self, origin: str, before: datetime) -> None:
        """What hangs on them goes with them."""
        self.connection.execute(delete(article).where(article.c.origin == origin, article.c.created_at < before))

    def booked(self) -> list[str]:
        """By time of publication and id."""
        mine = select(article.c.id).where(article.c.state == ArticleState.SCORED)
        return list(self.connection.execute(mine.order_by(article.c.published_at, article.c.id)).scalars())

    def save_coding(self, article_id: str, coded: CodedArticle, at: datetime) -> None:
        """Replaces what was said before."""
        self.connection.execute(delete(coding).where(coding.c.article_id == article_id))
        self.connection.execute(
            insert(coding).values(
                article_id=article_id,
                model_version=coded.model_version,
                gazetteer_version=coded.gazetteer_version,
                sentences=sentences_to_json(coded),
                created_at=at,
            )
        )

    def codings(self, ids: Sequence[str]) -> dict[str, CodedArticle]:
        """What the model said of these articles."""
        rows = self.connection.execute(select(coding).where(coding.c.article_id.in_(ids)))
        return {r.article_id: coded_from_json(r.sentences, r.model_version, r.gazetteer_version) for r in rows}

    def save_events(self, article_id: str, events: Sequence[Event]) -> None:
        """Replaces the events of an article that has no reports yet, or whose reports go with them."""
        old = select(event.c.id).where(event.c.article_id == article_id)
        self.connection.execute(delete(report).where(report.c.event_id.in_(old)))
        self.connection.execute(delete(event).where(event.c.article_id == article_id))
        rows = [_event_row(article_id, ordinal, e) for ordinal, e in enumerate(events)]
        if rows:
            self.connection.execute(insert(event), rows)

    def events(self, ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of these articles, in order; an article without events has an empty list."""
        found: dict[str, list[Event]] = {article_id: [] for article_id in ids}
        rows = self.connection.execute(
            select(event.c.article_id, event.c.body)
            .where(event.c.article_id.in_(ids))
            .order_by(event.c.article_id, event.c.ordinal)
        )
        for row in rows:
            found[row.article_id].append(event_from_json(row.body))
        return found


def event_id(article_id: str, ordinal: int) -> str:
    """The id of an article's event: it does not depend on when it was stored."""
    return f"{article_id}#{ordinal}"


def _event_row(article_id: str, ordinal: int, e: Event) -> dict[str, object]:
    return {
        "id": event_id(article_id, ordinal),
        "article_id": article_id,
        "ordinal": ordinal,
        "signal": str(e.signal),
        "type": e.type,
        "role": str(e.role),
        "at": e.at,
        "body": event_to_json(e),
    }


def _article(row: Row[Any]) -> Article:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name
    return Article(**{**values, "flags": tuple(map(Flag, values["flags"]))})
