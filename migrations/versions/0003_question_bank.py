"""Question bank, law library, matters, guides."""

import sqlalchemy as sa
from alembic import op

from portal.ground.db import UtcDateTime


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('matter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter')),
    sa.UniqueConstraint('code', name=op.f('uq_matter_code'))
    )
    op.create_table('topic',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('field', sa.String(length=20), server_default='', nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.Column('retired_on', sa.Date(), nullable=True),
    sa.Column('title_pinyin', sa.String(length=400), server_default='', nullable=False),
    sa.Column('title_initials', sa.String(length=100), server_default='', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['merged_into_id'], ['topic.id'], name=op.f('fk_topic_merged_into_id_topic')),
    sa.ForeignKeyConstraint(['parent_id'], ['topic.id'], name=op.f('fk_topic_parent_id_topic')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topic')),
    sa.UniqueConstraint('code', name=op.f('uq_topic_code')),
    sa.UniqueConstraint('field', 'title', name=op.f('uq_topic_field_title'))
    )
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_topic_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_topic_parent_id'), ['parent_id'], unique=False)

    op.create_table('guide',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=100), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=20), server_default='', nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_guide_body_id_body')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide')),
    sa.UniqueConstraint('body_id', 'title', name=op.f('uq_guide_body_id_title'))
    )
    with op.batch_alter_table('guide', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_guide_body_id'), ['body_id'], unique=False)

    op.create_table('guide_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('guide_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('change_note', sa.String(length=200), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('in_force_until', sa.Date(), nullable=True),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_guide_version_account_id_account')),
    sa.ForeignKeyConstraint(['guide_id'], ['guide.id'], name=op.f('fk_guide_version_guide_id_guide')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_version')),
    sa.UniqueConstraint('guide_id', 'number', name=op.f('uq_guide_version_guide_id_number'))
    )
    op.create_table('law_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_law_upload_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_law_upload'))
    )
    op.create_table('matter_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('matter_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('document_number', sa.String(length=80), nullable=False),
    sa.Column('document_on', sa.Date(), nullable=True),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('in_force_until', sa.Date(), nullable=True),
    sa.Column('withdrawn', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_matter_version_account_id_account')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_matter_version_matter_id_matter')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_version')),
    sa.UniqueConstraint('matter_id', 'number', name=op.f('uq_matter_version_matter_id_number'))
    )
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

    op.create_table('topic_alias',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('topic_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_topic_alias_account_id_account')),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_topic_alias_topic_id_topic')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topic_alias'))
    )
    with op.batch_alter_table('topic_alias', schema=None) as batch_op:
        batch_op.create_index('ix_topic_alias_title', ['field', 'title'], unique=False)

    op.create_table('town_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('body_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.Column('published_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['body_id'], ['body.id'], name=op.f('fk_town_list_body_id_body')),
    sa.ForeignKeyConstraint(['created_by_id'], ['account.id'], name=op.f('fk_town_list_created_by_id_account')),
    sa.ForeignKeyConstraint(['published_by_id'], ['account.id'], name=op.f('fk_town_list_published_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_town_list'))
    )
    with op.batch_alter_table('town_list', schema=None) as batch_op:
        batch_op.create_index('ix_town_list_of_body', ['body_id', 'state', 'number', 'in_force_from'], unique=False)
        batch_op.create_index('uq_town_list_draft', ['body_id'], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
        batch_op.create_index('uq_town_list_number', ['body_id', 'number'], unique=True, sqlite_where=sa.text("state <> 'discarded'"), postgresql_where=sa.text("state <> 'discarded'"))

    op.create_table('guide_citation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('law', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=30), nullable=False),
    sa.Column('article', sa.String(length=60), nullable=False),
    sa.Column('base', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['guide_version.id'], name=op.f('fk_guide_citation_version_id_guide_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_citation'))
    )
    with op.batch_alter_table('guide_citation', schema=None) as batch_op:
        batch_op.create_index('ix_guide_citation_article', ['law', 'base'], unique=False)
        batch_op.create_index(batch_op.f('ix_guide_citation_version_id'), ['version_id'], unique=False)

    op.create_table('guide_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('place', sa.String(length=32), nullable=False),
    sa.Column('sealed_key', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['guide_version.id'], name=op.f('fk_guide_file_version_id_guide_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_file')),
    sa.UniqueConstraint('version_id', name=op.f('uq_guide_file_version_id'))
    )
    op.create_table('guide_publication',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_guide_publication_account_id_account')),
    sa.ForeignKeyConstraint(['version_id'], ['guide_version.id'], name=op.f('fk_guide_publication_version_id_guide_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_publication')),
    sa.UniqueConstraint('version_id', name=op.f('uq_guide_publication_version_id'))
    )
    op.create_table('import_picture',
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=20), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('sealed_content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_picture_batch_id_import_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'sha256', name=op.f('pk_import_picture'))
    )
    op.create_table('law_article',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('law_version_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('suffix', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=30), nullable=False),
    sa.Column('heading', sa.String(length=400), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['law_version_id'], ['law_version.id'], name=op.f('fk_law_article_law_version_id_law_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_law_article')),
    sa.UniqueConstraint('law_version_id', 'number', 'suffix', name=op.f('uq_law_article_law_version_id_number_suffix')),
    sa.UniqueConstraint('law_version_id', 'place', name=op.f('uq_law_article_law_version_id_place'))
    )
    op.create_table('law_ending',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('by_version_id', sa.Integer(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['by_version_id'], ['law_version.id'], name=op.f('fk_law_ending_by_version_id_law_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_law_ending')),
    sa.UniqueConstraint('title', name=op.f('uq_law_ending_title'))
    )
    with op.batch_alter_table('law_ending', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_law_ending_by_version_id'), ['by_version_id'], unique=False)

    op.create_table('list_evaluation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=False),
    sa.Column('period_until', sa.Date(), nullable=False),
    sa.Column('started_by_id', sa.Integer(), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=False),
    sa.Column('conclusion', sa.String(length=1000), server_default='', nullable=False),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['closed_by_id'], ['account.id'], name=op.f('fk_list_evaluation_closed_by_id_account')),
    sa.ForeignKeyConstraint(['list_id'], ['town_list.id'], name=op.f('fk_list_evaluation_list_id_town_list')),
    sa.ForeignKeyConstraint(['started_by_id'], ['account.id'], name=op.f('fk_list_evaluation_started_by_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_list_evaluation')),
    sa.UniqueConstraint('list_id', 'number', name=op.f('uq_list_evaluation_list_id_number'))
    )
    op.create_table('matter_basis',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('law', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=30), nullable=False),
    sa.Column('article', sa.String(length=60), nullable=False),
    sa.Column('base', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['matter_version.id'], name=op.f('fk_matter_basis_version_id_matter_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_basis'))
    )
    with op.batch_alter_table('matter_basis', schema=None) as batch_op:
        batch_op.create_index('ix_matter_basis_article', ['law', 'base'], unique=False)
        batch_op.create_index(batch_op.f('ix_matter_basis_version_id'), ['version_id'], unique=False)

    op.create_table('town_list_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('matter_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['town_list.id'], name=op.f('fk_town_list_entry_list_id_town_list')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_town_list_entry_matter_id_matter')),
    sa.ForeignKeyConstraint(['version_id'], ['matter_version.id'], name=op.f('fk_town_list_entry_version_id_matter_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_town_list_entry')),
    sa.UniqueConstraint('list_id', 'matter_id', name=op.f('uq_town_list_entry_list_id_matter_id'))
    )
    with op.batch_alter_table('town_list_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_town_list_entry_matter_id'), ['matter_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_town_list_entry_version_id'), ['version_id'], unique=False)

    op.create_table('exam_item_tally',
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('counted_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_item_tally_exam_id_exam')),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_exam_item_tally_version_id_question_version')),
    sa.PrimaryKeyConstraint('exam_id', 'version_id', name=op.f('pk_exam_item_tally'))
    )
    with op.batch_alter_table('exam_item_tally', schema=None) as batch_op:
        batch_op.create_index('ix_exam_item_tally_version', ['version_id'], unique=False)

    op.create_table('law_article_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('old_version_id', sa.Integer(), nullable=False),
    sa.Column('new_version_id', sa.Integer(), nullable=False),
    sa.Column('old_article_id', sa.Integer(), nullable=True),
    sa.Column('new_article_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('share', sa.Integer(), nullable=False),
    sa.Column('references_only', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('near', sa.JSON(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['new_article_id'], ['law_article.id'], name=op.f('fk_law_article_change_new_article_id_law_article')),
    sa.ForeignKeyConstraint(['new_version_id'], ['law_version.id'], name=op.f('fk_law_article_change_new_version_id_law_version')),
    sa.ForeignKeyConstraint(['old_article_id'], ['law_article.id'], name=op.f('fk_law_article_change_old_article_id_law_article')),
    sa.ForeignKeyConstraint(['old_version_id'], ['law_version.id'], name=op.f('fk_law_article_change_old_version_id_law_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_law_article_change'))
    )
    with op.batch_alter_table('law_article_change', schema=None) as batch_op:
        batch_op.create_index('ix_law_article_change_new_article', ['new_article_id'], unique=False)
        batch_op.create_index('ix_law_article_change_old_article', ['old_article_id'], unique=False)
        batch_op.create_index('ix_law_article_change_versions', ['old_version_id', 'new_version_id'], unique=False)

    op.create_table('matter_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('evaluation_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('times_used', sa.Integer(), nullable=False),
    sa.Column('capable', sa.Boolean(), nullable=False),
    sa.Column('proposal', sa.String(length=8), nullable=False),
    sa.Column('remark', sa.String(length=300), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_matter_finding_account_id_account')),
    sa.ForeignKeyConstraint(['entry_id'], ['town_list_entry.id'], name=op.f('fk_matter_finding_entry_id_town_list_entry')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['list_evaluation.id'], name=op.f('fk_matter_finding_evaluation_id_list_evaluation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_finding'))
    )
    with op.batch_alter_table('matter_finding', schema=None) as batch_op:
        batch_op.create_index('ix_matter_finding_newest', ['evaluation_id', 'entry_id', 'id'], unique=False)

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
    sa.Column('discarded_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_draft_account_id_account')),
    sa.ForeignKeyConstraint(['bank_id'], ['question_bank.id'], name=op.f('fk_question_draft_bank_id_question_bank')),
    sa.ForeignKeyConstraint(['base_version_id'], ['question_version.id'], name=op.f('fk_question_draft_base_version_id_question_version')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_draft_question_id_question')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_draft'))
    )
    with op.batch_alter_table('question_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_draft_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_draft_bank_id'), ['bank_id'], unique=False)
        batch_op.create_index('uq_question_draft_open', ['question_id', 'account_id'], unique=True, sqlite_where=sa.text('discarded_at IS NULL'), postgresql_where=sa.text('discarded_at IS NULL'))

    op.create_table('question_entry',
    sa.Column('question_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bank_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('topic', sa.String(length=60), nullable=False),
    sa.Column('difficulty', sa.Integer(), nullable=False),
    sa.Column('cognitive_level', sa.String(length=12), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('stem_size', sa.Integer(), nullable=False),
    sa.Column('stem_bits', sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['account.id'], name=op.f('fk_question_entry_author_id_account')),
    sa.ForeignKeyConstraint(['bank_id'], ['question_bank.id'], name=op.f('fk_question_entry_bank_id_question_bank')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_entry_question_id_question')),
    sa.ForeignKeyConstraint(['version_id'], ['question_version.id'], name=op.f('fk_question_entry_version_id_question_version')),
    sa.PrimaryKeyConstraint('question_id', name=op.f('pk_question_entry'))
    )
    with op.batch_alter_table('question_entry', schema=None) as batch_op:
        batch_op.create_index('ix_question_entry_author', ['author_id'], unique=False)
        batch_op.create_index('ix_question_entry_bank_topic', ['bank_id', 'topic'], unique=False)
        batch_op.create_index('ix_question_entry_bank_updated', ['bank_id', 'updated_at'], unique=False)
        batch_op.create_index('ix_question_entry_stem', ['bank_id', 'stem_size', 'stem_bits'], unique=False)
        batch_op.create_index('ix_question_entry_updated', ['updated_at'], unique=False)

    op.create_table('question_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('law', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=30), nullable=False),
    sa.Column('article', sa.String(length=30), nullable=False),
    sa.Column('change', sa.String(length=14), nullable=False),
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

    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('form', sa.String(length=10), server_default='auto', nullable=False))

    with op.batch_alter_table('import_portion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('later', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('sealed_later', sa.LargeBinary(), nullable=True))

    with op.batch_alter_table('law', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=12), server_default='law', nullable=False))

    with op.batch_alter_table('law_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('full_title', sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column('adopted_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('history', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('appendix', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('file_name', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('sha256', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('imported_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('imported_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_law_version_imported_by_id_account'), 'account', ['imported_by_id'], ['id'])

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.add_column(sa.Column('approved_version_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('held', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index('ix_question_bank_code', ['bank_id', 'code'], unique=False)
        batch_op.create_foreign_key('fk_question_approved_version', 'question_version', ['approved_version_id'], ['id'], use_alter=True)

    with op.batch_alter_table('question_bank', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shared', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('sealed', sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table('question_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cognitive_level', sa.String(length=12), server_default='understand', nullable=False))
        batch_op.add_column(sa.Column('field', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('opening', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('change', sa.String(length=10), server_default='first', nullable=False))
        batch_op.add_column(sa.Column('source', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('said_sha256', sa.String(length=64), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_question_version_said_sha256'), ['said_sha256'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_version_source'), ['source'], unique=False)
    # -- by hand begin
    from portal.ground.crypto import digest

    version, question, bank = (sa.table(name, *map(sa.column, names)) for name, names in (
        ("question_version", ("id", "question_id", "number", "cognitive_level", "field", "opening", "change", "said_sha256")),
        ("question", ("id", "bank_id")),
        ("question_bank", ("id", "field")),
    ))
    body = sa.table("question_version", sa.column("id"), sa.column("body", sa.JSON()))
    connection = op.get_bind()
    for version_id, plain in connection.execute(sa.select(body.c.id, body.c.body)).all():
        line = " ".join(plain.get("stem", "").split())
        said = {**plain, "code": "", "items": [{**item, "code": ""} for item in plain.get("items", ())]}
        connection.execute(version.update().where(version.c.id == version_id).values(
            cognitive_level=plain.get("cognitive_level", "understand"), opening=line if len(line) <= 200 else line[:199] + "…",
            said_sha256=digest(said),
        ))
    connection.execute(version.update().where(version.c.number > 1).values(change="substance"))
    of_bank = sa.select(bank.c.field).join(question, question.c.bank_id == bank.c.id)
    connection.execute(version.update().values(field=of_bank.where(question.c.id == version.c.question_id).scalar_subquery()))
    asked = sa.table("question", *map(sa.column, ("status", "current_version_id", "approved_version_id")))
    connection.execute(asked.update().where(asked.c.status == "approved").values(approved_version_id=asked.c.current_version_id))
    # -- by hand end


def downgrade() -> None:
    raise RuntimeError("records are never taken away; restore a backup instead")
