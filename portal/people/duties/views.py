"""Who holds which role, giving and taking away, standing in, and who sees whom."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.ground import clock, i18n, search_words
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, needs
from portal.people.duties import gaps, grants, holdings, queries
from portal.people.duties.forms import GrantForm, RevokeForm, StandInForm
from portal.people.models import Grant, Role
from portal.people.queries import account_names
from portal.people.rules import OPENS, Permission

bp = Blueprint("people_duties", __name__, template_folder="templates", url_prefix="/roles")
PAGE = 50


def _page_number() -> int:
    return min(max(1, request.args.get("page", 1, int)), 100_000)


@bp.get("")
@needs(Permission.SEE_ROLES)
def roles():
    """Who holds which role where, in what the reader answers for."""
    words, role = search_words.asked(request.args)[:60], request.args.get("role", "")
    ended, number = request.args.get("state") == "ended", _page_number()
    lines, total = holdings.listed(
        db.session, current_user, words=words, role=role, ended=ended, page=number, size=PAGE
    )
    found = holdings.found_accounts(db.session, current_user, words) if words and not lines else []
    return render_template(
        "people/duties/roles.html", lines=lines, total=total, page_number=number, size=PAGE, words=words, role=role,
        ended=ended, roles=list(Role), found=found,
    )  # fmt: skip


@bp.post("")
@needs(Permission.SEE_ROLES)
def find():
    """A search, whose words may be a name and must not stand in an address."""
    narrower = {name: request.form[name] for name in ("role", "state") if request.form.get(name)}
    return redirect(url_for(".roles", **narrower, **search_words.keep(request.form.get("q", ""))), 303)


@bp.get("/accounts/<int:account_id>")
@needs(Permission.SEE_ROLES)
def account(account_id: int):
    """One person's roles, what they open, and the form for another."""
    return _account_page(account_id)


def _account_page(account_id: int, form: GrantForm | None = None, refusal: Refused | None = None):
    holder = holdings.account_in_scope(db.session, current_user, Permission.SEE_ROLES, account_id)
    may = Permission.GRANT_ROLE in current_user.permissions and holder.person_id != current_user.person_id
    words = request.values.get("unit", "").strip()[:60]
    given = request.values.get("body_id", 0, int)
    choices = holdings.body_choices(db.session, current_user, words) if may and words else []
    own = {g.body_id: g.body for g in holder.grants}
    absent = {g.on_behalf_of_id for g in holder.grants if g.on_behalf_of_id}
    form = form or GrantForm(starts_on=clock.today())
    return render_template(
        "people/duties/account.html", holder=holder, may=may, form=form, unit=words, choices=choices, given=given,
        own_bodies=[b for b in own.values() if holdings.covers(current_user, Permission.GRANT_ROLE, b, None)],
        fields=holdings.fields_to_grant(current_user) if may else [], opens=OPENS, today=clock.today(),
        revoke=RevokeForm(), refusal=refusal, absent=account_names(db.session, absent),
        roles=list(Role), lendable=[g.id for g in holder.grants if holdings.may_be_lent(g)],
        givable=_givable(holder.grants) if may else set(),
    ), refusal.status if refusal else 422 if form.errors else 200  # fmt: skip


def _givable(held: list[Grant]) -> set[int]:
    """The grants in force or to come that the reader may end."""
    today = clock.today()
    live = [g for g in held if g.revoked_at is None and (g.ends_on is None or g.ends_on >= today)]
    return {g.id for g in live if holdings.covers(current_user, Permission.GRANT_ROLE, g.body, g.field)}


@bp.post("/accounts/<int:account_id>/grant")
@needs(Permission.GRANT_ROLE, fresh=True)
def grant(account_id: int):
    holder = holdings.account_in_scope(db.session, current_user, Permission.GRANT_ROLE, account_id)
    form = GrantForm()
    if not form.validate_on_submit():
        return _account_page(account_id, form)
    body = holdings.body_to_grant_at(db.session, current_user, form.body_id.data)
    if form.field.data not in [f or "" for f in holdings.fields_to_grant(current_user)]:
        form.field.errors = [N_("Choose one of the fields in which you give roles.")]
        return _account_page(account_id, form)
    try:
        grants.grant_role(
            db.session, holder, form.role.data, body, field=form.field.data or None, starts_on=form.starts_on.data,
            ends_on=form.ends_on.data, reason=form.reason.data, by=current_user, now=clock.now(),
        )  # fmt: skip
    except Refused as refusal:
        db.session.rollback()
        return _account_page(account_id, form, refusal)
    db.session.commit()
    flash(i18n.gettext(N_("The role is given.")))
    return redirect(url_for("people_duties.account", account_id=account_id), 303)


