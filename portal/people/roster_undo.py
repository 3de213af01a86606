"""Taking a roster back: what it added goes, what it changed is as before; unless either is used or changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from portal.ground import audit, audit_personal, i18n
from portal.ground.crypto import keys
from portal.ground.import_undo import CHANGED_SINCE, IN_USE, NAMED, uses
from portal.ground.imports import CannotTakeBack, values_of
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.people.models import Person, Post, PostField
from portal.people.roster_plan import PHONE_PURPOSE
from portal.people.roster_storing import DECIDED_ON, set_post

SOME = 400


def check(session: Session, batch: ImportBatch) -> None:
    """Raises CannotTakeBack with the people concerned and what holds them."""
    used = uses(session, batch, ("person", "post"), owned=("post_field",))
    if used:
        raise CannotTakeBack(
            IN_USE, uses=[[_owner(session, kind, thing), table] for kind, table, thing in used][:NAMED]
        )
    changed = [[person_id, "changed"] for person_id in _changed_since(session, batch)][:NAMED]
    if changed:
        raise CannotTakeBack(CHANGED_SINCE, uses=changed)


def _owner(session: Session, kind: str, thing: int) -> int:
    """The person a used object belongs to."""
    if kind == "person":
        return thing
    return session.scalars(select(Post.person_id).where(Post.id == thing)).one()


def _changed_since(session: Session, batch: ImportBatch) -> Iterator[int]:
    """People of whom a changed row no longer says what this batch made it say."""
    last = 0
    while True:
        objects = session.scalars(
            select(ImportedObject)
            .where(
                ImportedObject.batch_id == batch.id, ImportedObject.act == "changed",
                ImportedObject.undone_at.is_(None), ImportedObject.id > last,
            )
            .order_by(ImportedObject.id)
            .limit(SOME)
        ).all()  # fmt: skip
        if not objects:
            return
        yield from _differing(session, objects)
        last = objects[-1].id


def _differing(session: Session, objects: Sequence[ImportedObject]) -> Iterator[int]:
    people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(_ids(objects, "person"))))}
    wanted = select(Post).where(Post.id.in_(_ids(objects, "post"))).options(selectinload(Post.further_fields))
    posts = {p.id: p for p in session.scalars(wanted.execution_options(populate_existing=True))}
    for touched in objects:
        _before, after = values_of(touched)
        if touched.object_kind == "person":
            person = people[touched.object_id]
            if any(not _says(person, fact, value) for fact, value in after.items()):
                yield person.id
        elif any(_fact(posts[touched.object_id], fact) != value for fact, value in after.items()):
            yield posts[touched.object_id].person_id


def _ids(objects: Sequence[ImportedObject], kind: str, act: str = "changed") -> list[int]:
    return [o.object_id for o in objects if o.object_kind == kind and o.act == act]


def _says(person: Person, fact: str, value: str) -> bool:
    if fact == "phone":
        return person.phone_index in keys.blinds(value, PHONE_PURPOSE)
    return getattr(person, fact) == value


def _fact(post: Post, fact: str) -> Any:
    """A fact of a post as it stands among the sealed values."""
    if fact == "further":
        return sorted(f.field for f in post.further_fields)
    value = getattr(post, fact)
    return value if value is None or isinstance(value, bool | int) else str(value)


def take_back(session: Session, objects: Sequence[ImportedObject], *, account_id: int | None, now: datetime) -> None:
    """Remove what was added and restore what was changed. Raises CannotTakeBack, or the database refuses."""
    changed = [o for o in objects if o.act == "changed"]
    since = [[person_id, "changed"] for person_id in _differing(session, changed)][:NAMED]
    if since:
        raise CannotTakeBack(CHANGED_SINCE, uses=since)
    connection = session.connection()
    gone = _ids(objects, "post", "created")
    connection.execute(delete(PostField.__table__).where(PostField.__table__.c.post_id.in_(gone)))
    connection.execute(delete(Post.__table__).where(Post.__table__.c.id.in_(gone)))
    owners = dict(session.execute(select(Post.id, Post.person_id).where(Post.id.in_(_ids(objects, "post")))).all())
    people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(_ids(objects, "person"))))}
    audit_personal.load_keys(session, {*owners.values(), *people})
    for touched in changed:
        before, after = values_of(touched)
        if touched.object_kind == "post":
            set_post(session, touched.object_id, before)
            person_id = owners[touched.object_id]
        else:
            person_id = touched.object_id
            _set_person(session, people[person_id], before)
        _write_trail(session, person_id, before, after, account_id=account_id, now=now)
    who = _ids(objects, "person", "created")
    connection.execute(delete(Person.__table__).where(Person.__table__.c.id.in_(who)))


def _set_person(session: Session, person: Person, before: dict[str, Any]) -> None:
    values = dict(before)
    if "phone" in values:
        phone = values.pop("phone")
        values["phone_sealed"] = keys.seal(phone, f"person|phone|{person.public_id}") if phone else None
        values["phone_index"] = keys.blind(phone, PHONE_PURPOSE) if phone else None
    table = Person.__table__
    session.connection().execute(
        update(table).where(table.c.id == person.id).values(version=table.c.version + 1, **values)
    )


def _write_trail(
    session: Session, person_id: int, before: dict[str, Any], after: dict[str, Any], *, account_id: int | None,
    now: datetime,
) -> None:  # fmt: skip
    audit.record(
        session, "roster_change_undone", "person", person_id, now=now, account_id=account_id, person_id=person_id,
        before=after, after=before, facts=sorted(before),
    )  # fmt: skip
    if "education" in before:
        audit.fact_changed(session, person_id, "education", person_id, now=now)
    if "ended_on" in before or any(fact in before for fact in DECIDED_ON):
        audit.fact_changed(session, person_id, "post", person_id, now=now)


USES = {
    "account": N_("account"),
    "attempt": N_("exam"),
    "entry": N_("exam"),
    "application": N_("application"),
    "decision": N_("decision"),
    "eligibility": N_("credential"),
    "enrolment": N_("training"),
    "hours_entry": N_("training"),
    "identity_check": N_("identity check"),
    "establishment_check": N_("establishment check"),
    "import_batch": N_("later import"),
    "post": N_("post"),
    "transfer": N_("transfer"),
    "changed": N_("changed since"),
}


def named(session: Session, uses_: Sequence[Sequence[Any]]) -> list[str]:
    """Whom an undo would touch, and what holds them: "安丽华 (account)"."""
    ids = [int(person_id) for person_id, _use in uses_]
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())
    return [
        f"{names.get(person_id, '—')} ({i18n.gettext(USES.get(use, N_('other record')))})"
        for person_id, (_id, use) in zip(ids, uses_, strict=True)
    ]
