"""The list of one bank's questions, and of all banks within reach; the look at a question while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.bank import queries as banks
from portal.bank.finding import operations, queries
from portal.bank.finding.checking import checked, question_from
from portal.bank.finding.forms import GENERAL, filters_from, tags_from
from portal.bank.models import QuestionStatus
from portal.bank.queries import READS, Opened
from portal.bank.views import bp as bank_bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.ground.web import needs, own_path
from portal.people.models import Account, Field
from portal.people.rules import Permission
from question_bank.questions import COGNITIVE_LEVELS, Kind

bp = Blueprint("bank_finding", __name__, url_prefix="/banks")
SIZE = 50


@bank_bp.get("/<code>")
@needs(*READS)
def one(code: str):
    opened = banks.bank_readable(db.session, current_user, code)
    return _page([opened], opened)


@bp.get("/questions")
@needs(*READS)
def every():
    """All banks at once."""
    return _page(banks.banks_readable(db.session, current_user), None)


def _page(opened: Sequence[Opened], bank: Opened | None) -> str:
    filters = filters_from(request.args, current_user)
    page = max(1, request.args.get("page", 1, int))
    ids = [each.bank.id for each in opened]
    found = queries.listed(db.session, ids, filters, page=page, size=SIZE)
    return render_template(
        "bank/bank.html", bank=bank.bank if bank else None, writable={o.bank.id for o in opened if o.writable},
        found=found, page_number=page, size=SIZE, filters=filters, kept=_kept(), topics=queries.topics(db.session, ids),
        statuses=list(QuestionStatus), kinds=list(Kind), levels=COGNITIVE_LEVELS, fields=(GENERAL, *Field),
        sorts=queries.SORTS, editing=(editing := request.args.get("edit", 0, int)), counted=queries.COUNTED,
        tags=queries.tags_of(db.session, editing) if editing else (),
    )  # fmt: skip


def _kept() -> dict[str, str]:
    """What the address asks for, without the page and the row that is edited."""
    return {name: value for name, value in request.args.items() if value and name not in ("page", "edit")}


@bp.post("/questions/<int:question_id>/edit")
@needs(Permission.MANAGE_BANK)
def edit(question_id: int):
    """Another topic, difficulty, level or other tags for one row of a list."""
    form = request.form
    mine = [o.bank.id for o in banks.banks_readable(db.session, current_user) if o.writable]
    row = queries.row_of(db.session, question_id, mine)
    code, back = row.code, own_path(form.get("next")) or url_for("bank.one", code=row.bank.code)
    try:
        new = operations.edit(
            db.session, row, topic=form.get("topic", ""), difficulty=_difficulty(form.get("difficulty", "")),
            level=_level(form.get("level", "")), tags=tags_from(form.get("tags", "")),
            shown=form.get("version", 0, int), account=current_user, now=clock.now(),
        )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        flash(f"{code}: {i18n.gettext(refusal.message, **refusal.values)}", "info")
        return redirect(back, 303)
    db.session.commit()
    told = N_("%(code)s has a new version.") if new else N_("%(code)s is as it was.")
    flash(i18n.gettext(told, code=code))
    return redirect(back, 303)


def _difficulty(told: str) -> int:
    if told not in ("1", "2", "3", "4", "5"):
        raise Malformed(N_("The difficulty is not a number from 1 to 5."))
    return int(told)


def _level(told: str) -> str:
    if told not in COGNITIVE_LEVELS:
        raise Malformed(N_("The cognitive level is not known."))
    return told


@bp.post("/<code>/check")
@needs(Permission.MANAGE_BANK)
def check(code: str) -> Any:
    """What is said about a question as it stands in an editor; nothing is stored, and no writer waits for it."""
    field = banks.bank_readable(db.session, current_user, code).bank.field
    asked = request.get_json()
    if not isinstance(asked, dict):
        raise Malformed(N_("This cannot be read."))
    question, account_id = question_from(asked.get("question", asked)), current_user.id
    db.session.rollback()
    with db.reading() as session:
        account = session.get_one(Account, account_id)
        within = [opened.bank.id for opened in banks.banks_readable(session, account)]
        return checked(session, account, within, question, str(asked.get("but") or ""), field)
