"""The desk's page for Safe Exam Browser, the settings file, and the address at which the browser ends."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams import queries as exams
from portal.exams.making import queries as making
from portal.exams.models import Exam, ExamState
from portal.exams.seb import config, operations, queries
from portal.exams.seb.models import ExamSeb
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.queries import account_names
from portal.people.rules import Permission

bp = Blueprint("seb", __name__, url_prefix="/exams")


@bp.get("/manage/<int:exam_id>/seb")
@needs(Permission.MANAGE_EXAMS)
def desk(exam_id: int) -> Any:
    """Whether the exam uses the browser, with which file and keys, and what that proves."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    seb = queries.seb_of(db.session, exam.id)
    return render_template(
        "exams/seb/desk.html", exam=exam, seb=seb, frozen=queries.is_frozen(db.session, exam, clock.now()),
        draft=exam.state == ExamState.DRAFT, base_url=_base_url(),
        moved=seb is not None and seb.start_address != config.start_address(_base_url(), exam.id),
        names=account_names(db.session, {seb.changed_by_id, seb.lifted_by_id} - {None} if seb else set()),
    )  # fmt: skip


def _base_url() -> str:
    return current_app.config["MINGFA"].base_url


@bp.get("/manage/<int:exam_id>/seb/file")
@needs(Permission.MANAGE_EXAMS)
def file(exam_id: int) -> Any:
    """The settings file, for the computers of the hall."""
    exam = exams.exam_in_scope(db.session, current_user, exam_id)
    seb = queries.seb_of(db.session, exam.id)
    if seb is None or not seb.switched_on:
        raise operations.NotOn(N_("This exam does not use Safe Exam Browser."))
    return _sent(exam, seb)


@bp.get("/<int:exam_id>/seb/exam.seb")
@needs(Permission.SIT_EXAM)
def own_file(exam_id: int) -> Any:
    """The same for a candidate of the exam."""
    exam, _ = exams.entered_exam(db.session, current_user.person_id, exam_id)
    return _sent(exam, queries.file_for_candidates(db.session, exam.id))


def _sent(exam: Exam, seb: ExamSeb) -> Response:
    answer = Response(config.as_file(seb.settings), mimetype=config.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{exam.code}.seb"'
    return answer


@bp.get("/<int:exam_id>/seb/quit")
@needs(Permission.SIT_EXAM)
def leave(exam_id: int) -> Any:
    """Safe Exam Browser ends when it comes here; any other browser reads that it may be closed."""
    exam, _ = exams.entered_exam(db.session, current_user.person_id, exam_id)
    return render_template("exams/seb/leave.html", exam=exam)


@bp.post("/manage/<int:exam_id>/seb/on")
@needs(Permission.MANAGE_EXAMS)
def switch_on(exam_id: int) -> Any:
    """Make the settings file of a draft."""
    exam = making.exam_held(db.session, current_user, exam_id)
    operations.switch_on(
        db.session, exam, base_url=_base_url(), quit_password=request.form.get("quit_password", ""),
        account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return _back(exam_id, N_("The settings file is made. Candidates need it from now on."))


@bp.post("/manage/<int:exam_id>/seb/off")
@needs(Permission.MANAGE_EXAMS)
def switch_off(exam_id: int) -> Any:
    """A draft opens in any browser again."""
    exam = making.exam_held(db.session, current_user, exam_id)
    operations.switch_off(db.session, exam, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, N_("The exam opens in any browser."))


@bp.post("/manage/<int:exam_id>/seb/keys")
@needs(Permission.MANAGE_EXAMS)
def browser_keys(exam_id: int) -> Any:
    """Keep the list of Browser Exam Keys."""
    exam = making.exam_held(db.session, current_user, exam_id)
    keys = request.form.get("browser_keys", "").split()
    operations.set_browser_keys(db.session, exam, keys, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, N_("The Browser Exam Keys are saved."))


@bp.post("/manage/<int:exam_id>/seb/lift")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def lift(exam_id: int) -> Any:
    """Let the exam open in any browser from now on."""
    exam = making.exam_held(db.session, current_user, exam_id)
    operations.lift(
        db.session, exam, reason=request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    db.session.commit()
    return _back(exam_id, N_("The demand is lifted. Attempts that stand still are resumed on the live board."))


def _back(exam_id: int, said: str) -> Any:
    flash(i18n.gettext(said))
    return redirect(url_for("seb.desk", exam_id=exam_id), 303)
