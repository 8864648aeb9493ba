"""Where articles come from: kinds and paces of feeds, rests of servers, addresses, credits and oddities of articles.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from service.adapters.storage.schema import UtcDateTime, Words

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")


def upgrade() -> None:
    """Articles that are there already have no address to be found by: they are not revised, but repeated.

    In place: a copied table would take its children's rows along.
    """
    op.add_column("article", sa.Column("credit", sa.String(200), nullable=False, server_default=_EMPTY))
    op.add_column("article", sa.Column("flags", Words, nullable=False, server_default=_EMPTY))
    op.add_column("article", sa.Column("address", sa.Text, nullable=False, server_default=_EMPTY))
    op.add_column("article", sa.Column("came_hash", sa.String(64), nullable=False, server_default=_EMPTY))
    op.create_index(op.f("ix_article_address"), "article", ["address"], unique=False)
    op.add_column("feed", sa.Column("kind", sa.String(20), nullable=False, server_default=sa.text("'feed'")))
    op.add_column("feed", sa.Column("pages", sa.Boolean, nullable=False, server_default=sa.text("true")))
    op.add_column("feed", sa.Column("cursor", sa.Text, nullable=False, server_default=_EMPTY))
    op.add_column("feed", sa.Column("moved_to", sa.Text, nullable=False, server_default=_EMPTY))
    op.add_column("feed", sa.Column("interval", sa.Float, nullable=True))
    op.add_column("feed", sa.Column("rate", sa.Float, nullable=True))
    op.add_column("feed", sa.Column("last_new_at", UtcDateTime, nullable=True))
    op.add_column("feed", sa.Column("articles", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "host",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("free_at", UtcDateTime, nullable=False),
        sa.Column("promised_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )


def downgrade() -> None:
    """An announced article waits for a page that nobody reads any more: it goes on with what it has."""
    op.execute("UPDATE article SET state = 'received' WHERE state = 'announced'")
    op.execute("UPDATE feed SET state = 'pending' WHERE state = 'gone'")
    op.drop_table("host")
    for name in ("articles", "last_new_at", "rate", "interval", "moved_to", "cursor", "pages", "kind"):
        op.drop_column("feed", name)
    op.drop_index(op.f("ix_article_address"), table_name="article")
    for name in ("came_hash", "address", "flags", "credit"):
        op.drop_column("article", name)
