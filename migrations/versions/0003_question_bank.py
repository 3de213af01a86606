"""Question bank, law library, matters, guides."""

import sqlalchemy as sa
from alembic import op

from portal.ground.db import UtcDateTime


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('question_picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bank_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=20), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('added_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_picture_account_id_account')),
    sa.ForeignKeyConstraint(['bank_id'], ['question_bank.id'], name=op.f('fk_question_picture_bank_id_question_bank')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_picture')),
    sa.UniqueConstraint('bank_id', 'sha256', name=op.f('uq_question_picture_bank_id_sha256'))
    )
    with op.batch_alter_table('question_picture', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_picture_sha256'), ['sha256'], unique=False)

    op.create_table('question_comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=40), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_comment_account_id_account')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_comment_question_id_question')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['account.id'], name=op.f('fk_question_comment_settled_by_id_account')),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_comment_version_id_question_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_comment'))
    )
    with op.batch_alter_table('question_comment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_comment_question_id'), ['question_id'], unique=False)

    op.create_table('question_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bank_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=True),
    sa.Column('base_version_id', sa.Integer(), nullable=True),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('saved_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_draft_account_id_account')),
    sa.ForeignKeyConstraint(['bank_id'], ['question_bank.id'], name=op.f('fk_question_draft_bank_id_question_bank')),
    sa.ForeignKeyConstraint(['base_version_id'], ['question_version.id'], name=op.f('fk_question_draft_base_version_id_question_version')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_draft_question_id_question')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_draft')),
    sa.UniqueConstraint('question_id', 'account_id', name=op.f('uq_question_draft_question_id_account_id'))
    )
    with op.batch_alter_table('question_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_draft_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_draft_bank_id'), ['bank_id'], unique=False)

    op.create_table('question_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('law', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=30), nullable=False),
    sa.Column('article', sa.String(length=30), nullable=False),
    sa.Column('change', sa.String(length=10), nullable=False),
    sa.Column('raised_by', sa.String(length=60), nullable=False),
    sa.Column('raised_at', UtcDateTime(), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=True),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.ForeignKeyConstraint(['ended_by_id'], ['account.id'], name=op.f('fk_question_hold_ended_by_id_account')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_hold_question_id_question')),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_hold_version_id_question_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_hold')),
    sa.UniqueConstraint('version_id', 'law', 'label', 'article', 'raised_by', name=op.f('uq_question_hold_version_id_law_label_article_raised_by'))
    )
    with op.batch_alter_table('question_hold', schema=None) as batch_op:
        batch_op.create_index('ix_question_hold_question', ['question_id'], unique=False)

    op.create_table('question_statistics',
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('facility', sa.Integer(), nullable=False),
    sa.Column('discrimination', sa.Integer(), nullable=True),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('counted_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_statistics_version_id_question_version')),
    sa.PrimaryKeyConstraint('version_id', name=op.f('pk_question_statistics'))
    )
    op.create_table('question_tag',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_tag_version_id_question_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_tag')),
    sa.UniqueConstraint('version_id', 'tag', name=op.f('uq_question_tag_version_id_tag'))
    )
    with op.batch_alter_table('question_tag', schema=None) as batch_op:
        batch_op.create_index('ix_question_tag_tag', ['tag'], unique=False)

    op.create_table('question_use',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('opens_at', UtcDateTime(), nullable=True),
    sa.Column('closes_at', UtcDateTime(), nullable=True),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_use_account_id_account')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_use_question_id_question')),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_use_version_id_question_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_use')),
    sa.UniqueConstraint('version_id', 'kind', 'object_id', name=op.f('uq_question_use_version_id_kind_object_id'))
    )
    with op.batch_alter_table('question_use', schema=None) as batch_op:
        batch_op.create_index('ix_question_use_question', ['question_id'], unique=False)

    op.create_table('question_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('via', sa.String(length=10), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_view_account_id_account')),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_view_version_id_question_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_view'))
    )
    with op.batch_alter_table('question_view', schema=None) as batch_op:
        batch_op.create_index('ix_question_view_account_at', ['account_id', 'at'], unique=False)
        batch_op.create_index('ix_question_view_version_at', ['version_id', 'at'], unique=False)

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('question_bank', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shared', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('sealed', sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table('question_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cognitive_level', sa.String(length=12), server_default='understand', nullable=False))
        batch_op.add_column(sa.Column('field', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('opening', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('change', sa.String(length=10), server_default='first', nullable=False))
    # -- by hand begin
    version, question, bank = (sa.table(name, *map(sa.column, names)) for name, names in (
        ("question_version", ("id", "question_id", "number", "cognitive_level", "field", "opening", "change")),
        ("question", ("id", "bank_id")),
        ("question_bank", ("id", "field")),
    ))
    body = sa.table("question_version", sa.column("id"), sa.column("body", sa.JSON()))
    connection = op.get_bind()
    for version_id, plain in connection.execute(sa.select(body.c.id, body.c.body)).all():
        line = " ".join(plain.get("stem", "").split())
        connection.execute(version.update().where(version.c.id == version_id).values(
            cognitive_level=plain.get("cognitive_level", "understand"), opening=line if len(line) <= 200 else line[:199] + "…",
        ))
    connection.execute(version.update().where(version.c.number > 1).values(change="substance"))
    of_bank = sa.select(bank.c.field).join(question, question.c.bank_id == bank.c.id)
    connection.execute(version.update().values(field=of_bank.where(question.c.id == version.c.question_id).scalar_subquery()))
    # -- by hand end


def downgrade() -> None:
    raise RuntimeError("records are never taken away; restore a backup instead")
