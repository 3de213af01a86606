"""The desk of whoever keeps guides: a new one, the next version, publishing what somebody else wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.library.guides import files, operations, queries
from portal.library.guides.forms import GuideForm, VersionForm
from portal.library.guides.models import Guide, GuideVersion
from portal.people.rules import Permission

bp = Blueprint("library_guide_desk", __name__, url_prefix="/library/guides")
NOT_YOURS = N_("No body you may issue guides for is called so, nor has this code.")
SAID = N_("Version %(n)s is written. Somebody else publishes it.")


@bp.get("/new")
@needs(Permission.EDIT_LIBRARY)
def new() -> Any:
    form, offices = GuideForm(formdata=None), queries.offices(db.session, current_user)
    form.in_force_from.data = clock.today()
    form.body.data = offices[0].name if offices else ""
    return _page(form)


@bp.post("/new")
@needs(Permission.EDIT_LIBRARY)
def add() -> Any:
    form = GuideForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        body = queries.office(db.session, current_user, form.body.data.strip())
    except NoResultFound:
        form.body.errors = [NOT_YOURS]
        return _page(form, status=422)
    try:
        row = operations.new_guide(
            db.session, form.kind.data, form.title.data, body, form.field.data, now=clock.now()
        )
        queries.guide(db.session, current_user, row.id, clock.today(), keep=True)  # of a field one keeps
        version = _write(row, form)
    except NoResultFound:
        db.session.rollback()
        form.field.errors = [N_("You keep no guides of this field there.")]
        return _page(form, status=422)
    except Refused as refusal:
        db.session.rollback()
        return _page(form, refusal=refusal)
    flash(i18n.gettext(SAID, n=version.number))
    return redirect(url_for("library_guides.guide", guide_id=row.id, version=version.number), 303)


@bp.get("/<int:guide_id>/write")
@needs(Permission.EDIT_LIBRARY)
def edit(guide_id: int) -> Any:
    row = _kept(guide_id)
    form = VersionForm(formdata=None)
    form.show(queries.versions(db.session, row.id, drafts=True)[0])
    return _page(form, row)


@bp.post("/<int:guide_id>/write")
@needs(Permission.EDIT_LIBRARY)
def write(guide_id: int) -> Any:
    """The next version of a guide."""
    row, form = _kept(guide_id), VersionForm()
    if not form.validate_on_submit():
        return _page(form, row, status=422)
    try:
        version = _write(row, form)
    except Refused as refusal:
        db.session.rollback()
        return _page(form, _kept(guide_id), refusal)
    flash(i18n.gettext(SAID, n=version.number))
    return redirect(url_for("library_guides.guide", guide_id=guide_id, version=version.number), 303)


def _write(row: Guide, form: VersionForm) -> GuideVersion:
    """Store the version, its file first; a file whose version did not come about is removed again."""
    folder = Path(current_app.config["MINGFA"].files_dir)
    attached = _attached(form, folder)
    try:
        version = operations.write_version(
            db.session, row, form.version(), file=attached, carry=bool(form.carry.data), seen=form.seen.data or 0,
            account=current_user, now=clock.now(),
        )  # fmt: skip
        db.session.commit()
    except BaseException:
        if attached is not None:
            files.forget(folder, attached.kept)
        raise
    return version


def _attached(form: VersionForm, folder: Path) -> operations.Attached | None:
    """The file somebody chose, checked and sealed; None when none was chosen. Raises WrongFile."""
    sent = form.file.data
    if sent is None or not sent.filename:
        return None
    content = sent.stream.read(files.MOST_BYTES + 1)
    kind = files.type_of(content)
    return operations.Attached(files.keep(folder, content), files.shown_name(sent.filename, kind), kind, len(content))


@bp.post("/<int:guide_id>/<int:number>/publish")
@needs(Permission.EDIT_LIBRARY)
def publish(guide_id: int, number: int) -> Any:
    """Open a version to its readers; whoever wrote it may not."""
    row = _kept(guide_id)
    version = next((v for v in queries.versions(db.session, row.id, drafts=True) if v.number == number), None)
    if version is None:
        raise NoResultFound
    operations.publish(db.session, row, version, account=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Version %(n)s is published."), n=number))
    return redirect(url_for("library_guides.guide", guide_id=guide_id), 303)


def _kept(guide_id: int) -> Guide:
    return queries.guide(db.session, current_user, guide_id, clock.today(), keep=True)


def _page(form: VersionForm, row: Guide | None = None, refusal: Refused | None = None, status: int = 200) -> Any:
    page = render_template(
        "library/guides/form.html", form=form, guide=row, refusal=refusal,
        offices=[] if row else queries.offices(db.session, current_user),
    )  # fmt: skip
    return page, refusal.status if refusal else status


add.max_body = write.max_body = files.MOST_BYTES + 256 * 1024  # type: ignore[attr-defined]
