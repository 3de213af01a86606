"""People, bodies, roles, ways in, the chain of audit lines."""

import sqlalchemy as sa
from alembic import op

import portal.ground.db

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('post_field',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_field_post_id_post')),
    sa.PrimaryKeyConstraint('post_id', 'field', name=op.f('pk_post_field'))
    )
    with op.batch_alter_table('body', schema=None) as batch_op:
        batch_op.add_column(sa.Column('founded_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('abolished_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('has_supervision_station', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('phone_index', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('name_pinyin', sa.String(length=400), server_default='', nullable=False))
        batch_op.add_column(sa.Column('name_initials', sa.String(length=100), server_default='', nullable=False))
        batch_op.add_column(sa.Column('external', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('erased_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_index(batch_op.f('ix_person_name_initials'), ['name_initials'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_name_pinyin'), ['name_pinyin'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_phone_index'), ['phone_index'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_person_merged_into_id_person'), 'person', ['merged_into_id'], ['id'])

    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('granted_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('starts_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('ends_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('on_behalf_of_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('revoked_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_on_behalf_of_id_account'), 'account', ['on_behalf_of_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_revoked_by_id_account'), 'account', ['revoked_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_granted_by_id_account'), 'account', ['granted_by_id'], ['id'])

    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address', sa.String(length=64), server_default='-', nullable=False))
        batch_op.add_column(sa.Column('device', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('device_sha256', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('shared', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('proved_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("records are never taken away; restore a backup instead")
