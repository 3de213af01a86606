"""A person's file, its edits, and numbers in full."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user

from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.rules import N_
from portal.ground.web import SIGNED_IN, needs
from portal.people.identity import not_own
from portal.people.models import Person, Post
from portal.people.queries import person_in_scope, post_in_scope
from portal.people.records import operations, queries
from portal.people.records.corrections import queries as corrections
from portal.people.records.forms import EditForm, IdentityCheckForm, NewPersonForm, RevealForm
from portal.people.records.models import Purpose, RevealedFact
from portal.people.records.photos.queries import newest_photo
from portal.people.records.rules import clashes, current_facts, merged
from portal.people.rules import Permission

bp = Blueprint("people_records", __name__, template_folder="templates")


def refused(form: Any, refusal: operations.WrongFact) -> None:
    """Put the refusal where it belongs: at the field."""
    field = getattr(form, refusal.field, None) or form.value
    field.errors = [*field.errors, i18n.gettext(refusal.message, **refusal.values)]


@bp.get("/people/<int:person_id>")
@needs(Permission.SEE_ROSTER)
def file(person_id: int):
    """Everything the roster keeps about one person, and how it came to be."""
    session = db.session
    person = person_in_scope(session, current_user, Permission.SEE_ROSTER, person_id)
    posts = queries.posts_of(session, person_id)
    history = queries.history_of(session, person_id)
    return render_template(
        "people/records/file.html", person=person, posts=posts, papers=queries.papers_of(session, person_id),
        history=history, photo=next((e.id for e in history if e.kind == "photo"), None),
        way_in=queries.account_of(session, person_id), today=clock.today(),
        may={p.name for p in current_user.permissions if queries.reaches(current_user, p, posts[0])},
    )  # fmt: skip


@bp.get("/people/new")
@needs(Permission.EDIT_PERSON)
def new():
    return _new(NewPersonForm())


@bp.post("/people/new")
@needs(Permission.EDIT_PERSON)
def create():
    form, session = NewPersonForm(), db.session
    if not form.validate_on_submit():
        return _new(form), 422
    body = queries.body_named(session, current_user, form.body.data.strip())
    named = (form.establishment.data or "").strip()
    establishment = queries.body_named(session, current_user, named) if named else body
    for field, found in ((form.body, body), (form.establishment, establishment)):
        if found is None:
            field.errors = [N_("You keep the roster of no unit with this name.")]
    if body is None or establishment is None:
        return _new(form), 422
    typed = operations.NewPerson(
        form.name.data, form.id_number.data, form.education.data, form.phone.data or "", form.area_compared.data
    )
    try:
        person = operations.create_person(
            session, typed, body, establishment, form.post_facts, account=current_user, now=clock.now()
        )
    except operations.WrongFact as refusal:
        refused(form, refusal)
        return _new(form, area=isinstance(refusal, operations.AreaUnknown)), refusal.status
    except operations.BelongsToAnother as refusal:
        form.id_number.errors = [i18n.gettext(refusal.message)]
        return _new(form), refusal.status
    session.commit()
    flash(i18n.gettext(N_("The person is on record.")))
    return redirect(url_for(".file", person_id=person.id), 303)


def _new(form: NewPersonForm, *, area: bool = False) -> str:
    bodies = queries.offered_bodies(db.session, current_user)
    return render_template("people/records/new.html", form=form, bodies=bodies, area=area)


@bp.get("/people/<int:person_id>/edit")
@needs(Permission.EDIT_PERSON)
def edit(person_id: int):
    person, post = _to_edit(person_id)
    form = EditForm.shown(current_facts(person, post), version=person.version, post_id=post.id if post else None)
    return _edit(person, post, form)


@bp.post("/people/<int:person_id>/edit")
@needs(Permission.EDIT_PERSON)
def save(person_id: int):
    session = db.session
    person, post = _to_edit(person_id)
    form = EditForm() if post else EditForm().without_post()
    if not form.validate_on_submit():
        return _edit(person, post, form), 422
    seen = int(form.version.data)
    if post is not None and form.post.data != str(post.id):
        seen = -1  # the post on the form is no longer the present one
    try:
        changed = operations.edit_person(
            session, person, post, form.facts, version=seen, account=current_user, now=clock.now()
        )
    except operations.SomebodyElseEdited as refusal:
        return _clash(person, post, form, max(seen, 0)), refusal.status
    session.commit()
    flash(i18n.gettext(N_("The changes are on record.") if changed else N_("Nothing was different; nothing changed.")))
    return redirect(url_for(".file", person_id=person_id), 303)


def _to_edit(person_id: int) -> tuple[Person, Post | None]:
    person = person_in_scope(db.session, current_user, Permission.EDIT_PERSON, person_id)
    not_own(db.session, current_user, person_id)
    return person, post_in_scope(db.session, current_user, Permission.EDIT_PERSON, person_id)


def _edit(person: Person, post: Post | None, form: EditForm, **more: Any) -> str:
    return render_template("people/records/edit.html", person=person, post=post, form=form, **more)


def _clash(person: Person, post: Post | None, form: EditForm, seen: int) -> str:
    """The form again, with what the second typed, beside what is stored now and who stored it."""
    stored = current_facts(person, post)
    found = clashes(stored, form.facts, queries.edits_since(db.session, person.id, seen))
    again = EditForm.shown(
        merged(form.facts, found), version=person.version, post_id=post.id if post else None
    )  # fmt: skip
    return _edit(person, post, again, clashes=found)


@bp.get("/people/<int:person_id>/numbers")
@needs(Permission.REVEAL_PERSON, fresh=True)
def ask_number(person_id: int):
    person = person_in_scope(db.session, current_user, Permission.REVEAL_PERSON, person_id)
    return render_template("people/records/ask_number.html", person=person, form=RevealForm())


@bp.post("/people/<int:person_id>/numbers")
@needs(Permission.REVEAL_PERSON, fresh=True)
def show_number(person_id: int):
    """The number in full, on this answer only: it has no address to come back to."""
    session, form, now = db.session, RevealForm(), clock.now()
    person = person_in_scope(session, current_user, Permission.REVEAL_PERSON, person_id)
    if not form.validate_on_submit():
        return render_template("people/records/ask_number.html", person=person, form=form), 422
    fact, purpose = RevealedFact(form.fact.data), Purpose(form.purpose.data)
    try:
        number = operations.reveal(
            session, person, fact, purpose=purpose, why=form.why.data, account=current_user, now=now
        )
    except operations.WrongFact as refusal:
        refused(form, refusal)
        return render_template("people/records/ask_number.html", person=person, form=form), refusal.status
    session.commit()
    return render_template("people/records/number.html", person=person, number=number, fact=fact, purpose=purpose)


@bp.get("/people/<int:person_id>/identity-check")
@needs(Permission.EDIT_PERSON)
def check_identity(person_id: int):
    person = person_in_scope(db.session, current_user, Permission.EDIT_PERSON, person_id)
    not_own(db.session, current_user, person_id)
    return _check(person, IdentityCheckForm(checked_on=clock.today()))


@bp.post("/people/<int:person_id>/identity-check")
@needs(Permission.EDIT_PERSON)
def record_identity_check(person_id: int):
    session, form = db.session, IdentityCheckForm()
    person = person_in_scope(session, current_user, Permission.EDIT_PERSON, person_id)
    if not form.validate_on_submit():
        return _check(person, form), 422
    try:
        operations.record_identity_check(
            session, person, checked_on=form.checked_on.data, photo_meets_standard=form.photo.data == "yes",
            reference=form.reference.data, account=current_user, now=clock.now(),
        )  # fmt: skip
    except operations.WrongFact as refusal:
        refused(form, refusal)
        return _check(person, form), refusal.status
    session.commit()
    flash(i18n.gettext(N_("The identity check is on record.")))
    return redirect(url_for(".file", person_id=person_id), 303)


def _check(person: Person, form: IdentityCheckForm) -> str:
    photo = newest_photo(db.session, person.id)
    return render_template("people/records/identity_check.html", person=person, form=form, photo=photo)


@bp.get("/me/file")
@needs(SIGNED_IN)
def mine():
    """What the portal keeps about the one who asks."""
    session, person_id = db.session, current_user.person_id
    requests = corrections.own_requests(session, person_id)
    return render_template(
        "people/records/mine.html", person=current_user.person, posts=queries.posts_of(session, person_id),
        photo=newest_photo(session, person_id), papers=queries.papers_of(session, person_id), today=clock.today(),
        requests=[(r, corrections.said(session, r), corrections.answer_said(session, r)) for r in requests],
    )  # fmt: skip
