"""Whose way in it is: accounts as people type them, live sign-ins, codes, and whom one may help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.models import AuditLine
from portal.people.access.models import OneTimeCode, PasswordChange
from portal.people.access.rules import DAY, WINDOW, normal_phone
from portal.people.duties.queries import in_force_on
from portal.people.models import Account, Body, FailedSignIn, Grant, Person, Post, SignIn
from portal.people.queries import ID_PURPOSE, PHONE_PURPOSE, bodies_in_scope, grants_for, posts_in_scope, reach
from portal.people.rules import OPENS, Permission, Role, normal_id_number

# whoever holds one of these watches over others or decides about them: only a level above helps him in
WATCHING = frozenset({
    Permission.HELP_ACCOUNT, Permission.DISABLE_ACCOUNT, Permission.GRANT_ROLE, Permission.SEE_AUDIT,
    Permission.CHECK_ELIGIBILITY, Permission.APPROVE_ELIGIBILITY, Permission.REVIEW_QUESTION, Permission.MANAGE_EXAMS,
    Permission.MARK_ANSWERS,
})  # fmt: skip


def account_for_sign_in(session: Session, typed: str) -> Account | None:
    """The account of a personnel number, ID number or phone number in any width; a phone of two people opens none."""
    number, phone = normal_id_number(typed).upper(), normal_phone(typed)
    names = {typed.strip(), number}
    ways = [Account.username.in_(names)]
    if len(number) == 18:
        ways.append(_person(Person.id_number_index.in_(keys.blinds(number, ID_PURPOSE))))
    if phone:
        ways.append(_person(Person.phone_index.in_(keys.blinds(phone, PHONE_PURPOSE))))
    found = session.scalars(
        select(Account).where(or_(*ways)).limit(3).options(joinedload(Account.person))
    ).all()
    named = [account for account in found if account.username in names]
    return (named or (found if len(found) == 1 else []) or [None])[0]


def _person(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Account.person_id.in_(select(Person.id).where(condition, Person.merged_into_id.is_(None)))


def knows_device(session: Session, account_id: int, cookie_sha256: str) -> bool:
    """Whether this device signed in to this account before."""
    if not cookie_sha256:
        return False
    return bool(
        session.scalar(select(exists().where(SignIn.account_id == account_id, SignIn.cookie_sha256 == cookie_sha256)))
    )


def wrong_from_device(session: Session, key: str, cookie_sha256: str, now: datetime) -> int:
    mine = (FailedSignIn.username == key, FailedSignIn.cookie_sha256 == cookie_sha256)
    return _count(session, *mine, since=now - WINDOW)


def wrong_here(session: Session, key: str, address: str, now: datetime) -> int:
    """Wrong ones for one account from one place, by devices it does not know."""
    return _count(
        session, FailedSignIn.username == key, FailedSignIn.address == address, FailedSignIn.cookie_sha256 == "",
        since=now - WINDOW,
    )  # fmt: skip


def wrong_for(session: Session, key: str, now: datetime) -> tuple[int, datetime | None]:
    """How many wrong ones from all places in a day by strange devices, and when the last was."""
    count, last = session.execute(
        select(func.count(), func.max(FailedSignIn.at)).where(
            FailedSignIn.username == key, FailedSignIn.cookie_sha256 == "", FailedSignIn.at > now - DAY
        )
    ).one()
    return count, last


def wrong_from(session: Session, address: str, now: datetime) -> int:
    """Wrong ones from one place for accounts that never succeeded there: an office may share an address."""
    succeeded = exists().where(SignIn.account_id == FailedSignIn.account_id, SignIn.address == FailedSignIn.address)
    return _count(session, FailedSignIn.address == address, ~succeeded, since=now - WINDOW)


def wrong_on_site(session: Session, now: datetime, window: timedelta) -> int:
    return _count(session, since=now - window)


def any_wrong(session: Session, key: str) -> bool:
    """Whether anything is counted under this key."""
    return bool(session.scalar(select(exists().where(FailedSignIn.username == key))))


def _count(session: Session, *conditions: ColumnElement[bool], since: datetime) -> int:
    counted = select(func.count()).select_from(FailedSignIn).where(FailedSignIn.at > since, *conditions)
    return session.scalar(counted) or 0


SIGNED_IN = (  # made once: every page asks
    select(Account, SignIn)
    .join(SignIn, SignIn.account_id == Account.id)
    .where(
        SignIn.token_sha256 == bindparam("token_sha256"),
        SignIn.ended_at.is_(None),
        SignIn.ends_at > bindparam("now", type_=SignIn.ends_at.type),
        Account.disabled_at.is_(None),
    )
    .options(joinedload(Account.person), joinedload(Account.grants).joinedload(Grant.body))
)


def signed_in(session: Session, token_sha256: str, now: datetime) -> tuple[Account, SignIn] | None:
    """The account behind a live sign-in with its grants and person, and the sign-in itself."""
    row = session.execute(SIGNED_IN, {"token_sha256": token_sha256, "now": now}).unique().one_or_none()
    return (row[0], row[1]) if row else None


def own_devices(session: Session, account_id: int, now: datetime) -> Sequence[SignIn]:
    """The live sign-ins of an account, the newest first."""
    return session.scalars(
        select(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.ends_at > now)
        .order_by(SignIn.id.desc())
    ).all()


def own_device(session: Session, account_id: int, sign_in_id: int) -> SignIn:
    return session.scalars(select(SignIn).where(SignIn.id == sign_in_id, SignIn.account_id == account_id)).one()


def former_hashes(session: Session, account_id: int, how_many: int) -> Sequence[str]:
    """The hashes of the newest passwords that were set, today's first."""
    return session.scalars(
        select(PasswordChange.password_hash)
        .where(PasswordChange.account_id == account_id)
        .order_by(PasswordChange.id.desc())
        .limit(how_many)
    ).all()


