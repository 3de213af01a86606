"""Pictures of a bank's questions: in through the limited process, out to whoever may read the bank."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from portal.bank import queries as banks
from portal.bank.writing import operations, queries
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.pictures import MAX_BYTES, NotAPhoto, read_illustration
from portal.ground.rules import N_
from portal.ground.web import needs, wants_json
from portal.people.rules import Permission

bp = Blueprint("bank_pictures", __name__, url_prefix="/banks/<code>/pictures")
LONGEST_ALT = 200


@bp.get("/")
@needs(Permission.MANAGE_BANK)
def start(code: str):
    return _page(code)


def _page(code: str, **told: Any) -> str:
    bank = banks.bank_in_scope(db.session, current_user, code)
    return render_template("bank/writing/picture.html", bank=bank, **{"error": "", "text": "", "alt": "", **told})


@bp.post("/")
@needs(Permission.MANAGE_BANK)
def add(code: str):
    """Clean the picture with no transaction open, keep it, and answer with the text that stands for it."""
    banks.bank_in_scope(db.session, current_user, code)
    alt = " ".join(request.form.get("alt", "").split())[:LONGEST_ALT].replace("[", "（").replace("]", "）")
    db.session.commit()
    try:
        picture = read_illustration(_sent(alt))
    except Refused as refusal:
        if wants_json():
            raise
        told = i18n.gettext(refusal.message, **refusal.values)
        return _page(code, error=told, alt=alt), refusal.status
    bank = banks.bank_in_scope(db.session, current_user, code)
    row = operations.add_picture(db.session, bank, picture, account=current_user, now=clock.now())
    db.session.commit()
    text = f"![{alt}](picture:{row.sha256})"
    return {"text": text} if wants_json() else _page(code, text=text, alt=alt)


def _sent(alt: str) -> bytes:
    """The file that was sent; one byte more than allowed is enough to know that it is too big."""
    if not alt:
        raise operations.NoDescription(N_("Say in words what the picture shows, for people who cannot see it."))
    file = request.files.get("file")
    if file is None or not file.filename:
        raise NotAPhoto(N_("Choose a file."))
    return file.read(MAX_BYTES + 1)


@bp.get("/<sha256>")
@needs(*banks.READS)
def shown(code: str, sha256: str):
    """The picture itself; its name is its content, so a browser may keep it."""
    opened = banks.bank_readable(db.session, current_user, code)
    row = queries.picture(db.session, opened.bank, sha256)
    answer = Response(row.content, mimetype=row.media_type)
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    answer.headers["Content-Disposition"] = "inline"
    return answer
