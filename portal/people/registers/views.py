"""The register of reviewers and the list of legal advisers."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.registers import operations, queries
from portal.people.registers.forms import AdviserForm, QualificationForm, ReviewerForm
from portal.people.registers.models import LegalReviewer
from portal.people.registers.rules import legal_qualification
from portal.people.registers.sheet import XLSX, register_sheet
from portal.people.rules import Permission

bp = Blueprint("people_registers", __name__, url_prefix="/registers", template_folder="templates")
PAGE = 50
LISTS = ("running", "lacking", "ended")
NOT_IN_SCOPE = N_("Nobody in what you answer for has this number.")
NO_SUCH_UNIT = N_("No unit in what you answer for has this full name.")


def _which() -> str:
    asked = request.args.get("list", "running")
    return asked if asked in LISTS else "running"


@bp.get("/reviewers")
@needs(Permission.SEE_ROSTER)
def reviewers() -> Any:
    """Who reviews decisions where, and who lacks the qualification the law asks for."""
    page = max(1, request.args.get("page", 1, int))
    rows, total = queries.reviewers(db.session, current_user, _which(), page=page, size=PAGE)
    return render_template(
        "people/registers/reviewers.html", rows=[(r, legal_qualification(queries.case_of(r))) for r in rows],
        total=total, page_number=page, size=PAGE, which=_which(), lists=LISTS,
        counts=queries.reviewer_counts(db.session, current_user),
    )  # fmt: skip


@bp.post("/reviewers/export")
@needs(Permission.SEE_ROSTER)
def export_reviewers() -> Any:
    """The same list as a sheet; the export leaves its line."""
    rows, _ = queries.reviewers(db.session, current_user, _which(), page=1, size=queries.EXPORTED)
    sheet = register_sheet([(r, legal_qualification(queries.case_of(r))) for r in rows])
    operations.note_export(db.session, len(rows), account=current_user, now=clock.now())
    db.session.commit()
    return send_file(BytesIO(sheet), mimetype=XLSX, as_attachment=True, download_name="reviewers.xlsx")


@bp.get("/reviewers/new")
@needs(Permission.EDIT_PERSON)
def new_reviewer() -> Any:
    return _reviewer_form(ReviewerForm(formdata=None))


def _reviewer_form(form: ReviewerForm, status: int = 200) -> Any:
    return render_template("people/registers/reviewer_new.html", form=form), status


@bp.post("/reviewers/new")
@needs(Permission.EDIT_PERSON)
def enter_reviewer() -> Any:
    """A person in scope goes on the register of the unit he has his post in."""
    form = ReviewerForm()
    if not form.validate_on_submit():
        return _reviewer_form(form, 422)
    try:
        person = queries.officer_by_number(db.session, current_user, form.number.data.strip())
        body = queries.post_body(db.session, current_user, person.id)
        row = operations.enter_reviewer(
            db.session, person, body, form.facts(), account=current_user, now=clock.now()
        )
    except NoResultFound:
        form.number.errors = [NOT_IN_SCOPE]
        return _reviewer_form(form, 422)
    except operations.NotEntered as refusal:
        form.number.errors = [refusal.message]
        return _reviewer_form(form, refusal.status)
    db.session.commit()
    flash(i18n.gettext(N_("Entered in the register.")))
    return redirect(url_for("people_registers.reviewer", reviewer_id=row.id), 303)


@bp.get("/reviewers/<int:reviewer_id>")
@needs(Permission.SEE_ROSTER)
def reviewer(reviewer_id: int) -> Any:
    """One entry: whether the law's qualification is met, and what proves it."""
    row = queries.reviewer_in_scope(db.session, current_user, reviewer_id)
    return _reviewer_page(row)


def _reviewer_page(row: LegalReviewer, form: QualificationForm | None = None, refusal: Refused | None = None) -> Any:
    if form is None:
        form = QualificationForm(formdata=None, obj=row)
        form.penalties.data = "yes" if row.penalties else "no"
    return render_template(
        "people/registers/reviewer.html", row=row, finding=legal_qualification(queries.case_of(row)), form=form,
        refusal=refusal, today=clock.today(),
    ), refusal.status if refusal else 422 if form.errors else 200  # fmt: skip


