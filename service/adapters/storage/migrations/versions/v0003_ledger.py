"""Reports know their time and window; what is booked knows its owner and its variance; articles can be corrected.

The books are emptied: they are written anew from the reports at the first start.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the new tables. Reports keep the owner and grade of the day they were booked."""
    op.create_table(
        "owner_day",
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "day", name=op.f("pk_owner_day")),
    )
    op.create_index(op.f("ix_owner_day_reports"), "owner_day", ["reports"], unique=False)
    op.create_table(
        "article_version",
        sa.Column("article_id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_version_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_article_version")),
    )
    _extend_reports()
    _drop_books()
    op.create_table(
        "posting",
        sa.Column("incident_id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("micro", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("variance", sa.BigInteger(), nullable=False),
        sa.Column("stir", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "subject", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_subject_hour"), "posting", ["subject", "hour"], unique=False)
    op.create_table(
        "bucket",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("micro", sa.BigInteger(), nullable=False),
        sa.Column("variance", sa.BigInteger(), nullable=False),
        sa.Column("stir", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "hour", "channel", "owner", name=op.f("pk_bucket")),
    )


def _extend_reports() -> None:
    """Time and role come from the event."""
    op.add_column("report", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("report", sa.Column("is_background", sa.Boolean(), nullable=True))
    op.add_column("report", sa.Column("window_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE report SET incident_id = '',"
        " at = (SELECT event.at FROM event WHERE event.id = report.event_id),"
        " is_background = (SELECT event.role = 'background' FROM event WHERE event.id = report.event_id)"
    )
    with op.batch_alter_table("report") as report:
        report.alter_column("at", existing_type=sa.DateTime(timezone=True), nullable=False)
        report.alter_column("is_background", existing_type=sa.Boolean(), nullable=False)
    op.drop_index(op.f("ix_report_key"), table_name="report")
    op.create_index(op.f("ix_report_key_at"), "report", ["key", "at"], unique=False)


def _drop_books() -> None:
    op.drop_table("bucket")
    op.drop_table("posting")


def downgrade() -> None:
    """Back to books without owners, empty: they are worked out anew as articles come."""
    _drop_books()
    op.drop_index(op.f("ix_report_key_at"), table_name="report")
    op.create_index(op.f("ix_report_key"), "report", ["key"], unique=False)
    for column in ("window_at", "is_background", "at"):
        op.drop_column("report", column)
    op.drop_table("owner_day")
    op.drop_table("article_version")
    op.create_table(
        "posting",
        sa.Column("incident_id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("micro", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "subject", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_subject_hour"), "posting", ["subject", "hour"], unique=False)
    op.create_table(
        "bucket",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("micro", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "channel", "hour", name=op.f("pk_bucket")),
    )
