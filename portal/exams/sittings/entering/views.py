"""Entering people by unit, the list of an exam, and one entry."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.exams.models import Exam
from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering import operations, queries, sheet
from portal.exams.sittings.entering.operations import GROUNDS, Desk
from portal.exams.sittings.entering.queries import Sift, Wanted
from portal.exams.sittings.models import Sitting
from portal.exams.sittings.rules import SET_ASIDE
from portal.exams.sittings.seating import operations as seating
from portal.ground import audit, clock, i18n, search_words
from portal.ground.db import db
from portal.ground.errors import TooLarge
from portal.ground.rules import N_
from portal.ground.sheet_stream import write_long
from portal.ground.sheets import XLSX
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("exam_entries", __name__, template_folder="../templates", url_prefix="/exams")
PAGE = 50
AT_ONCE = 500  # people judged or entered by one form
NUMBER = re.compile(r"[0-9A-Za-z-]{2,20}", re.ASCII)


@bp.get("/entries")
@needs(Permission.ENTER_EXAM)
def exams():
    """The exams for which I may enter people."""
    rows = queries.exams_for_entry(db.session, current_user, clock.now())
    return render_template("exams/sittings/exams.html", rows=rows)


def _exam(exam_id: int) -> tuple[Exam, bool]:
    """The exam within reach, and whether the one who asks holds it."""
    exam = queries.exam_for_entry(db.session, current_user, exam_id)
    return exam, queries.manages(db.session, current_user, exam)


def _sitting(session: Session, exam: Exam, asked: str | None) -> Sitting | None:
    return planned.sitting_of(session, exam, int(asked)) if asked and asked.isdigit() else None


def _facts(session: Session, exam: Exam, sitting: Sitting | None = None) -> dict[str, object]:
    """What every page about entry says: sittings with their load, the rules, the last day."""
    sittings = planned.sittings_of(session, exam.id)
    policy, terms = operations.terms_for(session, exam, sitting)
    return {
        "exam": exam, "sittings": sittings, "loads": planned.loads(session, sittings), "policy": policy,
        "hall": terms.hall,
        "closes_on": queries.entry_closes_on(session, exam, terms, sitting), "sitting": sitting,
        "today": clock.today(),
    }  # fmt: skip


# ---------- entering ----------
@bp.get("/manage/<int:exam_id>/enter")
@needs(Permission.ENTER_EXAM)
def choose(exam_id: int):
    """People of mine to choose from, with filters; or a field for personnel numbers."""
    exam, manages = _exam(exam_id)
    state = request.args.get("state", "open")
    wanted = Wanted(
        words=search_words.asked(request.args), state=state if state in ("open", "listed", "all") else "open",
        of_field=request.args.get("every_field") != "1",
    )  # fmt: skip
    page = max(1, request.args.get("page", 1, int))
    rows, total = queries.candidates(db.session, current_user, exam, wanted, page=page, size=PAGE)
    return render_template(
        "exams/sittings/choose.html", rows=rows, total=total, page_number=page, size=PAGE, wanted=wanted,
        manages=manages, **_facts(db.session, exam),
    )  # fmt: skip


@bp.post("/manage/<int:exam_id>/enter/find")
@needs(Permission.ENTER_EXAM)
def find(exam_id: int):
    """Names stand in no address."""
    _exam(exam_id)
    narrower = {name: request.form[name] for name in ("state", "every_field") if request.form.get(name)}
    kept = search_words.keep(request.form.get("q", ""))
    return redirect(url_for(".choose", exam_id=exam_id, **narrower, **kept), 303)


@bp.post("/manage/<int:exam_id>/enter/look")
@needs(Permission.ENTER_EXAM)
def look(exam_id: int):
    """The chosen people before the rules of entry; nothing is written."""
    exam, manages = _exam(exam_id)
    db.session.commit()  # nothing is written; judging many must not hold the one writer
    numbers = list(dict.fromkeys(NUMBER.findall(request.form.get("numbers", ""))))
    chosen = set(request.form.getlist("person", int))
    if len(numbers) + len(chosen) > AT_ONCE:
        raise TooLarge(N_("At most %(n)s people at once; send the others after these."), n=AT_ONCE)
    with db.reading() as session:
        sitting = _sitting(session, exam, request.form.get("sitting"))
        known = queries.people_by_number(session, current_user, numbers)
        posts = queries.posts_of(session, current_user, chosen | set(known.values()))
        judged = operations.judge_people(session, exam, list(posts), sitting=sitting)
        return render_template(
            "exams/sittings/judged.html", posts=posts, judged=judged, manages=manages, set_aside=SET_ASIDE,
            unknown=[number for number in numbers if number not in known],
            **_facts(session, exam, sitting),
        )  # fmt: skip


@bp.post("/manage/<int:exam_id>/enter")
@needs(Permission.ENTER_EXAM)
def enter(exam_id: int):
    """Put on the list whoever meets every rule, or is let in beside one with a reason."""
    exam, manages = _exam(exam_id)
    sitting = _sitting(db.session, exam, request.form.get("sitting"))
    chosen = request.form.getlist("person", int)[:AT_ONCE]
    posts = queries.posts_of(db.session, current_user, chosen)
    desk = Desk(
        current_user, manages, request.form.get("reason", ""), frozenset(request.form.getlist("set_aside"))
    )
    units = {person_id: post.body_id for person_id, post in posts.items()}
    entered, others = operations.enter_people(db.session, exam, units, sitting=sitting, desk=desk, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s people are entered."), n=len(entered)), "message" if entered else "info")
    if others:
        flash(i18n.gettext(N_("%(n)s were on the list already or do not meet a rule."), n=len(others)), "info")
    return redirect(url_for(".entries", exam_id=exam_id), 303)


# ---------- the list ----------
def _sift(asked) -> Sift:
    sitting = asked.get("sitting", "")
    state = asked.get("state", "")
    return Sift(
        int(sitting) if sitting.isdigit() else None,
        state if state in ("unplaced", "unseated", "withdrawn") else "", search_words.asked(asked),
    )  # fmt: skip


@bp.get("/manage/<int:exam_id>/entries")
@needs(Permission.ENTER_EXAM)
def entries(exam_id: int):
    """Who is on the list: all of it for whoever holds the exam, a unit's own people for a unit."""
    exam, manages = _exam(exam_id)
    sift, page = _sift(request.args), max(1, request.args.get("page", 1, int))
    rows, total = queries.entries(
        db.session, current_user, exam, sift, all_of_it=manages, page=page, size=PAGE
    )
    return render_template(
        "exams/sittings/entries.html", rows=rows, total=total, page_number=page, size=PAGE, sift=sift, manages=manages,
        **_facts(db.session, exam),
    )  # fmt: skip


