"""The language an article declares, and the one nobody reads.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; articles from before declare nothing. In place: a copied table would take its children's rows along."""
    op.add_column("article", sa.Column("language", sa.String(length=35), nullable=False, server_default=sa.text("''")))
    op.add_column("article", sa.Column("unread_language", sa.String(length=3), nullable=True))
    op.create_index(op.f("ix_article_unread_language"), "article", ["unread_language"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_article_unread_language"), table_name="article")
    op.drop_column("article", "unread_language")
    op.drop_column("article", "language")
