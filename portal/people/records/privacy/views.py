"""The notice for everybody to read, and the page that comes before all others once it has changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user

from portal.ground import clock
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused
from portal.ground.markdown import safe_html
from portal.ground.rules import N_
from portal.ground.web import PUBLIC, SIGNED_IN, needs, own_path, wants_json
from portal.people.records.privacy import operations, queries

bp = Blueprint("people_privacy", __name__, template_folder="templates")
READ = "privacy_read"  # in the session: whose notice was found read at this sign-in
# Never held up: the notice itself, ways in and out, reading aids, and an exam that runs.
OPEN_BLUEPRINTS = frozenset({"people_privacy", "people_access", "people_proof", "people_factors", "delivery", "saving"})
OPEN_DOORS = frozenset({"static", "people.reading"})
OPEN_PREFIXES = ("exams.",)


class NoticeFirst(Refused):
    """The privacy notice comes first."""

    code = "notice_first"


@bp.before_app_request
def notice_first() -> Any:
    """At the first page after a sign-in, whoever has not read the version in force is shown it."""
    door = request.endpoint or ""
    if not session.get("sign_in") or door in OPEN_DOORS or door.startswith(OPEN_PREFIXES):
        return None
    if request.blueprint in OPEN_BLUEPRINTS or request.path.startswith("/api/"):
        return None
    if not current_user.is_authenticated or session.get(READ) == current_user.id:
        return None
    if queries.unread_notice(db.session, current_user.id, clock.today()) is None:
        session[READ] = current_user.id
        return None
    if request.method != "GET" or wants_json():
        raise NoticeFirst(N_("Nothing was changed. Read the privacy notice first, then do it again."))
    return redirect(url_for("people_privacy.new", next=request.full_path.rstrip("?")), 303)


@bp.get("/privacy")
@needs(PUBLIC)
def notice():
    """The version in force, or an older one."""
    today = clock.today()
    known = queries.versions(db.session, today)
    wanted = request.args.get("version", 0, int)
    shown = next((row for row in known if row.number == wanted), None) or queries.notice_on(db.session, today)
    text = safe_html(shown.body) if shown else ""
    return render_template("people/records/privacy.html", shown=shown, known=known, text=text)


@bp.get("/privacy/new")
@needs(SIGNED_IN, before_factor=True)
def new():
    unread = queries.unread_notice(db.session, current_user.id, clock.today())
    following = own_path(request.args.get("next", "")) or url_for("reports.home")
    if unread is None:
        return redirect(following)
    return render_template(
        "people/records/privacy_new.html", shown=unread, text=safe_html(unread.body), following=following
    )


@bp.post("/privacy/new")
@needs(SIGNED_IN, before_factor=True)
def acknowledge():
    number = request.form.get("number", 0, int)
    if not 0 < number < 2**31:
        raise Malformed(N_("What was sent is incomplete or damaged. Nothing was changed."))
    operations.acknowledge(db.session, current_user, number=number, now=clock.now())
    db.session.commit()
    session[READ] = current_user.id
    return redirect(own_path(request.form.get("next", "")) or url_for("reports.home"), 303)
