"""A law comes into the library: files, a look at everything in them and what they touch, the commit, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.bank.following.hits import times_cited
from portal.bank.following.holding import hold_laws, lift
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed, NotAllowed, Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.library import operations, queries
from portal.library.models import LawKind, LawUpload, LawVersion
from portal.people.rules import Permission
from portal.reports.law_changes.queries import coming
from portal.reports.law_imports import impact
from question_bank.laws.comparing import ChangeKind
from question_bank.laws.texts import LawText, Source, Unreadable, decoded, read_law, short

bp = Blueprint("law_imports", __name__, url_prefix="/library/import", template_folder="templates")
MOST_BYTES = 4 * 1024 * 1024  # of all files of one law
MOST_FILES = 20
SHOWN_FAULTS = 100


def _keeper_only() -> None:
    """Laws are one for all: whoever keeps them holds the role at the province."""
    if not queries.may_edit_laws(db.session, current_user):
        raise NotAllowed(N_("The law library is one for the province; its editors are appointed there."))


@bp.get("/")
@needs(Permission.EDIT_LIBRARY)
def start() -> Any:
    _keeper_only()
    return _start()


def _start(told: str = "", typed: str = "", title_typed: str = "") -> str:
    return render_template(
        "reports/law_imports/start.html", most=MOST_FILES, told=told, typed=typed, title_typed=title_typed
    )


@bp.post("/")
@needs(Permission.EDIT_LIBRARY)
def receive() -> Any:
    """Files of one law; what cannot be read is said at once, and nothing is kept."""
    _keeper_only()
    files = [file for file in request.files.getlist("files") if file.filename][: MOST_FILES + 1]
    pasted = request.form.get("text", "").strip()
    try:
        sources = _sources([(file.filename or "", file.read(MOST_BYTES + 1)) for file in files], pasted)
        read_law(sources, title=request.form.get("title", ""))
    except (Refused, Unreadable) as refusal:
        told = i18n.gettext(refusal.message, **refusal.values)
        return _start(told=told, typed=pasted, title_typed=request.form.get("title", "")[:120]), 422
    upload = operations.keep_upload(db.session, sources, account_id=current_user.id, now=clock.now())
    upload.choices = {"title": request.form.get("title", "").strip()[:120]}
    db.session.commit()
    return redirect(url_for("law_imports.look", upload_id=upload.id), 303)


def _sources(files: list[tuple[str, bytes]], pasted: str) -> list[Source]:
    if not files and not pasted:
        raise Malformed(N_("Choose the file of a law, or paste its text."))
    if len(files) > MOST_FILES or sum(len(content) for _name, content in files) > MOST_BYTES:
        raise Malformed(N_("A law has at most %(files)s files and 4 MB."), files=MOST_FILES)
    sources = [decoded(content, name[-120:]) for name, content in files]
    return sources or [Source(i18n.gettext(N_("pasted text")), pasted)]


@bp.get("/<int:upload_id>")
@needs(Permission.EDIT_LIBRARY)
def look(upload_id: int) -> Any:
    _keeper_only()
    return _page(queries.own_upload(db.session, current_user, upload_id))


def _read(upload: LawUpload) -> tuple[LawText, list[Source]]:
    sources = [Source(file["name"], file["text"]) for file in upload.files]
    return read_law(sources, title=upload.choices.get("title", "")), sources


def _settled(text: LawText, choices: dict[str, Any], known: Sequence[LawVersion]) -> operations.Facts:
    day = choices.get("in_force_from")
    return operations.settle(
        text, title=choices.get("title", ""), kind=choices.get("kind", ""), label=choices.get("label", ""),
        in_force_from=date.fromisoformat(day) if day else None, ends=choices.get("ends"), known=known,
    )  # fmt: skip


def _known(session: Session, text: LawText, choices: dict[str, Any]) -> Sequence[LawVersion]:
    """Versions of the law that are cited already and wait for their text."""
    return queries.untexted(session, short(choices.get("title") or text.title))


def _page(upload: LawUpload, refusal: Refused | None = None) -> Any:
    """What the files hold, the comparison, and what the change would touch; nothing is stored yet."""
    text, _sources_read = _read(upload)
    facts, beside, cause = None, [], None
    known = _known(db.session, text, upload.choices)
    cited = {v.label: times_cited(db.session, v.law.title, v.label) for v in known}
    try:
        facts = _settled(text, upload.choices, known)
        beside = operations.compared(db.session, text, facts)
        cause = coming(db.session, current_user, facts, beside, clock.today())
    except Refused as found:
        refusal = refusal or found
    tallied = [(o, {str(k): sum(c.kind == k for c in o.changes) for k in ChangeKind}) for o in beside]
    return render_template(
        "reports/law_imports/look.html", upload=upload, text=text, facts=facts, compared=tallied,
        cause=cause, refusal=refusal, kinds=list(LawKind), faults=text.faults[:SHOWN_FAULTS], choices=upload.choices,
        known=known, cited=cited,
        stops=any(not fault.warning for fault in text.faults),
        kind_guess=facts.kind if facts else operations.guessed_kind(text.short_title, text),
    ), refusal.status if refusal and request.method == "POST" else 200  # fmt: skip


@bp.post("/<int:upload_id>")
@needs(Permission.EDIT_LIBRARY)
def decide(upload_id: int) -> Any:
    """Look again with the facts as corrected, commit, or throw away."""
    _keeper_only()
    upload = queries.own_upload(db.session, current_user, upload_id)
    if request.form.get("do") == "discard":
        operations.drop_upload(db.session, upload)
        db.session.commit()
        return redirect(url_for("library.laws"), 303)
    upload.choices = _typed()
    db.session.commit()
    if request.form.get("do") != "commit":
        return redirect(url_for("law_imports.look", upload_id=upload_id), 303)
    try:
        version_id, held = _commit(upload)
    except Refused as refusal:
        db.session.rollback()
        return _page(upload, refusal)
    flash(i18n.gettext(N_("The law is in the library. %(n)s questions were held back."), n=held))
    return redirect(url_for("library.version", version_id=version_id), 303)


def _typed() -> dict[str, Any]:
    typed = {name: request.form.get(name, "").strip()[:120] for name in ("title", "kind", "label", "in_force_from")}
    if chosen := request.form.get("known", "").strip()[:30]:
        typed |= {"label": chosen, "in_force_from": ""}  # the library knows the day, too
    try:
        typed["in_force_from"] = date.fromisoformat(typed["in_force_from"]).isoformat()
    except ValueError:
        typed["in_force_from"] = ""
    ends = [line.strip()[:80] for line in request.form.get("ends", "").splitlines() if line.strip()][:50]
    return {**typed, "kind": typed["kind"] if typed["kind"] in set(LawKind) else "", "ends": ends}


def _commit(upload: LawUpload) -> tuple[int, int]:
    """Read and compare while others may write; store the law and hold its questions in one transaction.

    Gives the version's id and how many questions are held.
    """
    text, sources = _read(upload)
    with db.reading() as session:
        facts = _settled(text, upload.choices, _known(session, text, upload.choices))
        beside = operations.compared(session, text, facts)
    version = operations.import_version(
        db.session, text, facts, beside, sources=sources, account_id=current_user.id, now=clock.now()
    )
    held = hold_laws(db.session, [facts.title, *facts.ends], clock.now())
    operations.drop_upload(db.session, upload)
    db.session.commit()
    return version.id, held


@bp.get("/undo/<int:version_id>")
@needs(Permission.EDIT_LIBRARY)
def withdraw(version_id: int) -> Any:
    """What withdrawing a version would mean; nothing is changed yet."""
    _keeper_only()
    return _withdrawal(impact.withdrawal(db.session, version_id))


def _withdrawal(found: impact.Withdrawal, refusal: Refused | None = None) -> Any:
    page = render_template(
        "reports/law_imports/withdraw.html", found=found, version=found.version, law=found.version.law,
        reason=request.form.get("reason", ""), refusal=refusal,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@bp.post("/undo/<int:version_id>")
@needs(Permission.EDIT_LIBRARY)
def undo(version_id: int) -> Any:
    """Withdraw a version that nothing cites, with a reason; what it held is free again."""
    _keeper_only()
    found = impact.withdrawal(db.session, version_id)
    titles = [found.version.law.title, *found.ended]
    try:
        operations.take_back(
            db.session, found.version, cited=found.cited, reason=request.form.get("reason", ""),
            account_id=current_user.id, now=clock.now(),
        )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        return _withdrawal(impact.withdrawal(db.session, version_id), refusal)
    freed = lift(db.session, f"law_version:{version_id}", clock.now())
    hold_laws(db.session, titles, clock.now())  # what a version before it changed
    db.session.commit()
    flash(i18n.gettext(N_("The version is withdrawn. %(n)s questions are no longer held because of it."), n=freed))
    return redirect(url_for("library.laws"), 303)
