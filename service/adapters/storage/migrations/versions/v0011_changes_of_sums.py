"""Each sum tells by a number when it last changed, so that who holds a copy reads only what is new.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sums that are there have not changed since anybody counts."""
    op.add_column("bucket", sa.Column("changed", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_bucket_changed"), "bucket", ["changed"], unique=False)


def downgrade() -> None:
    """Copies must be read anew."""
    op.drop_index(op.f("ix_bucket_changed"), table_name="bucket")
    op.drop_column("bucket", "changed")