def password_set_at(session: Session, account: Account) -> datetime:
    newest = session.scalar(select(func.max(PasswordChange.set_at)).where(PasswordChange.account_id == account.id))
    return newest or account.created_at


def open_codes(session: Session, account_id: int, now: datetime) -> Sequence[OneTimeCode]:
    """The codes that let this account in, the newest first."""
    return session.scalars(
        select(OneTimeCode)
        .where(
            OneTimeCode.account_id == account_id,
            code_is_open(now),
        )
        .order_by(OneTimeCode.id.desc())
    ).all()


def code_is_open(now: datetime) -> ColumnElement[bool]:
    """A condition on OneTimeCode; a role for staff outdates the codes whose issuer had to stand over less."""
    outdated = exists().where(
        Grant.account_id == OneTimeCode.account_id, Grant.role != Role.OFFICER, Grant.granted_at > OneTimeCode.made_at
    )
    return and_(
        OneTimeCode.used_at.is_(None), OneTimeCode.voided_at.is_(None), OneTimeCode.expires_at > now, ~outdated
    )


def sent_codes(session: Session, account_id: int, since: datetime) -> int:
    """How many codes nobody issued by hand: those that went out by SMS."""
    mine = (OneTimeCode.account_id == account_id, OneTimeCode.made_by_id.is_(None), OneTimeCode.made_at > since)
    return session.scalar(select(func.count()).select_from(OneTimeCode).where(*mine)) or 0


def phone_changed(session: Session, person_id: int, since: datetime) -> bool:
    """Whether somebody changed the person's phone number on record, by hand or by a roster."""
    lines = select(AuditLine.codes).where(
        AuditLine.object_kind == "person", AuditLine.object_id == str(person_id), AuditLine.at > since
    )
    return any("phone" in codes.get("facts", ()) for codes in session.scalars(lines))


def holds_staff_role(account: Account) -> bool:
    """Whether a role beside the officer's is held, or is to begin."""
    return any(_counts(grant) for grant in account.grants)


def _counts(grant: Grant) -> bool:
    ended = grant.ends_on is not None and grant.ends_on < clock.today()
    return grant.role != Role.OFFICER and grant.revoked_at is None and not ended


def person_within(session: Session, asker: Account, permission: Permission, person_id: int) -> Person:
    """A person with a current post or a role for staff in force in the asker's scope; otherwise NoResultFound, a 404.

    Who has neither anywhere belongs to whoever answers for the whole tree.
    """
    present = exists().where(Post.person_id == Person.id, Post.ended_on.is_(None))
    acting = exists().where(
        Account.person_id == Person.id, Grant.account_id == Account.id, Grant.role != Role.OFFICER,
        in_force_on(clock.today()),
    )  # fmt: skip
    cells = [
        present.where(Post.body_id == Body.id, posts_in_scope(asker, permission)),
        acting.where(Grant.body_id == Body.id, bodies_in_scope(asker, permission, Grant.field)),
    ]
    if any(g.body.parent_id is None and g.field is None for g in grants_for(asker, permission)):
        cells.append(and_(~present, ~acting))
    return session.scalars(
        select(Person)
        .where(Person.id == person_id, Person.merged_into_id.is_(None), Person.erased_at.is_(None))
        .where(or_(*cells))
        .options(selectinload(Person.posts).joinedload(Post.body))
    ).one()


