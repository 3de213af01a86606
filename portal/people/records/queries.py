"""A person's file, always through the one who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, LargeBinary, String, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.ground.crypto import keys
from portal.ground.models import AuditLine, PersonKey
from portal.people.identity import same_person
from portal.people.models import (
    Account,
    Appraisal,
    Ban,
    Body,
    ConductStatement,
    EstablishmentCheck,
    Exemption,
    IdentityCheck,
    Person,
    Post,
    SignIn,
)
from portal.people.queries import ID_PURPOSE, bodies_in_scope, reach
from portal.people.records.models import CorrectionEnd, PersonChange, PersonCorrection, PersonReveal
from portal.people.records.photos.models import PersonPhoto
from portal.people.records.rules import Edit
from portal.people.records.sealing import unseal
from portal.people.rules import Permission

NO_DAY, NO_TEXT, NO_NUMBER, NO_BYTES = (cast(null(), kind) for kind in (Date, String, Integer, LargeBinary))


def posts_of(session: Session, person_id: int) -> Sequence[Post]:
    """Every post of a person over time, the present one first."""
    return session.scalars(
        select(Post)
        .where(Post.person_id.in_(same_person(person_id)))
        .order_by(Post.ended_on.is_not(None), Post.started_on.desc(), Post.id.desc())
        .options(joinedload(Post.body), joinedload(Post.establishment_body), selectinload(Post.further_fields))
    ).all()


def reaches(account: Account, permission: Permission, post: Post | None) -> bool:
    """Whether the account holds a permission where this post lies, asked of what is loaded already."""
    if post is None:
        return False
    fields = {post.field, *(further.field for further in post.further_fields)}
    grants = reach(account, permission)
    return any(post.body.path.startswith(path) and (field is None or field in fields) for path, field in grants)


@dataclass(frozen=True)
class Paper:
    """A check, certificate, bar or exemption on record."""

    kind: str  # identity, establishment, appraisal, conduct, ban, exemption
    id: int
    day: date | None
    until: date | None
    code: str | None
    good: bool
    reference: str
    year: int | None
    counts: bool = True  # False: compared a number that was wrong


def papers_of(session: Session, person_id: int) -> list[Paper]:
    """What others checked or certified about a person, newest first, in one statement."""
    mine = same_person(person_id)
    yes, no = literal(1), literal(0)

    def shown(kind: str, table: Any, day: Any, until: Any, code: Any, good: Any, year: Any = NO_NUMBER) -> Any:
        columns = (literal(kind), table.id, day, until, code, good, table.reference, year)
        return select(*(c.label(n) for c, n in zip(columns, Paper.__dataclass_fields__, strict=False)))

    rows = session.execute(
        union_all(
            shown("identity", IdentityCheck, IdentityCheck.checked_on, NO_DAY, NO_TEXT,
                  cast(IdentityCheck.photo_meets_standard, Integer)).where(IdentityCheck.person_id.in_(mine)),
            shown("establishment", EstablishmentCheck, EstablishmentCheck.checked_on, NO_DAY, NO_TEXT,
                  cast(EstablishmentCheck.agrees, Integer))
            .join(Post, Post.id == EstablishmentCheck.post_id).where(Post.person_id.in_(mine)),
            shown("appraisal", Appraisal, NO_DAY, NO_DAY, Appraisal.grade, yes, Appraisal.year)
            .where(Appraisal.person_id.in_(mine)),
            shown("conduct", ConductStatement, ConductStatement.stated_on, NO_DAY, NO_TEXT,
                  cast(ConductStatement.clean, Integer)).where(ConductStatement.person_id.in_(mine)),
            shown("ban", Ban, Ban.since, func.coalesce(Ban.lifted_on, Ban.until), Ban.act, no)
            .where(Ban.person_id.in_(mine)),
            shown("exemption", Exemption, Exemption.approved_on, Exemption.valid_until, Exemption.kind, yes)
            .where(Exemption.person_id.in_(mine)),
            select(literal("superseded"), CorrectionEnd.superseded_check_id, NO_DAY, NO_DAY, NO_TEXT, no, literal(""),
                   NO_NUMBER)
            .join(PersonCorrection, PersonCorrection.id == CorrectionEnd.correction_id)
            .where(PersonCorrection.person_id.in_(mine), CorrectionEnd.superseded_check_id.is_not(None)),
        )
    ).all()  # fmt: skip
    old = max((row.id for row in rows if row.kind == "superseded"), default=0)
    papers = [
        Paper(*row[:5], bool(row.good), row.reference, row.year, not (row.kind == "identity" and row.id <= old))
        for row in rows
        if row.kind != "superseded"
    ]
    return sorted(papers, key=lambda p: (p.day or date(p.year or 1, 12, 31), p.id), reverse=True)


def standing_identity_check(session: Session, person_id: int) -> IdentityCheck | None:
    """The newest identity check, if no correction of the ID number came after it."""
    mine = same_person(person_id)
    superseded = (
        select(func.coalesce(func.max(CorrectionEnd.superseded_check_id), 0))
        .join(PersonCorrection, PersonCorrection.id == CorrectionEnd.correction_id)
        .where(PersonCorrection.person_id.in_(mine))
        .scalar_subquery()
    )
    return session.scalars(
        select(IdentityCheck)
        .where(IdentityCheck.person_id.in_(mine), IdentityCheck.id > superseded)
        .order_by(IdentityCheck.id.desc())
        .limit(1)
    ).first()


@dataclass(frozen=True)
class Event:
    """Something that happened to the file: an edit, a correction's steps, a new photo, a number seen in full."""

    kind: str  # edit, proposed, confirmed, refused, photo, reveal
    id: int
    at: datetime
    by: str
    code: str | None
    said: Any  # the values, unsealed; None when there are none or they were erased


