"""The exam desk: the list, one exam, its draft, and what is done with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound
from werkzeug.datastructures import MultiDict

from portal.exams import queries as exams
from portal.exams.making import copying, operations, pool, publishing, queries, resits, results
from portal.exams.making.forms import KINDS, ExamForm, NewExamForm, Row, read_rows, rows_of
from portal.exams.making.places import tabs
from portal.exams.making.queries import Filters
from portal.exams.making.rules import MADE_HERE, needs_two, next_month
from portal.exams.models import Exam, ExamKind, ExamState
from portal.exams.saying import rules_said
from portal.exams.views import bp as exams_bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.models import Body
from portal.people.queries import account_names
from portal.people.rules import Permission

bp = Blueprint("exams_making", __name__, url_prefix="/exams/manage")
NOT_YOURS = N_("No body at which you make exams of this subject is called so, nor has this code.")
bp.app_context_processor(lambda: {"exam_tabs": tabs})
EMPTY_ROWS = 3  # offered below what is there, for whoever has no script


@exams_bp.get("/manage")
@needs(Permission.MANAGE_EXAMS)
def manage() -> Any:
    """Exams in my scope with their figures, narrowed by what stands in the address."""
    filters = Filters(_known("state", list(ExamState)), _known("kind", list(ExamKind)), _month())
    page = max(request.args.get("page", 1, int), 1)
    rows, total = queries.listed(db.session, current_user, filters, page)
    ids = [exam.id for exam in rows]
    due = results.due_days(db.session, rows)
    standings = results.standings(db.session, ids)
    late = {e.id for e in rows if results.overdue(e, due[e.id], standings[e.id], clock.today())}
    return render_template(
        "exams/manage.html", rows=rows, counts=exams.figures(db.session, ids), due=due, standings=standings,
        filters=filters, page_number=page, size=queries.SIZE, total=total, late_ids=late,
        kinds=list(ExamKind), states=list(ExamState),
    )  # fmt: skip


def _known(name: str, codes: list[Any]) -> str:
    asked = request.args.get(name, "")
    return asked if asked in [str(code) for code in codes] else ""


def _month() -> date | None:
    try:
        return date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return None


@exams_bp.get("/manage/<int:exam_id>")
@needs(Permission.MANAGE_EXAMS)
def manage_one(exam_id: int) -> Any:
    """One exam at a glance: what it is, how far it is, what comes next."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    making = queries.making_of(db.session, exam.id)
    draft = exam.state in (ExamState.DRAFT, ExamState.PROPOSED)
    names = account_names(db.session, {making.proposed_by_id, making.asked_by_id, exam.made_by_id} if making else set())
    return render_template(
        "exams/manage_one.html", exam=exam, making=making, names=names, body=db.session.get_one(Body, exam.body_id),
        ready=queries.readiness(db.session, exam, clock.now()) if draft else None,
        counts=exams.counts(db.session, exam), due=results.due_day(db.session, exam),
        standing=results.standings(db.session, [exam.id])[exam.id], others=queries.made_from(db.session, exam),
        origin=db.session.get(Exam, exam.resit_of_id) if exam.resit_of_id else None,
        desk=operations.desk_for_approval(db.session, exam) if exam.state == ExamState.PROPOSED else None,
        may_approve=exam.state == ExamState.PROPOSED and operations.may_approve(db.session, exam, current_user),
        two=needs_two(exam.kind), rules=rules_said(exam), entered=queries.candidates(db.session, exam.id),
        share=_share(exam, making), due_again=_due_again(exam),
    )  # fmt: skip


def _due_again(exam: Exam) -> int:
    """How many of the first exam could still be entered for this resit."""
    if exam.state != ExamState.PUBLISHED or not exam.resit_of_id or clock.now() >= exam.closes_at:
        return 0
    return len(resits.due_again(db.session, exam))


def _share(exam: Exam, making: Any) -> int:
    """How far publishing is, of a thousand."""
    if making is None or exam.state != ExamState.PUBLISHING:
        return 0
    whole = publishing.forms_of(exam)
    return 50 + 950 * making.forms_done // whole if making.plan else 20


@bp.get("/new")
@needs(Permission.MANAGE_EXAMS)
def new() -> Any:
    form, own = NewExamForm(formdata=None), queries.own_bodies(db.session, current_user)
    form.kind.data = _known("kind", list(MADE_HERE)) or str(ExamKind.MONTHLY)
    form.body.data = own[0].name if own else ""
    fields = queries.fields_of(current_user)
    form.field.data = "" if None in fields else str(min(f for f in fields if f))
    form.day.data = next_month(clock.today())
    return _new_page(form)


