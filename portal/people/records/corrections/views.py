"""Corrections by two people, and what persons ask to have put right."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, needs
from portal.people.models import Person
from portal.people.queries import person_in_scope
from portal.people.records.corrections import operations, queries
from portal.people.records.corrections.forms import AnswerForm, ConfirmForm, CorrectionForm, ReasonForm, RequestForm
from portal.people.records.models import AnswerOutcome, CorrectedFact, RequestedFact
from portal.people.records.operations import AreaUnknown, BelongsToAnother, WrongFact
from portal.people.records.views import refused
from portal.people.rules import Permission

bp = Blueprint("people_corrections", __name__, template_folder="templates")
PAGE = 50


@bp.get("/people/<int:person_id>/corrections/new")
@needs(Permission.EDIT_PERSON)
def wrong(person_id: int):
    person = person_in_scope(db.session, current_user, Permission.EDIT_PERSON, person_id)
    form = CorrectionForm(formdata=None, fact=request.args.get("fact", CorrectedFact.NAME))
    return _wrong(person, form)


@bp.post("/people/<int:person_id>/corrections/new")
@needs(Permission.EDIT_PERSON, fresh=True)
def propose(person_id: int):
    session, form = db.session, CorrectionForm()
    person = person_in_scope(session, current_user, Permission.EDIT_PERSON, person_id)
    if not form.validate_on_submit():
        return _wrong(person, form), 422
    try:
        operations.propose_correction(
            session, person, CorrectedFact(form.fact.data), form.value.data, document=form.document.data,
            area_compared=form.area_compared.data, account=current_user, now=clock.now(),
        )  # fmt: skip
    except WrongFact as refusal:
        refused(form, refusal)
        return _wrong(person, form, area=isinstance(refusal, AreaUnknown)), refusal.status
    except BelongsToAnother as refusal:
        form.value.errors = [i18n.gettext(refusal.message)]
        return _wrong(person, form, another=True), refusal.status
    session.commit()
    flash(i18n.gettext(N_("The correction is proposed; somebody else has to confirm it.")))
    return redirect(url_for("people_records.file", person_id=person_id), 303)


def _wrong(person: Person, form: CorrectionForm, **more: bool) -> str:
    return render_template("people/records/wrong.html", person=person, form=form, **more)


@bp.get("/people/corrections")
@needs(Permission.EDIT_PERSON)
def waiting():
    """Corrections that wait for a second person, and requests that wait for an answer."""
    session, show = db.session, "corrections" if request.args.get("show") == "corrections" else "requests"
    page = max(1, request.args.get("page", 1, int))
    asked, asked_total = queries.requests_waiting(session, current_user, page=page, size=PAGE)
    proposed, proposed_total = queries.corrections_waiting(session, current_user, page=page, size=PAGE)
    return render_template(
        "people/records/waiting.html", show=show, page_number=page, size=PAGE,
        asked=asked, asked_total=asked_total, proposed=proposed, proposed_total=proposed_total,
    )  # fmt: skip


@bp.get("/people/corrections/<int:correction_id>")
@needs(Permission.EDIT_PERSON)
def correction(correction_id: int):
    return _correction(correction_id)


def _correction(correction_id: int, *, confirm: ConfirmForm | None = None, refuse: ReasonForm | None = None) -> str:
    session = db.session
    row = queries.correction_in_scope(session, current_user, correction_id)
    return render_template(
        "people/records/correction.html", row=row, person=session.get_one(Person, row.person_id),
        confirm=confirm or ConfirmForm(formdata=None), refuse=refuse or ReasonForm(formdata=None),
        said=queries.said(session, row), own=row.proposed_by_id == current_user.id,
    )  # fmt: skip


@bp.post("/people/corrections/<int:correction_id>/confirm")
@needs(Permission.EDIT_PERSON, fresh=True)
def confirm(correction_id: int):
    form, row = ConfirmForm(), queries.correction_in_scope(db.session, current_user, correction_id)
    if not form.validate_on_submit():
        return _correction(correction_id, confirm=form), 422
    try:
        operations.confirm_correction(
            db.session, row, value=form.value.data or "", account=current_user, now=clock.now()
        )  # fmt: skip
    except WrongFact as refusal:
        refused(form, refusal)
        return _correction(correction_id, confirm=form), refusal.status
    db.session.commit()
    flash(i18n.gettext(N_("The correction is on record; the former value is kept, sealed.")))
    return redirect(url_for("people_records.file", person_id=row.person_id), 303)


@bp.post("/people/corrections/<int:correction_id>/refuse")
@needs(Permission.EDIT_PERSON)
def refuse(correction_id: int):
    session, form = db.session, ReasonForm()
    if not form.validate_on_submit():
        return _correction(correction_id, refuse=form), 422
    row = queries.correction_in_scope(session, current_user, correction_id)
    operations.refuse_correction(session, row, reason=form.reason.data, account=current_user, now=clock.now())
    session.commit()
    flash(i18n.gettext(N_("The proposal is refused; the record stays as it is.")))
    return redirect(url_for("people_records.file", person_id=row.person_id), 303)


@bp.get("/people/requests/<int:request_id>")
@needs(Permission.EDIT_PERSON)
def asked(request_id: int):
    return _asked(request_id, AnswerForm())


def _asked(request_id: int, form: AnswerForm) -> str:
    session = db.session
    row, person = queries.request_in_scope(session, current_user, request_id)
    return render_template(
        "people/records/asked.html", row=row, person=person, form=form, said=queries.said(session, row),
        answered=queries.answer_said(session, row),
    )  # fmt: skip


@bp.post("/people/requests/<int:request_id>")
@needs(Permission.EDIT_PERSON)
def answer(request_id: int):
    session, form = db.session, AnswerForm()
    if not form.validate_on_submit():
        return _asked(request_id, form), 422
    row, _ = queries.request_in_scope(session, current_user, request_id)
    outcome = AnswerOutcome(form.outcome.data)
    operations.answer_request(
        session, row, outcome=outcome, reason=form.reason.data, account=current_user, now=clock.now()
    )
    session.commit()
    flash(i18n.gettext(N_("The answer is given; the person sees it under “My data”.")))
    return redirect(url_for(".waiting"), 303)


@bp.get("/me/requests/new")
@needs(SIGNED_IN)
def own_wrong():
    return render_template("people/records/ask.html", form=RequestForm())


@bp.post("/me/requests/new")
@needs(SIGNED_IN)
def ask():
    session, form = db.session, RequestForm()
    if not form.validate_on_submit():
        return render_template("people/records/ask.html", form=form), 422
    try:
        operations.ask_correction(
            session, current_user, RequestedFact(form.fact.data), wrong=form.wrong.data, right=form.right.data,
            document=form.document.data, now=clock.now(),
        )  # fmt: skip
    except WrongFact as refusal:
        refused(form, refusal)
        return render_template("people/records/ask.html", form=form), refusal.status
    session.commit()
    flash(i18n.gettext(N_("Your request is with the administrator of your unit.")))
    return redirect(url_for("people_records.mine"), 303)
