"""Alerts are leafed through by the time of their state.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without it every page sorts all alerts."""
    op.create_index(op.f("ix_alert_since_id"), "alert", ["since", "id"], unique=False)


def downgrade() -> None:
    """All are sorted again."""
    op.drop_index(op.f("ix_alert_since_id"), table_name="alert")
