"""Prints of a sitting, written down as they are made; a candidate's own slip."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, abort, request, send_file
from flask_login import current_user

from portal.exams.queries import entered_exam
from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering.queries import exam_for_entry, exam_held, manages
from portal.exams.sittings.printing import queries, rosters, slips
from portal.ground import audit, clock
from portal.ground.db import db
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("exam_prints", __name__, url_prefix="/exams")
PDF = "application/pdf"
OF_ROOM = {"roster": (rosters.draw_roster, rosters.ROSTER), "labels": (rosters.draw_labels, rosters.LABELS)}


def _note(exam, what: str, sitting_id: int | None = None, room_id: int | None = None) -> None:
    """Whoever prints names and numbers of others leaves a line; the print itself holds no lock."""
    audit.record(
        db.session, "sitting_printed", "exam", exam.id, now=clock.now(), body_id=exam.body_id, what=what,
        sitting=sitting_id, room=room_id,
    )  # fmt: skip
    db.session.commit()


def _pdf(content: bytes, name: str):
    return send_file(BytesIO(content), mimetype=PDF, download_name=f"{name}.pdf")


@bp.post("/manage/<int:exam_id>/print/room")
@needs(Permission.MANAGE_EXAMS)
def room(exam_id: int):
    """The roster of one room, or the labels of its seats."""
    exam = exam_held(db.session, current_user, exam_id)
    sitting = planned.sitting_of(db.session, exam, request.form.get("sitting", 0, int))
    room_id, what = request.form.get("room", 0, int), request.form.get("what", "roster")
    if what not in OF_ROOM or room_id not in {taken.room_id for taken in sitting.rooms}:
        abort(404)
    _note(exam, what, sitting.id, room_id)
    draw, name = OF_ROOM[what]
    with db.reading() as session:
        return _pdf(draw(queries.in_room(session, exam, sitting.id, room_id)), name)


@bp.post("/manage/<int:exam_id>/print/door")
@needs(Permission.MANAGE_EXAMS)
def door(exam_id: int):
    """Everybody of one sitting by admission number."""
    exam = exam_held(db.session, current_user, exam_id)
    sitting = planned.sitting_of(db.session, exam, request.form.get("sitting", 0, int))
    _note(exam, "door", sitting.id)
    with db.reading() as session:
        return _pdf(rosters.draw_door_list(queries.in_sitting(session, exam, sitting.id)), rosters.DOOR)


@bp.post("/manage/<int:exam_id>/print/slips")
@needs(Permission.ENTER_EXAM)
def unit_slips(exam_id: int):
    """The admission slips of a unit's own people; of everybody for whoever holds the exam."""
    exam = exam_for_entry(db.session, current_user, exam_id)
    held = manages(db.session, current_user, exam)
    asked = request.form.get("sitting", "")
    sitting_id = planned.sitting_of(db.session, exam, int(asked)).id if asked.isdigit() else None
    single = request.form.get("each") == "1"
    _note(exam, "slips", sitting_id)
    with db.reading() as session:
        people = queries.of_unit(session, current_user, exam, sitting_id, all_of_it=held)
        return _pdf(slips.draw_slips(people, each_on_a_page=single), slips.TITLE)


@bp.get("/<int:exam_id>/slip.pdf")
@needs(Permission.SIT_EXAM)
def own_slip(exam_id: int):
    """My own admission slip."""
    exam, _ = entered_exam(db.session, current_user.person_id, exam_id)
    mine = queries.own(db.session, exam, current_user.person_id)
    return _pdf(slips.draw_slips([mine], each_on_a_page=True), slips.TITLE)
