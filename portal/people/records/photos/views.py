"""Photos in and out: one by one, many in an archive, and only to whom they concern."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.pictures import JPEG, MAX_BYTES, open_archive, read_photo
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, needs
from portal.people.identity import not_own
from portal.people.models import Account
from portal.people.queries import person_in_scope
from portal.people.records.photos import operations, queries
from portal.people.records.photos.models import PersonPhoto
from portal.people.rules import Permission

bp = Blueprint("people_photos", __name__, template_folder="templates")
ARCHIVE_BYTES = 40 * 1024 * 1024
CHOOSE_FILE = N_("Choose a file.")


def files_dir() -> Path:
    return current_app.config["MINGFA"].files_dir


def _shown(photo: PersonPhoto) -> Response:
    """The picture itself; nothing on the way may keep it."""
    content = queries.picture(db.session, files_dir(), photo)
    if content is None:
        abort(404)
    answer = Response(content, mimetype=JPEG)
    answer.headers["Cache-Control"] = "no-store, private"
    answer.headers["Content-Disposition"] = "inline; filename=photo.jpg"
    return answer


@bp.get("/people/<int:person_id>/photos/<int:photo_id>")
@needs(Permission.SEE_ROSTER)
def shown(person_id: int, photo_id: int):
    person_in_scope(db.session, current_user, Permission.SEE_ROSTER, person_id)
    return _shown(queries.photo_of(db.session, person_id, photo_id))


@bp.get("/me/photos/<int:photo_id>")
@needs(SIGNED_IN)
def mine(photo_id: int):
    return _shown(queries.photo_of(db.session, current_user.person_id, photo_id))


@bp.get("/people/<int:person_id>/photos/new")
@needs(Permission.EDIT_PERSON)
def one(person_id: int):
    return _one(person_id)


def _one(person_id: int, error: str = "") -> str:
    person = person_in_scope(db.session, current_user, Permission.EDIT_PERSON, person_id)
    not_own(db.session, current_user, person_id)
    photo = queries.newest_photo(db.session, person_id)
    return render_template("people/records/photo.html", person=person, photo=photo, error=error)


@bp.post("/people/<int:person_id>/photos/new")
@needs(Permission.EDIT_PERSON)
def add(person_id: int):
    session = db.session
    person_in_scope(session, current_user, Permission.EDIT_PERSON, person_id)
    content = _sent(MAX_BYTES)
    if not content:
        return _one(person_id, i18n.gettext(CHOOSE_FILE)), 422
    session.commit()  # nothing is written yet: others may write while the picture is read
    try:
        photo = read_photo(content)
    except Refused as refusal:
        return _one(person_id, i18n.gettext(refusal.message, **refusal.values)), refusal.status
    person_in_scope(session, current_user, Permission.EDIT_PERSON, person_id)
    row = operations.add_photo(
        session, person_id, photo, files_dir=files_dir(), account=current_user, now=clock.now()
    )  # fmt: skip
    session.commit()
    flash(i18n.gettext(N_("The photo is on record.") if row else N_("This is the photo on record already.")))
    return redirect(url_for("people_records.file", person_id=person_id), 303)


def _sent(limit: int) -> bytes:
    """The file that was sent; one byte more than allowed is enough to know that it is too big."""
    file = request.files.get("file")
    return file.read(limit + 1) if file is not None and file.filename else b""


@bp.get("/people/photos")
@needs(Permission.EDIT_PERSON)
def start():
    return _start()


def _start(error: str = "") -> str:
    batches = queries.own_batches(db.session, current_user)
    return render_template("people/records/photos.html", batches=batches, error=error)


@bp.post("/people/photos")
@needs(Permission.EDIT_PERSON)
def bring():
    """Read the archive with no transaction open, keep the report, then take the good photos in by portions."""
    session, now, content = db.session, clock.now(), _sent(ARCHIVE_BYTES)
    if not content:
        return _start(i18n.gettext(CHOOSE_FILE)), 422
    asker: Account = current_user._get_current_object()
    session.commit()
    try:
        members = open_archive(content)
        with db.reading() as reading:
            lines = operations.judge_archive(reading, asker, members)
    except Refused as refusal:
        return _start(i18n.gettext(refusal.message, **refusal.values)), refusal.status
    name = request.files["file"].filename or ""
    batch = operations.keep_archive(session, lines, file_name=name, content=content, account=asker, now=now)
    session.commit()
    for portion in operations.portions(lines):
        operations.add_portion(
            session, portion, batch_id=batch.id, files_dir=files_dir(), account=asker, now=now
        )  # fmt: skip
        session.commit()
    return redirect(url_for(".batch", batch_id=batch.id), 303)


bring.max_body = ARCHIVE_BYTES + 64 * 1024  # type: ignore[attr-defined]


@bp.get("/people/photos/<int:batch_id>")
@needs(Permission.EDIT_PERSON)
def batch(batch_id: int):
    row = queries.own_batch(db.session, current_user, batch_id)
    return render_template("people/records/photo_batch.html", batch=row, lines=queries.lines_of(db.session, row))
