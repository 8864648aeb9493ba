"""The tables, the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A UTC-aware time. SQLite keeps it without its zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse times without a zone; hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        del dialect  # both kinds of database are read alike
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """Some short words, with blanks between them."""

    impl = String(200)
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        """The words in one string."""
        del dialect
        return " ".join(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """The words apart."""
        del dialect
        return tuple((value or "").split())


def _work_columns(first_state: str) -> list[Column[Any]]:
    """What every table of work has: where a row stands, when it is due, who holds it.

    `attempt` counts claims since the last success, `losses` the holders in a row that vanished without a word.
    """
    return [
        Column("state", String(20), nullable=False, default=first_state),
        Column("attempt", Integer, nullable=False, default=0),
        Column("losses", Integer, nullable=False, default=0),
        Column("due_at", UtcDateTime, nullable=True),
        Column("lease_until", UtcDateTime, nullable=True),
        Column("lease_owner", String(80), nullable=True),
        Column("nudged_at", UtcDateTime, nullable=True),
        Column("last_error", Text, nullable=True),
        Column("payload_version", Integer, nullable=False, default=1),
        Column("created_at", UtcDateTime, nullable=False),
        Column("updated_at", UtcDateTime, nullable=False),
    ]


article = Table(
    "article",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("publisher", String(200), nullable=False),
    Column("url", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("origin", String(300), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("duplicate_of", String(200), nullable=True),
    Column("language", String(35), nullable=False, server_default=text("''")),
    Column("unread_language", String(3), nullable=True),
    Column("credit", String(200), nullable=False, server_default=text("''")),
    Column("flags", Words, nullable=False, server_default=text("''")),
    Column("address", Text, nullable=False, server_default=text("''")),
    Column("came_hash", String(64), nullable=False, server_default=text("''")),
    *_work_columns("received"),
    Index(None, "state", "due_at"),
    Index(None, "content_hash"),
    Index(None, "duplicate_of"),
    Index(None, "published_at"),
    Index(None, "unread_language"),
    Index(None, "address"),
)

article_version = Table(
    "article_version",
    metadata,
    Column("article_id", String(200), ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
)
"""What an article said before it was corrected or taken back, counted from 1."""

article_band = Table(
    "article_band",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column("article_id", String(200), ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "article_id"),
)

coding = Table(
    "coding",
    metadata,
    Column("article_id", String(200), ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("model_version", String(120), nullable=False),
    Column("gazetteer_version", String(120), nullable=False),
    Column("sentences", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("id", String(220), primary_key=True),
    Column("article_id", String(200), ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("signal", String(20), nullable=False),
    Column("type", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False),
    Index(None, "article_id"),
    Index(None, "at", "id"),
)

report = Table(
    "report",
    metadata,
    Column("event_id", String(220), ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(300), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("grade", String(1), nullable=False),
    Column("incident_id", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("is_background", Boolean, nullable=False),
    Column("window_at", UtcDateTime, nullable=True),
    Index(None, "key", "at"),
    Index(None, "incident_id"),
)
"""What counts in an incident. `window_at` is when the window of news that it is in began."""

posting = Table(
    "posting",
    metadata,
    Column("incident_id", String(16), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("channel", String(1), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("micro", BigInteger, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("variance", BigInteger, nullable=False),
    Column("stir", BigInteger, nullable=False),
    Index(None, "subject", "hour"),
)

bucket = Table(
    "bucket",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("channel", String(1), primary_key=True),
    Column("owner", String(200), primary_key=True),
    Column("micro", BigInteger, nullable=False),
    Column("variance", BigInteger, nullable=False),
    Column("stir", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False, server_default=text("0")),
    Index(None, "changed"),
)
"""Sums of postings. Hours are UTC, from 1970; `changed` is the number of the last change that touched it."""

owner_day = Table(
    "owner_day",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("reports", Integer, nullable=False),
    Index(None, "reports"),
)
"""How many reports an owner group's articles bring a day, counted from 1970 (UTC)."""

