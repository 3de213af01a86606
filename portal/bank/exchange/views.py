"""Choosing questions and a form, seeing what the form cannot carry, and taking the file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, send_file
from flask_login import current_user

from portal.bank.exchange import operations, queries
from portal.bank.exchange.booklet import Mark
from portal.bank.finding.forms import filters_from, picked
from portal.bank.finding.queries import topics
from portal.bank.models import QuestionBank, QuestionStatus
from portal.bank.queries import bank_readable
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.ground.web import needs, require_proof
from portal.people.rules import Permission
from question_bank.questions import Kind

bp = Blueprint("bank_exchange", __name__, url_prefix="/banks/<code>/export")
OWN = ("status", "topic", "kind", "format")  # what the page itself offers; the rest comes with the address


@bp.get("/")
@needs(Permission.MANAGE_BANK)
def choose(code: str):
    """Which questions in which form; once a form is chosen, how many they are and what stays behind."""
    bank = _bank(code)
    versions, form = _asked(bank, request.args), _form(request.args)
    refusal, losses = None, None
    if form:
        try:
            with operations.write_out(db.session, bank, versions, form, mark=_mark(bank)) as written:
                losses = operations.told(written.losses)
        except Refused as refused:
            refusal = i18n.gettext(refused.message, **refused.values)
    return render_template(
        "bank/exchange/choose.html", bank=bank, forms=operations.forms(), form=form, count=len(versions), losses=losses,
        refusal=refusal, chosen=request.args, topics=topics(db.session, [bank.id]), statuses=list(QuestionStatus),
        kinds=list(Kind), kept={n: v for n, v in request.args.items() if v and n not in OWN},
        asked={n: v for n, v in request.args.items() if v},
    )  # fmt: skip


@bp.post("/")
@needs(Permission.MANAGE_BANK)
def take(code: str) -> Response:
    """The file; a bank that is not published asks for a proof first, and keeps who took it."""
    bank = _bank(code)
    if bank.sealed:
        require_proof()
    versions, form = _asked(bank, request.form), _form(request.form)
    if not form:
        raise Malformed(N_("Choose a form."))
    operations.check_amount(len(versions), form)
    mark = _mark(bank)
    operations.note_export(db.session, current_user, bank, versions, form, now=clock.now())
    db.session.commit()
    with db.reading() as session:
        written = operations.write_out(session, bank, versions, form, mark=mark)
    name = f"{bank.title}.{written.ending}"
    return send_file(written.file, mimetype=written.media_type, as_attachment=True, download_name=name)


def _bank(code: str) -> QuestionBank:
    """A bank one writes, or one that is published and shared with one. Raises NotPublished."""
    opened = bank_readable(db.session, current_user, code)
    if opened.bank.sealed and not opened.writable:
        raise operations.NotPublished(
            N_("This bank is not published. Only those who write it take questions out of it.")
        )
    return opened.bank


def _asked(bank: QuestionBank, asked: Any) -> list[int]:
    filters = filters_from(asked, current_user)
    return queries.chosen_versions(db.session, bank, filters, picked(asked.get("ids", "")))


def _form(asked: Any) -> str:
    word = asked.get("format", "")
    return word if word in operations.forms() else ""


def _mark(bank: QuestionBank) -> Mark:
    return Mark(current_user.person.personnel_number, i18n.show_moment(clock.now()), bank.sealed)
