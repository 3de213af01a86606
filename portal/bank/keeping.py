"""Opening a bank and its settings: title, who shares it, whether its questions are sealed."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.bank import operations, queries
from portal.bank.models import QuestionBank
from portal.bank.writing import operations as writing
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission
from portal.words import WORDS

bp = Blueprint("bank_keeping", __name__, url_prefix="/banks")
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,38}")


class NoBank(Refused):
    """A bank needs a code of capital letters and digits, a title and a body within reach."""

    status = 422
    code = "no_bank"


@bp.get("/new")
@needs(Permission.MANAGE_BANK)
def new():
    return _new()


def _new(error: str = "") -> str:
    coded = CODE.fullmatch(request.form.get("code", "").strip().upper())
    at = "title" if coded and not request.form.get("title", "").strip() else "code"
    return render_template(
        "bank/new.html", bodies=queries.bodies_for_banks(db.session, current_user), fields=WORDS["field"],
        error=error, at=at, typed=request.form,
    )  # fmt: skip


@bp.post("/new")
@needs(Permission.MANAGE_BANK)
def create():
    try:
        bank = _create()
    except Refused as refusal:
        db.session.rollback()
        return _new(i18n.gettext(refusal.message, **refusal.values)), refusal.status
    db.session.commit()
    return redirect(url_for(".settings", code=bank.code), 303)


def _create() -> QuestionBank:
    form = request.form
    code, title, field = form.get("code", "").strip().upper(), form.get("title", "").strip()[:100], form.get("field")
    if not CODE.fullmatch(code):
        raise NoBank(N_("The code has 3 to 39 capital letters, digits and hyphens, such as JL-TRANSPORT."))
    if not title:
        raise NoBank(N_("A bank needs a title."))
    if field and field not in WORDS["field"]:
        raise NoBank(N_("Choose a field of the list."))
    body = queries.body_for_bank(db.session, current_user, form.get("body", 0, int), field or None)
    return operations.create_bank(db.session, code, title, body, field=field or None, now=clock.now())


@bp.get("/<code>/settings")
@needs(Permission.MANAGE_BANK)
def settings(code: str):
    return _settings(queries.bank_in_scope(db.session, current_user, code))


def _settings(bank: QuestionBank, error: str = "", **typed: Any) -> str:
    typed = typed or {"title": bank.title, "shared": bank.shared, "sealed": bank.sealed, "reason": ""}
    body = queries.body_of(db.session, bank)
    at = "reason" if typed["title"].strip() else "title"
    return render_template("bank/settings.html", bank=bank, body=body, error=error, at=at, typed=typed)


@bp.post("/<code>/settings")
@needs(Permission.MANAGE_BANK)
def change(code: str):
    bank = queries.bank_in_scope(db.session, current_user, code)
    form = request.form
    typed = {
        "title": form.get("title", ""), "shared": "shared" in form, "sealed": form.get("sealed") != "study",
        "reason": form.get("reason", ""),
    }  # fmt: skip
    try:
        writing.change_bank(db.session, bank, **typed, now=clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _settings(bank, i18n.gettext(refusal.message, **refusal.values), **typed), refusal.status
    db.session.commit()
    flash(i18n.gettext(N_("The settings are saved.")))
    return redirect(url_for(".settings", code=bank.code), 303)
