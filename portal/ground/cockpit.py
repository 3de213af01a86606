"""The cockpit's pages, the same for every kind: choose a file, look at what it would do, import, keep the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ground import clock, i18n, imports
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.import_rows import Column
from portal.ground.imports import Kind
from portal.ground.models import BatchState, ImportBatch
from portal.ground.rules import N_
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.ground.web import needs

PAGE = 50
HISTORY = 30
FIRST_SHEET, LEGEND_SHEET = "导入", "填写说明"


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
        """Put the eight doors of this cockpit on a blueprint."""
        for path, method, view in (
            ("/", "GET", self.start),
            ("/", "POST", self.receive),
            ("/template.xlsx", "GET", self.template),
            ("/<int:batch_id>", "GET", self.batch),
            ("/<int:batch_id>/parked.xlsx", "GET", self.parked),
            ("/<int:batch_id>/commit", "POST", self.commit),
            ("/<int:batch_id>/discard", "POST", self.discard),
            ("/<int:batch_id>/undo", "POST", self.undo),
        ):
            bp.add_url_rule(path, view.__name__, needs(self.permission)(view), methods=[method])
        return bp

    def start(self, error: str = "", **at: str) -> Any:
        kind = self.kind_for(**at)
        batches = self._batches(kind)
        return render_template(
            "imports/start.html", error=error, columns=in_template(kind), batches=batches,
            **self._dress(kind, at, batches),
        )  # fmt: skip

    def receive(self, **at: str) -> Any:
        kind, file = self.kind_for(**at), request.files.get("file")
        if file is None or not file.filename:
            return self.start(i18n.gettext(N_("Choose a file.")), **at), 422
        content, now, account_id = file.read(), clock.now(), current_user.id
        db.session.commit()  # nothing is written yet: others may write while the file is read
        try:
            with db.reading() as session:
                checked = imports.check(session, kind, content, now=now)
        except Refused as refusal:
            return self.start(i18n.gettext(refusal.message, **refusal.values), **at), refusal.status
        batch = imports.keep(
            db.session, kind, checked, file_name=file.filename, content=content, account_id=account_id, now=now
        )
        db.session.commit()
        return redirect(url_for(".batch", batch_id=batch.id, **at))

    def template(self, **at: str) -> Response:
        columns = in_template(self.kind_for(**at))
        return as_download(template_workbook(columns), N_("Import template"))

    def batch(self, batch_id: int, **at: str) -> Any:
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        problems = imports.kept_problems(batch)
        column, show = request.args.get("column", ""), request.args.get("show", "")
        chosen = [p for p in problems if p.column and column in ("", p.column)]
        page = max(1, request.args.get("page", 1, int))
        outcomes = imports.kept_outcomes(batch, show) if show else []
        return render_template(
            "imports/batch.html", batch=batch, notes=[p for p in problems if not p.column],
            columns=Counter(p.column for p in problems if p.column), column=column, show=show,
            total=len(outcomes if show else chosen), page_number=page, size=PAGE,
            problems=chosen[(page - 1) * PAGE : page * PAGE], outcomes=outcomes[(page - 1) * PAGE : page * PAGE],
            before=self._same_file(kind, batch), **self._dress(kind, at, [batch]),
        )  # fmt: skip

    def parked(self, batch_id: int, **at: str) -> Response:
        batch = self._batch(self.kind_for(**at), batch_id)
        return as_download(imports.parked_rows_as_xlsx(batch), N_("Rows to correct"))

    def commit(self, batch_id: int, **at: str) -> Any:
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        report = imports.commit(db.session, batch, kind, now=clock.now())
        db.session.commit()
        sentence = N_("%(n)s rows were imported; %(parked)s wait for correction.")
        flash(i18n.gettext(sentence, n=report.created + report.changed, parked=report.parked))
        return redirect(url_for(".batch", batch_id=batch_id, **at))

    def discard(self, batch_id: int, **at: str) -> Any:
        batch = self._batch(self.kind_for(**at), batch_id)
        imports.discard(db.session, batch, now=clock.now())
        db.session.commit()
        flash(i18n.gettext(N_("The file was put aside; nothing was imported.")))
        return redirect(url_for(".start", **at))

    def undo(self, batch_id: int, **at: str) -> Any:
        kind = self.kind_for(**at)
        batch = self._batch(kind, batch_id)
        imports.undo(db.session, batch, kind, account_id=current_user.id, now=clock.now())
        db.session.commit()
        flash(i18n.gettext(N_("The import was taken back.")))
        return redirect(url_for(".batch", batch_id=batch_id, **at))

    def _visible(self, kind: Kind) -> Any:
        found = select(ImportBatch).where(ImportBatch.kind == kind.code, ImportBatch.target == kind.target)
        return found.where(ImportBatch.account_id == current_user.id) if self.own_only else found

    def _batch(self, kind: Kind, batch_id: int) -> ImportBatch:
        """The batch, if this person may see it; otherwise NoResultFound, a 404."""
        return db.session.scalars(self._visible(kind).where(ImportBatch.id == batch_id)).one()

    def _batches(self, kind: Kind) -> Sequence[ImportBatch]:
        return db.session.scalars(self._visible(kind).order_by(ImportBatch.id.desc()).limit(HISTORY)).all()

    def _same_file(self, kind: Kind, batch: ImportBatch) -> ImportBatch | None:
        """An earlier import of the very same file that still stands."""
        same = self._visible(kind).where(
            ImportBatch.file_sha256 == batch.file_sha256,
            ImportBatch.state == BatchState.COMMITTED,
            ImportBatch.id < batch.id,
        )
        return db.session.scalars(same.order_by(ImportBatch.id.desc()).limit(1)).first()

    def _dress(self, kind: Kind, at: Mapping[str, str], batches: Sequence[ImportBatch]) -> dict[str, Any]:
        return {
            "cockpit": self,
            "kind": kind,
            "places": self.places(kind),
            "names": self.names(db.session, {b.account_id for b in batches if b.account_id}),
            "link": lambda door, **more: url_for(f".{door}", **at, **more),
        }


def in_template(kind: Kind) -> list[Column]:
    return [column for column in kind.columns if column.in_template]


def template_workbook(columns: Sequence[Column]) -> bytes:
    """A workbook to fill in: header, two example rows, and a sheet that explains every column."""
    filled = [[c.title for c in columns], *([c.examples[n] for c in columns] for n in (0, 1))]
    head = [i18n.gettext(N_("Column")), i18n.gettext(N_("Must be there")), i18n.gettext(N_("What to write"))]
    need = {True: i18n.gettext(N_("Yes")), False: i18n.gettext(N_("May be left out"))}
    legend = [[c.title, need[c.required], i18n.gettext(c.legend)] for c in columns]
    last = ["", "", i18n.gettext(N_("The two example rows of the first sheet are to be removed before the import."))]
    explained = Page(LEGEND_SHEET, [head, *legend, last], [20, 12, 70])
    return write_workbook([Page(FIRST_SHEET, filled, [20] * len(columns)), explained])


def as_download(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=f"{i18n.gettext(name)}.xlsx")
