"""Alerts carry annotations.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Alerts that stand already have none until they change."""
    op.add_column("alert", sa.Column("annotations", sa.JSON(), nullable=True))


def downgrade() -> None:
    """What was written out goes."""
    op.drop_column("alert", "annotations")