@bp.post("/reviewers/<int:reviewer_id>")
@needs(Permission.EDIT_PERSON)
def change_reviewer(reviewer_id: int) -> Any:
    row = queries.reviewer_in_scope(db.session, current_user, reviewer_id, Permission.EDIT_PERSON, hold=True)
    form = QualificationForm()
    if not form.validate_on_submit():
        return _reviewer_page(row, form)
    try:
        operations.change_reviewer(
            db.session, row, form.facts(), version=form.version.data or 0, account=current_user, now=clock.now()
        )
    except operations.ChangedMeanwhile as refusal:
        db.session.rollback()
        return _reviewer_page(queries.reviewer_in_scope(db.session, current_user, reviewer_id), refusal=refusal)
    except operations.NotEntered as refusal:
        return _reviewer_page(row, form, refusal)
    db.session.commit()
    flash(i18n.gettext(N_("Changed; the old values stay in the trail.")))
    return redirect(url_for("people_registers.reviewer", reviewer_id=reviewer_id), 303)


@bp.post("/reviewers/<int:reviewer_id>/end")
@needs(Permission.EDIT_PERSON)
def end_reviewer(reviewer_id: int) -> Any:
    row = queries.reviewer_in_scope(db.session, current_user, reviewer_id, Permission.EDIT_PERSON, hold=True)
    operations.end_reviewer(db.session, row, ended_on=_last_day(), account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Ended; the entry stays as history.")))
    return redirect(url_for("people_registers.reviewers"), 303)


def _last_day() -> date:
    day = request.form.get("ended_on", type=date.fromisoformat)
    if day is None:
        raise Malformed(N_("Enter the last day as a date."))
    return day


@bp.get("/advisers")
@needs(Permission.SEE_ROSTER)
def advisers() -> Any:
    """Legal advisers from outside, by the units they serve; only those of units in scope."""
    ended, page = request.args.get("ended") == "1", max(1, request.args.get("page", 1, int))
    rows, total = queries.assignments(db.session, current_user, ended, page=page, size=PAGE)
    return render_template(
        "people/registers/advisers.html", rows=rows, total=total, page_number=page, size=PAGE, ended=ended,
        today=clock.today(),
    )  # fmt: skip


@bp.get("/advisers/new")
@needs(Permission.EDIT_PERSON)
def new_adviser() -> Any:
    return _adviser_form(AdviserForm(formdata=None))


def _adviser_form(form: AdviserForm, refusal: Refused | None = None, status: int = 200) -> Any:
    return render_template("people/registers/adviser_new.html", form=form, refusal=refusal), status


@bp.post("/advisers/new")
@needs(Permission.EDIT_PERSON)
def enter_adviser() -> Any:
    form = AdviserForm()
    if not form.validate_on_submit():
        return _adviser_form(form, status=422)
    try:
        body = queries.body_by_name(db.session, current_user, form.body.data.strip(), clock.today())
        operations.assign_adviser(
            db.session, form.outsider(), body, document=form.document.data.strip(),
            started_on=form.started_on.data, account=current_user, now=clock.now(),
        )  # fmt: skip
    except NoResultFound:
        form.body.errors = [NO_SUCH_UNIT]
        return _adviser_form(form, status=422)
    except operations.NotEntered as refusal:
        db.session.rollback()
        return _adviser_form(form, refusal, refusal.status)
    db.session.commit()
    flash(i18n.gettext(N_("Entered as legal adviser.")))
    return redirect(url_for("people_registers.advisers"), 303)


@bp.post("/advisers/<int:assignment_id>/end")
@needs(Permission.EDIT_PERSON)
def end_assignment(assignment_id: int) -> Any:
    row = queries.assignment_to_end(db.session, current_user, assignment_id)
    operations.end_assignment(db.session, row, ended_on=_last_day(), account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Ended; the assignment stays as history.")))
    return redirect(url_for("people_registers.advisers"), 303)
