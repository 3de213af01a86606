"""The candidate's pages around the player, and the exam administrator's lists."""

from __future__ import annotations

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams import operations, queries
from portal.exams.delivery.journal import GRACE
from portal.exams.models import Attempt, AttemptState
from portal.exams.rules import RULES
from portal.exams.saying import rules_of
from portal.ground import clock, i18n, jobs
from portal.ground.db import db
from portal.ground.markdown import pictured_html, safe_html
from portal.ground.rules import N_, judge
from portal.ground.web import needs
from portal.library import queries as library
from portal.people.rules import Permission

bp = Blueprint("exams", __name__, template_folder="templates", url_prefix="/exams")


@bp.get("/")
@needs(Permission.SIT_EXAM)
def mine():
    """Every exam I am entered for, and what became of it."""
    person_id = current_user.person_id
    rows = queries.entered_exams(db.session, person_id)
    attempts: dict[int, list[Attempt]] = {}
    for attempt in queries.attempts_of(db.session, person_id):
        attempts.setdefault(attempt.exam_id, []).append(attempt)
    return render_template(
        "exams/mine.html", rows=rows, attempts=attempts, results=queries.shown_results(db.session, person_id),
        best=queries.best_shown(db.session, person_id),
    )  # fmt: skip


@bp.get("/<int:exam_id>")
@needs(Permission.SIT_EXAM)
def notice(exam_id: int):
    """The notice before the start: rules, marking, what is recorded, own data."""
    exam, entry = queries.entered_exam(db.session, current_user.person_id, exam_id)
    case = queries.sit_case(db.session, exam, current_user.person_id, now=clock.now())
    attempts = queries.attempts_of(db.session, current_user.person_id, [exam.id])
    running = next((a for a in attempts if a.state == AttemptState.IN_PROGRESS), None)
    return render_template(
        "exams/notice.html",
        exam=exam,
        entry=entry,
        findings=judge(case, RULES),
        running=running,
        attempts=attempts,
        text=safe_html(exam.notice),
        grace=int(GRACE.total_seconds()),
        items=len(exam.forms[0].paper["items"]),
        rules=rules_of(exam.forms[0].paper, exam.marking_rules, in_full=True),
    )


@bp.post("/<int:exam_id>/start")
@needs(Permission.SIT_EXAM)
def start(exam_id: int):
    exam, entry = queries.entered_exam(db.session, current_user.person_id, exam_id)
    declared = request.form.get("identity") == "1"
    attempt = operations.start(db.session, exam, entry, declared=declared, now=clock.now())
    db.session.commit()
    return redirect(url_for("delivery.player", public_id=attempt.public_id), 303)


@bp.get("/attempts/<public_id>/outcome")
@needs(Permission.SIT_EXAM)
def outcome(public_id: str):
    """Receipt, and, once released, the result with every rationale."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    if attempt.state == AttemptState.IN_PROGRESS:
        return redirect(url_for("delivery.player", public_id=public_id))
    result = queries.newest_result(db.session, attempt.id)
    shown = result is not None and queries.released(db.session, result.id)
    key = queries.current_key(db.session, attempt.form_id).body if shown else {}
    cited = [c for entry in key.values() for c in entry["citations"]]
    return render_template(
        "exams/outcome.html",
        attempt=attempt,
        exam=attempt.exam,
        result=result,
        shown=shown,
        key=key,
        paper=queries.laid_out(attempt),
        laws=library.versions_for(db.session, cited, clock.today()),
        waiting=jobs.waiting(db.session, "mark_attempt") if result is None else 0,
        listed=json.loads,
        html=lambda text, line=False: pictured_html(
            text, lambda sha256: url_for("delivery.picture", public_id=public_id, sha256=sha256), line=line
        ),
        away=queries.times_left(db.session, [attempt.id]).get(attempt.id),
    )


@bp.get("/manage")
@needs(Permission.MANAGE_EXAMS)
def manage():
    """Exams in my scope with their figures."""
    return render_template("exams/manage.html", rows=queries.exam_figures(db.session, current_user))


@bp.get("/manage/<int:exam_id>")
@needs(Permission.MANAGE_EXAMS)
def manage_one(exam_id: int):
    exam = queries.exam_in_scope(db.session, current_user, exam_id)
    rows = queries.attempt_rows(db.session, exam)
    return render_template(
        "exams/manage_one.html",
        exam=exam,
        counts=queries.counts(db.session, exam),
        items=queries.item_statistics(db.session, exam),
        pending=queries.unreleased(db.session, exam),
        rows=rows,
        away=queries.times_left(db.session, [attempt.id for attempt, *_ in rows]),
    )


@bp.post("/manage/<int:exam_id>/release")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def release(exam_id: int):
    """Publish every marked result of this exam that is not out yet."""
    exam = queries.exam_in_scope(db.session, current_user, exam_id)
    count = operations.release_exam(
        db.session, exam, early=request.form.get("early") == "1", reason=request.form.get("reason", ""),
        account_id=current_user.id, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s results are released."), n=count))
    return redirect(url_for("exams.manage_one", exam_id=exam_id), 303)


@bp.post("/manage/<int:exam_id>/identity")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def confirm_identity(exam_id: int):
    """Record that the candidate of one attempt was the person."""
    exam = queries.exam_in_scope(db.session, current_user, exam_id)
    attempt = queries.attempt_of_exam(db.session, exam, request.form.get("attempt", 0, int))
    operations.confirm_identity(
        db.session, attempt, reference=request.form.get("reference", ""), account_id=current_user.id,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The identity is confirmed and on record.")))
    return redirect(url_for("exams.manage_one", exam_id=exam_id), 303)
