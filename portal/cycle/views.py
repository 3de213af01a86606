"""The page of days off and of days worked all the same, kept by the exam administration of the province."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from portal.cycle import operations, queries
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import NotAllowed, Refused
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.queries import reach
from portal.people.rules import Permission

bp = Blueprint("cycle", __name__, url_prefix="/working-days")
KEEPS = (Permission.MANAGE_EXAMS, Permission.EDIT_BODY)  # exam administration, system administration


@bp.get("/")
@needs(*KEEPS)
def days() -> Any:
    """A year's days that differ from their place in the week."""
    return _page()


@bp.post("/")
@needs(*KEEPS)
def enter() -> Any:
    _of_the_province()
    try:
        day = date.fromisoformat(request.form.get("day", ""))
        operations.set_day(
            db.session, day, works=request.form.get("works") == "1", label=request.form.get("label", ""),
            account_id=current_user.id, now=clock.now(),
        )  # fmt: skip
    except ValueError:
        return _page(error=i18n.gettext(N_("Enter the day like 2024-03-01.")))
    except Refused as refusal:
        db.session.rollback()
        return _page(error=i18n.gettext(refusal.message, **refusal.values))
    db.session.commit()
    flash(i18n.gettext(N_("The day is entered; results due after it are counted anew.")))
    return redirect(url_for("cycle.days", year=day.year), 303)


@bp.post("/<day>/forget")
@needs(*KEEPS)
def forget(day: str) -> Any:
    """The day is again what its place in the week says."""
    _of_the_province()
    try:
        gone = date.fromisoformat(day)
    except ValueError:
        return _page(error=i18n.gettext(N_("Enter the day like 2024-03-01.")))
    operations.forget_day(db.session, gone, account_id=current_user.id, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The entry is taken out.")))
    return redirect(url_for("cycle.days", year=gone.year), 303)


def may_keep() -> bool:
    """One calendar for the province: its keeper's role begins at the province's top."""
    return any(path.count("/") == 2 and field is None for p in KEEPS for path, field in reach(current_user, p))


def _of_the_province() -> None:
    if not may_keep():
        raise NotAllowed(N_("The calendar is one for the whole province and is kept there."))


def _page(error: str = "") -> Any:
    year = request.args.get("year", clock.today().year, int)
    year = min(max(year, 2000), 2100)
    known = queries.years(db.session)
    page = render_template(
        "cycle/days.html", year=year, rows=queries.days_of(db.session, year), error=error, may_keep=may_keep(),
        years=sorted({*known, clock.today().year, clock.today().year + 1}), lacking=year not in known,
        typed=request.form,
    )  # fmt: skip
    return page, 422 if error else 200
