"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from service.adapters.storage.schema import UtcDateTime

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.create_table('alert',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('rule', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('labels', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('severity', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('memory', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('owner_groups', sa.Integer(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert'))
    )
    op.create_index(op.f('ix_alert_state'), 'alert', ['state'], unique=False)
    op.create_index(op.f('ix_alert_subject_rule'), 'alert', ['subject', 'rule'], unique=True)
    op.create_table('article',
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('publisher', sa.String(length=200), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('published_at', UtcDateTime(), nullable=False),
    sa.Column('fetched_at', UtcDateTime(), nullable=False),
    sa.Column('origin', sa.String(length=300), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('duplicate_of', sa.String(length=200), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('losses', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('nudged_at', UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('payload_version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article'))
    )
    op.create_index(op.f('ix_article_content_hash'), 'article', ['content_hash'], unique=False)
    op.create_index(op.f('ix_article_published_at'), 'article', ['published_at'], unique=False)
    op.create_index(op.f('ix_article_state_due_at'), 'article', ['state', 'due_at'], unique=False)
    op.create_table('bucket',
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('channel', sa.String(length=1), nullable=False),
    sa.Column('hour', UtcDateTime(), nullable=False),
    sa.Column('micro', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'channel', 'hour', name=op.f('pk_bucket'))
    )
    op.create_table('changed_subject',
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_changed_subject'))
    )
    op.create_table('feed',
    sa.Column('id', sa.String(length=80), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('publisher', sa.String(length=200), nullable=False),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('last_ok_at', UtcDateTime(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('losses', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('nudged_at', UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('payload_version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed')),
    sa.UniqueConstraint('url', name=op.f('uq_feed_url'))
    )
    op.create_index(op.f('ix_feed_state_due_at'), 'feed', ['state', 'due_at'], unique=False)
    op.create_table('mark',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_mark'))
    )
    op.create_table('posting',
    sa.Column('incident_id', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('channel', sa.String(length=1), nullable=False),
    sa.Column('hour', UtcDateTime(), nullable=False),
    sa.Column('micro', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('incident_id', 'subject', name=op.f('pk_posting'))
    )
    op.create_index(op.f('ix_posting_subject_hour'), 'posting', ['subject', 'hour'], unique=False)
    op.create_table('article_band',
    sa.Column('band', sa.BigInteger(), nullable=False),
    sa.Column('article_id', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_article_band_article_id_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('band', 'article_id', name=op.f('pk_article_band'))
    )
    op.create_index(op.f('ix_article_band_article_id'), 'article_band', ['article_id'], unique=False)
    op.create_table('coding',
    sa.Column('article_id', sa.String(length=200), nullable=False),
    sa.Column('model_version', sa.String(length=120), nullable=False),
    sa.Column('gazetteer_version', sa.String(length=120), nullable=False),
    sa.Column('sentences', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_coding_article_id_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_coding'))
    )
    op.create_table('event',
    sa.Column('id', sa.String(length=220), nullable=False),
    sa.Column('article_id', sa.String(length=200), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('signal', sa.String(length=20), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_event_article_id_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_index(op.f('ix_event_article_id'), 'event', ['article_id'], unique=False)
    op.create_table('transition',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('alert_id', sa.String(length=16), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('from_state', sa.String(length=20), nullable=False),
    sa.Column('to_state', sa.String(length=20), nullable=False),
    sa.Column('severity', sa.String(length=20), nullable=False),
    sa.Column('level', sa.Float(), nullable=False),
    sa.Column('level_before', sa.Float(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('owner_groups', sa.Integer(), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('losses', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('nudged_at', UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('payload_version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alert.id'], name=op.f('fk_transition_alert_id_alert'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transition'))
    )
    op.create_index(op.f('ix_transition_alert_id'), 'transition', ['alert_id'], unique=False)
    op.create_index(op.f('ix_transition_state_due_at'), 'transition', ['state', 'due_at'], unique=False)
    op.create_table('notification',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('idem', sa.String(length=64), nullable=False),
    sa.Column('transition_id', sa.String(length=40), nullable=False),
    sa.Column('alert_id', sa.String(length=16), nullable=False),
    sa.Column('receiver', sa.String(length=80), nullable=False),
    sa.Column('channel', sa.String(length=80), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('losses', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('nudged_at', UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('payload_version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['transition_id'], ['transition.id'], name=op.f('fk_notification_transition_id_transition'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification')),
    sa.UniqueConstraint('idem', name=op.f('uq_notification_idem'))
    )
    op.create_index(op.f('ix_notification_alert_id'), 'notification', ['alert_id'], unique=False)
    op.create_index(op.f('ix_notification_state_due_at'), 'notification', ['state', 'due_at'], unique=False)
    op.create_table('report',
    sa.Column('event_id', sa.String(length=220), nullable=False),
    sa.Column('key', sa.String(length=300), nullable=False),
    sa.Column('owner', sa.String(length=200), nullable=False),
    sa.Column('grade', sa.String(length=1), nullable=False),
    sa.Column('incident_id', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_report_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_report'))
    )
    op.create_index(op.f('ix_report_incident_id'), 'report', ['incident_id'], unique=False)
    op.create_index(op.f('ix_report_key'), 'report', ['key'], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f('ix_report_key'), table_name='report')
    op.drop_index(op.f('ix_report_incident_id'), table_name='report')
    op.drop_table('report')
    op.drop_index(op.f('ix_notification_state_due_at'), table_name='notification')
    op.drop_index(op.f('ix_notification_alert_id'), table_name='notification')
    op.drop_table('notification')
    op.drop_index(op.f('ix_transition_state_due_at'), table_name='transition')
    op.drop_index(op.f('ix_transition_alert_id'), table_name='transition')
    op.drop_table('transition')
    op.drop_index(op.f('ix_event_article_id'), table_name='event')
    op.drop_table('event')
    op.drop_table('coding')
    op.drop_index(op.f('ix_article_band_article_id'), table_name='article_band')
    op.drop_table('article_band')
    op.drop_index(op.f('ix_posting_subject_hour'), table_name='posting')
    op.drop_table('posting')
    op.drop_table('mark')
    op.drop_index(op.f('ix_feed_state_due_at'), table_name='feed')
    op.drop_table('feed')
    op.drop_table('changed_subject')
    op.drop_table('bucket')
    op.drop_index(op.f('ix_article_state_due_at'), table_name='article')
    op.drop_index(op.f('ix_article_published_at'), table_name='article')
    op.drop_index(op.f('ix_article_content_hash'), table_name='article')
    op.drop_table('article')
    op.drop_index(op.f('ix_alert_subject_rule'), table_name='alert')
    op.drop_index(op.f('ix_alert_state'), table_name='alert')
    op.drop_table('alert')
