"""People, bodies, roles, ways in, the chain of audit lines."""

import sqlalchemy as sa
from alembic import op

from portal.people.pinyin import place_readings, readings

import portal.ground.db

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # -- by hand first begin
    op.execute("CREATE TABLE audit_old AS SELECT id, reason, detail FROM audit_line")
    # -- by hand first end
    op.create_table('audit_checkpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.Column('last_hash', sa.String(length=64), nullable=False),
    sa.Column('before', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('signature', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_checkpoint')),
    sa.UniqueConstraint('last_number', name=op.f('uq_audit_checkpoint_last_number'))
    )
    op.create_table('audit_seal',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('prev_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('line_id', name=op.f('uq_audit_seal_line_id'))
    )
    op.create_table('duplicate_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duplicate_search'))
    )
    op.create_table('duty_conflict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('step_a', sa.String(length=20), nullable=False),
    sa.Column('step_b', sa.String(length=20), nullable=False),
    sa.Column('object_kind', sa.String(length=30), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_conflict')),
    sa.UniqueConstraint('step_a', 'step_b', 'object_kind', name=op.f('uq_duty_conflict_step_a_step_b_object_kind'))
    )
    op.create_table('person_key',
    sa.Column('person_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key_sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_person_key'))
    )
    op.create_table('privacy_notice',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('published_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_privacy_notice'))
    )
    op.create_table('role_conflict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('role_a', sa.String(length=20), nullable=False),
    sa.Column('role_b', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_conflict')),
    sa.UniqueConstraint('role_a', 'role_b', name=op.f('uq_role_conflict_role_a_role_b'))
    )
    op.create_table('body_past',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('living', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_body_past_body_id_body')),
    sa.ForeignKeyConstraint(['parent_id'], ['body.id'], name=op.f('fk_body_past_parent_id_body')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_body_past')),
    sa.UniqueConstraint('body_id', 'until_on', name=op.f('uq_body_past_body_id_until_on'))
    )
    with op.batch_alter_table('body_past', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_body_past_parent_id'), ['parent_id'], unique=False)

    op.create_table('correction_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('fact', sa.String(length=12), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_correction_request_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction_request')),
    sa.UniqueConstraint('public_id', name=op.f('uq_correction_request_public_id'))
    )
    with op.batch_alter_table('correction_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_request_person_id'), ['person_id'], unique=False)

    op.create_table('duplicate_pair',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=14), nullable=False),
    sa.Column('found_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('first_id < second_id', name=op.f('ck_duplicate_pair_lower_id_first')),
    sa.ForeignKeyConstraint(['first_id'], ['person.id'], name=op.f('fk_duplicate_pair_first_id_person')),
    sa.ForeignKeyConstraint(['second_id'], ['person.id'], name=op.f('fk_duplicate_pair_second_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duplicate_pair')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_duplicate_pair_first_id_second_id'))
    )
    with op.batch_alter_table('duplicate_pair', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_duplicate_pair_second_id'), ['second_id'], unique=False)
        batch_op.create_index('ix_duplicate_pair_state', ['state', 'weight'], unique=False)

    op.create_table('legal_adviser',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('employer', sa.String(length=120), nullable=False),
    sa.Column('licence_number', sa.String(length=40), nullable=False),
    sa.Column('entered_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_legal_adviser_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_adviser')),
    sa.UniqueConstraint('person_id', name=op.f('uq_legal_adviser_person_id'))
    )
    op.create_table('legal_reviewer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('first_document', sa.String(length=120), nullable=False),
    sa.Column('penalties', sa.Boolean(), nullable=False),
    sa.Column('qualification_number', sa.String(length=40), nullable=False),
    sa.Column('qualification_on', sa.Date(), nullable=True),
    sa.Column('qualification_document', sa.String(length=120), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('entered_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_legal_reviewer_body_id_body')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_legal_reviewer_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_reviewer'))
    )
    with op.batch_alter_table('legal_reviewer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_reviewer_body_id'), ['body_id'], unique=False)
        batch_op.create_index('uq_legal_reviewer_running', ['person_id', 'body_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    op.create_table('adviser_assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('adviser_id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['adviser_id'], ['legal_adviser.id'], name=op.f('fk_adviser_assignment_adviser_id_legal_adviser')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_adviser_assignment_body_id_body')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adviser_assignment'))
    )
    with op.batch_alter_table('adviser_assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_adviser_assignment_body_id'), ['body_id'], unique=False)
        batch_op.create_index('uq_adviser_assignment_running', ['adviser_id', 'body_id'], unique=True, sqlite_where=sa.text('ended_on IS NULL'), postgresql_where=sa.text('ended_on IS NULL'))

    op.create_table('body_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=12), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('reference', sa.String(length=200), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_body_change_account_id_account')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_body_change_body_id_body')),
    sa.ForeignKeyConstraint(['other_id'], ['body.id'], name=op.f('fk_body_change_other_id_body')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_body_change')),
    sa.UniqueConstraint('body_id', 'version', name=op.f('uq_body_change_body_id_version'))
    )
    with op.batch_alter_table('body_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_body_change_other_id'), ['other_id'], unique=False)

    op.create_table('correction_answer',
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_correction_answer_account_id_account')),
    sa.ForeignKeyConstraint(['request_id'], ['correction_request.id'], name=op.f('fk_correction_answer_request_id_correction_request')),
    sa.PrimaryKeyConstraint('request_id', name=op.f('pk_correction_answer'))
    )
    op.create_table('duty_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('object_kind', sa.String(length=30), nullable=False),
    sa.Column('object_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('on_behalf_of_id', sa.Integer(), nullable=True),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('body_id', sa.Integer(), nullable=True),
    sa.Column('raised', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_duty_step_account_id_account')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_duty_step_body_id_body')),
    sa.ForeignKeyConstraint(['on_behalf_of_id'], ['person.id'], name=op.f('fk_duty_step_on_behalf_of_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_duty_step_person_id_person')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_duty_step_subject_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_step'))
    )
    with op.batch_alter_table('duty_step', schema=None) as batch_op:
        batch_op.create_index('ix_duty_step_object', ['object_kind', 'object_id'], unique=False)

    op.create_table('oidc_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('linked_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_oidc_link_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_oidc_link')),
    sa.UniqueConstraint('account_id', 'issuer', name=op.f('uq_oidc_link_account_id_issuer')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_oidc_link_issuer_subject'))
    )
    op.create_table('oidc_trip',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state_sha256', sa.String(length=64), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('ends_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_oidc_trip_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_oidc_trip')),
    sa.UniqueConstraint('state_sha256', name=op.f('uq_oidc_trip_state_sha256'))
    )
    with op.batch_alter_table('oidc_trip', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_oidc_trip_ends_at'), ['ends_at'], unique=False)

    op.create_table('one_time_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('voided_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_one_time_code_account_id_account')),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_one_time_code_made_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_code'))
    )
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.create_index('ix_one_time_code_open', ['account_id', 'used_at', 'voided_at'], unique=False)

    op.create_table('passkey',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('credential_sha256', sa.String(length=64), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('created_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_passkey_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_sha256', name=op.f('uq_passkey_credential_sha256'))
    )
    with op.batch_alter_table('passkey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_passkey_account_id'), ['account_id'], unique=False)

    op.create_table('passkey_challenge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('handle_sha256', sa.String(length=64), nullable=False),
    sa.Column('challenge', sa.LargeBinary(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('ends_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_passkey_challenge_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey_challenge')),
    sa.UniqueConstraint('handle_sha256', name=op.f('uq_passkey_challenge_handle_sha256'))
    )
    with op.batch_alter_table('passkey_challenge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_passkey_challenge_ends_at'), ['ends_at'], unique=False)

    op.create_table('password_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('set_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_password_change_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_password_change'))
    )
    with op.batch_alter_table('password_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_password_change_account_id'), ['account_id'], unique=False)

    op.create_table('pending_sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('shared', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('ends_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_pending_sign_in_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pending_sign_in')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_pending_sign_in_token_sha256'))
    )
    with op.batch_alter_table('pending_sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pending_sign_in_ends_at'), ['ends_at'], unique=False)

    op.create_table('person_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_person_change_account_id_account')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_change_person_id_person')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_person_change_post_id_post')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_change')),
    sa.UniqueConstraint('person_id', 'version', name=op.f('uq_person_change_person_id_version'))
    )
    op.create_table('person_correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('fact', sa.String(length=12), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('proposed_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_correction_person_id_person')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['account.id'], name=op.f('fk_person_correction_proposed_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_correction')),
    sa.UniqueConstraint('public_id', name=op.f('uq_person_correction_public_id'))
    )
    with op.batch_alter_table('person_correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_correction_person_id'), ['person_id'], unique=False)

    op.create_table('person_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('pair_id', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=14), nullable=False),
    sa.Column('survivor_id', sa.Integer(), nullable=True),
    sa.Column('merged_id', sa.Integer(), nullable=True),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_person_merge_account_id_account')),
    sa.ForeignKeyConstraint(['merged_id'], ['person.id'], name=op.f('fk_person_merge_merged_id_person')),
    sa.ForeignKeyConstraint(['pair_id'], ['duplicate_pair.id'], name=op.f('fk_person_merge_pair_id_duplicate_pair')),
    sa.ForeignKeyConstraint(['survivor_id'], ['person.id'], name=op.f('fk_person_merge_survivor_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_merge'))
    )
    with op.batch_alter_table('person_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_merge_pair_id'), ['pair_id'], unique=False)

    op.create_table('person_reveal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('fact', sa.String(length=12), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_person_reveal_account_id_account')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_reveal_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_reveal'))
    )
    with op.batch_alter_table('person_reveal', schema=None) as batch_op:
        batch_op.create_index('ix_person_reveal_account_day', ['account_id', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_reveal_person_id'), ['person_id'], unique=False)

    op.create_table('photo_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_photo_batch_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo_batch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_photo_batch_public_id'))
    )
    with op.batch_alter_table('photo_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_photo_batch_account_id'), ['account_id'], unique=False)

    op.create_table('post_field',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_field_post_id_post')),
    sa.PrimaryKeyConstraint('post_id', 'field', name=op.f('pk_post_field'))
    )
    op.create_table('privacy_acknowledgement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_privacy_acknowledgement_account_id_account')),
    sa.ForeignKeyConstraint(['number'], ['privacy_notice.number'], name=op.f('fk_privacy_acknowledgement_number_privacy_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_acknowledgement')),
    sa.UniqueConstraint('account_id', 'number', name=op.f('uq_privacy_acknowledgement_account_id_number'))
    )
    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('code_digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recovery_code_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('account_id', 'code_digest', name=op.f('uq_recovery_code_account_id_code_digest'))
    )
    op.create_table('remembered_columns',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('titles', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_remembered_columns_account_id_account')),
    sa.PrimaryKeyConstraint('account_id', 'kind', name=op.f('pk_remembered_columns'))
    )
    op.create_table('totp_factor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('secret_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_totp_factor_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_totp_factor'))
    )
    with op.batch_alter_table('totp_factor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_totp_factor_account_id'), ['account_id'], unique=False)

    op.create_table('transfer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('from_body_id', sa.Integer(), nullable=False),
    sa.Column('to_body_id', sa.Integer(), nullable=False),
    sa.Column('establishment_body_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.Column('part_time', sa.Boolean(), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('staffing_type', sa.String(length=20), nullable=False),
    sa.Column('on_establishment', sa.Boolean(), nullable=False),
    sa.Column('last_day_on', sa.Date(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('checklist', sa.JSON(), nullable=False),
    sa.Column('kept_grants', sa.JSON(), nullable=False),
    sa.Column('new_post_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('open', 'released', 'confirmed', 'refused', 'withdrawn')", name=op.f('ck_transfer_state_is_one_of_five')),
    sa.CheckConstraint('from_body_id <> to_body_id', name=op.f('ck_transfer_to_another_body')),
    sa.CheckConstraint('last_day_on < effective_on', name=op.f('ck_transfer_old_post_ends_before')),
    sa.ForeignKeyConstraint(['establishment_body_id'], ['body.id'], name=op.f('fk_transfer_establishment_body_id_body')),
    sa.ForeignKeyConstraint(['from_body_id'], ['body.id'], name=op.f('fk_transfer_from_body_id_body')),
    sa.ForeignKeyConstraint(['new_post_id'], ['post.id'], name=op.f('fk_transfer_new_post_id_post')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_transfer_person_id_person')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_transfer_post_id_post')),
    sa.ForeignKeyConstraint(['to_body_id'], ['body.id'], name=op.f('fk_transfer_to_body_id_body')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer'))
    )
    with op.batch_alter_table('transfer', schema=None) as batch_op:
        batch_op.create_index('ix_transfer_from', ['from_body_id', 'state'], unique=False)
        batch_op.create_index('ix_transfer_to', ['to_body_id', 'state'], unique=False)
        batch_op.create_index('uq_transfer_running', ['person_id'], unique=True, sqlite_where=sa.text("state IN ('open', 'released')"), postgresql_where=sa.text("state IN ('open', 'released')"))

    op.create_table('wrong_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_wrong_code_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wrong_code'))
    )
    with op.batch_alter_table('wrong_code', schema=None) as batch_op:
        batch_op.create_index('ix_wrong_code_recent', ['account_id', 'at'], unique=False)

    op.create_table('audit_personal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['line_id'], ['audit_line.id'], name=op.f('fk_audit_personal_line_id_audit_line')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_personal')),
    sa.UniqueConstraint('line_id', name=op.f('uq_audit_personal_line_id'))
    )
    with op.batch_alter_table('audit_personal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_personal_person_id'), ['person_id'], unique=False)

    op.create_table('import_portion',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sheet', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('stored_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('tally', sa.JSON(), nullable=False),
    sa.Column('sealed_rows', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_found', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_portion_batch_id_import_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_import_portion'))
    )
    op.create_table('person_correction_end',
    sa.Column('correction_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('superseded_check_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_person_correction_end_account_id_account')),
    sa.ForeignKeyConstraint(['correction_id'], ['person_correction.id'], name=op.f('fk_person_correction_end_correction_id_person_correction')),
    sa.ForeignKeyConstraint(['superseded_check_id'], ['identity_check.id'], name=op.f('fk_person_correction_end_superseded_check_id_identity_check')),
    sa.PrimaryKeyConstraint('correction_id', name=op.f('pk_person_correction_end'))
    )
    op.create_table('person_photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('added_at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_person_photo_account_id_account')),
    sa.ForeignKeyConstraint(['batch_id'], ['photo_batch.id'], name=op.f('fk_person_photo_batch_id_photo_batch')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_photo_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_photo')),
    sa.UniqueConstraint('public_id', name=op.f('uq_person_photo_public_id'))
    )
    with op.batch_alter_table('person_photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_photo_person_id'), ['person_id'], unique=False)

    op.create_table('transfer_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('transfer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('at', portal.ground.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_transfer_step_account_id_account')),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id'], name=op.f('fk_transfer_step_transfer_id_transfer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer_step'))
    )
    with op.batch_alter_table('transfer_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transfer_step_transfer_id'), ['transfer_id'], unique=False)

    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('must_enrol', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('audit_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('body_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('person_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('codes', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('commitment', sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f('ix_audit_line_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_line_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_line_body_id'), ['body_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_line_person_id'), ['person_id'], unique=False)
        batch_op.drop_column('detail')
        batch_op.drop_column('reason')

    with op.batch_alter_table('body', schema=None) as batch_op:
        batch_op.add_column(sa.Column('name_pinyin', sa.String(length=400), server_default='', nullable=False))
        batch_op.add_column(sa.Column('name_initials', sa.String(length=100), server_default='', nullable=False))
        batch_op.add_column(sa.Column('founded_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('abolished_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('has_supervision_station', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.drop_constraint(batch_op.f('uq_body_name'), type_='unique')
        batch_op.create_index(batch_op.f('ix_body_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index('uq_body_living_name', ['name'], unique=True, sqlite_where=sa.text('abolished_on IS NULL'), postgresql_where=sa.text('abolished_on IS NULL'))

    with op.batch_alter_table('establishment_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_establishment_check_post_id'))
        batch_op.create_index('ix_establishment_check_of_post', ['post_id', 'agrees'], unique=False)

    with op.batch_alter_table('failed_sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('account_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('cookie_sha256', sa.String(length=64), server_default='', nullable=False))
        batch_op.create_index('ix_failed_sign_in_at', ['at'], unique=False)
        batch_op.create_index('ix_failed_sign_in_from', ['address', 'at'], unique=False)

    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('file_key', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('columns', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('rows_total', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('rows_done', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('step_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('refusal', sa.JSON(), nullable=True))

    with op.batch_alter_table('imported_object', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sealed_values', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('undone_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_imported_object_thing', ['object_kind', 'object_id'], unique=False)

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('phone_index', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('name_pinyin', sa.String(length=400), server_default='', nullable=False))
        batch_op.add_column(sa.Column('name_initials', sa.String(length=100), server_default='', nullable=False))
        batch_op.add_column(sa.Column('external', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('erased_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_index(batch_op.f('ix_person_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_name'), ['name'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_name_initials'), ['name_initials'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_name_pinyin'), ['name_pinyin'], unique=False)
        batch_op.create_index(batch_op.f('ix_person_phone_index'), ['phone_index'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_person_merged_into_id_person'), 'person', ['merged_into_id'], ['id'])

    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_post_body_id'))
        batch_op.drop_index(batch_op.f('ix_post_current'))
        batch_op.create_index('ix_post_current', ['person_id', 'ended_on', 'body_id', 'staffing_type', 'field', 'in_post'], unique=False)
        batch_op.create_index('ix_post_at_body', ['body_id', 'ended_on', 'person_id', 'staffing_type', 'field', 'in_post'], unique=False)
        batch_op.create_index(batch_op.f('ix_post_establishment_body_id'), ['establishment_body_id'], unique=False)
        batch_op.create_index('ix_post_newest', ['ended_on', 'started_on', 'body_id', 'person_id', 'staffing_type', 'field', 'in_post'], unique=False)

    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('granted_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('starts_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('ends_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('on_behalf_of_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('revoked_by_id', sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_role_grant_account_id_role_body_id_field'), type_='unique')
        batch_op.create_index(batch_op.f('ix_role_grant_body_id'), ['body_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_revoked_by_id_account'), 'account', ['revoked_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_granted_by_id_account'), 'account', ['granted_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_role_grant_on_behalf_of_id_account'), 'account', ['on_behalf_of_id'], ['id'])

    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address', sa.String(length=64), server_default='-', nullable=False))
        batch_op.add_column(sa.Column('device', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('device_sha256', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('shared', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('proved_at', portal.ground.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('cookie_sha256', sa.String(length=64), server_default='', nullable=False))
    # -- by hand begin
    # duties that exclude each other, roles that exclude each other
    for step_a, step_b, kind in (
        ("enter", "approve", "*"), ("propose", "confirm", "*"), ("propose", "approve", "*"),
        ("write", "review", "*"), ("mark", "decide_appeal", "*"),
        ("submit", "review", "application"), ("submit", "return", "application"),
        ("submit", "decide", "application"), ("submit", "approve", "application"),
        ("review", "return", "application"), ("review", "decide", "application"),
        ("review", "approve", "application"), ("decide", "approve", "application"),
        ("approve", "self", "*"), ("confirm", "self", "*"), ("decide", "self", "*"), ("return", "self", "*"),
        ("review", "self", "*"), ("mark", "self", "*"), ("decide_appeal", "self", "*"), ("grant", "self", "*"),
    ):
        op.execute(
            f"INSERT INTO duty_conflict (step_a, step_b, object_kind) VALUES ('{step_a}', '{step_b}', '{kind}')"
        )
    for role_a, role_b in (("sysadmin", "secadmin"), ("sysadmin", "auditor"), ("secadmin", "auditor")):
        op.execute(f"INSERT INTO role_conflict (role_a, role_b) VALUES ('{role_a}', '{role_b}')")
    # the duties taken before they were kept
    op.execute(
        "INSERT INTO duty_step (step, object_kind, object_id, account_id, person_id, subject_id, at) "
        "SELECT CASE s.kind WHEN 'submitted' THEN 'submit' WHEN 'resubmitted' THEN 'submit' "
        "WHEN 'unit_agreed' THEN 'review' WHEN 'returned' THEN 'return' ELSE 'decide' END, 'application', "
        "CAST(s.application_id AS VARCHAR), s.account_id, c.person_id, a.person_id, s.at "
        "FROM application_step s JOIN account c ON c.id = s.account_id "
        "JOIN application a ON a.id = s.application_id ORDER BY s.id"
    )
    op.execute(
        "INSERT INTO duty_step (step, object_kind, object_id, account_id, person_id, at) "
        "SELECT 'write', 'question_version', CAST(v.id AS VARCHAR), v.author_id, c.person_id, v.created_at "
        "FROM question_version v JOIN account c ON c.id = v.author_id ORDER BY v.id"
    )
    # -- duties end
    # how the names on record are said
    for table, says in (("person", readings), ("body", place_readings)):
        said = [
            {"id": id, "pinyin": says(name)[0], "initials": says(name)[1]}
            for id, name in op.get_bind().execute(sa.text(f"SELECT id, name FROM {table} WHERE name_pinyin = ''"))
        ]
        if said:
            op.get_bind().execute(
                sa.text(f"UPDATE {table} SET name_pinyin = :pinyin, name_initials = :initials WHERE id = :id"), said
            )
    # the privacy notice everybody is shown first
    from pathlib import Path

    notice = Path(__file__).parents[2] / "portal/people/records/privacy/notice_1.md"
    op.execute(
        sa.text(
            "INSERT INTO privacy_notice (number, body, effective_from, published_at) "
            "VALUES (1, :body, '2026-11-01', '2026-11-01 00:00:00')"
        ).bindparams(body=notice.read_text(encoding="utf-8"))
    )
    # -- audit begin
    # the lines of before: codes and reasons find their new places, then each enters the chain
    import json
    import secrets

    from portal.ground import audit_chain, audit_personal
    from portal.ground.crypto import keys, seal_with
    from portal.ground.db import UtcDateTime

    bind = op.get_bind()
    old = sa.table("audit_old", sa.column("id"), sa.column("reason"), sa.column("detail", sa.JSON))
    line = sa.table(
        "audit_line", *(sa.column(name) for name in audit_chain.FACTS if name not in ("at", "codes")),
        sa.column("at", UtcDateTime), sa.column("codes", sa.JSON),
    )
    personal = sa.table("audit_personal", *(sa.column(name) for name in ("line_id", "person_id", "sealed")))
    seal = sa.table("audit_seal", *(sa.column(name) for name in ("number", "line_id", "prev_hash", "hash")))
    reasons = bind.scalar(sa.select(sa.func.count()).select_from(old).where(old.c.reason.is_not(None)))
    site = secrets.token_hex(32)
    if reasons:
        bind.execute(
            sa.table("person_key", sa.column("person_id"), sa.column("key_sealed")).insert(),
            {"person_id": audit_personal.SITE, "key_sealed": keys.seal(site, "person_key|key|0")},
        )
    number, prev_hash, after = 0, audit_chain.GENESIS, -1
    while rows := bind.execute(sa.select(old).where(old.c.id > after).order_by(old.c.id).limit(500)).all():
        for row in rows:
            commitment = None
            if row.reason is not None:
                salt, given = secrets.token_hex(32), {"reason": row.reason}
                commitment = audit_personal.committed(salt, given)
                sealed = seal_with(
                    bytes.fromhex(site), json.dumps({"salt": salt, "given": given}), audit_personal.bound_to(commitment)
                )
                bind.execute(personal.insert(), {"line_id": row.id, "person_id": audit_personal.SITE, "sealed": sealed})
            change = line.update().where(line.c.id == row.id)
            bind.execute(change.values(codes=row.detail, commitment=commitment))
            facts = bind.execute(sa.select(line).where(line.c.id == row.id)).one()._mapping
            number += 1
            made = audit_chain.link(number, prev_hash, facts)
            bind.execute(
                seal.insert(), {"number": number, "line_id": row.id, "prev_hash": prev_hash, "hash": made}
            )
            prev_hash, after = made, row.id
    op.execute("DROP TABLE audit_old")
    # -- audit end
    # -- by hand end


def downgrade() -> None:
    raise RuntimeError("records are never taken away; restore a backup instead")
