"""Banks, questions and their history, for item writers."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal.bank import queries
from portal.bank.models import QuestionStatus
from portal.ground import clock
from portal.ground.db import db
from portal.ground.web import needs
from portal.library import queries as library
from portal.people.rules import Permission
from question_bank.questions import Kind, Question

bp = Blueprint("bank", __name__, template_folder="templates", url_prefix="/banks")
PAGE = 50


@bp.get("/")
@needs(Permission.MANAGE_BANK)
def banks():
    return render_template("bank/banks.html", rows=queries.banks_in_scope(db.session, current_user))


@bp.get("/<code>")
@needs(Permission.MANAGE_BANK)
def one(code: str):
    bank = queries.bank_in_scope(db.session, current_user, code)
    page = max(1, request.args.get("page", 1, int))
    chosen = {name: request.args.get(name, "").strip() for name in ("words", "status", "kind")}
    rows, total = queries.question_list(db.session, bank, **chosen, page=page, size=PAGE)
    return render_template(
        "bank/bank.html", bank=bank, rows=rows, total=total, page_number=page, size=PAGE, chosen=chosen,
        statuses=list(QuestionStatus), kinds=list(Kind),
    )  # fmt: skip


@bp.get("/<code>/questions/<question_code>")
@needs(Permission.MANAGE_BANK)
def question(code: str, question_code: str):
    bank = queries.bank_in_scope(db.session, current_user, code)
    row = queries.question(db.session, bank, question_code)
    value = Question.from_plain(row.current.body)
    versions, changes = queries.history(db.session, row)
    cited = [vars(c) for c in value.all_citations()]
    return render_template(
        "bank/question.html", bank=bank, row=row, question=value, versions=versions, changes=changes,
        laws=library.versions_for(db.session, cited, clock.today()),
    )  # fmt: skip
