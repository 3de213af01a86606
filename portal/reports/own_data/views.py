"""The door to one's own data."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from flask_login import current_user

from portal.ground import audit, clock
from portal.ground.db import db
from portal.ground.web import SIGNED_IN, needs
from portal.people.records.photos.queries import newest_photo, picture
from portal.reports.own_data import sheets
from portal.reports.own_data.queries import everything, names_of

bp = Blueprint("own_data", __name__, template_folder="templates")


@bp.get("/me/data")
@needs(SIGNED_IN, fresh=True)
def about():
    return render_template("people/records/own_data.html")


@bp.post("/me/data")
@needs(SIGNED_IN, fresh=True)
def export():
    """Everything about the one who asks, to take away; that he took it is written down."""
    session, now = db.session, clock.now()
    audit.record(
        session, "own_data_exported", "person", current_user.person_id, now=now, account_id=current_user.id,
        person_id=current_user.person_id,
    )  # fmt: skip
    session.commit()
    with db.reading() as reading:
        found = everything(reading, current_user)
        readable = sheets.parts(found, names_of(reading, found))
        photo = newest_photo(reading, current_user.person_id)
        content = picture(reading, current_app.config["MINGFA"].files_dir, photo) if photo else None
    page = render_template("people/records/own_data_page.html", parts=readable, person=current_user.person)
    answer = Response(sheets.archive(found, readable, page, content), mimetype="application/zip")
    answer.headers["Content-Disposition"] = "attachment; filename=my-data.zip"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