@bp.post("/grants/<int:grant_id>/revoke")
@needs(Permission.GRANT_ROLE, fresh=True)
def revoke(grant_id: int):
    row = holdings.grant_in_scope(db.session, current_user, Permission.GRANT_ROLE, grant_id)
    form = RevokeForm()
    if not form.validate_on_submit():
        raise grants.ReasonMissing(N_("Say why the role is given or taken away."))
    count = grants.revoke_role(db.session, row, reason=form.reason.data, by=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Ended at once: %(n)s."), n=count))
    return redirect(url_for("people_duties.account", account_id=row.account_id), 303)


@bp.get("/grants/<int:grant_id>/stand-in")
@needs(SIGNED_IN)
def stand_in(grant_id: int):
    """Who may stand in for the holder of this role, and from when until when."""
    row = holdings.grant_to_lend(db.session, current_user, grant_id)
    return render_template(
        "people/duties/stand_in.html", row=row, form=StandInForm(starts_on=clock.today()), refusal=None
    )


@bp.post("/grants/<int:grant_id>/stand-in")
@needs(SIGNED_IN, fresh=True)
def let_stand_in(grant_id: int):
    row = holdings.grant_to_lend(db.session, current_user, grant_id)
    form = StandInForm()
    if not form.validate_on_submit():
        return render_template("people/duties/stand_in.html", row=row, form=form, refusal=None), 422
    try:
        deputy = holdings.deputy_for(db.session, row, form.username.data.strip())
        grants.stand_in(
            db.session, row, deputy, starts_on=form.starts_on.data, ends_on=form.ends_on.data,
            reason=form.reason.data, by=current_user, now=clock.now(),
        )  # fmt: skip
    except NoResultFound:
        form.username.errors = [N_("Nobody with this number works where the role holds.")]
        return render_template("people/duties/stand_in.html", row=row, form=form, refusal=None), 422
    except Refused as refusal:
        db.session.rollback()
        return render_template("people/duties/stand_in.html", row=row, form=form, refusal=refusal), refusal.status
    db.session.commit()
    flash(i18n.gettext(N_("%(name)s stands in; it is shown on every step."), name=deputy.person.name))
    if row.account_id == current_user.id:
        return redirect(url_for("people_duties.deputies"), 303)
    return redirect(url_for("people_duties.account", account_id=row.account_id), 303)


@bp.get("/deputies")
@needs(SIGNED_IN)
def deputies():
    """My roles, who stands in for me, and for whom I do."""
    own, lent, held = holdings.own_lending(db.session, current_user)
    absent = account_names(db.session, {g.on_behalf_of_id for g in held})
    return render_template(
        "people/duties/deputies.html", own=own, lent=lent, held=held, absent=absent, revoke=RevokeForm(),
        today=clock.today(),
    )  # fmt: skip


@bp.post("/deputies/<int:grant_id>/revoke")
@needs(SIGNED_IN)
def end_deputy(grant_id: int):
    """I am back, or somebody else shall stand in."""
    row = holdings.lent_grant(db.session, current_user, grant_id)
    form = RevokeForm()
    grants.revoke_role(db.session, row, reason=form.reason.data or "-", by=current_user, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("The deputy stands in no longer.")))
    return redirect(url_for("people_duties.deputies"), 303)


@bp.get("/conflicts")
@needs(Permission.SEE_ROLES)
def conflicts():
    """What excludes what, and what each role opens: the data, readable."""
    duties, excluded = queries.conflicts(db.session)
    return render_template("people/duties/conflicts.html", duties=duties, excluded=excluded, opens=OPENS)


@bp.get("/gaps")
@needs(Permission.SEE_ROLES)
def lacking():
    """Units without a second qualified person, and who takes the step for them."""
    number = _page_number()
    found = gaps.lacking(db.session, current_user)
    shown = found[(number - 1) * PAGE : number * PAGE]
    return render_template(
        "people/duties/gaps.html", rows=shown, total=len(found), page_number=number, size=PAGE,
        above=gaps.instead(db.session, shown),
    )  # fmt: skip


@bp.get("/access/body/<int:body_id>")
@needs(Permission.SEE_ROLES)
def body_access(body_id: int):
    """Everybody whose role reaches a body."""
    body, fields = holdings.body_seen(db.session, current_user, body_id)
    lines, total = holdings.who_sees(db.session, [(body.path, fields)], page=_page_number(), size=PAGE)
    return render_template(
        "people/duties/access.html", title=body.name, places=[], lines=lines, total=total, page_number=_page_number(),
        size=PAGE, opens=OPENS,
    )  # fmt: skip


@bp.get("/access/person/<int:person_id>")
@needs(Permission.SEE_ROLES)
def person_access(person_id: int):
    """Everybody whose role reaches a person by one of his posts."""
    person = holdings.person_seen(db.session, current_user, person_id)
    places = holdings.places_of(db.session, person.id)
    lines, total = holdings.who_sees(
        db.session, [(post.body.path, fields) for post, fields in places], page=_page_number(), size=PAGE
    )
    return render_template(
        "people/duties/access.html", title=person.name, places=places, lines=lines, total=total,
        page_number=_page_number(), size=PAGE, opens=OPENS,
    )  # fmt: skip
