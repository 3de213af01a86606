"""Signing in and out, the roster, and the reader's own settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import PUBLIC, SIGNED_IN, address, needs
from portal.people import operations, queries
from portal.people.forms import SignInForm
from portal.people.models import Field
from portal.people.rules import Permission

bp = Blueprint("people", __name__, template_folder="templates")
PAGE = 50


def safe_next(target: str) -> str:
    """Only a path of our own may follow signing in."""
    plain = all(char > " " and char != "\\" for char in target)
    inside = plain and target.startswith("/") and not target.startswith("//") and not urlsplit(target).netloc
    return target if inside else url_for("reports.home")


@bp.get("/sign-in")
@needs(PUBLIC)
def sign_in():
    if current_user.is_authenticated:
        return redirect(url_for("reports.home"))
    return render_template("people/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
@needs(PUBLIC)
def sign_in_now():
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("people/sign_in.html", form=form), 422
    now, username = clock.now(), form.username.data.strip()
    try:
        with db.reading() as reading:  # hashing must not hold the write lock
            account = operations.find_account(reading, username, form.password.data, address=address(), now=now)
    except operations.TooManyGuesses as refusal:
        form.password.errors = [i18n.gettext(refusal.message)]
        return render_template("people/sign_in.html", form=form), refusal.status
    if account is None:
        operations.note_wrong_password(db.session, username, address=address(), now=now)
        db.session.commit()
        form.password.errors = [i18n.gettext(N_("The number and the password do not belong together."))]
        return render_template("people/sign_in.html", form=form), 401
    session.clear()
    session["sign_in"] = operations.sign_in(db.session, account, address=address(), now=now)
    db.session.commit()
    login_user(account)
    return redirect(safe_next(request.args.get("next", "")))


@bp.post("/sign-out")
@needs(SIGNED_IN)
def sign_out():
    operations.sign_out(db.session, session.get("sign_in", ""), now=clock.now())
    db.session.commit()
    logout_user()
    session.clear()
    flash(i18n.gettext(N_("You are signed out.")), "info")
    return redirect(url_for("people.sign_in"))


@bp.post("/reading")
@needs(PUBLIC)
def reading():
    """Language, text size and contrast, kept in cookies of this device."""
    answer = redirect(safe_next(request.form.get("next", "")))
    for name, allowed in (
        (i18n.COOKIE, tuple(i18n.LANGUAGES)),
        ("mingfa_text", ("normal", "large")),
        ("mingfa_contrast", ("normal", "more")),
    ):
        if (value := request.form.get(name)) in allowed:
            answer.set_cookie(name, value, max_age=31_536_000, samesite="Lax", httponly=True)
    return answer


@bp.get("/roster")
@needs(Permission.SEE_ROSTER)
def roster():
    page = max(1, request.args.get("page", 1, int))
    words, field = request.args.get("q", "").strip(), request.args.get("field", "")
    rows, total = queries.roster(db.session, current_user, words=words, field=field, page=page, size=PAGE)
    return render_template(
        "people/roster.html",
        rows=rows,
        total=total,
        page_number=page,
        size=PAGE,
        words=words,
        field=field,
        fields=list(Field),
    )
