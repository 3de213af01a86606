"""The first screen of everybody, and the figures."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal.bank.following import hits
from portal.bank.models import QuestionStatus
from portal.bank.writing import queries as writing
from portal.credentials import queries as credentials
from portal.ground import clock
from portal.ground.db import db
from portal.ground.web import SIGNED_IN, needs
from portal.people.duplicates import queries as duplicates
from portal.people.queries import current_post
from portal.people.rules import Permission
from portal.people.transfers import queries as transfers
from portal.reports import queries

bp = Blueprint("reports", __name__, template_folder="templates")


@bp.get("/")
@needs(SIGNED_IN)
def home():
    """What I owe, by when, and where I stand; for staff, what waits for me."""
    session, now = db.session, clock.now()
    if Permission.SIT_EXAM not in current_user.permissions:
        moves, twins = _waiting_people()
        counts = credentials.waiting_counts(session, current_user)
        return render_template(
            "reports/staff_home.html", counts=counts, moves=moves, twins=twins, law_waiting=_waiting_law(),
            questions=_waiting_questions(),
        )  # fmt: skip
    person_id, today = current_user.person_id, clock.today()
    post = current_post(session, person_id)
    return render_template(
        "reports/home.html", post=post, dues=queries.dues(session, person_id, now),
        hours=queries.hours(session, person_id, today),
        standing=queries.standing(session, person_id, post.field if post else None, today),
    )  # fmt: skip


def _waiting_people() -> tuple[int, int]:
    """How many transfers and merges wait for this administrator."""
    may = current_user.permissions
    moves = transfers.waiting_counts(db.session, current_user)[0] if Permission.TRANSFER_PERSON in may else 0
    return moves, duplicates.waiting_count(db.session, current_user) if Permission.MERGE_PERSON in may else 0


def _waiting_law() -> int:
    """How many questions that a change of law put in question wait for this trainer."""
    return hits.waiting_count(db.session, current_user) if Permission.MANAGE_BANK in current_user.permissions else 0


def _waiting_questions() -> list[tuple[str, str, int]]:
    """What of questions waits for this writer or reviewer: (which, endpoint, how many)."""
    session, may, found = db.session, current_user.permissions, []
    if Permission.MANAGE_BANK in may:
        returned = writing.own_rows(session, current_user, QuestionStatus.DRAFT, returned=True)
        found += [("returned", "bank_mine.mine", len(returned))]
        found += [("drafts", "bank_mine.mine", len(writing.own_drafts(session, current_user)))]
    if Permission.REVIEW_QUESTION in may:
        found += [("review", "bank_review.queue", writing.count_under_review(session, current_user))]
    return found


@bp.get("/figures")
@needs(Permission.SEE_FIGURES)
def figures():
    """Participation, pass rate and mean of a monthly exam, one level below a unit."""
    session = db.session
    body = queries.unit_in_scope(session, current_user, request.args.get("unit", None, int))
    exams = queries.monthly_exams(session)
    exam = next((e for e in exams if e.code == request.args.get("exam")), exams[0] if exams else None)
    rows = queries.units_below(session, current_user, body, exam)
    leaf = len(rows) == 1 and rows[0].body.id == body.id
    people = queries.people_of(session, current_user, body, exam) if leaf else []
    return render_template(
        "reports/figures.html", body=body, exams=exams, exam=exam, rows=rows, people=people,
        trail=queries.trail(session, body),
    )  # fmt: skip
