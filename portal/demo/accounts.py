"""Ways into the demo province: the staff, and an account for every officer, all with one demo password."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.demo import names
from portal.demo.cast import CASES, PASSWORD, STAFF
from portal.demo.officers import HOW_MANY, SEED
from portal.ground import audit
from portal.ground.crypto import keys
from portal.people.models import Account, Body, Grant, Person, Post, Role
from portal.people.operations import grant, hasher
from portal.people.queries import id_number_index
from portal.people.records.privacy.models import PrivacyAcknowledgement
from portal.people.rules import sex_of


def load_staff(session: Session, bodies: dict[str, Body], *, now: datetime, today: date) -> dict[str, Account]:
    """The staff with their roles; returns accounts by username. Staff have no post, so figures count officers only."""
    password = hasher.hash(PASSWORD)
    numbers = names.id_numbers(Random(SEED), today)
    for _ in range(HOW_MANY):
        next(numbers)
    for member in STAFF:
        number, birth = next(numbers)
        public_id = secrets.token_urlsafe(16)
        person = Person(
            public_id=public_id,
            personnel_number=member.number,
            name=member.name,
            sex=sex_of(number),
            birth_date=birth,
            education="bachelor",
            id_number_sealed=keys.seal(number, f"person|id_number|{public_id}"),
            id_number_index=id_number_index(number),
            created_at=now,
        )
        session.add(person)
        session.flush()
        account = _account(session, person, password, now=now)
        for code in member.scope:
            grant(session, account, member.role, bodies[code], field=member.only, now=now)
    return by_username(session)


def load_officers(session: Session, *, now: datetime) -> int:
    """An account with the role officer for everybody who has a post; returns how many."""
    password = hasher.hash(PASSWORD)
    posts = session.scalars(
        select(Post).where(Post.ended_on.is_(None)).options(selectinload(Post.person), selectinload(Post.body))
    ).all()
    for post in posts:
        grant(session, _account(session, post.person, password, now=now), Role.OFFICER, post.body, now=now)
    return len(posts)


def _account(session: Session, person: Person, password_hash: str, *, now: datetime) -> Account:
    """As people.operations.create_account, with a hash that was made once for all."""
    account = Account(
        person_id=person.id, username=person.personnel_number, password_hash=password_hash, created_at=now
    )
    session.add(account)
    session.flush()
    session.add(PrivacyAcknowledgement(account_id=account.id, number=1, at=now))  # a demo begins with the work itself
    audit.record(session, "account_created", "account", account.id, now=now)
    return account


def by_username(session: Session) -> dict[str, Account]:
    """The staff's accounts with everything a scope question needs."""
    found = session.scalars(
        select(Account)
        .where(Account.username.in_([member.number for member in STAFF]))
        .options(selectinload(Account.grants).joinedload(Grant.body))
    )
    return {account.username: account for account in found}


def accounts(session: Session) -> list[dict[str, str]]:
    """Who may sign in to see what: role, name, username, password and note (a gettext id)."""
    shown = [(case.number, Role.OFFICER, case.note) for case in CASES[:2]]
    shown += [(member.number, member.role, member.note) for member in STAFF]
    shown += [(case.number, Role.OFFICER, case.note) for case in CASES[2:]]
    there = dict(
        session.execute(
            select(Account.username, Person.name)
            .join(Person, Person.id == Account.person_id)
            .where(Account.username.in_([number for number, _, _ in shown]))
        ).all()
    )
    return [
        {"role": str(role), "name": there[number], "username": number, "password": PASSWORD, "note": note}
        for number, role, note in shown
        if number in there
    ]