@bp.post("/manage/<int:exam_id>/entries/find")
@needs(Permission.ENTER_EXAM)
def find_listed(exam_id: int):
    _exam(exam_id)
    narrower = {name: request.form[name] for name in ("sitting", "state") if request.form.get(name)}
    return redirect(
        url_for(".entries", exam_id=exam_id, **narrower, **search_words.keep(request.form.get("q", ""))), 303
    )


@bp.post("/manage/<int:exam_id>/entries/export")
@needs(Permission.ENTER_EXAM)
def export(exam_id: int):
    """The list as it is filtered, as a workbook."""
    exam, manages = _exam(exam_id)
    sift = _sift(request.form)
    audit.record(
        db.session, "entries_exported", "exam", exam.id, now=clock.now(), body_id=exam.body_id,
        sitting=sift.sitting, state=sift.state or "-",
    )  # fmt: skip
    db.session.commit()
    with NamedTemporaryFile(suffix=".xlsx") as file, db.reading() as session:
        portions = queries.every_entry(session, current_user, exam, sift, all_of_it=manages)
        title = i18n.gettext(N_("List of entries"))
        write_long(Path(file.name), title, sheet.head(), sheet.WIDTHS, sheet.in_words(portions))
        kept = Path(file.name).open("rb")  # stays readable when its name is gone
    return send_file(kept, mimetype=XLSX, as_attachment=True, download_name=f"{title}.xlsx")


# ---------- one entry ----------
def _listed(exam_id: int, entry_id: int):
    exam, manages = _exam(exam_id)
    return exam, manages, queries.one_entry(db.session, current_user, exam, entry_id, all_of_it=manages)


@bp.get("/manage/<int:exam_id>/entries/<int:entry_id>")
@needs(Permission.ENTER_EXAM)
def one(exam_id: int, entry_id: int):
    """Findings, seat, extra time and what became of one entry."""
    exam, manages, listed = _listed(exam_id, entry_id)
    rooms = [(s, room) for s in planned.sittings_of(db.session, exam.id) for room in planned.rooms_of(s)]
    return render_template(
        "exams/sittings/entry.html", listed=listed, entry=listed.entry, manages=manages, rooms=rooms,
        checks=queries.checks_of(db.session, entry_id), started=queries.has_started(db.session, listed.entry),
        extra=queries.accommodations(db.session, listed.entry) if manages else [], grounds=GROUNDS,
        **_facts(db.session, exam, listed.sitting),
    )  # fmt: skip


@bp.post("/manage/<int:exam_id>/entries/<int:entry_id>/withdraw")
@needs(Permission.ENTER_EXAM)
def withdraw(exam_id: int, entry_id: int):
    exam, manages, listed = _listed(exam_id, entry_id)
    operations.withdraw(
        db.session, exam, listed.entry, reason=request.form.get("reason", ""), desk=Desk(current_user, manages),
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The entry is withdrawn; it stays on record.")))
    return redirect(url_for(".one", exam_id=exam_id, entry_id=entry_id), 303)


def _held(exam_id: int, entry_id: int):
    """An entry of an exam that the one who asks holds."""
    exam = queries.exam_held(db.session, current_user, exam_id)
    return exam, queries.one_entry(db.session, current_user, exam, entry_id, all_of_it=True)


@bp.post("/manage/<int:exam_id>/entries/<int:entry_id>/extra-time")
@needs(Permission.MANAGE_EXAMS)
def extra_time(exam_id: int, entry_id: int):
    exam, listed = _held(exam_id, entry_id)
    operations.give_extra_time(
        db.session, exam, listed.entry, minutes=request.form.get("minutes", -1, int),
        ground=request.form.get("ground", ""), evidence=request.form.get("evidence", ""), account=current_user,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The extra time is on record; the notice shows it.")))
    return redirect(url_for(".one", exam_id=exam_id, entry_id=entry_id), 303)


@bp.post("/manage/<int:exam_id>/entries/<int:entry_id>/seat")
@needs(Permission.MANAGE_EXAMS)
def move(exam_id: int, entry_id: int):
    """Another sitting, room or seat for one person; `place` is sitting-room."""
    exam, listed = _held(exam_id, entry_id)
    sitting_id, _, room_id = request.form.get("place", "").partition("-")
    sitting = planned.sitting_of(db.session, exam, int(sitting_id) if sitting_id.isdigit() else 0)
    room = next((room for room in planned.rooms_of(sitting) if str(room.id) == room_id), None)
    seating.move(
        db.session, exam, listed.entry, sitting, room, request.form.get("seat", None, int), account=current_user,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The seat is changed.")))
    return redirect(url_for(".one", exam_id=exam_id, entry_id=entry_id), 303)
