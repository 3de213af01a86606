"""Pages of the keys: the questions with their figures, one question with its key, and a change of it drawn up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.bank.following.models import ViewedBy
from portal.bank.following.showing import before_showing
from portal.exams import queries as exams
from portal.exams.delivery.queries import picture_of_form
from portal.exams.making.queries import exam_held
from portal.exams.marking import counting, figures
from portal.exams.marking.regrading import operations, queries
from portal.exams.marking.regrading.forms import RegradeForm, given_answer
from portal.exams.marking.regrading.models import ChangeOfKey, Flips
from portal.exams.models import Exam, ExamForm
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.markdown import pictured_html
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("marking", __name__, url_prefix="/exams/manage")


@bp.get("/<int:exam_id>/keys")
@needs(Permission.MANAGE_EXAMS)
def keys(exam_id: int) -> Any:
    """Every question by its figures, suspicious keys first; never its words. What was changed, and by whom."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    past = queries.regrades(db.session, exam.id)
    return render_template(
        "exams/marking/keys.html", exam=exam, rows=figures.key_rows(db.session, exam), past=past,
        counted_at=figures.counted_at(db.session, exam), waits=figures.count_waits(db.session, exam, clock.now()),
        names=queries.names_of_accounts(db.session, {r.made_by_id for r in past} | {r.decided_by_id for r in past}),
        open_one=next((r for r in past if r.state in ("draft", "proposed", "approved")), None),
    )  # fmt: skip


@bp.post("/<int:exam_id>/keys/count")
@needs(Permission.MANAGE_EXAMS)
def count(exam_id: int) -> Any:
    """Count the answers that are marked so far."""
    exam = exam_held(db.session, current_user, exam_id)
    counting.hurry(db.session, exam, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The answers are being counted; load this page again in a moment.")))
    return redirect(url_for("marking.keys", exam_id=exam_id), 303)


@bp.get("/<int:exam_id>/keys/<question>")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def question(exam_id: int, question: str) -> Any:
    """One question with its key; that it was seen is written down."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    form = RegradeForm(formdata=None)
    form.flips.data, form.change.data = str(Flips.RELEASE), str(ChangeOfKey.KEY)
    return _page(exam, question, form)


@bp.post("/<int:exam_id>/keys/<question>")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def draft(exam_id: int, question: str) -> Any:
    """Draw up a change of the key; its effect is counted next."""
    exam = exam_held(db.session, current_user, exam_id)
    form = RegradeForm()
    if not form.validate_on_submit():
        return _page(exam, question, form, status=422)
    found = figures.shown(db.session, exam, question) or abort(404)
    try:
        made = operations.draft(
            db.session, exam, question=question, change=ChangeOfKey(form.change.data),
            given=given_answer(found.item["kind"], request.form), reason=form.reason.data, source=form.source.data,
            flips=Flips(form.flips.data), account=current_user, now=clock.now(),
        )  # fmt: skip
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        exam = exams.exam_in_scope(db.session, current_user, exam_id)
        return _page(exam, question, form, refusal=refusal, status=refusal.status)
    return redirect(url_for("regrading.one", exam_id=exam_id, regrade_id=made.id), 303)


def _page(
    exam: Exam, question: str, form: RegradeForm, *, refusal: Refused | None = None, status: int = 200
) -> Any:
    found = figures.shown(db.session, exam, question) or abort(404)
    counted = figures.tallied(db.session, exam).get(found.version_id or 0)
    page = render_template(
        "exams/marking/question.html", exam=exam, question=question, form=form, found=found, refusal=refusal,
        figures=counted, said=figures.said_of(found.entry, counted, len(found.item["options"])) if counted else [],
        open_one=queries.open_regrade(db.session, exam.id), picks=figures.picks(found, counted),
        html=lambda text, line=False: pictured_html(
            text, lambda sha256: url_for("marking.picture", exam_id=exam.id, question=question, sha256=sha256),
            line=line,
        ),
    )  # fmt: skip
    if found.version_id:
        before_showing(current_user, [found.version_id], ViewedBy.PAGE, clock.now())
    return page, status


@bp.get("/<int:exam_id>/keys/<question>/pictures/<sha256>")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def picture(exam_id: int, question: str, sha256: str) -> Any:
    """A picture of the question."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    found = queries.keys_with(db.session, exam.id, question) or abort(404)
    form = db.session.get_one(ExamForm, found[0].form_id)
    picture_row = picture_of_form(db.session, form, sha256)
    return Response(picture_row.content, mimetype=picture_row.media_type)
