"""Taking a roster back: what it added goes, what it changed is as before; unless either is used or changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, false, or_, select, true, update
from sqlalchemy.orm import Session, selectinload

from portal.ground import audit, audit_personal, i18n
from portal.ground.crypto import keys
from portal.ground.import_undo import CHANGED_SINCE, IN_USE, NAMED, uses
from portal.ground.imports import CannotTakeBack, values_of
from portal.ground.models import ImportBatch, ImportedObject
from portal.ground.rules import N_
from portal.people.models import Body, Person, Post, PostField
from portal.people.queries import PHONE_PURPOSE
from portal.people.roster_known import Reach
from portal.people.roster_roles import move_officers
from portal.people.roster_storing import DECIDED_ON, set_post

SOME = 400
OUT_OF_REACH = N_(
    "You no longer answer for everybody this import touched, so you cannot take it back: %(uses)s. "
    "Those who answer for them correct their records."
)


def check(session: Session, batch: ImportBatch, reach: Reach) -> None:
    """Raises CannotTakeBack with the people concerned and what holds them."""
    beyond = [[person_id, "reach"] for person_id in _beyond(session, batch, reach)]
    if beyond:
        raise CannotTakeBack(OUT_OF_REACH, uses=beyond)
    used = uses(session, batch, ("person", "post"), owned=("post_field",))
    if used:
        raise CannotTakeBack(
            IN_USE, uses=[[_owner(session, kind, thing), table] for kind, table, thing in used][:NAMED]
        )
    changed = [[person_id, "changed"] for person_id in _changed_since(session, batch)][:NAMED]
    if changed:
        raise CannotTakeBack(CHANGED_SINCE, uses=changed)


def _beyond(session: Session, batch: ImportBatch, reach: Reach) -> list[int]:
    """People of whom the batch touched what does not lie in reach any more; the first few."""
    if reach.cells is None:
        return []
    cells = [
        and_(Body.path.startswith(top, autoescape=True), Post.field == field if field else true())
        for top, field in reach.cells
    ]
    here = or_(false(), *cells)
    stands = (ImportedObject.batch_id == batch.id, ImportedObject.undone_at.is_(None))
    posts = (
        select(Post.person_id)
        .join(Body, Body.id == Post.body_id)
        .join(ImportedObject, and_(ImportedObject.object_kind == "post", ImportedObject.object_id == Post.id))
        .where(*stands, ~here)
    )
    reached = exists().where(
        Post.person_id == ImportedObject.object_id, Post.ended_on.is_(None), Post.body_id == Body.id, here
    )
    changed = (ImportedObject.object_kind == "person", ImportedObject.act == "changed")
    people = select(ImportedObject.object_id).where(*stands, *changed, ~reached)
    found = {*session.scalars(posts.distinct().limit(NAMED)), *session.scalars(people.distinct().limit(NAMED))}
    return sorted(found)[:NAMED]


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
        if touched.act == "changed" and touched.sealed_values is None:  # the person was erased
            yield touched.object_id if touched.object_kind == "person" else posts[touched.object_id].person_id
            continue
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
    move_officers(session, _back(session, gone), account_id=account_id, now=now)
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


def _back(session: Session, gone: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Whose post goes on again at the body where it ended the day before these began."""
    going = {p.person_id: p for p in session.scalars(select(Post).where(Post.id.in_(gone)))}
    earlier = select(Post).where(Post.person_id.in_(going), Post.ended_on.is_not(None)).order_by(Post.id)
    found = {}
    for old in session.scalars(earlier):
        new = going[old.person_id]
        if old.ended_on == new.started_on - timedelta(days=1) and old.body_id != new.body_id:
            found[old.person_id] = (new.body_id, old.body_id)
    return found


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
    "reach": N_("outside what you answer for"),
}


def named(session: Session, uses_: Sequence[Sequence[Any]]) -> list[str]:
    """Whom an undo would touch, and what holds them: "安丽华 (account)"."""
    ids = [int(person_id) for person_id, _use in uses_]
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())
    return [
        f"{names.get(person_id, '—')} ({i18n.gettext(USES.get(use, N_('other record')))})"
        for person_id, (_id, use) in zip(ids, uses_, strict=True)
    ]
