"""The candidate's pages around the player."""

from __future__ import annotations

import json
from functools import lru_cache

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams import queries
from portal.exams.delivery import kept, starting
from portal.exams.delivery.journal import GRACE
from portal.exams.delivery.receipts import verify_receipt
from portal.exams.marking.regrading import queries as regrading
from portal.exams.models import Attempt, AttemptState, FormKey
from portal.exams.own_results import own_results, standing
from portal.exams.papers import key_of, laid_out
from portal.exams.rules import RULES
from portal.exams.running.queries import time_given
from portal.exams.running.telling import clock_time, span
from portal.exams.saying import rules_of
from portal.exams.seb import checking as seb
from portal.exams.seb.queries import demanded as seb_demanded
from portal.exams.sittings import queries as sittings
from portal.ground import clock, jobs
from portal.ground.db import db
from portal.ground.markdown import pictured_html, safe_html
from portal.ground.rules import judge
from portal.ground.web import needs
from portal.library import queries as library
from portal.people.rules import Permission

CITED = 10_000  # addresses of articles kept
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
    own = own_results(db.session, person_id)
    return render_template(
        "exams/mine.html", rows=rows, attempts=attempts, results=own.shown(), best=own.best(), states=own.states(),
        places=sittings.places(db.session, [entry for _, entry in rows]),
    )  # fmt: skip


@bp.get("/<int:exam_id>")
@needs(Permission.SIT_EXAM)
def notice(exam_id: int):
    """The notice before the start: rules, marking, what is recorded, own data."""
    exam, entry = queries.entered_exam(db.session, current_user.person_id, exam_id)
    attempts = queries.attempts_of(db.session, current_user.person_id, [exam.id])
    case = queries.sit_case(db.session, exam, entry, len(attempts), now=clock.now())
    running = next((a for a in attempts if a.state == AttemptState.IN_PROGRESS), None)
    demanded, paper = seb_demanded(db.session, exam.id), kept.typical_paper(exam.id)
    return render_template(
        "exams/notice.html",
        seb=demanded,
        seb_shown=demanded is not None and seb.satisfied(demanded, request.path),
        exam=exam,
        entry=entry,
        findings=judge(case, RULES),
        hours=case.hours,
        place=sittings.places(db.session, [entry]).get(entry.id),
        running=running,
        attempts=attempts,
        text=safe_html(exam.notice),
        grace=int(GRACE.total_seconds()),
        paper=paper["items"],
        rules=rules_of(paper, exam.marking_rules, in_full=True),
    )


@bp.post("/<int:exam_id>/start")
@needs(Permission.SIT_EXAM)
def start(exam_id: int):
    """Check in: form and order are settled, and the page waits for the hour or begins at once."""
    exam, entry = queries.entered_exam(db.session, current_user.person_id, exam_id)
    seb.require(db.session, exam.id, request.path.removesuffix("/start"))
    declared = request.form.get("identity") == "1"
    found = starting.check_in(db.session, exam, entry, declared=declared, now=clock.now())
    db.session.commit()
    return redirect(url_for("delivery.player", public_id=found.public_id), 303)


@bp.get("/attempts/<public_id>/outcome")
@needs(Permission.SIT_EXAM)
def outcome(public_id: str):
    """Receipt, and, once released, the result with every rationale."""
    attempt = queries.own_attempt(db.session, current_user.person_id, public_id)
    if attempt.state == AttemptState.IN_PROGRESS:
        return redirect(url_for("delivery.player", public_id=public_id))
    result = queries.newest_result(db.session, attempt.id)
    kinds = queries.events_of(db.session, [result.id]).get(result.id, {}) if result else {}
    shown = queries.is_out(kinds)
    key = key_of(attempt, db.session.get_one(FormKey, result.key_id)) if shown else {}
    cited = [c for entry in key.values() for c in entry["citations"]]
    return render_template(
        "exams/outcome.html",
        attempt=attempt,
        exam=attempt.exam,
        seb=seb_demanded(db.session, attempt.exam_id),
        result=result,
        shown=shown,
        standing=standing(kinds) if result else None,
        receipt_holds=verify_receipt(db.session, attempt),
        key=key,
        paper=laid_out(attempt),
        laws=library.versions_for(db.session, cited, clock.today()),
        told=regrading.told(db.session, attempt) if result and result.number > 1 else [],
        waiting=jobs.waiting(db.session, "mark_attempt") if result is None else 0,
        listed=json.loads,
        html=lambda text, line=False: pictured_html(
            text, lambda sha256: url_for("delivery.picture", public_id=public_id, sha256=sha256), line=line
        ),
        cited_at=lambda c: _cited_at(request.script_root, c["law"], c["label"], c["article"]),
        away=queries.times_left(db.session, [attempt.id]).get(attempt.id),
        given=time_given(db.session, attempt.id), clock_time=clock_time, span=span,
    )


@lru_cache(CITED)
def _cited_at(_root: str, law: str, label: str, article: str) -> str:
    """A whole hall reviews the same questions; making an address of Chinese words takes a while."""
    return url_for("library.cited", law=law, label=label, article=article)