changed_subject = Table(
    "changed_subject",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("changed_at", UtcDateTime, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("rule", String(80), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("memory", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("owner_groups", Integer, nullable=False),
    Column("annotations", JSON, nullable=True),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "subject", "rule", unique=True),
    Index(None, "state"),
    Index(None, "since", "id"),
)
"""One row for each rule and subject. `annotations` are null where nothing was written out yet."""

transition = Table(
    "transition",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("alert_id", String(16), ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("from_state", String(20), nullable=False),
    Column("to_state", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("level", Float, nullable=False),
    Column("level_before", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("owner_groups", Integer, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    *_work_columns("pending"),
    Column("withheld", String(20), nullable=True),
    Column("withheld_by", String(80), nullable=True),
    Index(None, "state", "due_at"),
    Index(None, "alert_id"),
    Index(None, "created_at", "id"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rule", String(80), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("from_state", String(20), nullable=False),
    Column("to_state", String(20), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("notify", Boolean, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("reason", Text, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Index(None, "subject", "rule", "at"),
    Index(None, "at"),
)
"""A row whenever what a rule says of a subject changes in kind; ids count up in the order they were said."""

alert_group = Table(
    "alert_group",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("receiver", String(80), nullable=False),
    Column("path", String(300), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("told", JSON, nullable=False),
    Column("told_at", UtcDateTime, nullable=True),
    Column("thread", String(80), nullable=False, server_default=text("''")),
    *_work_columns("idle"),
    Index(None, "state", "due_at"),
    Index(None, "receiver"),
)
"""Alerts that go into one message to one receiver. `told` is what the last message said of each alert."""

group_entry = Table(
    "group_entry",
    metadata,
    Column("group_id", String(32), ForeignKey("alert_group.id", ondelete="CASCADE"), primary_key=True),
    Column("transition_id", String(40), ForeignKey("transition.id", ondelete="CASCADE"), primary_key=True),
    Column("receiver", String(80), nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("held", String(20), nullable=False, server_default=text("''")),
    Column("withheld", String(30), nullable=True),
    Column("withheld_by", String(200), nullable=True),
    Column("entered_at", UtcDateTime, nullable=False),
    Index(None, "group_id", "waits"),
    Index(None, "transition_id"),
)
"""A change on its way to a receiver: it waits, or went into a message, or was withheld for a reason that is kept."""

message = Table(
    "message",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("group_id", String(32), nullable=True),
    Column("receiver", String(80), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "receiver", "created_at"),
    Index(None, "created_at"),
)
"""What a receiver is told. `created_at` is by the clock that scores and alerts follow."""

message_alert = Table(
    "message_alert",
    metadata,
    Column("message_id", String(40), ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
    Column("transition_id", String(40), ForeignKey("transition.id", ondelete="CASCADE"), primary_key=True),
    Column("alert_id", String(16), nullable=False),
    Index(None, "alert_id"),
    Index(None, "transition_id"),
)

notification = Table(
    "notification",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("idem", String(64), nullable=False, unique=True),
    Column("message_id", String(40), ForeignKey("message.id", ondelete="CASCADE"), nullable=False),
    Column("receiver", String(80), nullable=False),
    Column("channel", String(80), nullable=False),
    Column("urgency", Integer, nullable=False, server_default=text("0")),
    Column("sent_at", UtcDateTime, nullable=True),
    *_work_columns("pending"),
    Index(None, "state", "due_at"),
    Index(None, "message_id"),
    Index(None, "receiver", "channel", "state"),
)
"""The outbox: a message on its way to one channel. The more urgent goes first."""

silence = Table(
    "silence",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("matchers", JSON, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("author", String(200), nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expired_at", UtcDateTime, nullable=True),
    Index(None, "ends_at"),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alert_id", String(16), ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("author", String(200), nullable=False),
    Column("comment", Text, nullable=False),
    Index(None, "alert_id", "at"),
)
"""Somebody has taken an alert on. It holds until the alert fires anew."""

channel_state = Table(
    "channel_state",
    metadata,
    Column("receiver", String(80), primary_key=True),
    Column("channel", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rests", Integer, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    Column("probe_at", UtcDateTime, nullable=True),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""The breaker of a channel that has failed, shared by all processes."""

feed = Table(
    "feed",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("publisher", String(200), nullable=False),
    Column("etag", Text, nullable=True),
    Column("last_modified", Text, nullable=True),
    Column("last_ok_at", UtcDateTime, nullable=True),
    Column("kind", String(20), nullable=False, server_default=text("'feed'")),
    Column("pages", Boolean, nullable=False, server_default=text("true")),
    Column("cursor", Text, nullable=False, server_default=text("''")),
    Column("moved_to", Text, nullable=False, server_default=text("''")),
    Column("interval", Float, nullable=True),
    Column("rate", Float, nullable=True),
    Column("last_new_at", UtcDateTime, nullable=True),
    Column("articles", Integer, nullable=False, server_default=text("0")),
    *_work_columns("pending"),
    Index(None, "state", "due_at"),
)
"""`interval` in seconds, `rate` in articles an hour."""

host = Table(
    "host",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
    Column("promised_at", UtcDateTime, nullable=False),
)
"""When a server may be asked again, and the first turn that nobody who waits for it has been given."""

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("state", String(20), nullable=False),
    Column("wishes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "state"),
)

subscriber_channel = Table(
    "subscriber_channel",
    metadata,
    Column("subscriber_id", String(16), ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("schema", String(20), nullable=False),
    Column("serial", String(16), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime, nullable=True),
    Column("confirmed_at", UtcDateTime, nullable=True),
    Column("unsubscribed_at", UtcDateTime, nullable=True),
)
"""`sealed` is the encrypted address, `fingerprint` a keyed hash of whom it reaches."""

contacted = Table(
    "contacted",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
"""Addresses that were sent a confirmation message, for as long as they must not be sent another."""

account = Table(
    "account",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("folded", String(120), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("hashed", Text, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("subscriber_id", String(16), ForeignKey("subscriber.id", ondelete="SET NULL"), nullable=True),
    Column("external_id", String(300), nullable=True, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=True),
)
"""Those who sign in. `folded` is the name without its case; `hashed` is empty for those who sign in elsewhere."""

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account_id", String(16), ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index(None, "account_id"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("beginning", String(20), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("revoked_at", UtcDateTime, nullable=True),
    Column("used_at", UtcDateTime, nullable=True),
)

invitation = Table(
    "invitation",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("role", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Links that work once. Of tokens, keys and links only SHA-256 sums are kept."""

answered = Table(
    "answered",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("asked", String(64), nullable=False),
    Column("status", Integer, nullable=True),
    Column("body", Text, nullable=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "at"),
)
"""Answers to requests with an idempotency key: `asked` is the SHA-256 of what was asked; no status while it is done."""

feedback = Table(
    "feedback",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("alert_id", String(16), ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("transition_id", String(40), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("author", String(120), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "alert_id", "author", unique=True),
)
"""Whether an alert was right, by those who saw it: one word of each on an alert, the last."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", JSON(none_as_null=True), nullable=True),
    Column("after", JSON(none_as_null=True), nullable=True),
    Column("previous", String(64), nullable=False),
    Column("hashed", String(64), nullable=False),
    Index(None, "subject"),
)
"""Each row holds the hash of the one before."""

mark = Table(
    "mark",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("value", Text, nullable=False),
)

INSERT_INTO: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Dialect → its INSERT, which has a clause for rows that are there already."""
