"""Transitions are read in the order they were stored, events in the order of what they tell of.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without these a page of either is a walk over the whole table."""
    op.create_index(op.f("ix_transition_created_at_id"), "transition", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_event_at_id"), "event", ["at", "id"], unique=False)


def downgrade() -> None:
    """The walks are back."""
    op.drop_index(op.f("ix_event_at_id"), table_name="event")
    op.drop_index(op.f("ix_transition_created_at_id"), table_name="transition")