def account_of(session: Session, person_id: int) -> Account | None:
    return session.scalar(
        select(Account)
        .where(Account.person_id == person_id)
        .options(joinedload(Account.person), selectinload(Account.grants).joinedload(Grant.body))
    )


def body_out_of_reach(asker: Account, permission: Permission, account: Account) -> Body | None:
    """The body of a role of the account that the asker does not stand over, or None.

    Roles that watch over others need somebody strictly above; the rest, the same body or above. A role
    that is to begin counts: whoever gets in now holds it then.
    """
    covers = reach(asker, permission)
    for grant in filter(_counts, account.grants):
        above = permission == Permission.HELP_ACCOUNT and bool(OPENS[grant.role] & WATCHING)
        if not any(_stands_over(path, field, grant, above) for path, field in covers):
            return grant.body
    return None


def _stands_over(path: str, field: str | None, grant: Grant, above: bool) -> bool:
    inside = grant.body.path.startswith(path) and (not above or grant.body.path != path)
    return inside and (field is None or field == grant.field)


def bodies_to_equip(
    session: Session, asker: Account, *, words: str, page: int, size: int
) -> tuple[list[tuple[Body, int, int]], int]:
    """A page of bodies with how many people work there and how many have no password yet; and how many bodies."""
    matching = select(Body).where(bodies_in_scope(asker, Permission.HELP_ACCOUNT), Body.abolished_on.is_(None))
    if words:
        matching = matching.where(Body.name.contains(words, autoescape=True))
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    bodies = session.scalars(matching.order_by(Body.path).limit(size).offset((page - 1) * size)).all()
    working = (
        select(Post.body_id, func.count(Post.person_id.distinct()), func.count(_waiting_person().distinct()))
        .join(Body, Body.id == Post.body_id)
        .join(Person, Person.id == Post.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Post.ended_on.is_(None), Post.body_id.in_([b.id for b in bodies]))
        .where(posts_in_scope(asker, Permission.HELP_ACCOUNT))
        .group_by(Post.body_id)
    )
    counts = {body_id: (there, waiting) for body_id, there, waiting in session.execute(working)}
    return [(body, *counts.get(body.id, (0, 0))) for body in bodies], total


def _waiting_person() -> ColumnElement[int | None]:
    return case((or_(Account.id.is_(None), Account.password_hash == ""), Person.id))


def body_within(session: Session, asker: Account, body_id: int) -> Body:
    return session.scalars(
        select(Body).where(Body.id == body_id, bodies_in_scope(asker, Permission.HELP_ACCOUNT))
    ).one()


def without_password(session: Session, asker: Account | None, body: Body, limit: int) -> Sequence[Person]:
    """Who works at the body and never set a password, in order of names; `asker` None is the terminal."""
    scope = posts_in_scope(asker, Permission.HELP_ACCOUNT) if asker else Body.id == body.id
    account = aliased(Account)
    return session.scalars(
        select(Person)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .outerjoin(account, account.person_id == Person.id)
        .where(Post.body_id == body.id, Post.ended_on.is_(None), scope)
        .where(Person.merged_into_id.is_(None), Person.erased_at.is_(None))
        .where(or_(account.id.is_(None), and_(account.password_hash == "", account.disabled_at.is_(None))))
        .distinct()
        .order_by(Person.personnel_number)
        .limit(limit)
    ).all()


def facts_of(person: Person) -> list[str]:
    """What others know about a person and try first: names in pinyin, numbers, day of birth."""
    born: date = person.birth_date
    days = [f"{born:%Y%m%d}", f"{born:%y%m%d}", f"{born:%m%d}", f"{born:%Y}", f"{born:%d%m%Y}"]
    number = person.id_number()
    facts = [*person.name_pinyin.split(), *person.name_initials.split(), person.name, person.personnel_number, *days]
    return [*facts, number, number[-6:], number[-4:], *_phone_parts(person)]


def _phone_parts(person: Person) -> list[str]:
    phone = person.phone()
    return [phone, phone[-8:], phone[-6:], phone[-4:]] if phone else []
