"""What the desk does with a draft: publish it, propose it, approve or return it, put it away and bring it back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from portal.exams.making import operations, publishing, queries, resits
from portal.exams.making.rules import needs_two
from portal.exams.making.views import bp
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission

BEGUN = N_("Publishing has begun. You may close this page; the worker goes on.")


@bp.post("/<int:exam_id>/publish")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def publish(exam_id: int) -> Any:
    """Publish a draft; a qualification exam is proposed to a second person."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    now = clock.now()
    if needs_two(exam.kind):
        operations.propose(db.session, exam, account=current_user, now=now)
        said = N_("Proposed. Another exam administrator approves the publication.")
    else:
        operations.check_ready(db.session, exam, now)
        publishing.begin(db.session, exam, account_id=current_user.id, now=now)
        said = BEGUN
    db.session.commit()
    return _back(exam_id, said)


@bp.post("/<int:exam_id>/approve")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def approve(exam_id: int) -> Any:
    """The second person's step; publishing begins."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    operations.approve(db.session, exam, account=current_user, now=clock.now())
    publishing.begin(db.session, exam, account_id=current_user.id, now=clock.now())
    db.session.commit()
    return _back(exam_id, BEGUN)


@bp.post("/<int:exam_id>/return")
@needs(Permission.MANAGE_EXAMS)
def give_back(exam_id: int) -> Any:
    """A proposed exam becomes a draft again."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    operations.return_draft(
        db.session, exam, reason=request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    db.session.commit()
    return _back(exam_id, N_("The exam is a draft again."))


@bp.post("/<int:exam_id>/put-away")
@needs(Permission.MANAGE_EXAMS)
def put_away(exam_id: int) -> Any:
    """Take a draft off the list; its page offers to bring it back."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    operations.put_away(db.session, exam, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, N_("The draft is put away. It can be brought back here at any time."))


@bp.post("/<int:exam_id>/bring-back")
@needs(Permission.MANAGE_EXAMS)
def bring_back(exam_id: int) -> Any:
    exam = queries.exam_held(db.session, current_user, exam_id)
    operations.bring_back(db.session, exam, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, N_("The draft is on the list again."))


@bp.post("/<int:exam_id>/bring-in")
@needs(Permission.MANAGE_EXAMS)
def bring_in(exam_id: int) -> Any:
    """Enter for a resit whoever failed the first exam or was absent from it."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    reason = i18n.gettext(N_("Failed the first exam or was absent from it"))
    entered, others = resits.bring_in(db.session, exam, reason=reason, account=current_user, now=clock.now())
    db.session.commit()
    return _back(exam_id, N_("%(n)s people are entered; a rule of entry keeps %(m)s out."), n=entered, m=others)


def _back(exam_id: int, said: str, **values: int) -> Any:
    flash(i18n.gettext(said, **values))
    return redirect(url_for("exams.manage_one", exam_id=exam_id), 303)
