"""The plan of seats: looked at, made, looked at again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.exams.sittings import queries as planned
from portal.exams.sittings.entering.queries import exam_held
from portal.exams.sittings.seating import operations, queries
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("exam_seats", __name__, template_folder="../templates", url_prefix="/exams")
MOST_PLANS = 999


@bp.get("/manage/<int:exam_id>/seats")
@needs(Permission.MANAGE_EXAMS)
def plan(exam_id: int):
    """What plan `number` would come to, beside the seats that are given now."""
    exam, now = exam_held(db.session, current_user, exam_id), clock.now()
    number = min(max(request.args.get("plan", 1, int), 1), MOST_PLANS)
    made = queries.plan_for(db.session, exam, number, now=now)
    sittings = planned.sittings_of(db.session, exam.id)
    inside: dict[int, int] = {}
    for sitting_id, _, _ in made.places.values():
        inside[sitting_id] = inside.get(sitting_id, 0) + 1
    return render_template(
        "exams/sittings/seats.html", exam=exam, plan=made, number=number, sittings=sittings, inside=inside,
        loads=planned.loads(db.session, sittings), rooms_of=planned.rooms_of,
        unplaced=planned.unplaced(db.session, exam.id),
    )  # fmt: skip


@bp.post("/manage/<int:exam_id>/seats")
@needs(Permission.MANAGE_EXAMS)
def give(exam_id: int):
    """Give the seats of the plan that was shown."""
    exam = exam_held(db.session, current_user, exam_id)
    count = operations.give_seats(
        db.session, exam, request.form.get("plan", 1, int), request.form.get("digest", ""), account=current_user,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s seats are given."), n=count))
    return redirect(url_for(".plan", exam_id=exam_id), 303)


@bp.get("/manage/<int:exam_id>/seats/<int:sitting_id>/<int:room_id>")
@needs(Permission.MANAGE_EXAMS)
def room(exam_id: int, sitting_id: int, room_id: int):
    """Who sits where in one room."""
    exam = exam_held(db.session, current_user, exam_id)
    sitting = planned.sitting_of(db.session, exam, sitting_id)
    found = next((room for room in planned.rooms_of(sitting) if room.id == room_id), None)
    taken = queries.taken_seats(db.session, sitting, room_id)
    return render_template("exams/sittings/room.html", exam=exam, sitting=sitting, room=found, taken=taken)
