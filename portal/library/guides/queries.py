"""Guides: whose one reads, whose one writes, and what their versions say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.library.guides.models import Guide, GuideCitation, GuidePublication, GuideVersion
from portal.library.matters.rules import Basis
from portal.people.models import Account, Body, BodyKind, Post
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission

EDIT = Permission.EDIT_LIBRARY
OFFICES = (BodyKind.JUSTICE_BUREAU, BodyKind.ENFORCEMENT_BODY)  # what they issue is for all their government manages


def above_and_own(session: Session, account: Account, day: date) -> set[int]:
    """The ids of the bodies this person works at or acts for, and of all above them."""
    posts = select(Body.path).join(Post, Post.body_id == Body.id)
    paths = list(session.scalars(posts.where(Post.person_id == account.person_id, Post.ended_on.is_(None))))
    paths += [grant.body.path for grant in account.grants if grant.in_force(day)]
    return {int(part) for path in paths for part in path.strip("/").split("/")}


def kept(account: Account) -> ColumnElement[bool]:
    """A condition on Guide joined to Body: this account writes and publishes it."""
    return bodies_in_scope(account, EDIT, Guide.field)


def seen(session: Session, account: Account, day: date) -> ColumnElement[bool]:
    """A condition on Guide joined to Body: published by one's own body, one above or an office of one; or kept."""
    published = exists().where(GuidePublication.version_id == GuideVersion.id, GuideVersion.guide_id == Guide.id)
    ids = above_and_own(session, account, day)
    office_above = and_(Body.kind.in_(OFFICES), Body.parent_id.in_(ids))
    issued = and_(or_(Guide.body_id.in_(ids), office_above), published)
    return or_(issued, kept(account)) if EDIT in account.permissions else issued


@dataclass(frozen=True)
class Listed:
    """A guide in the list with the version its readers have; None while none is published."""

    guide: Guide
    version: GuideVersion | None


def guides(
    session: Session, account: Account, day: date, *, words: str = "", kind: str = "", field: str = "",
    page: int = 1, size: int = 50,
) -> tuple[list[Listed], int]:  # fmt: skip
    """One page of the guides this account sees, and how many there are."""
    found = select(Guide).join(Guide.body).where(seen(session, account, day))
    if kind:
        found = found.where(Guide.kind == kind)
    if field:
        found = found.where(Guide.field.in_((field, "")))
    if words:
        told = select(GuideVersion.guide_id).where(
            GuideVersion.id.in_(_readable()), GuideVersion.text.contains(words, autoescape=True)
        )
        cited = (
            select(GuideVersion.guide_id)
            .join(GuideCitation, GuideCitation.version_id == GuideVersion.id)
            .where(GuideVersion.id.in_(_readable()), GuideCitation.law.contains(words, autoescape=True))
        )
        titled = Guide.title.contains(words, autoescape=True)
        found = found.where(or_(titled, Guide.id.in_(told), Guide.id.in_(cited)))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.order_by(Guide.kind, Guide.field, Guide.title, Guide.id)
        .limit(size)
        .offset((page - 1) * size)
        .options(contains_eager(Guide.body))
    ).all()
    now = readable_versions(session, [row.id for row in rows])
    return [Listed(row, now.get(row.id)) for row in rows], total


def _readable():
    """The ids of the newest published version of every guide."""
    return (
        select(func.max(GuideVersion.id))
        .join(GuidePublication, GuidePublication.version_id == GuideVersion.id)
        .group_by(GuideVersion.guide_id)
    )


def readable_versions(session: Session, guide_ids: Sequence[int]) -> dict[int, GuideVersion]:
    """Guide id → its newest published version."""
    found = select(GuideVersion).where(GuideVersion.id.in_(_readable()), GuideVersion.guide_id.in_(guide_ids))
    return {row.guide_id: row for row in session.scalars(found.options(joinedload(GuideVersion.file)))}


def guide(session: Session, account: Account, guide_id: int, day: date, *, keep: bool = False) -> Guide:
    """A guide one reads, or, with `keep`, writes; otherwise NoResultFound, a 404."""
    where = kept(account) if keep else seen(session, account, day)
    found = select(Guide).join(Guide.body).where(Guide.id == guide_id, where)
    return session.scalars(found.options(contains_eager(Guide.body))).one()


def keeps(session: Session, account: Account, guide_id: int) -> bool:
    return bool(session.scalar(select(Guide.id).join(Guide.body).where(Guide.id == guide_id, kept(account))))


def versions(session: Session, guide_id: int, *, drafts: bool) -> Sequence[GuideVersion]:
    """Its versions, the newest first; unpublished ones only for whoever keeps the guide."""
    found = select(GuideVersion).where(GuideVersion.guide_id == guide_id)
    if not drafts:
        found = found.join(GuidePublication, GuidePublication.version_id == GuideVersion.id)
    return session.scalars(
        found.order_by(GuideVersion.number.desc()).options(
            selectinload(GuideVersion.citations), joinedload(GuideVersion.publication), joinedload(GuideVersion.file)
        )
    ).all()


def offices(session: Session, account: Account) -> Sequence[Body]:
    """The bodies in whose name this account may issue guides, the highest first; the first hundred."""
    scope = (bodies_in_scope(account, EDIT), Body.abolished_on.is_(None))
    return session.scalars(select(Body).where(*scope).order_by(func.length(Body.path), Body.path).limit(100)).all()


def office(session: Session, account: Account, name: str) -> Body:
    """A living body one may issue for, by its full name or code; otherwise NoResultFound."""
    scope = (bodies_in_scope(account, EDIT), Body.abolished_on.is_(None))
    return session.scalars(select(Body).where(or_(Body.name == name, Body.code == name), *scope)).one()


def pick(session: Session, account: Account, typed: str, day: date, limit: int = 20) -> Sequence[Guide]:
    """Published guides this account reads whose title holds what was typed, for pickers."""
    found = select(Guide).join(Guide.body).where(seen(session, account, day))
    found = found.where(Guide.id.in_(select(GuideVersion.guide_id).where(GuideVersion.id.in_(_readable()))))
    if typed := typed.strip()[:60]:
        found = found.where(Guide.title.contains(typed, autoescape=True))
    order = (Guide.title.startswith(typed, autoescape=True).desc(), Guide.kind, Guide.title)
    return session.scalars(found.order_by(*order).limit(limit).options(contains_eager(Guide.body))).all()


def citing(session: Session, changes: Sequence[tuple[str, str | None]]) -> Sequence[GuideVersion]:
    """The guides readers have now that rest on one of these (law, article); None stands for the whole law."""
    cells = [
        and_(GuideCitation.law == law, GuideCitation.base == Basis(law, "", article).base)
        if article
        else GuideCitation.law == law
        for law, article in set(changes)
    ]
    where = or_(*cells) if cells else false()
    return session.scalars(
        select(GuideVersion)
        .where(
            GuideVersion.id.in_(_readable()), GuideVersion.id.in_(select(GuideCitation.version_id).where(where))
        )
        .options(joinedload(GuideVersion.guide))
    ).all()


def per_field(session: Session, account: Account, day: date) -> dict[str, int]:
    """Field → how many published guides the account sees."""
    found = select(Guide.field, func.count()).join(Guide.body).where(
        seen(session, account, day), Guide.id.in_(select(GuideVersion.guide_id).where(GuideVersion.id.in_(_readable())))
    )
    return dict(session.execute(found.group_by(Guide.field)).all())
