"""An article's page tells who repeated it.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Without it those who repeat an article are found by a walk over all."""
    op.create_index(op.f("ix_article_duplicate_of"), "article", ["duplicate_of"], unique=False)


def downgrade() -> None:
    """The walk is back."""
    op.drop_index(op.f("ix_article_duplicate_of"), table_name="article")
