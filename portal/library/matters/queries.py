"""The catalogue of matters, and which matters an article carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.library.matters.models import Matter, MatterBasis, MatterVersion
from portal.library.matters.rules import Basis
from portal.people.models import Account, Field
from portal.people.queries import reach
from portal.people.rules import Permission


def fields_kept(account: Account) -> frozenset[str]:
    """The fields whose matters this account keeps: the catalogue is the province's, so the grant must be, too."""
    tops = [field for path, field in reach(account, Permission.EDIT_MATTERS) if path.count("/") == 2]
    return frozenset(Field) if None in tops else frozenset(field for field in tops if field)


def newest() -> Select[tuple[int]]:
    """The id of every matter's newest version."""
    return select(func.max(MatterVersion.id)).group_by(MatterVersion.matter_id)


def _found(words: str, field: str, kind: str, ended: bool, day: date) -> Select[tuple[MatterVersion]]:
    over = and_(MatterVersion.in_force_until.is_not(None), MatterVersion.in_force_until < day)
    found = select(MatterVersion).join(MatterVersion.matter).where(
        MatterVersion.id.in_(newest()), MatterVersion.withdrawn.is_(False), over if ended else ~over
    )  # fmt: skip
    if field:
        found = found.where(MatterVersion.field == field)
    if kind:
        found = found.where(MatterVersion.kind == kind)
    if words:
        cited = select(MatterBasis.version_id).where(
            or_(MatterBasis.law.contains(words, autoescape=True), MatterBasis.article.contains(words, autoescape=True))
        )
        found = found.where(
            or_(
                MatterVersion.title.contains(words, autoescape=True),
                Matter.code.startswith(words, autoescape=True),
                MatterVersion.id.in_(cited),
            )
        )
    return found


def catalogue(
    session: Session, day: date, *, words: str = "", field: str = "", kind: str = "", ended: bool = False,
    page: int = 1, size: int = 50,
) -> tuple[Sequence[MatterVersion], int]:  # fmt: skip
    """One page of the matters as they stand (or that have ended), and how many there are."""
    found = _found(words.strip()[:60], field, kind, ended, day)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.order_by(MatterVersion.field, Matter.code)
        .limit(size)
        .offset((page - 1) * size)
        .options(contains_eager(MatterVersion.matter), selectinload(MatterVersion.bases))
    ).all()
    return rows, total


def all_current(session: Session, day: date | None = None) -> Sequence[MatterVersion]:
    """Every matter's newest version that was not withdrawn; with a day, those not ended before it."""
    found = select(MatterVersion).join(MatterVersion.matter).where(
        MatterVersion.id.in_(newest()), MatterVersion.withdrawn.is_(False)
    )  # fmt: skip
    if day is not None:
        found = found.where(or_(MatterVersion.in_force_until.is_(None), MatterVersion.in_force_until >= day))
    return session.scalars(
        found.order_by(MatterVersion.field, Matter.code).options(
            contains_eager(MatterVersion.matter), selectinload(MatterVersion.bases)
        )
    ).all()


def matter(session: Session, code: str, *, hold: bool = False) -> Matter:
    """By its number; NoResultFound when there is none."""
    found = select(Matter).where(Matter.code == code)
    return session.scalars(found.with_for_update() if hold else found).one()


def versions(session: Session, matter_id: int) -> Sequence[MatterVersion]:
    """Its versions, the newest first."""
    return session.scalars(
        select(MatterVersion)
        .where(MatterVersion.matter_id == matter_id)
        .order_by(MatterVersion.number.desc())
        .options(selectinload(MatterVersion.bases), joinedload(MatterVersion.matter))
    ).all()


def newest_by_code(session: Session, codes: Iterable[str]) -> Mapping[str, MatterVersion]:
    """Number → the matter's newest version, withdrawn ones too."""
    rows = session.scalars(
        select(MatterVersion)
        .join(MatterVersion.matter)
        .where(Matter.code.in_(set(codes)), MatterVersion.id.in_(newest()))
        .options(contains_eager(MatterVersion.matter), selectinload(MatterVersion.bases))
        .execution_options(populate_existing=True)
    )
    return {row.matter.code: row for row in rows}


def matters_citing(session: Session, changes: Iterable[tuple[str, str | None]]) -> Sequence[MatterVersion]:
    """The matters as they stand that rest on one of these articles.

    `changes` are pairs of a law's short title and an article (第五十一条, with or without its paragraph);
    None or "" stands for every article: the law as a whole has ended.
    """
    cells = []
    for law, article in set(changes):
        here = MatterBasis.law == law
        cells.append(and_(here, MatterBasis.base == Basis(law, "", article).base) if article else here)
    if not cells:
        return []
    return session.scalars(
        select(MatterVersion)
        .join(MatterVersion.matter)
        .where(
            MatterVersion.id.in_(newest()),
            MatterVersion.withdrawn.is_(False),
            MatterVersion.id.in_(select(MatterBasis.version_id).where(or_(*cells))),
        )
        .order_by(Matter.code)
        .options(contains_eager(MatterVersion.matter), selectinload(MatterVersion.bases))
    ).all()


def per_field(session: Session, day: date) -> dict[str, int]:
    """Field → how many matters are in force on a day."""
    rows = session.execute(
        select(MatterVersion.field, func.count())
        .where(
            MatterVersion.id.in_(newest()), MatterVersion.withdrawn.is_(False), MatterVersion.in_force_from <= day,
            or_(MatterVersion.in_force_until.is_(None), MatterVersion.in_force_until >= day),
        )
        .group_by(MatterVersion.field)
    )  # fmt: skip
    return dict(rows.all())
