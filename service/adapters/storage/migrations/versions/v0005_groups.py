"""Alerts go out in groups: what waits for whom, what was told, and messages apart from their deliveries.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

WORK = (
    ("state", sa.String(length=20), False),
    ("attempt", sa.Integer(), False),
    ("losses", sa.Integer(), False),
    ("due_at", sa.DateTime(timezone=True), True),
    ("lease_until", sa.DateTime(timezone=True), True),
    ("lease_owner", sa.String(length=80), True),
    ("nudged_at", sa.DateTime(timezone=True), True),
    ("last_error", sa.Text(), True),
    ("payload_version", sa.Integer(), False),
    ("created_at", sa.DateTime(timezone=True), False),
    ("updated_at", sa.DateTime(timezone=True), False),
)


def _work() -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=nullable) for name, kind, nullable in WORK]


def upgrade() -> None:
    """Messages of before keep their words as a note and stay in the outbox, whatever their state."""
    op.create_table(
        "alert_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thread", sa.String(length=80), server_default=sa.text("''"), nullable=False),
        *_work(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_group")),
    )
    op.create_index(op.f("ix_alert_group_state_due_at"), "alert_group", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_alert_group_receiver"), "alert_group", ["receiver"], unique=False)
    op.create_table(
        "group_entry",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("transition_id", sa.String(length=40), nullable=False),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("held", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("withheld", sa.String(length=30), nullable=True),
        sa.Column("withheld_by", sa.String(length=200), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["alert_group.id"], name=op.f("fk_group_entry_group_id_alert_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transition_id"], ["transition.id"], name=op.f("fk_group_entry_transition_id_transition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "transition_id", name=op.f("pk_group_entry")),
    )
    op.create_index(op.f("ix_group_entry_group_id_waits"), "group_entry", ["group_id", "waits"], unique=False)
    op.create_index(op.f("ix_group_entry_transition_id"), "group_entry", ["transition_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=True),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_receiver_created_at"), "message", ["receiver", "created_at"], unique=False)
    op.create_index(op.f("ix_message_created_at"), "message", ["created_at"], unique=False)
    op.create_table(
        "message_alert",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("transition_id", sa.String(length=40), nullable=False),
        sa.Column("alert_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_alert_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["transition_id"], ["transition.id"], name=op.f("fk_message_alert_transition_id_transition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "transition_id", name=op.f("pk_message_alert")),
    )
    op.create_index(op.f("ix_message_alert_alert_id"), "message_alert", ["alert_id"], unique=False)
    op.create_index(op.f("ix_message_alert_transition_id"), "message_alert", ["transition_id"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("matchers", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_index(op.f("ix_silence_ends_at"), "silence", ["ends_at"], unique=False)
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_acknowledgement_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
    )
    op.create_index(op.f("ix_acknowledgement_alert_id_at"), "acknowledgement", ["alert_id", "at"], unique=False)
    _move_messages()


def _move_messages() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT * FROM notification")).mappings().all()
    op.drop_table("notification")
    notification = op.create_table(
        "notification",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("idem", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("urgency", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        *_work(),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_notification_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("idem", name=op.f("uq_notification_idem")),
    )
    op.create_index(op.f("ix_notification_state_due_at"), "notification", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_notification_message_id"), "notification", ["message_id"], unique=False)
    op.create_index(
        op.f("ix_notification_receiver_channel_state"), "notification", ["receiver", "channel", "state"], unique=False
    )
    message = sa.table(
        "message",
        *map(sa.column, ("id", "receiver", "reason", "severity", "title", "created_at")),
        sa.column("content", sa.JSON()),
    )
    part = sa.table("message_alert", *map(sa.column, ("message_id", "transition_id", "alert_id")))
    kept = [name for name, _, _ in WORK] + ["id", "idem", "receiver", "channel"]
    bare = sa.table("notification", *map(sa.column, [*kept, "message_id", "sent_at"]))
    del notification
    for row in rows:
        content = {"reason": "fired", "receiver": row["receiver"], "note": f"{row['title']}\n\n{row['body']}", "thread": ""}
        told = {"id": row["id"], "receiver": row["receiver"], "reason": "fired", "severity": "info"}
        connection.execute(
            sa.insert(message).values(**told, title=row["title"], content=content, created_at=row["created_at"])
        )
        connection.execute(
            sa.insert(part).values(message_id=row["id"], transition_id=row["transition_id"], alert_id=row["alert_id"])
        )
        sent_at = row["updated_at"] if row["state"] == "sent" else None
        connection.execute(
            sa.insert(bare).values(**{name: row[name] for name in kept}, message_id=row["id"], sent_at=sent_at)
        )


def downgrade() -> None:
    """Messages lose their groups, and their words become one text again."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT n.*, m.title, m.content, a.transition_id, a.alert_id FROM notification n "
            "JOIN message m ON m.id = n.message_id JOIN message_alert a ON a.message_id = m.id"
        )
    )
    found = {row["id"]: row for row in rows.mappings()}
    op.drop_table("notification")
    op.create_table(
        "notification",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("idem", sa.String(length=64), nullable=False),
        sa.Column("transition_id", sa.String(length=40), nullable=False),
        sa.Column("alert_id", sa.String(length=16), nullable=False),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_work(),
        sa.ForeignKeyConstraint(
            ["transition_id"], ["transition.id"], name=op.f("fk_notification_transition_id_transition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("idem", name=op.f("uq_notification_idem")),
    )
    op.create_index(op.f("ix_notification_state_due_at"), "notification", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_notification_alert_id"), "notification", ["alert_id"], unique=False)
    kept = [name for name, _, _ in WORK] + ["id", "idem", "transition_id", "alert_id", "receiver", "channel", "title"]
    old = sa.table("notification", *map(sa.column, [*kept, "body"]))
    for row in found.values():
        connection.execute(sa.insert(old).values(**{name: row[name] for name in kept}, body=row["title"]))
    for name in ("acknowledgement", "silence", "message_alert", "message", "group_entry", "alert_group"):
        op.drop_table(name)
