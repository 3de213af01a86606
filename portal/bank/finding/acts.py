"""Acts on many questions at once: first what they would mean, then a portion at a time, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.bank import queries as banks
from portal.bank.finding import operations, queries
from portal.bank.finding.forms import FILTERS, MOST_PICKED, filters_from, picked, spans, tags_from
from portal.bank.following.reciting import recite
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs, own_path
from portal.library.queries import a_version
from portal.people.rules import Permission

bp = Blueprint("bank_many", __name__, url_prefix="/banks/questions")
ACTS = ("tag", "untag", "move", "send", "retire", "restore", "export", "recite")
BACK = {"tag": "untag", "untag": "tag", "move": "move", "retire": "restore"}
PORTION = 20  # questions in one transaction
SECONDS = 1.0  # of work before a page shows how far it is
MOST_REASONS = 8
MOST_NAMED = 200  # questions listed one by one after an act


class NothingPicked(Refused):
    """No question is picked, or more than one act takes."""

    status = 422
    code = "nothing_picked"


@dataclass
class Course:
    """How far an act on many has come."""

    ids: list[int]
    at: int = 0
    changed: list[int] = field(default_factory=list)
    refused: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.at >= len(self.ids)


def _writable() -> dict[int, QuestionBank]:
    return {o.bank.id: o.bank for o in banks.banks_readable(db.session, current_user) if o.writable}


@bp.post("/many")
@needs(Permission.MANAGE_BANK)
def many():
    """What the act would mean; nothing is changed yet."""
    act, mine = _act(), _writable()
    ids = _picked(mine)
    told = queries.impact(db.session, ids, list(mine))
    if not told.total:
        raise NothingPicked(N_("Pick at least one question of a bank you write for."))
    if act == "export":
        return _export(_origin(told, mine), ids)
    return render_template(
        "bank/finding/many.html", act=act, told=told, ids=spans(ids), banks=mine.values(),
        value=request.form.get("value", ""), origin=_origin(told, mine), next=_next(),
    )  # fmt: skip


def _export(bank_code: str, ids: list[int]) -> Any:
    """The page where the form is chosen; everything that matches travels as the filters themselves."""
    if not bank_code:
        raise NothingPicked(N_("Pick questions of one bank to export them."))
    if request.form.get("all") != "1":
        return redirect(url_for("bank_exchange.choose", code=bank_code, ids=spans(ids)), 303)
    asked = {name: request.form[name] for name in FILTERS if request.form.get(name)}
    return redirect(url_for("bank_exchange.choose", code=bank_code, **asked), 303)


def _act() -> str:
    if (act := request.form.get("act", "")) not in ACTS:
        raise NothingPicked(N_("Choose what to do with the questions."))
    return act


def _next() -> str:
    return own_path(request.form.get("next")) or url_for("bank_finding.every")


def _picked(mine: dict[int, QuestionBank]) -> list[int]:
    """One by one, written short, or everything a list shows."""
    form = request.form
    if form.get("all") != "1":
        return picked(form.get("ids", "")) or [int(each) for each in form.getlist("pick") if each.isdecimal()]
    of_bank = [number for number, bank in mine.items() if form.get("bank", bank.code) == bank.code]
    ids = queries.ids_of(db.session, of_bank, filters_from(form, current_user), MOST_PICKED)
    if len(ids) > MOST_PICKED:
        raise NothingPicked(N_("More than %(n)s questions match; narrow the list first."), n=MOST_PICKED)
    return ids


def _origin(told: queries.Impact, mine: dict[int, QuestionBank]) -> str:
    """The bank they come from, where it is one."""
    return mine[next(iter(told.banks))].code if len(told.banks) == 1 else ""


@bp.post("/many/do")
@needs(Permission.MANAGE_BANK)
def do():
    """A portion after the other for about a second, then the page says how far it is and goes on."""
    act, mine, value = _act(), _writable(), request.form.get("value", "").strip()
    course = _course()
    verb = _verb(act, value, mine)
    until = monotonic() + SECONDS
    while True:  # one portion at least, however slow the machine is
        _portion(course, verb, list(mine))
        db.session.commit()
        if course.over or monotonic() >= until:
            break
    named = queries.rows_of(db.session, course.ids[:MOST_NAMED], list(mine)) if act == "recite" and course.over else []
    return render_template(
        "bank/finding/done.html" if course.over else "bank/finding/going.html", act=act, value=value, course=course,
        ids=spans(course.ids), changed=spans(course.changed), back=BACK.get(act, ""), next=_next(),
        origin=request.form.get("origin", ""), named=named,
    )  # fmt: skip


def _course() -> Course:
    form = request.form
    return Course(
        picked(form.get("ids", "")), form.get("at", 0, int), picked(form.get("changed", "")),
        form.get("refused", 0, int), form.getlist("reason")[:MOST_REASONS],
    )  # fmt: skip


def _portion(course: Course, verb: Callable[[Session, Row, datetime], bool], mine: list[int]) -> None:
    ids = course.ids[course.at : course.at + PORTION]
    rows = queries.rows_of(db.session, ids, mine)
    for row in rows:
        try:
            with db.session.begin_nested():
                if verb(db.session, row, clock.now()):
                    course.changed.append(row.id)
        except Refused as refusal:
            course.refused += 1
            if len(course.reasons) < MOST_REASONS:
                course.reasons.append(f"{row.code}: {i18n.gettext(refusal.message, **refusal.values)}")
    course.refused += len(ids) - len(rows)
    course.at += len(ids)


def _verb(act: str, value: str, mine: dict[int, QuestionBank]) -> Callable[[Session, Row, datetime], bool]:
    """The act on one question. Raises NothingPicked when its word, bank or reason is missing."""
    account: Any = current_user._get_current_object()
    if act in ("tag", "untag"):
        words = tags_from(value)
        if len(words) != 1:
            raise NothingPicked(N_("Write one tag."))
        put = operations.tag if act == "tag" else operations.untag
        return lambda session, row, now: put(session, row, words[0], account=account, now=now)
    if act == "move":
        bank = next((bank for bank in mine.values() if bank.code == value), None)
        if bank is None:
            raise NothingPicked(N_("Choose one of your banks."))
        return lambda session, row, now: operations.move_to(session, row, bank, account=account, now=now)
    if act == "retire":
        if not value:
            raise NothingPicked(N_("Say why the questions are retired."))
        return lambda session, row, now: operations.retire(session, row, value, account=account, now=now)
    if act == "recite":
        version = a_version(db.session, int(value) if value.isdecimal() and len(value) < 10 else 0)
        return lambda session, row, now: recite(session, row, version, account_id=account.id, now=now)
    plain = operations.send if act == "send" else operations.restore
    return lambda session, row, now: plain(session, row, account=account, now=now)
