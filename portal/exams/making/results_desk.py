"""Pages of the paper and of the results desk: review by one person, publication by another."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams import operations
from portal.exams import queries as exams
from portal.exams.making import figures, queries, results
from portal.exams.making.rules import needs_two
from portal.exams.saying import rules_said
from portal.exams.views import bp as exams_bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.duties.rules import DutyWord
from portal.people.rules import Permission

bp = Blueprint("exams_results", __name__, url_prefix="/exams/manage")
SIZE = 50  # candidates on a page


@bp.get("/<int:exam_id>/paper")
@needs(Permission.MANAGE_EXAMS)
def paper(exam_id: int) -> Any:
    """What the paper is made of and how it is marked; never a question of it."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    ready = queries.readiness(db.session, exam, clock.now())
    return render_template(
        "exams/making/paper.html", exam=exam, ready=ready, rules=rules_said(exam),
        banks=queries.bank_titles(db.session, exam.bank_codes), forms=queries.forms_made(db.session, exam.id),
        items=figures.items(db.session, exam),
    )  # fmt: skip


@bp.get("/<int:exam_id>/results")
@needs(Permission.MANAGE_EXAMS)
def desk(exam_id: int) -> Any:
    """Figures, distribution, who was absent, facts worth a look, and the steps up to publication."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    page = max(request.args.get("page", 1, int), 1)
    rows = exams.attempt_rows(db.session, exam, first=(page - 1) * SIZE, limit=SIZE)
    counts = exams.counts(db.session, exam)
    missing, missed = figures.absent(db.session, exam)
    standing = results.standings(db.session, [exam.id])[exam.id]
    due = results.due_day(db.session, exam)
    two = needs_two(exam.kind)
    return render_template(
        "exams/making/results.html", exam=exam, counts=counts, standing=standing, due=due, page_number=page,
        size=SIZE, total=counts.running + counts.handed_in,
        late=results.overdue(exam, due, standing, clock.today()), bands=figures.bands(db.session, exam),
        absent=missing, absent_total=missed, facts=figures.facts(db.session, exam), two=two,
        incidents=figures.incidents(db.session, exam), rows=rows,
        away=exams.times_left(db.session, [attempt.id for attempt, *_ in rows]),
        may_publish=results.may_publish(db.session, exam, current_user),
        desk=results.desk(db.session, exam, DutyWord.APPROVE) if two and standing.reviewed else None,
    )  # fmt: skip


@bp.post("/<int:exam_id>/review")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def review(exam_id: int) -> Any:
    """Say that every marked result is in order."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    count = results.review(
        db.session, exam, early=request.form.get("early") == "1", note=request.form.get("reason", ""),
        account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s results are reviewed."), n=count))
    return redirect(url_for("exams_results.desk", exam_id=exam_id), 303)


@exams_bp.post("/manage/<int:exam_id>/release")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def release(exam_id: int) -> Any:
    """Publish the results that are not out yet; of a qualification exam those another person reviewed."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    count = operations.release_exam(
        db.session, exam, early=request.form.get("early") == "1", reason=request.form.get("reason", ""),
        account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s results are published."), n=count))
    return redirect(url_for("exams_results.desk", exam_id=exam_id), 303)


@exams_bp.post("/manage/<int:exam_id>/identity")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def confirm_identity(exam_id: int) -> Any:
    """Record that the candidate of one attempt was the person."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    attempt = exams.attempt_of_exam(db.session, exam, request.form.get("attempt", 0, int))
    operations.confirm_identity(
        db.session, attempt, reference=request.form.get("reference", ""), account_id=current_user.id,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The identity is confirmed and on record.")))
    return redirect(url_for("exams_results.desk", exam_id=exam_id) + "#attempts", 303)
