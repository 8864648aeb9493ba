"""Counts over the tables, each answered by an index."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from service.adapters.storage.schema import alert, article, bucket, notification, subscriber, subscriber_channel
from service.domain.alerting.canary import ALERT
from service.domain.alerting.rule import Severity, State
from service.domain.news.canary import COUNTRIES, is_invented
from service.domain.risk.ledger import Channel, hour_of
from service.flow import ArticleState, Kind, RowState
from service.ports.tallies import AlertTally, Named

_MOVING = (State.PENDING, State.FIRING, State.RESOLVED)
_ENDS: Mapping[Kind, tuple[Any, tuple[str, ...]]] = {
    Kind.ARTICLE: (article, (ArticleState.SCORED, ArticleState.IGNORED)),
    Kind.NOTIFICATION: (notification, (RowState.SENT, RowState.CANCELLED)),
}
_INVENTED = len(COUNTRIES) + 1
"""The subjects that canaries alone move: countries and their dyad."""
_IS_PERSONAL = notification.c.receiver.like("@%")
"""Subscribers' receivers begin so, those of routes.yaml cannot."""


class SqlTallies:
    """Implements `ports.Tallies`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def alerts(self) -> list[AlertTally]:
        """By the index on the state."""
        parts = (alert.c.rule, alert.c.severity, alert.c.state)
        asked = select(*parts, func.count().label("n")).where(alert.c.state.in_(_MOVING), alert.c.id != ALERT)
        rows = self.connection.execute(asked.group_by(*parts).order_by(*parts))
        return [AlertTally(row.rule, Severity(row.severity), State(row.state), row.n) for row in rows]

    def notifications(self) -> dict[Named, dict[str, int]]:
        """By the index on receiver, channel and state."""
        parts = (notification.c.receiver, notification.c.channel, notification.c.state)
        asked = select(*parts, func.count().label("n")).where(~_IS_PERSONAL).group_by(*parts)
        found = self.connection.execute(asked)
        return _nested(((row.receiver, row.channel), row.state, row.n) for row in found)

    def personal(self) -> dict[str, dict[str, int]]:
        """The same index first, so that each channel is looked up once."""
        parts = (notification.c.receiver, notification.c.channel, notification.c.state)
        mine = select(*parts, func.count().label("n")).where(_IS_PERSONAL).group_by(*parts).subquery()
        schema, state = func.coalesce(subscriber_channel.c.schema, "").label("schema"), mine.c.state
        theirs = and_(
            subscriber_channel.c.subscriber_id == func.substr(mine.c.receiver, 2),
            subscriber_channel.c.name == mine.c.channel,
        )
        asked = select(schema, state, func.sum(mine.c.n).label("n")).select_from(
            mine.outerjoin(subscriber_channel, theirs)
        )
        return _nested(
            (row.schema, row.state, int(row.n)) for row in self.connection.execute(asked.group_by(schema, state))
        )

    def subscribers(self) -> dict[str, int]:
        """By the index on the state."""
        asked = select(subscriber.c.state, func.count().label("n")).group_by(subscriber.c.state)
        return {row.state: row.n for row in self.connection.execute(asked)}

    def ended(self, since: datetime) -> dict[Named, int]:
        """`finish` sets the due time, and the index on state and due time has it."""
        found: dict[Named, int] = {}
        for kind, (table, states) in _ENDS.items():
            for state in states:
                mine = (table.c.state == state, table.c.due_at >= since)
                asked = select(func.count()).select_from(table).where(*mine)
                found[kind, state] = self.connection.execute(asked).scalar_one()
        return found

    def last_scored(self) -> datetime | None:
        """By the same index."""
        asked = select(func.max(article.c.due_at)).where(article.c.state == ArticleState.SCORED)
        last: datetime | None = self.connection.execute(asked).scalar()
        return last

    def busiest(self, since: datetime, limit: int) -> list[str]:
        """Names settle a draw."""
        mine = (bucket.c.channel == Channel.ESCALATION, bucket.c.hour >= hour_of(since))
        asked = select(bucket.c.subject).where(*mine).group_by(bucket.c.subject)
        ordered = asked.order_by(func.sum(bucket.c.micro).desc(), bucket.c.subject).limit(limit + _INVENTED)
        found = self.connection.execute(ordered).scalars()
        return [subject for subject in found if not is_invented(subject)][:limit]


def _nested(counted: Iterable[tuple[Any, str, int]]) -> dict[Any, dict[str, int]]:
    found: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for key, state, number in counted:
        found[key][state] = number
    return dict(found)
