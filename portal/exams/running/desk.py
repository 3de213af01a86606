"""Incidents of an exam: reported, decided by another person, listed for the results desk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.exams.models import AttemptState
from portal.exams.running import operations, queries
from portal.exams.running.fairness import PAGE_WIDTHS, rows_of
from portal.exams.running.forms import ReportForm, RestoreForm, aware
from portal.exams.running.giving import check_other, give
from portal.exams.running.models import Incident, IncidentKind
from portal.exams.running.operations import Where
from portal.exams.running.scope import Watch, watch
from portal.exams.running.views import bp, may_manage
from portal.exams.sittings.queries import hall_terms
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import needs
from portal.people.rules import Permission

WATCHERS = (Permission.WATCH_SITTING, Permission.MANAGE_EXAMS)


@bp.get("/<int:exam_id>/incidents")
@needs(*WATCHERS)
def incidents(exam_id: int) -> Any:
    """Every incident in sight: what happened, when, how long, who approved."""
    seen_by = watch(db.session, current_user, exam_id)
    found = queries.lines(db.session, seen_by)
    return render_template("exams/running/incidents.html", exam=seen_by.exam, seen_by=seen_by, lines=found)


@bp.get("/<int:exam_id>/incidents.xlsx")
@needs(*WATCHERS)
def export(exam_id: int) -> Any:
    """The same as a workbook."""
    seen_by = watch(db.session, current_user, exam_id)
    found = queries.lines(db.session, seen_by)
    content = write_workbook([Page(i18n.gettext(N_("Incidents")), rows_of(found), PAGE_WIDTHS)])
    name = f"{seen_by.exam.code}-{i18n.gettext(N_('Incidents'))}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


# ---------- reporting ----------
@bp.get("/<int:exam_id>/incidents/new")
@needs(*WATCHERS)
def new_incident(exam_id: int) -> Any:
    seen_by = watch(db.session, current_user, exam_id)
    form = ReportForm(formdata=None)
    form.where.data = request.args.get("where", "")
    form.kind.data = request.args.get("kind", "pause")
    form.reported_at.data = clock.local(clock.now()).replace(tzinfo=None, microsecond=0)
    return _report_page(seen_by, form)


@bp.post("/<int:exam_id>/incidents/new")
@needs(*WATCHERS)
def report(exam_id: int) -> Any:
    """A report; a pause stops the clock at once."""
    seen_by = watch(db.session, current_user, exam_id)
    form = ReportForm()
    form.where.choices = _places(seen_by, form.where.data or "")
    if not form.validate_on_submit():
        return _report_page(seen_by, form, 422)
    try:
        made = operations.report(
            db.session, seen_by.exam, _where(seen_by, form.where.data), form.told(), account=current_user,
            now=clock.now(),
        )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        form.note.errors = [*form.note.errors, i18n.gettext(refusal.message, **refusal.values)]
        return _report_page(watch(db.session, current_user, exam_id), form, refusal.status)
    db.session.commit()
    stopped = made.kind == IncidentKind.PAUSE
    said = N_("The clock stands. Somebody else lets it go on.") if stopped else N_("It is on record and waits.")
    flash(i18n.gettext(said))
    return redirect(url_for(".incident", exam_id=exam_id, incident_id=made.id), 303)


def _report_page(seen_by: Watch, form: ReportForm, status: int = 200) -> Any:
    form.where.choices = _places(seen_by, form.where.data or "")
    most = hall_terms(db.session, clock.now()).most_asked_minutes
    page = render_template("exams/running/report.html", exam=seen_by.exam, seen_by=seen_by, form=form, most=most)
    return page, status


def _places(seen_by: Watch, asked: str) -> list[tuple[str, str]]:
    """What can be chosen: the one candidate asked about, rooms, and where all is his, sittings and everybody."""
    found = []
    if asked.startswith("a") and asked[1:].isdecimal():
        attempt = queries.attempt_in_sight(db.session, seen_by, int(asked[1:]))
        found.append((asked, queries.said_of(db.session, attempt)))
    for place in seen_by.places:
        number = i18n.gettext(N_("sitting %(n)s"), n=place.sitting.number)
        found.append((f"r{place.sitting.id}-{place.room.id}", f"{place.site.name} {place.room.name} · {number}"))
    if seen_by.whole:
        said = N_("All rooms of sitting %(n)s")
        found += [(f"s{one.id}", i18n.gettext(said, n=one.number)) for one in seen_by.sittings]
        found.append(("all", i18n.gettext(N_("Everybody who sits this exam"))))
    return found


def _where(seen_by: Watch, chosen: str) -> Where:
    """Where a choice of `_places` lies."""
    if chosen.startswith("a") and chosen != "all":
        attempt = queries.attempt_in_sight(db.session, seen_by, int(chosen[1:]))
        if attempt.state != AttemptState.IN_PROGRESS:
            raise operations.NotNow(
                N_("This paper is handed in already. Nothing decided is rewritten; a resit can be offered.")
            )
        return Where(attempt.sitting_id, attempt.room_id, attempt.id)
    if chosen.startswith("r"):
        sitting_id, room_id = chosen[1:].split("-")
        return Where(int(sitting_id), int(room_id))
    return Where(int(chosen[1:])) if chosen.startswith("s") else Where()


# ---------- one incident ----------
@bp.get("/<int:exam_id>/incidents/<int:incident_id>")
@needs(*WATCHERS)
def incident(exam_id: int, incident_id: int) -> Any:
    """What it was, who it reaches, and the step that is due."""
    seen_by = watch(db.session, current_user, exam_id)
    line = queries.line_of(db.session, seen_by, incident_id)
    found = line.incident
    form = RestoreForm(formdata=None)
    form.at.data = clock.local(clock.now()).replace(tzinfo=None, microsecond=0)
    return render_template(
        "exams/running/incident.html", exam=seen_by.exam, seen_by=seen_by, line=line, one=found, form=form,
        decided=operations.is_decided(found), reaches=queries.touched_now(db.session, found),
        got=queries.touched(db.session, found, ended=False), ended=queries.touched(db.session, found, ended=True),
        why_not=_why_not(seen_by, found),
    )  # fmt: skip


def _why_not(seen_by: Watch, found: Incident) -> str | None:
    """Why the present account does not take the deciding step, or None when it may."""
    try:
        queries.incident_in_sight(db.session, seen_by, found.id)
        if found.kind != IncidentKind.PAUSE:
            may_manage(seen_by)
        check_other(db.session, found, current_user)
    except NoResultFound:
        return i18n.gettext(N_("It touches more than your rooms; whoever manages the exam decides."))
    except Refused as refusal:
        return i18n.gettext(refusal.message, **refusal.values)
    return None


def _decide(exam_id: int, incident_id: int, *, managers: bool) -> tuple[Watch, Incident]:
    seen_by = watch(db.session, current_user, exam_id)
    if managers:
        may_manage(seen_by)
    return seen_by, queries.incident_in_sight(db.session, seen_by, incident_id)


def _back(exam_id: int, incident_id: int, said: str, **values: Any) -> Any:
    db.session.commit()
    flash(i18n.gettext(said, **values))
    return redirect(url_for(".incident", exam_id=exam_id, incident_id=incident_id), 303)


@bp.post("/<int:exam_id>/incidents/<int:incident_id>/restore")
@needs(*WATCHERS)
def restore(exam_id: int, incident_id: int) -> Any:
    """Say since when the work goes on."""
    _, found = _decide(exam_id, incident_id, managers=False)
    form = RestoreForm()
    at = aware(form.at.data) if form.validate_on_submit() else None
    if at is None:
        raise operations.NotAReport(N_("Enter the moment."))
    operations.restore(db.session, found, at=at, account=current_user, now=clock.now())
    return _back(exam_id, incident_id, N_("Written down. The time between waits for its approval."))


@bp.post("/<int:exam_id>/incidents/<int:incident_id>/resume")
@needs(*WATCHERS)
def resume(exam_id: int, incident_id: int) -> Any:
    """Let the clock go on; the deadline moves by exactly as long as it stood."""
    seen_by, found = _decide(exam_id, incident_id, managers=False)
    if found.kind != IncidentKind.PAUSE:
        raise operations.NotNow(N_("No clock stands for this incident."))
    given = give(db.session, found, above=seen_by.above, account=current_user, now=clock.now())
    return _back(exam_id, incident_id, N_("The clock goes on for %(n)s candidates."), n=given.attempts)


@bp.post("/<int:exam_id>/incidents/<int:incident_id>/approve")
@needs(Permission.MANAGE_EXAMS, fresh=True)
def approve(exam_id: int, incident_id: int) -> Any:
    """Give the time that was reported."""
    seen_by, found = _decide(exam_id, incident_id, managers=True)
    if found.kind == IncidentKind.PAUSE:
        raise operations.NotNow(N_("A pause ends when the clock is let go on."))
    given = give(db.session, found, above=seen_by.above, account=current_user, now=clock.now())
    return _back(
        exam_id, incident_id, N_("Approved: %(n)s deadlines moved, %(ended)s papers were handed in before."),
        n=given.attempts, ended=given.ended,
    )  # fmt: skip


@bp.post("/<int:exam_id>/incidents/<int:incident_id>/refuse")
@needs(*WATCHERS)
def refuse(exam_id: int, incident_id: int) -> Any:
    """No time for this; an invigilator takes back his own report only."""
    seen_by, found = _decide(exam_id, incident_id, managers=False)
    if found.reported_by_id != current_user.id:
        may_manage(seen_by)
    operations.refuse(db.session, found, request.form.get("reason", ""), account=current_user, now=clock.now())
    return _back(exam_id, incident_id, N_("Closed without giving time."))


@bp.post("/<int:exam_id>/incidents/<int:incident_id>/take-back")
@needs(*WATCHERS)
def take_back(exam_id: int, incident_id: int) -> Any:
    """Report that this time was given wrongly; another person approves that too."""
    _, found = _decide(exam_id, incident_id, managers=False)
    made = operations.ask_back(
        db.session, found, request.form.get("reason", ""), account=current_user, now=clock.now()
    )
    return _back(exam_id, made.id, N_("It is on record and waits."))
