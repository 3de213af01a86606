"""Exam delivery: sittings, sealed forms, check-in, incidents."""

import sqlalchemy as sa
from alembic import op

from portal.ground.db import UtcDateTime


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('exam_policy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_policy')),
    sa.UniqueConstraint('effective_from', name=op.f('uq_exam_policy_effective_from')),
    sa.UniqueConstraint('label', name=op.f('uq_exam_policy_label'))
    )
    op.create_table('test_site',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_test_site_body_id_body')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_test_site')),
    sa.UniqueConstraint('body_id', 'name', name=op.f('uq_test_site_body_id_name'))
    )
    with op.batch_alter_table('test_site', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_test_site_body_id'), ['body_id'], unique=False)

    op.create_table('contest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('team_size', sa.Integer(), nullable=False),
    sa.Column('team_score', sa.String(length=8), nullable=False),
    sa.Column('tie_rounds', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('started_by_id', sa.Integer(), nullable=True),
    sa.Column('started_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_contest_ends_after_start')),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_contest_body_id_body')),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_contest_made_by_id_account')),
    sa.ForeignKeyConstraint(['started_by_id'], ['account.id'], name=op.f('fk_contest_started_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest'))
    )
    with op.batch_alter_table('contest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_body_id'), ['body_id'], unique=False)

    op.create_table('test_room',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('changed_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint('seats > 0', name=op.f('ck_test_room_has_seats')),
    sa.ForeignKeyConstraint(['site_id'], ['test_site.id'], name=op.f('fk_test_room_site_id_test_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_test_room')),
    sa.UniqueConstraint('site_id', 'name', name=op.f('uq_test_room_site_id_name'))
    )
    with op.batch_alter_table('test_room', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_test_room_site_id'), ['site_id'], unique=False)

    op.create_table('working_day_exception',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('works', sa.Boolean(), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_working_day_exception_account_id_account')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_working_day_exception'))
    )
    op.create_table('contest_party',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('withdrawn_at', UtcDateTime(), nullable=True),
    sa.Column('withdrawn_because', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_contest_party_body_id_body')),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_contest_party_contest_id_contest')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_party')),
    sa.UniqueConstraint('contest_id', 'number', name=op.f('uq_contest_party_contest_id_number'))
    )
    with op.batch_alter_table('contest_party', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_party_body_id'), ['body_id'], unique=False)

    op.create_table('contest_ranking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_contest_ranking_account_id_account')),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_contest_ranking_contest_id_contest')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_ranking')),
    sa.UniqueConstraint('contest_id', 'number', name=op.f('uq_contest_ranking_contest_id_number'))
    )
    op.create_table('contest_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('advance', sa.Integer(), nullable=True),
    sa.Column('advance_by', sa.String(length=8), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=True),
    sa.Column('questions', sa.Integer(), nullable=True),
    sa.Column('base_points', sa.Integer(), nullable=False),
    sa.Column('abilities', sa.JSON(), nullable=False),
    sa.Column('drops_extremes', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['closed_by_id'], ['account.id'], name=op.f('fk_contest_round_closed_by_id_account')),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_contest_round_contest_id_contest')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_contest_round_exam_id_exam')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_round')),
    sa.UniqueConstraint('contest_id', 'number', name=op.f('uq_contest_round_contest_id_number'))
    )
    with op.batch_alter_table('contest_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_round_exam_id'), ['exam_id'], unique=False)

    op.create_table('exam_making',
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.Column('proposed_at', UtcDateTime(), nullable=True),
    sa.Column('proposed_by_id', sa.Integer(), nullable=True),
    sa.Column('returned_because', sa.String(length=300), nullable=True),
    sa.Column('asked_at', UtcDateTime(), nullable=True),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('seed', sa.BigInteger(), nullable=True),
    sa.Column('plan', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('forms_done', sa.Integer(), nullable=False),
    sa.Column('fault', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by_id'], ['account.id'], name=op.f('fk_exam_making_asked_by_id_account')),
    sa.ForeignKeyConstraint(['changed_by_id'], ['account.id'], name=op.f('fk_exam_making_changed_by_id_account')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_making_exam_id_exam')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['account.id'], name=op.f('fk_exam_making_proposed_by_id_account')),
    sa.PrimaryKeyConstraint('exam_id', name=op.f('pk_exam_making'))
    )
    op.create_table('exam_seb',
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('switched_on', sa.Boolean(), nullable=False),
    sa.Column('settings', sa.Text(), nullable=False),
    sa.Column('config_key', sa.String(length=64), nullable=False),
    sa.Column('start_address', sa.String(length=300), nullable=False),
    sa.Column('browser_keys', sa.JSON(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('lifted_at', UtcDateTime(), nullable=True),
    sa.Column('lifted_by_id', sa.Integer(), nullable=True),
    sa.Column('lifted_because', sa.String(length=300), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_id'], ['account.id'], name=op.f('fk_exam_seb_changed_by_id_account')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_seb_exam_id_exam')),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['account.id'], name=op.f('fk_exam_seb_lifted_by_id_account')),
    sa.PrimaryKeyConstraint('exam_id', name=op.f('pk_exam_seb'))
    )
    op.create_table('regrade',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('question', sa.String(length=80), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('forms', sa.JSON(), nullable=False),
    sa.Column('change', sa.String(length=10), nullable=False),
    sa.Column('answer', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('flips', sa.String(length=8), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('look', sa.Integer(), nullable=False),
    sa.Column('looked_at', UtcDateTime(), nullable=True),
    sa.Column('seen', sa.JSON(), nullable=False),
    sa.Column('proposed_at', UtcDateTime(), nullable=True),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('said', sa.String(length=300), nullable=True),
    sa.Column('forms_done', sa.Integer(), nullable=False),
    sa.Column('last_attempt_id', sa.Integer(), nullable=False),
    sa.Column('applied_counts', sa.JSON(), nullable=False),
    sa.Column('applied_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], name=op.f('fk_regrade_decided_by_id_account')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_regrade_exam_id_exam')),
    sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_regrade_made_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regrade'))
    )
    with op.batch_alter_table('regrade', schema=None) as batch_op:
        batch_op.create_index('ix_regrade_open', ['exam_id'], unique=True, sqlite_where=sa.text("state IN ('draft', 'proposed', 'approved')"), postgresql_where=sa.text("state IN ('draft', 'proposed', 'approved')"))

    op.create_table('sitting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('opens_at', UtcDateTime(), nullable=False),
    sa.Column('closes_at', UtcDateTime(), nullable=False),
    sa.Column('frozen_from', UtcDateTime(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=True),
    sa.Column('cancelled_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_sitting_closes_after_opens')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_sitting_exam_id_exam')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting')),
    sa.UniqueConstraint('exam_id', 'number', name=op.f('uq_sitting_exam_id_number'))
    )
    op.create_table('contest_judge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('named_by_id', sa.Integer(), nullable=False),
    sa.Column('named_at', UtcDateTime(), nullable=False),
    sa.Column('relieved_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_contest_judge_account_id_account')),
    sa.ForeignKeyConstraint(['named_by_id'], ['account.id'], name=op.f('fk_contest_judge_named_by_id_account')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_judge_round_id_contest_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_judge')),
    sa.UniqueConstraint('round_id', 'account_id', name=op.f('uq_contest_judge_round_id_account_id'))
    )
    with op.batch_alter_table('contest_judge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_judge_account_id'), ['account_id'], unique=False)

    op.create_table('contest_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contest_id', sa.Integer(), nullable=False),
    sa.Column('party_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contest_id'], ['contest.id'], name=op.f('fk_contest_member_contest_id_contest')),
    sa.ForeignKeyConstraint(['party_id'], ['contest_party.id'], name=op.f('fk_contest_member_party_id_contest_party')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_contest_member_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_member')),
    sa.UniqueConstraint('contest_id', 'person_id', name=op.f('uq_contest_member_contest_id_person_id'))
    )
    with op.batch_alter_table('contest_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_member_party_id'), ['party_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contest_member_person_id'), ['person_id'], unique=False)

    op.create_table('contest_standing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('party_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('advances', sa.Boolean(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['party_id'], ['contest_party.id'], name=op.f('fk_contest_standing_party_id_contest_party')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_standing_round_id_contest_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_standing')),
    sa.UniqueConstraint('round_id', 'edition', 'party_id', name=op.f('uq_contest_standing_round_id_edition_party_id'))
    )
    with op.batch_alter_table('contest_standing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_standing_party_id'), ['party_id'], unique=False)

    op.create_table('form_seal',
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('wrapped_key', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['form_id'], ['exam_form.id'], name=op.f('fk_form_seal_form_id_exam_form')),
    sa.PrimaryKeyConstraint('form_id', name=op.f('pk_form_seal'))
    )
    op.create_table('sitting_room',
    sa.Column('sitting_id', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=False),
    sa.Column('taken_at', UtcDateTime(), nullable=True),
    sa.Column('given_back_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['room_id'], ['test_room.id'], name=op.f('fk_sitting_room_room_id_test_room')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_sitting_room_sitting_id_sitting')),
    sa.PrimaryKeyConstraint('sitting_id', 'room_id', name=op.f('pk_sitting_room'))
    )
    with op.batch_alter_table('sitting_room', schema=None) as batch_op:
        batch_op.create_index('ix_sitting_room_room', ['room_id'], unique=False)

    op.create_table('accommodation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('ground', sa.String(length=16), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_accommodation_account_id_account')),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_accommodation_entry_id_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accommodation'))
    )
    with op.batch_alter_table('accommodation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accommodation_entry_id'), ['entry_id'], unique=False)

    op.create_table('check_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=22), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_check_in_entry_id_entry')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_check_in_exam_id_exam')),
    sa.ForeignKeyConstraint(['form_id'], ['exam_form.id'], name=op.f('fk_check_in_form_id_exam_form')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_check_in_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_in')),
    sa.UniqueConstraint('exam_id', 'person_id', 'number', name=op.f('uq_check_in_exam_id_person_id_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_check_in_public_id'))
    )
    with op.batch_alter_table('check_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_check_in_entry_id'), ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_check_in_person_id'), ['person_id'], unique=False)

    op.create_table('contest_score',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('party_id', sa.Integer(), nullable=False),
    sa.Column('judge_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.Integer(), nullable=True),
    sa.Column('ability', sa.String(length=20), nullable=True),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('undoes_id', sa.Integer(), nullable=True),
    sa.Column('save_key', sa.String(length=40), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['judge_id'], ['contest_judge.id'], name=op.f('fk_contest_score_judge_id_contest_judge')),
    sa.ForeignKeyConstraint(['party_id'], ['contest_party.id'], name=op.f('fk_contest_score_party_id_contest_party')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_score_round_id_contest_round')),
    sa.ForeignKeyConstraint(['undoes_id'], ['contest_score.id'], name=op.f('fk_contest_score_undoes_id_contest_score')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_score')),
    sa.UniqueConstraint('judge_id', 'save_key', name=op.f('uq_contest_score_judge_id_save_key')),
    sa.UniqueConstraint('undoes_id', name=op.f('uq_contest_score_undoes_id'))
    )
    with op.batch_alter_table('contest_score', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_score_party_id'), ['party_id'], unique=False)

    op.create_table('entry_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('policy_id', sa.Integer(), nullable=True),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_entry_check_account_id_account')),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_entry_check_entry_id_entry')),
    sa.ForeignKeyConstraint(['policy_id'], ['exam_policy.id'], name=op.f('fk_entry_check_policy_id_exam_policy')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry_check'))
    )
    with op.batch_alter_table('entry_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_entry_check_entry_id'), ['entry_id'], unique=False)

    op.create_table('incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Integer(), nullable=True),
    sa.Column('room_id', sa.Integer(), nullable=True),
    sa.Column('attempt_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('cause', sa.String(length=12), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('reported_at', UtcDateTime(), nullable=False),
    sa.Column('restored_at', UtcDateTime(), nullable=True),
    sa.Column('reported_by_id', sa.Integer(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('approved_at', UtcDateTime(), nullable=True),
    sa.Column('refused_because', sa.String(length=200), nullable=True),
    sa.Column('refused_by_id', sa.Integer(), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('undoes_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['approved_by_id'], ['account.id'], name=op.f('fk_incident_approved_by_id_account')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_incident_attempt_id_attempt')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_incident_exam_id_exam')),
    sa.ForeignKeyConstraint(['refused_by_id'], ['account.id'], name=op.f('fk_incident_refused_by_id_account')),
    sa.ForeignKeyConstraint(['reported_by_id'], ['account.id'], name=op.f('fk_incident_reported_by_id_account')),
    sa.ForeignKeyConstraint(['room_id'], ['test_room.id'], name=op.f('fk_incident_room_id_test_room')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_incident_sitting_id_sitting')),
    sa.ForeignKeyConstraint(['undoes_id'], ['incident.id'], name=op.f('fk_incident_undoes_id_incident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index('ix_incident_exam', ['exam_id', 'reported_at'], unique=False)

    op.create_table('presence',
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.Column('unsent', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_presence_attempt_id_attempt')),
    sa.PrimaryKeyConstraint('attempt_id', name=op.f('pk_presence'))
    )
    op.create_table('regrade_effect',
    sa.Column('regrade_id', sa.Integer(), nullable=False),
    sa.Column('look', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('mark_before', sa.Integer(), nullable=False),
    sa.Column('mark_after', sa.Integer(), nullable=False),
    sa.Column('passed_before', sa.Boolean(), nullable=False),
    sa.Column('passed_after', sa.Boolean(), nullable=False),
    sa.Column('released', sa.Boolean(), nullable=False),
    sa.Column('flips', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_regrade_effect_attempt_id_attempt')),
    sa.ForeignKeyConstraint(['regrade_id'], ['regrade.id'], name=op.f('fk_regrade_effect_regrade_id_regrade')),
    sa.PrimaryKeyConstraint('regrade_id', 'look', 'attempt_id', name=op.f('pk_regrade_effect'))
    )
    op.create_table('time_grant',
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('deadline_before', UtcDateTime(), nullable=False),
    sa.Column('deadline_after', UtcDateTime(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_time_grant_attempt_id_attempt')),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_time_grant_incident_id_incident')),
    sa.PrimaryKeyConstraint('incident_id', 'attempt_id', name=op.f('pk_time_grant'))
    )
    with op.batch_alter_table('time_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_time_grant_attempt_id'), ['attempt_id'], unique=False)

    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('drawn', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('sitting_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('room_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('paused_at', UtcDateTime(), nullable=True))
        batch_op.alter_column('hand_in_cause',
               existing_type=sa.VARCHAR(length=12),
               type_=sa.String(length=16),
               existing_nullable=True)
        batch_op.create_index(batch_op.f('ix_attempt_sitting_id'), ['sitting_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_attempt_sitting_id_sitting'), 'sitting', ['sitting_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_attempt_room_id_test_room'), 'test_room', ['room_id'], ['id'])

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sitting_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('room_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('seat', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('body_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('entered_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('entered_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('changed_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_because', sa.String(length=200), nullable=True))
        batch_op.create_index(batch_op.f('ix_entry_body_id'), ['body_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_sitting_id'), ['sitting_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_entry_sitting_id_room_id_seat'), ['sitting_id', 'room_id', 'seat'])
        batch_op.create_foreign_key(batch_op.f('fk_entry_entered_by_id_account'), 'account', ['entered_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_entry_withdrawn_by_id_account'), 'account', ['withdrawn_by_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_entry_body_id_body'), 'body', ['body_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_entry_sitting_id_sitting'), 'sitting', ['sitting_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_entry_room_id_test_room'), 'test_room', ['room_id'], ['id'])

    with op.batch_alter_table('exam', schema=None) as batch_op:
        batch_op.add_column(sa.Column('delivery', sa.String(length=8), server_default='sealed', nullable=False))
        batch_op.add_column(sa.Column('timing', sa.String(length=8), server_default='window', nullable=False))
        batch_op.add_column(sa.Column('keeps', sa.String(length=8), server_default='best', nullable=False))
        batch_op.add_column(sa.Column('forms_wanted', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('bank_codes', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('late_minutes', sa.Integer(), server_default='30', nullable=False))
        batch_op.add_column(sa.Column('check_in_minutes', sa.Integer(), server_default='30', nullable=False))
        batch_op.add_column(sa.Column('review_days', sa.Integer(), server_default='5', nullable=False))
        batch_op.add_column(sa.Column('resit_of_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('made_by_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_exam_resit_of_id'), ['resit_of_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_exam_resit_of_id_exam'), 'exam', ['resit_of_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_exam_made_by_id_account'), 'account', ['made_by_id'], ['id'])

    with op.batch_alter_table('form_key', schema=None) as batch_op:
        batch_op.add_column(sa.Column('regrade_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_form_key_regrade_id'), ['regrade_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_form_key_regrade_id_regrade'), 'regrade', ['regrade_id'], ['id'])

    with op.batch_alter_table('late_answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.String(length=8), server_default='save', nullable=False))
    # -- by hand begin
    import datetime

    policy = sa.table("exam_policy", sa.column("label"), sa.column("effective_from", sa.Date()), sa.column("body", sa.JSON()))
    op.bulk_insert(policy, [{"label": "吉林省报考规则（默认）", "effective_from": datetime.date(2016, 6, 1), "body": {
        "judged_kinds": ["qualification"], "allowed_staffing": ["civil", "civil_equivalent", "institution"],
        "needs_establishment_check": False, "field_fits_post": True, "order": "none", "pass_valid_years": 5,
        "renewal_months": 6, "min_minutes": {}, "entry_closes_days": 3, "freeze_minutes": 30,
        "hall": {"most_given_minutes": 120, "most_asked_minutes": 120, "most_extra_minutes": 240,
                 "longest_ago_hours": 48, "least_left_seconds": 60},
    }}])
    import datetime as days_of

    # what nobody does twice about an exam, and the days off of 2026 (State Council's notice)
    for step_a, step_b, kind in (
        ("enter", "approve", "exam"), ("propose", "approve", "exam"), ("review", "approve", "exam_results"),
        ("propose", "approve", "regrade"),
        ("enter", "confirm", "incident"),
        ("enter", "approve", "contest"), ("propose", "approve", "contest"),
    ):
        op.execute(
            f"INSERT INTO duty_conflict (step_a, step_b, object_kind) VALUES ('{step_a}', '{step_b}', '{kind}')"
        )
    entered = days_of.datetime(2025, 11, 4, tzinfo=days_of.UTC)
    off = {
        "元旦": ("01-01", "01-02"), "春节": ("02-16", "02-17", "02-18", "02-19", "02-20", "02-23"),
        "清明节": ("04-06",), "劳动节": ("05-01", "05-04", "05-05"), "端午节": ("06-19",), "中秋节": ("09-25",),
        "国庆节": ("10-01", "10-02", "10-05", "10-06", "10-07"),
    }
    worked = {"元旦调休": ("01-04",), "春节调休": ("02-14", "02-28"), "劳动节调休": ("05-09",), "国庆节调休": ("09-20", "10-10")}
    days = sa.table("working_day_exception", sa.column("day", sa.Date), sa.column("works", sa.Boolean),
                    sa.column("label"), sa.column("at", UtcDateTime()))
    op.bulk_insert(days, [
        {"day": days_of.date.fromisoformat(f"2026-{day}"), "works": works, "label": label, "at": entered}
        for works, named in ((False, off), (True, worked)) for label, each in named.items() for day in each
    ])
    # -- by hand end


def downgrade() -> None:
    raise RuntimeError("records are never taken away; restore a backup instead")
