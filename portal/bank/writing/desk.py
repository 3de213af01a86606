"""The reviewer's desk: the queue, one question with its articles, remarks, approve or return."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.bank import operations as bank_operations
from portal.bank.following.models import ViewedBy
from portal.bank.following.showing import before_showing
from portal.bank.models import Question as Row
from portal.bank.models import QuestionStatus
from portal.bank.reading import articles_cited
from portal.bank.writing import operations, pages, queries
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission
from question_bank.questions import Question
from question_bank.wording import differences, fields

bp = Blueprint("bank_review", __name__, url_prefix="/banks")
FIELDS = ("stem", "options", "key", "rationale", "citations", "topic", "general")
LEAF_FIELDS = ("stem", "options", "key", "rationale", "citations")


@bp.get("/review")
@needs(Permission.REVIEW_QUESTION)
def queue():
    rows = queries.under_review(db.session, current_user)
    notes = queries.open_remarks(db.session, [row.id for row, _sent in rows])
    return render_template("bank/writing/queue.html", rows=rows, remarks=notes, me=current_user.id)


@bp.get("/<code>/questions/<question_code>/review")
@needs(Permission.REVIEW_QUESTION)
def one(code: str, question_code: str):
    session = db.session
    row = queries.to_review(session, current_user, code, question_code)
    approved = queries.approved_version(session, row)
    shown = {row.current_version_id, approved.id} if approved else {row.current_version_id}
    before_showing(current_user, shown, ViewedBy.REVIEW, clock.now())
    question = Question.from_plain(row.current.body)
    old = Question.from_plain(approved.body) if approved and approved.id != row.current_version_id else None
    return render_template(
        "bank/writing/review.html", bank=row.bank, row=row, question=question, approved=approved,
        differences=differences(old, question) if old else [], remarks=queries.remarks(session, row),
        check=pages.checked(
            question, pages.laws_of(session, question), pages.near_topics(session, question, row.bank)
        ),
        places=_places(question), articles=articles_cited(session, question),
        under_review=row.status == QuestionStatus.REVIEW,
        own=queries.had_a_hand(session, row, current_user), next_code=_next_in_queue(row),
    )  # fmt: skip


def _places(question: Question) -> list[str]:
    """The fields a remark can be pinned to."""
    inside = [f"items/{at}/{name}" for at in range(len(question.items)) for name in LEAF_FIELDS]
    outside = [name for name in FIELDS if not question.items or name not in ("options", "key", "rationale")]
    written = fields(question)
    return [place for place in (*outside, *inside) if not place.endswith("options") or f"{place}/0" in written]


def _next_in_queue(row: Row) -> Row | None:
    others = [other for other, _sent in queries.under_review(db.session, current_user, limit=20) if other.id != row.id]
    return next((other for other in others if other.current.author_id != current_user.id), None)


def _answer(row: Row):  # type: ignore[no-untyped-def]
    return redirect(url_for(".one", code=row.bank.code, question_code=row.code), 303)


@bp.post("/<code>/questions/<question_code>/comments")
@needs(Permission.REVIEW_QUESTION)
def comment(code: str, question_code: str):
    row = queries.to_review(db.session, current_user, code, question_code)
    place, text = request.form.get("place", ""), request.form.get("text", "")
    operations.comment(db.session, row, place, text, account=current_user, now=clock.now())
    db.session.commit()
    return _answer(row)


@bp.post("/<code>/questions/<question_code>/comments/<int:comment_id>/close")
@needs(Permission.REVIEW_QUESTION)
def close(code: str, question_code: str, comment_id: int):
    row = queries.to_review(db.session, current_user, code, question_code)
    operations.settle(db.session, queries.remark(db.session, row, comment_id), account=current_user, now=clock.now())
    db.session.commit()
    return _answer(row)


@bp.post("/<code>/questions/<question_code>/approve")
@needs(Permission.REVIEW_QUESTION)
def approve(code: str, question_code: str):
    row = queries.to_review(db.session, current_user, code, question_code)
    bank_operations.lock(db.session, row)  # nobody writes on between the look at its number and the approval
    operations.still_the_version(row, request.form.get("version", 0, int))
    bank_operations.approve(db.session, row, account_id=current_user.id, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("%(code)s is approved; papers may draw it."), code=row.code))
    return redirect(url_for(".queue"), 303)


@bp.post("/<code>/questions/<question_code>/return")
@needs(Permission.REVIEW_QUESTION)
def send_back(code: str, question_code: str):
    row = queries.to_review(db.session, current_user, code, question_code)
    operations.return_to_writer(
        db.session, row, request.form.get("reason", ""), account=current_user, now=clock.now()
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(code)s is returned to its writer."), code=row.code))
    return redirect(url_for(".queue"), 303)