@bp.post("/new")
@needs(Permission.MANAGE_EXAMS)
def create() -> Any:
    """A draft with the settings its kind usually has."""
    form = NewExamForm()
    if not form.validate_on_submit():
        return _new_page(form, 422)
    field = form.field.data or None
    try:
        body = queries.body_for_exam(db.session, current_user, form.body.data, field)
    except NoResultFound:
        form.body.errors = [NOT_YOURS]
        return _new_page(form, 422)
    exam = operations.make_draft(
        db.session, form.kind.data, body, field=field, title=form.title.data.strip(), theme=form.theme.data.strip(),
        day=form.day.data, account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The draft is begun; it is kept each time you save it.")))
    return redirect(url_for("exams_making.draft", exam_id=exam.id), 303)


def _new_page(form: NewExamForm, status: int = 200) -> Any:
    own = queries.own_bodies(db.session, current_user)
    return render_template("exams/making/new.html", form=form, bodies=own), status


@bp.get("/<int:exam_id>/draft")
@needs(Permission.MANAGE_EXAMS)
def draft(exam_id: int) -> Any:
    """The form of a draft."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    making = queries.making_of(db.session, exam.id)
    if exam.state != ExamState.DRAFT or making is None:
        return redirect(url_for("exams.manage_one", exam_id=exam_id))
    form = _form(exam, formdata=None)
    form.show(exam, making.version)
    now = pool.present_words(db.session, {exam.field or ""})
    rows = rows_of([{**row, "topic": now.get(row["topic"], row["topic"])} for row in exam.blueprint])
    return _draft_page(exam, form, rows)


@bp.post("/<int:exam_id>/draft")
@needs(Permission.MANAGE_EXAMS)
def save(exam_id: int) -> Any:
    """Keep the draft as typed; what is not sound is said beside its field and nothing is changed."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    form = _form(exam)
    rows, blueprint = read_rows(request.form)
    sound = form.validate_on_submit()
    if not sound or any(row.error for row in rows):
        return _draft_page(exam, form, rows, status=422)
    try:
        operations.change_draft(
            db.session, exam, form.values() | {"blueprint": blueprint}, seen=form.seen.data or 0, account=current_user,
            now=clock.now(),
        )  # fmt: skip
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        exam = exams.exam_in_scope(db.session, current_user, exam_id)
        return _draft_page(exam, form, rows, refusal=refusal, status=refusal.status)
    flash(i18n.gettext(N_("The draft is saved.")))
    if request.form.get("then") == "look":
        return redirect(url_for("exams.manage_one", exam_id=exam_id), 303)
    return redirect(url_for("exams_making.draft", exam_id=exam_id), 303)


def _form(exam: Exam, **given: Any) -> ExamForm:
    """The form with the banks this exam may draw from."""
    form = ExamForm(**given)
    found = queries.banks_for(db.session, db.session.get_one(Body, exam.body_id), exam.field)
    form.banks.choices = [(bank.code, bank.title) for bank, _ in found]
    form.banks.counts = {bank.code: count for bank, count in found}  # type: ignore[attr-defined]
    return form


def _draft_page(exam: Exam, form: ExamForm, rows: list[Row], *, refusal: Refused | None = None, status: int = 200):  # type: ignore[no-untyped-def]
    page = render_template(
        "exams/making/draft.html", exam=exam, form=form, rows=[*rows, *(Row() for _ in range(EMPTY_ROWS))],
        kinds=KINDS, topics=queries.topics_for(db.session, exam.field), refusal=refusal,
        drawn_may_be=exam.kind in ("monthly", "mock"), faults=[(n, r) for n, r in enumerate(rows) if r.error],
    )  # fmt: skip
    return page, status


@bp.get("/<int:exam_id>/fits")
@needs(Permission.MANAGE_EXAMS)
def fits(exam_id: int) -> Any:
    """How many approved questions fit each topic and kind, for banks and days as they stand in the form."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    form = _form(exam, formdata=MultiDict(request.args), meta={"csrf": False})
    known = [code for code in request.args.getlist("banks") if code in form.banks.counts]  # type: ignore[attr-defined]
    first, last = pool.days_of(exam.opens_at, exam.closes_at)
    if form.opens_at.data and form.closes_at.data and form.opens_at.data <= form.closes_at.data:
        first, last = form.opens_at.data.date(), form.closes_at.data.date()
    found = pool.stock_for(db.session, known, {exam.field or ""}, first, last)
    cells: dict[str, dict[str, list[int]]] = {}
    for (topic, kind), (count, leaves) in found.items():
        cells.setdefault(topic, {})[str(kind)] = [count, leaves]
    return {"cells": cells}


@bp.get("/<int:exam_id>/progress")
@needs(Permission.MANAGE_EXAMS)
def progress(exam_id: int) -> Any:
    """How far publishing is; the page asks once a second and may be closed."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    making = queries.making_of(db.session, exam.id)
    done = making.forms_done if making else 0
    text = i18n.gettext(N_("%(n)s of %(all)s forms ready"), n=done, all=publishing.forms_of(exam))
    return {"state": exam.state, "share": _share(exam, making), "text": text}


@bp.post("/<int:exam_id>/copy")
@needs(Permission.MANAGE_EXAMS)
def copy(exam_id: int) -> Any:
    """A draft like this exam, of the next month or some weeks on."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    made = copying.copy_exam(db.session, exam, account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("A draft like that exam is made; look at its dates, then publish it.")))
    return redirect(url_for("exams.manage_one", exam_id=made.id), 303)


@bp.post("/<int:exam_id>/resit")
@needs(Permission.MANAGE_EXAMS)
def resit(exam_id: int) -> Any:
    """A draft for those who failed or were absent."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    made = copying.make_resit(db.session, exam, account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The draft of the resit is made; look at its dates, then publish it.")))
    return redirect(url_for("exams.manage_one", exam_id=made.id), 303)


@bp.post("/<int:exam_id>/rehearse")
@needs(Permission.MANAGE_EXAMS)
def rehearse(exam_id: int) -> Any:
    """The rehearsal of a published exam, with its list and rooms."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    trial = copying.open_rehearsal(db.session, exam, account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The rehearsal is open until %(moment)s."), moment=i18n.show_moment(trial.closes_at)))
    return redirect(url_for("exams.manage_one", exam_id=trial.id), 303)
