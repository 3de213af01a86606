"""Sites and rooms, the sittings of an exam, and the rules of entry."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.cycle.queries import exceptions
from portal.exams.queries import exam_in_scope
from portal.exams.sittings import operations, queries
from portal.exams.sittings.forms import RoomForm, SiteForm, SittingsForm, slot_from
from portal.exams.sittings.planning import Slot, slots
from portal.exams.sittings.rules import EntryTerms
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("sittings", __name__, template_folder="../templates", url_prefix="/exams")


# ---------- sites ----------
@bp.get("/sites")
@needs(Permission.MANAGE_EXAMS)
def sites():
    return _sites_page(SiteForm(), RoomForm())


def _sites_page(form: SiteForm, rooms: RoomForm, status: int = 200):
    bodies = queries.bodies_for_sites(db.session, current_user, request.args.get("body", "")[:60])
    form.body_id.choices = [(body.id, body.name) for body in bodies]
    found = queries.sites_in_scope(db.session, current_user)
    page = render_template("exams/sittings/sites.html", sites=found, form=form, rooms=rooms)
    return page, status


@bp.post("/sites")
@needs(Permission.MANAGE_EXAMS)
def open_site():
    form = SiteForm()
    allowed = queries.bodies_for_sites(db.session, current_user)
    form.body_id.choices = [(body.id, body.name) for body in allowed]
    if not form.validate_on_submit():
        return _sites_page(form, RoomForm(), 422)
    body = next(body for body in allowed if body.id == form.body_id.data)
    site = operations.open_site(
        db.session, body, name=form.name.data, address=form.address.data or "", account=current_user, now=clock.now()
    )
    db.session.commit()
    return redirect(url_for(".site", site_id=site.id), 303)


@bp.get("/sites/<int:site_id>")
@needs(Permission.MANAGE_EXAMS)
def site(site_id: int):
    """One site with its rooms and what is planned there."""
    found = queries.site_in_scope(db.session, current_user, site_id)
    coming = queries.coming_sittings(db.session, [room.id for room in found.rooms], clock.now())
    return render_template("exams/sittings/site.html", site=found, coming=coming, form=RoomForm())


@bp.post("/sites/<int:site_id>/state")
@needs(Permission.MANAGE_EXAMS)
def site_state(site_id: int):
    """Close the site to further sittings, or open it again."""
    found = queries.site_in_scope(db.session, current_user, site_id)
    closed = request.form.get("closed") == "1"
    operations.close_site(db.session, found, closed=closed, account=current_user, now=clock.now())
    db.session.commit()
    return redirect(url_for(".site", site_id=site_id), 303)


@bp.post("/sites/<int:site_id>/rooms")
@needs(Permission.MANAGE_EXAMS)
def add_room(site_id: int):
    found, form = queries.site_in_scope(db.session, current_user, site_id), RoomForm()
    if not form.validate_on_submit():
        coming = queries.coming_sittings(db.session, [room.id for room in found.rooms], clock.now())
        return render_template("exams/sittings/site.html", site=found, coming=coming, form=form), 422
    operations.add_room(
        db.session, found, name=form.name.data, seats=form.seats.data, account=current_user, now=clock.now()
    )
    db.session.commit()
    return redirect(url_for(".site", site_id=site_id), 303)


@bp.post("/sites/<int:site_id>/rooms/<int:room_id>")
@needs(Permission.MANAGE_EXAMS)
def change_room(site_id: int, room_id: int):
    """Other seats, closed or open again."""
    found = queries.site_in_scope(db.session, current_user, site_id)
    room = queries.room_of_site(db.session, found, room_id)
    operations.change_room(
        db.session, room, seats=request.form.get("seats", room.seats, int), closed=request.form.get("closed") == "1",
        account=current_user, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    flash(i18n.gettext(N_("The room is changed.")))
    return redirect(url_for(".site", site_id=site_id), 303)


# ---------- sittings of an exam ----------
@bp.get("/manage/<int:exam_id>/sittings")
@needs(Permission.MANAGE_EXAMS)
def plan(exam_id: int):
    exam = exam_in_scope(db.session, current_user, exam_id)
    form = SittingsForm(first=clock.local(exam.opens_at).date(), minutes=exam.minutes, hours="09:00 14:00")
    return _plan_page(exam, form)


def _plan_page(exam, form: SittingsForm, wanted: list[Slot] | None = None, chosen: list[int] | None = None, status=200):
    found = queries.sittings_of(db.session, exam.id)
    page = render_template(
        "exams/sittings/plan.html", exam=exam, sittings=found, loads=queries.loads(db.session, found), form=form,
        rooms=queries.rooms_in_scope(db.session, current_user), wanted=wanted, chosen=chosen or [],
        unplaced=queries.unplaced(db.session, exam.id), frozen=queries.running_freeze(db.session, exam.id, clock.now()),
        rooms_of=queries.rooms_of, outside=[s for s in wanted or () if not _inside(exam, s)],
    )  # fmt: skip
    return page, status


def _inside(exam, slot: Slot) -> bool:
    return exam.opens_at <= slot.opens_at and slot.closes_at <= exam.closes_at


@bp.post("/manage/<int:exam_id>/sittings")
@needs(Permission.MANAGE_EXAMS)
def add(exam_id: int):
    """Show the sittings that would be made; make them when that is said."""
    exam, form = exam_in_scope(db.session, current_user, exam_id), SittingsForm()
    chosen = request.form.getlist("rooms", int)
    if not form.validate_on_submit():
        return _plan_page(exam, form, chosen=chosen, status=422)
    wanted = slots(form.wish, exceptions(db.session))
    if request.form.get("do") != "add":
        return _plan_page(exam, form, wanted, chosen)
    made = operations.add_sittings(
        db.session, exam, wanted, _rooms(chosen), account=current_user, now=clock.now()
    )
    db.session.commit()
    flash(i18n.gettext(N_("%(n)s sittings are planned."), n=len(made)))
    return redirect(url_for(".plan", exam_id=exam_id), 303)


def _rooms(chosen: list[int]):
    return [room for room in queries.rooms_in_scope(db.session, current_user) if room.id in chosen]


def _one(exam_id: int):
    exam = exam_in_scope(db.session, current_user, exam_id)
    return exam, queries.sitting_of(db.session, exam, request.form.get("sitting", 0, int))


@bp.post("/manage/<int:exam_id>/sittings/change")
@needs(Permission.MANAGE_EXAMS)
def change(exam_id: int):
    """Another time for one sitting."""
    exam, sitting = _one(exam_id)
    slot = slot_from(request.form.get("opens_at", ""), request.form.get("closes_at", ""))
    if slot is None:
        raise Malformed(N_("Enter day and hour of the opening and of the close."))
    operations.change_sitting(db.session, exam, sitting, slot, account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Sitting %(n)s is changed."), n=sitting.number))
    return redirect(url_for(".plan", exam_id=exam_id), 303)


@bp.post("/manage/<int:exam_id>/sittings/rooms")
@needs(Permission.MANAGE_EXAMS)
def take_rooms(exam_id: int):
    """The rooms of one sitting: those chosen and no others."""
    exam, sitting = _one(exam_id)
    kept = [room for room in queries.rooms_of(sitting) if room.id in request.form.getlist("rooms", int)]
    wanted = {room.id: room for room in [*kept, *_rooms(request.form.getlist("rooms", int))]}
    operations.take_rooms(db.session, exam, sitting, list(wanted.values()), account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Sitting %(n)s is changed."), n=sitting.number))
    return redirect(url_for(".plan", exam_id=exam_id), 303)


@bp.post("/manage/<int:exam_id>/sittings/cancel")
@needs(Permission.MANAGE_EXAMS)
def cancel(exam_id: int):
    exam, sitting = _one(exam_id)
    operations.cancel_sitting(db.session, exam, sitting, account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Sitting %(n)s is cancelled."), n=sitting.number))
    return redirect(url_for(".plan", exam_id=exam_id), 303)


# ---------- rules of entry ----------
@bp.get("/policies")
@needs(Permission.MANAGE_EXAMS, Permission.ENTER_EXAM)
def policies():
    """Every version of the rules of entry, the one in force marked; they are added from the command line."""
    rows = queries.policies(db.session)
    today = clock.today()
    now = next((row.id for row in rows if row.effective_from <= today), None)
    terms = {row.id: EntryTerms.from_plain(row.body) for row in rows}
    return render_template("exams/sittings/policies.html", rows=rows, terms=terms, in_force=now)