def history_of(session: Session, person_id: int) -> list[Event]:
    """The file's history, newest first, in one statement and one for the person's key."""
    mine = same_person(person_id)
    sealed = PersonCorrection.sealed, PersonCorrection.public_id
    by_end = PersonCorrection.id == CorrectionEnd.correction_id
    found = union_all(
        select(literal("edit").label("kind"), PersonChange.id, PersonChange.at, PersonChange.account_id,
               NO_TEXT.label("code"), PersonChange.sealed, cast(PersonChange.version, String).label("tag"),
               PersonChange.person_id).where(PersonChange.person_id.in_(mine)),
        select(literal("proposed"), PersonCorrection.id, PersonCorrection.proposed_at, PersonCorrection.proposed_by_id,
               PersonCorrection.fact, *sealed, PersonCorrection.person_id).where(PersonCorrection.person_id.in_(mine)),
        select(CorrectionEnd.outcome, PersonCorrection.id, CorrectionEnd.at, CorrectionEnd.account_id,
               PersonCorrection.fact, *sealed, PersonCorrection.person_id)
        .join(PersonCorrection, by_end).where(PersonCorrection.person_id.in_(mine)),
        select(literal("photo"), PersonPhoto.id, PersonPhoto.added_at, PersonPhoto.account_id, NO_TEXT, NO_BYTES,
               NO_TEXT, PersonPhoto.person_id).where(PersonPhoto.person_id.in_(mine)),
        select(literal("reveal"), PersonReveal.id, PersonReveal.at, PersonReveal.account_id, PersonReveal.purpose,
               NO_BYTES, PersonReveal.fact, PersonReveal.person_id).where(PersonReveal.person_id.in_(mine)),
    ).subquery()  # fmt: skip
    rows = session.execute(
        select(found, Person.name)
        .join(Account, Account.id == found.c.account_id)
        .join(Person, Person.id == Account.person_id)
        .order_by(found.c.at.desc(), found.c.kind)
    )
    kept = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(mine))).all()  # else asked for each event
    events = [Event(r.kind, r.id, r.at, r.name, r.code, _said(session, r)) for r in rows]
    del kept
    return events


def _said(session: Session, row: Any) -> Any:
    if row.sealed is None:
        return row.tag
    table = "person_change" if row.kind == "edit" else "person_correction"
    tag = f"{row.person_id}|{row.tag}" if row.kind == "edit" else row.tag
    return unseal(session, row.person_id, row.sealed, f"{table}|sealed|{tag}")


def edits_since(session: Session, person_id: int, version: int) -> list[Edit]:
    """The edits made after somebody loaded a version, oldest first."""
    rows = session.execute(
        select(PersonChange, Person.name)
        .join(Account, Account.id == PersonChange.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(PersonChange.person_id == person_id, PersonChange.version > version)
        .order_by(PersonChange.version)
    ).all()
    return [Edit(c.at, name, unseal(session, person_id, c.sealed, c.bound_to) or {}) for c, name in rows]


def account_of(session: Session, person_id: int) -> tuple[Account, datetime | None] | None:
    """A person's account and when it was last used."""
    last = select(func.max(SignIn.at)).where(SignIn.account_id == Account.id).scalar_subquery()
    row = session.execute(select(Account, last).where(Account.person_id == person_id)).first()
    return (row[0], row[1]) if row else None


def revealed_since(session: Session, account_id: int, moment: datetime) -> int:
    """How often this account has looked since a moment: at a number in full, or behind a seal of the audit trail."""
    numbers = select(func.count()).where(PersonReveal.account_id == account_id, PersonReveal.at >= moment)
    lines = select(func.count()).where(
        AuditLine.account_id == account_id, AuditLine.act == "audit_revealed", AuditLine.at >= moment
    )
    return session.scalars(select(numbers.scalar_subquery() + lines.scalar_subquery())).one()


def by_id_number(session: Session, number: str) -> Person | None:
    """Whoever has this ID number, in anybody's scope: an ID number is one person's in the whole province."""
    return session.scalar(select(Person).where(Person.id_number_index.in_(keys.blinds(number, ID_PURPOSE))))


def body_named(session: Session, account: Account, name: str) -> Body | None:
    """A body by its registered name, where this account keeps the roster."""
    return session.scalar(
        select(Body)
        .where(Body.name == name, Body.abolished_on.is_(None), bodies_in_scope(account, Permission.EDIT_PERSON))
        .options(selectinload(Body.fields))
    )


def offered_bodies(session: Session, account: Account) -> Sequence[str]:
    """Names to choose from while typing; a longer list would only slow the page down."""
    return session.scalars(
        select(Body.name)
        .where(Body.abolished_on.is_(None), bodies_in_scope(account, Permission.EDIT_PERSON))
        .order_by(Body.path)
        .limit(300)
    ).all()
