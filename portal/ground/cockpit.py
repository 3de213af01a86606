"""The cockpit's pages, the same for every kind: choose a file, match its columns, look at what it would do, import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import clock, cockpit_sheets, i18n, import_portions, imports
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.import_checking import Reader
from portal.ground.import_files import MOST_BYTES
from portal.ground.import_header import normal_title
from portal.ground.import_portions import Whole
from portal.ground.imports import RUNNING, Kind
from portal.ground.models import BatchState, ImportBatch
from portal.ground.rules import N_
from portal.ground.web import needs

PAGE, FEW = 50, 10
LATER = "later"  # the list of what was found out after the preview
HISTORY = 30
AROUND_THE_FILE = 64 * 1024  # bytes of a form besides its file
MOST_TEXT = 4 * 1024 * 1024  # bytes of a text that is pasted


@dataclass(frozen=True)
class Cockpit:
    """Where a kind's files go in.

    `kind_for` takes the address's own parts and gives the kind for the current user, or NoResultFound;
    `places` names the pages above as (text, address); `names` gives account id → name.
    """

    title: str
    permission: str
    kind_for: Callable[..., Kind]
    places: Callable[[Kind], Sequence[tuple[str, str]]]
    names: Callable[[Session, set[int]], Mapping[int, str]]
    own_only: bool  # files with people in them are shown to nobody but who brought them

    def join(self, bp: Blueprint) -> Blueprint:
        """Put the doors of this cockpit on a blueprint."""
        for path, method, view in (
            ("/", "GET", self.start),
            ("/", "POST", self.receive),
            ("/template.xlsx", "GET", self.template),
            ("/<int:batch_id>", "GET", self.batch),
            ("/<int:batch_id>/progress", "GET", self.progress),
            ("/<int:batch_id>/columns", "GET", self.columns),
            ("/<int:batch_id>/columns", "POST", self.choose),
            ("/<int:batch_id>/parked.xlsx", "GET", self.parked),
            ("/<int:batch_id>/commit", "POST", self.commit),
            ("/<int:batch_id>/discard", "POST", self.discard),
            ("/<int:batch_id>/undo", "POST", self.undo),
        ):
            guarded = needs(self.permission, fresh=view == self.commit)(view)  # keys and people go in
            if view == self.receive:
                guarded.max_body = MOST_BYTES + AROUND_THE_FILE  # type: ignore[attr-defined]
                guarded.max_text = MOST_TEXT  # type: ignore[attr-defined]
            bp.add_url_rule(path, view.__name__, guarded, methods=[method])
        return bp

    def start(self, error: str = "", **at: str) -> Any:
        kind = self.kind_for(**at)
        batches = self._batches(kind)
        return render_template(
            "imports/start.html", error=error, columns=cockpit_sheets.in_template(kind), batches=batches,
            pasted=request.form.get("text", ""), chosen=request.form.get("form", "auto"),
            **self._dress(kind, at, batches),
        )  # fmt: skip

    def receive(self, **at: str) -> Any:
        kind = self.kind_for(**at)
        brought, name = _brought(kind)
        if brought is None:
            return self.start(i18n.gettext(N_("Choose a file.")), **at), 422
        account_id, form = current_user.id, request.form.get("form", "auto")
        db.session.commit()  # nothing is written yet: others may write while the file is sealed
        try:
            stored = imports.put_aside(brought, imports.intake_of(kind), name)
        except Refused as refusal:
            return self.start(imports.refused(refusal), **at), refusal.status
        known = {code for code, _title in imports.intake_of(kind).forms}
        batch = imports.receive(
            db.session, kind, stored, file_name=name, account_id=account_id, now=clock.now(),
            form=form if form in known else "auto",
        )  # fmt: skip
        db.session.commit()
        return redirect(url_for(".batch", batch_id=batch.id, **at))

    def template(self, **at: str) -> Response:
        columns = cockpit_sheets.in_template(self.kind_for(**at))
        return cockpit_sheets.as_download(cockpit_sheets.template_workbook(columns), N_("Import template"))

    def batch(self, batch_id: int, **at: str) -> Any:
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        dress = self._dress(kind, at, [batch]) | {"batch": batch, "told": imports.told(db.session, kind, batch.refusal)}
        if batch.state == BatchState.MAPPING:
            return redirect(url_for(".columns", batch_id=batch_id, **at))
        if batch.state in RUNNING:
            return render_template("imports/working.html", share=_share(batch), **dress)
        if batch.state in (BatchState.REFUSED, BatchState.DISCARDED):
            return render_template("imports/ended.html", **dress)
        return render_template("imports/batch.html", **self._result(kind, batch), **dress)

    def _result(self, kind: Kind, batch: ImportBatch) -> dict[str, Any]:
        """What the page of a checked or finished batch shows; of long lists one page."""
        column, show = request.args.get("column", ""), request.args.get("show", "")
        page = max(1, request.args.get("page", 1, int))
        rows, columns = import_portions.counts(db.session, batch.id)
        whole, first = Whole.of(batch), (page - 1) * PAGE
        return {
            "report": rows, "notes": whole.notes, "given": any(head.given for head in whole.heads),
            "columns": Counter(columns), "column": column, "show": show, "page_number": page, "size": PAGE,
            "total": rows.get(show, 0) if show else columns.get(column, 0) if column else sum(columns.values()),
            "problems": [] if show else import_portions.problems_page(db.session, batch.id, column, first, PAGE),
            "outcomes": import_portions.rows_page(db.session, batch.id, show, first, PAGE) if show else [],
            "before": imports.same_file(db.session, batch), "later": self._later(kind, batch, show, first),
        }  # fmt: skip

    def _later(self, kind: Kind, batch: ImportBatch, show: str, first: int) -> dict[str, Any] | None:
        """What was found out after the preview, where the kind looks further and the file is not in yet."""
        if getattr(kind, "later", None) is None or batch.state != BatchState.PREVIEW:
            return None
        count = import_portions.later_count(db.session, batch.id)
        start, size = (first, PAGE) if show == LATER else (0, FEW)
        return {
            "count": count, "running": imports.looks_further(db.session, kind, batch),
            "hints": import_portions.later_page(db.session, batch.id, start, size),
        }  # fmt: skip

    def progress(self, batch_id: int, **at: str) -> dict[str, Any]:
        """How far the running step is; the page asks for it once a second."""
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        return {
            "state": batch.state, "done": batch.rows_done, "total": batch.rows_total, "share": _share(batch),
            "text": i18n.gettext(ROWS_DONE, n=f"{batch.rows_done:,}"), "running": batch.state in RUNNING,
            "later": batch.state == BatchState.PREVIEW and imports.looks_further(db.session, kind, batch),
        }  # fmt: skip

    def columns(self, batch_id: int, error: str = "", **at: str) -> Any:
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        if batch.state not in (BatchState.MAPPING, BatchState.PREVIEW):
            return redirect(url_for(".batch", batch_id=batch_id, **at))
        reader = Reader(db.session, batch, kind)
        if reader.given:
            return redirect(url_for(".batch", batch_id=batch_id, **at))
        heads = [reader.whole.heads[sheet] for sheet in reader.whole.used]
        matched: dict[str, str] = {}
        for sheet in reader.whole.used:
            for index, column in reader.matched(sheet).titles.items():
                matched.setdefault(column, reader.whole.heads[sheet].titles[index])
        told = error or imports.told(db.session, kind, batch.refusal)
        return render_template(
            "imports/columns.html", batch=batch, error=told, matched=matched, samples=reader.whole.samples,
            fields=[c for c in kind.columns if c.in_template or c.title in matched], heads=heads, normal=normal_title,
            titles=list(dict.fromkeys(t for head in heads for t in head.titles if t)), **self._dress(kind, at, [batch]),
        )  # fmt: skip

    def choose(self, batch_id: int, **at: str) -> Any:
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        chosen = {c.title: request.form[c.title] for c in kind.columns if c.title in request.form}
        lacking = [c.title for c in kind.columns if c.required and not chosen.get(c.title)]
        if lacking:
            return self.columns(batch_id, i18n.gettext(CHOOSE_ALL, columns="、".join(lacking)), **at), 422
        try:
            imports.choose_columns(db.session, batch, kind, chosen, now=clock.now())
        except imports.BatchClosed:
            raise
        except Refused as refusal:
            return self.columns(batch_id, i18n.gettext(refusal.message, **refusal.values), **at), 422
        db.session.commit()
        return redirect(url_for(".batch", batch_id=batch_id, **at))

    def parked(self, batch_id: int, **at: str) -> Response:
        return cockpit_sheets.parked_rows(db.session, self._batch(self.kind_for(**at), batch_id))

    def commit(self, batch_id: int, **at: str) -> Any:
        imports.commit(db.session, self._batch(self.kind_for(**at), batch_id), now=clock.now())
        db.session.commit()
        return redirect(url_for(".batch", batch_id=batch_id, **at))

    def discard(self, batch_id: int, **at: str) -> Any:
        batch = self._batch(self.kind_for(**at), batch_id)
        imports.discard(db.session, batch, now=clock.now())
        db.session.commit()
        flash(i18n.gettext(N_("The file was put aside; nothing was imported.")))
        return redirect(url_for(".start", **at))

    def undo(self, batch_id: int, **at: str) -> Any:
        batch = self._batch(self.kind_for(**at), batch_id)
        imports.undo(db.session, batch, account_id=current_user.id, now=clock.now())
        db.session.commit()
        return redirect(url_for(".batch", batch_id=batch_id, **at))

    def _visible(self, kind: Kind) -> Any:
        found = select(ImportBatch).where(ImportBatch.kind == kind.code, ImportBatch.target == kind.target)
        return found.where(ImportBatch.account_id == current_user.id) if self.own_only else found

    def _batch(self, kind: Kind, batch_id: int) -> ImportBatch:
        """The batch, if this person may see it; otherwise NoResultFound, a 404."""
        return db.session.scalars(self._visible(kind).where(ImportBatch.id == batch_id)).one()

    def _batches(self, kind: Kind) -> Sequence[ImportBatch]:
        return db.session.scalars(self._visible(kind).order_by(ImportBatch.id.desc()).limit(HISTORY)).all()

    def _dress(self, kind: Kind, at: Mapping[str, str], batches: Sequence[ImportBatch]) -> dict[str, Any]:
        return {
            "cockpit": self,
            "kind": kind,
            "intake": imports.intake_of(kind),
            "places": self.places(kind),
            "names": self.names(db.session, {b.account_id for b in batches if b.account_id}),
            "link": lambda door, **more: url_for(f".{door}", **at, **more),
        }


def below(title: str, endpoint: str) -> Callable[[Kind], Sequence[tuple[str, str]]]:
    """The `places` of kinds that lie below one page, whatever their target."""
    return lambda _kind: [(i18n.gettext(title), url_for(endpoint))]


def _brought(kind: Kind) -> tuple[Any, str]:
    """The file or the pasted text as (stream, name); (None, "") when there is neither."""
    file, text = request.files.get("file"), request.form.get("text", "")
    if file is not None and file.filename:
        return file.stream, file.filename
    if text.strip() and imports.intake_of(kind).forms:
        return BytesIO(text.encode()), i18n.gettext(PASTED) + ".txt"
    return None, ""


PASTED = N_("Pasted text")
ROWS_DONE = N_("%(n)s rows so far")
CHOOSE_ALL = N_("Choose a column of the file for: %(columns)s.")


def _share(batch: ImportBatch) -> int:
    """Thousandths of the running step; reading does not know how much is to come."""
    return min(1000, 1000 * batch.rows_done // batch.rows_total) if batch.rows_total else 0
