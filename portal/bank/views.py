"""Banks, questions and their history, for item writers and reviewers."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal.bank import dressing, queries
from portal.bank.following import queries as following
from portal.bank.following.models import ViewedBy
from portal.bank.following.showing import before_showing
from portal.bank.models import Question as Row
from portal.bank.models import QuestionVersion
from portal.bank.reading import articles_cited
from portal.bank.writing import queries as writing
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.queries import account_names
from portal.people.rules import Permission
from question_bank.questions import Question
from question_bank.wording import differences

bp = Blueprint("bank", __name__, template_folder="templates", url_prefix="/banks")
for name, made in dressing.FILTERS.items():
    bp.add_app_template_filter(made, name)


@bp.get("/")
@needs(*queries.READS)
def banks():
    rows = queries.banks_readable(db.session, current_user)
    ids = [opened.bank.id for opened in rows]
    tallies, drawn = queries.tallies(db.session, ids), queries.in_use(db.session, ids)
    return render_template("bank/banks.html", rows=rows, tallies=tallies, drawn=drawn)


def _read(code: str, question_code: str) -> tuple[queries.Opened, Row]:
    opened = queries.bank_readable(db.session, current_user, code)
    return opened, queries.question(db.session, opened.bank, question_code)


def _shown_version(row: Row) -> QuestionVersion:
    """The version the address asks for, else the current one."""
    number = request.args.get("version", None, int)
    return row.current if number is None else writing.version(db.session, row, number)


@bp.get("/<code>/questions/<question_code>")
@needs(*queries.READS)
def question(code: str, question_code: str):
    """One version with its key and articles, and everything that became of the question."""
    session = db.session
    opened, row = _read(code, question_code)
    version = _shown_version(row)
    before_showing(current_user, [version.id], ViewedBy.PAGE, clock.now())
    value = Question.from_plain(version.body)
    versions, changes = queries.history(session, row)
    people = {v.author_id for v in versions} | {c.account_id for c in changes}
    return render_template(
        "bank/question.html", bank=opened.bank, writable=opened.writable, row=row, version=version, question=value,
        versions=versions, changes=changes, names=account_names(session, people),
        articles=articles_cited(session, value), uses=following.uses(session, row, clock.now()),
        figures=following.figures(session, row), remarks=writing.remarks(session, row),
        draft=writing.draft_of(session, row, current_user) if opened.writable else None,
        seen=following.seen_by(session, row) if opened.writable and opened.bank.sealed else [],
        own=row.current.author_id == current_user.id, today=clock.today().isoformat(),
        reviews=Permission.REVIEW_QUESTION in current_user.permissions,
    )  # fmt: skip


@bp.get("/<code>/questions/<question_code>/compare")
@needs(*queries.READS)
def compare(code: str, question_code: str):
    """Two versions of a question, field by field."""
    opened, row = _read(code, question_code)
    numbers = [request.args.get(name, 0, int) for name in ("old", "new")]
    old, new = (writing.version(db.session, row, number) for number in numbers)
    before_showing(current_user, [old.id, new.id], ViewedBy.PAGE, clock.now())
    found = differences(Question.from_plain(old.body), Question.from_plain(new.body))
    names = [i18n.gettext(N_("version %(n)s"), n=number) for number in numbers]
    return render_template(
        "bank/compare.html", bank=opened.bank, row=row, differences=found, old_name=names[0], new_name=names[1],
        draft=None,
    )  # fmt: skip
