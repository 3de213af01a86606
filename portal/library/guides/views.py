"""The shelf of guides for whoever works by them: the list, one guide to read and print, its versions, its file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, send_file
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.ground import clock
from portal.ground.db import db
from portal.ground.markdown import safe_html
from portal.ground.security import SANDBOX
from portal.ground.web import SIGNED_IN, needs
from portal.library.guides import files, queries
from portal.library.guides.models import Guide, GuideKind, GuideVersion
from portal.library.guides.rules import Step, compare, steps_as_text
from portal.library.matters.chips import chips
from portal.people.models import Field
from portal.people.queries import account_names
from portal.people.rules import Permission

bp = Blueprint("library_guides", __name__, url_prefix="/library")
PAGE = 50
OFFERED = 20


def _guide(guide_id: int) -> Guide:
    return queries.guide(db.session, current_user, guide_id, clock.today())


@bp.get("/guides")
@needs(SIGNED_IN)
def guides() -> Any:
    """What the bodies above and one's own have issued, by words, kind and field."""
    chosen = {name: request.args.get(name, "").strip()[:60] for name in ("words", "kind", "field")}
    page = max(1, request.args.get("page", 1, int))
    rows, total = queries.guides(db.session, current_user, clock.today(), **chosen, page=page, size=PAGE)
    return render_template(
        "library/guides/guides.html", rows=rows, total=total, page_number=page, size=PAGE, chosen=chosen,
        kinds=list(GuideKind), fields=list(Field), today=clock.today(),
        writes=Permission.EDIT_LIBRARY in current_user.permissions,
    )  # fmt: skip


@bp.get("/guides.json")
@needs(SIGNED_IN)
def pick() -> dict[str, Any]:
    """Guides whose title holds what was typed; a question names one as its source by its title."""
    found = queries.pick(db.session, current_user, request.args.get("q", ""), clock.today(), OFFERED)
    return {"guides": [{"id": g.id, "title": g.title, "kind": g.kind, "body": g.body.name} for g in found]}


@bp.get("/guides/<int:guide_id>")
@needs(SIGNED_IN)
def guide(guide_id: int) -> Any:
    """One guide, in the version readers have now or in the one asked for."""
    row = _guide(guide_id)
    keeps = queries.keeps(db.session, current_user, row.id)
    versions, today = queries.versions(db.session, row.id, drafts=keeps), clock.today()
    shown = _asked(versions)
    names = {a for v in versions for a in (v.account_id, v.publication.account_id if v.publication else None) if a}
    return render_template(
        "library/guides/guide.html", guide=row, version=shown, versions=versions, keeps=keeps, today=today,
        html=safe_html(shown.text) if shown.text else "", steps=[Step(**step) for step in shown.steps],
        chips=chips(db.session, shown.citations, today), names=account_names(db.session, names),
        reads_banks=Permission.MANAGE_BANK in current_user.permissions,
    )  # fmt: skip


def _asked(versions: Any) -> GuideVersion:
    """The version of the address, else the newest published one, else the newest. Raises NoResultFound."""
    number = request.args.get("version", type=int)
    found = [v for v in versions if v.number == number] if number else [v for v in versions if v.publication]
    if not found and (number or not versions):
        raise NoResultFound
    return (found or list(versions))[0]


@bp.get("/guides/<int:guide_id>/<int:number>/compare")
@needs(SIGNED_IN)
def against(guide_id: int, number: int) -> Any:
    """A version line by line beside the one before it."""
    row = _guide(guide_id)
    versions = queries.versions(db.session, row.id, drafts=queries.keeps(db.session, current_user, row.id))
    new = next((v for v in versions if v.number == number), None)
    old = next((v for v in versions if v.number < number), None)
    if new is None or old is None:
        raise NoResultFound
    return render_template(
        "library/guides/compare.html", guide=row, old=old, new=new, text=compare(old.text, new.text),
        steps=compare(_chart(old), _chart(new)),
        file_changed=(old.file.sha256 if old.file else "") != (new.file.sha256 if new.file else ""),
    )  # fmt: skip


def _chart(version: GuideVersion) -> str:
    return steps_as_text([Step(**step) for step in version.steps])


@bp.get("/guides/<int:guide_id>/<int:number>/file")
@needs(SIGNED_IN)
def file(guide_id: int, number: int) -> Response:
    """The attached file, to be saved, never shown inside this site."""
    row = _guide(guide_id)
    versions = queries.versions(db.session, row.id, drafts=queries.keeps(db.session, current_user, row.id))
    found = next((v.file for v in versions if v.number == number and v.file), None)
    if found is None:
        raise NoResultFound
    content = files.read(Path(current_app.config["MINGFA"].files_dir), found.place, found.sealed_key)
    answer = send_file(
        BytesIO(content), mimetype=files.TYPES[found.kind], as_attachment=True, download_name=found.name
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer
