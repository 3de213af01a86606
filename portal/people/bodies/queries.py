"""Bodies as they are and as they were on a day, always through the one who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.people.bodies import succession
from portal.people.bodies.models import BodyChange, BodyPast
from portal.people.models import Account, Body, BodyField, Grant, Level, Person, Post
from portal.people.pinyin import as_typed
from portal.people.queries import bodies_in_scope, posts_in_scope, reach
from portal.people.rules import Permission

FOUND_AT_MOST = 50


@dataclass(frozen=True)
class BodyThen:
    """A body as it stood on a day."""

    id: int
    name: str
    parent_id: int | None
    kind: str
    level: str


def standing_on(day: date) -> Select:
    """id, name, parent_id, living of every body as it stood on a day."""
    covers = and_(
        BodyPast.body_id == Body.id,
        or_(BodyPast.from_on.is_(None), BodyPast.from_on <= day),
        BodyPast.until_on > day,
    )
    founded = or_(Body.founded_on.is_(None), Body.founded_on <= day)
    then = BodyPast.id.is_not(None)
    return select(
        Body.id,
        case((then, BodyPast.name), else_=Body.name).label("name"),
        case((then, BodyPast.parent_id), else_=Body.parent_id).label("parent_id"),
        and_(founded, case((then, BodyPast.living), else_=Body.abolished_on.is_(None))).label("living"),
        Body.kind,
        Body.level,
    ).outerjoin(BodyPast, covers)


def body_on(session: Session, body_id: int, day: date) -> BodyThen | None:
    """The body as it stood on a day; None when it was not there."""
    row = session.execute(standing_on(day).where(Body.id == body_id)).one_or_none()
    return _then(row) if row is not None and row.living else None


def ancestors_on(session: Session, body_id: int, day: date) -> list[BodyThen]:
    """Who managed the body on a day, from the top down, the body itself last."""
    standing = standing_on(day).cte("standing")
    up = select(standing, func.length("").label("steps")).where(standing.c.id == body_id).cte("up", recursive=True)
    parent = aliased(standing)
    up = up.union_all(select(parent, up.c.steps + 1).join(up, parent.c.id == up.c.parent_id))
    rows = session.execute(select(up).where(up.c.living).order_by(up.c.steps.desc())).all()
    return [_then(row) for row in rows]


def children_on(session: Session, body_id: int | None, day: date) -> list[BodyThen]:
    """The living bodies directly under a body on a day."""
    standing = standing_on(day).subquery()
    under = standing.c.parent_id.is_(None) if body_id is None else standing.c.parent_id == body_id
    rows = session.execute(select(standing).where(under, standing.c.living).order_by(standing.c.id)).all()
    return sorted((_then(row) for row in rows), key=in_order)


def subtree_on(body_id: int, day: date) -> Select:
    """The ids of a body and of everything living under it on a day."""
    standing = standing_on(day).cte("standing")
    tree = select(standing.c.id).where(standing.c.id == body_id, standing.c.living).cte("tree", recursive=True)
    tree = tree.union_all(
        select(standing.c.id).join(tree, standing.c.parent_id == tree.c.id).where(standing.c.living)
    )
    return select(tree.c.id)


def people_under(session: Session, body: Body, day: date) -> Sequence[tuple[Person, Post]]:
    """Who was under this body on a day, with the post held then."""
    found = session.execute(
        select(Person, Post)
        .join(Post, Post.person_id == Person.id)
        .where(Post.body_id.in_(subtree_on(body.id, day)), held_on(day))
        .order_by(Person.name_pinyin, Person.id)
    )
    return [(person, post) for person, post in found]


def page_under(
    session: Session, account: Account, body: Body, day: date, *, page: int, size: int
) -> tuple[list[Row], int, int]:
    """One page of `people_under` as (person, post, body's name then), how many of them the account
    may see, and how many there were: a body may have gone to others since.
    """
    then = and_(Post.body_id.in_(subtree_on(body.id, day)), held_on(day))
    standing = standing_on(day).subquery()
    seen = posts_in_scope(account, Permission.SEE_ROSTER)
    found = (
        select(Person, Post, standing.c.name)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .join(standing, standing.c.id == Post.body_id)
        .where(then, seen)
    )
    counted = select(func.count(), func.count().filter(seen)).select_from(Post).join(Body, Body.id == Post.body_id)
    in_all, in_scope = session.execute(counted.where(then)).one()
    rows = session.execute(found.order_by(Post.body_id, Person.id).limit(size).offset((page - 1) * size)).all()
    return list(rows), in_scope, in_all


def held_on(day: date) -> ColumnElement[bool]:
    """A condition on Post: held on that day."""
    return and_(Post.started_on <= day, or_(Post.ended_on.is_(None), Post.ended_on >= day))


def _then(row: Row) -> BodyThen:
    return BodyThen(row.id, row.name, row.parent_id, row.kind, row.level)


LEVEL_ORDER = {level: number for number, level in enumerate(Level)}


def in_order(body: BodyThen | Body) -> tuple:
    """Higher levels first, then governments before the rest of a level, then as registered."""
    return LEVEL_ORDER.get(body.level, 9), body.kind != "government", body.id


# --- as they are, through the one who asks ---------------------------------------------------------


def body_in_scope(session: Session, account: Account, permission: Permission, body_id: int) -> Body:
    """The body, abolished or not, if it lies in the account's scope; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(Body)
        .where(Body.id == body_id, bodies_in_scope(account, permission))
        .options(joinedload(Body.parent))
    ).one()


def tops(session: Session, account: Account) -> list[Body]:
    """The highest bodies of what the account may see; a grant for one field begins at the bodies of that field."""
    cells: list[ColumnElement[bool]] = [false()]
    for path, field in reach(account, Permission.SEE_BODY):
        if field is None:
            cells.append(Body.path == path)
        else:
            cells.append(and_(Body.path.startswith(path, autoescape=True), Body.fields.any(BodyField.field == field)))
    found = session.scalars(select(Body).where(or_(*cells), Body.abolished_on.is_(None)).order_by(Body.path)).all()
    highest: list[Body] = []
    for body in sorted(found, key=lambda b: len(b.path)):
        if not any(body.path.startswith(above.path) for above in highest):
            highest.append(body)
    return sorted(highest, key=in_order)


def linked(account: Account, body: Body) -> frozenset[int]:
    """Which bodies on the path of this one the account may open; the rest is shown as a name."""
    ids: set[int] = set()
    for path, field in reach(account, Permission.SEE_BODY):
        if field is None and body.path.startswith(path):
            above = path.rstrip("/").rpartition("/")[0]
            ids |= {int(part) for part in body.path[len(above) :].strip("/").split("/")}
    return frozenset(ids)


def children(session: Session, account: Account, body: Body) -> list[Body]:
    """The living bodies directly under one, as far as they, or something under them, lie in scope."""
    seen, in_scope = aliased(Body), select(Body.id).where(bodies_in_scope(account, Permission.SEE_BODY))
    inside = exists().where(seen.path.startswith(Body.path), seen.id.in_(in_scope))
    whole = any(field is None and body.path.startswith(path) for path, field in reach(account, Permission.SEE_BODY))
    found = session.scalars(
        select(Body)
        .where(Body.parent_id == body.id, Body.abolished_on.is_(None), true() if whole else inside)
    ).all()
    return sorted(found, key=in_order)


@dataclass(frozen=True)
class Size:
    """How much lies under a body: other bodies directly under it, bodies in all, people in post in all."""

    children: int = 0
    bodies: int = 0
    people: int = 0


def sizes(session: Session, account: Account, bodies: Iterable[Body]) -> Mapping[int, Size]:
    """What lies under each of these bodies and in the account's scope."""
    paths = {body.id: body.path for body in bodies}
    highest = [p for p in paths.values() if not any(p != other and p.startswith(other) for other in paths.values())]
    under = or_(false(), *(Body.path.startswith(path) for path in highest))
    posts = (
        select(Post.body_id, func.count().label("n")).where(Post.ended_on.is_(None)).group_by(Post.body_id).subquery()
    )
    rows = session.execute(
        select(Body.id, Body.path, Body.parent_id, func.coalesce(posts.c.n, 0))
        .outerjoin(posts, posts.c.body_id == Body.id)
        .where(under, Body.abolished_on.is_(None), bodies_in_scope(account, Permission.SEE_BODY))
    ).all()
    counted = {body_id: [0, 0, 0] for body_id in paths}
    for body_id, path, parent_id, people in rows:
        for above in (int(part) for part in path.strip("/").split("/")):
            if above in counted:
                counted[above][0] += parent_id == above
                counted[above][1] += body_id != above
                counted[above][2] += people
    return {body_id: Size(*counts) for body_id, counts in counted.items()}


def find(session: Session, account: Account, words: str) -> list[Body]:
    """Bodies in scope by name, former name, pinyin, initials, code or division code; living ones first."""
    plain = words.strip()
    typed = as_typed(plain)
    kinds = [
        Body.name.contains(plain, autoescape=True),
        Body.code == plain,
        Body.division_code == plain,
        Body.id.in_(select(BodyPast.body_id).where(BodyPast.name.contains(plain, autoescape=True))),
    ]
    if typed:
        kinds += [Body.name_pinyin.contains(typed), Body.name_initials.contains(typed)]
    found = session.scalars(
        select(Body)
        .where(or_(*kinds), bodies_in_scope(account, Permission.SEE_BODY))
        .order_by(Body.abolished_on.is_not(None), func.length(Body.path), Body.path)
        .limit(FOUND_AT_MOST)
        .options(selectinload(Body.fields))
    )
    return list(found)


def chain(session: Session, bodies: Iterable[Body]) -> Mapping[int, Body]:
    """Every body on the paths of these, by id."""
    ids = {int(part) for body in bodies for part in body.path.strip("/").split("/")}
    return {body.id: body for body in session.scalars(select(Body).where(Body.id.in_(ids)))}


def above(session: Session, body: Body) -> list[Body]:
    """Who manages the body today, from the top down."""
    found = chain(session, [body])
    return [found[int(part)] for part in body.path.strip("/").split("/")[:-1]]


def by_code(session: Session, body: Body) -> Body | None:
    """The government whom the division code names as parent, where that is not who manages the body."""
    code = body.division_code
    if not code:
        return None
    above = code[:6] if len(code) == 9 else code[:4] + "00" if not code.endswith("00") else "220000"
    if above == code:
        return None
    named = session.scalars(
        select(Body).where(Body.division_code == above, Body.kind == "government", Body.abolished_on.is_(None)).limit(1)
    ).first()
    return named if named is not None and f"/{named.id}/" not in body.path else None


def history(session: Session, body_id: int) -> Sequence[BodyChange]:
    """Every change of the body, the newest first."""
    return session.scalars(
        select(BodyChange)
        .where(BodyChange.body_id == body_id)
        .order_by(BodyChange.version.desc())
        .options(joinedload(BodyChange.account).joinedload(Account.person), joinedload(BodyChange.other))
    ).all()


@dataclass(frozen=True)
class Impact:
    """What a change of a body touches: counts, here and in everything under it."""

    people_here: int
    people: int
    bodies: int
    grants_here: int
    grants: int
    things: int
    under_way: int


def impact(session: Session, body: Body, today: date) -> Impact:
    """All counts in one statement."""
    under = Body.path.startswith(body.path, autoescape=True)
    posts = select(func.count()).select_from(Post).where(Post.ended_on.is_(None))
    in_force = (Grant.revoked_at.is_(None), or_(Grant.ends_on.is_(None), Grant.ends_on >= today))
    grants = select(func.count()).select_from(Grant).where(*in_force)
    below = select(Body.id).where(under)
    bodies = select(func.count()).select_from(Body).where(under, Body.abolished_on.is_(None), Body.id != body.id)
    row = session.execute(
        select(
            posts.where(Post.body_id == body.id).scalar_subquery(),
            posts.where(Post.body_id.in_(below)).scalar_subquery(),
            bodies.scalar_subquery(),
            grants.where(Grant.body_id == body.id).scalar_subquery(),
            grants.where(Grant.body_id.in_(below)).scalar_subquery(),
            succession.count_open(body),
            succession.count_under_way(body),
        )
    ).one()
    return Impact(*row)


def named(session: Session, account: Account, typed: str) -> list[Body]:
    """The living bodies this account may edit that somebody means by a full name, a code, or a part of a name."""
    words = typed.strip()
    scope = (Body.abolished_on.is_(None), bodies_in_scope(account, Permission.EDIT_BODY))
    exact = session.scalars(select(Body).where(or_(Body.name == words, Body.code == words), *scope)).all()
    if exact:
        return list(exact)
    part = Body.name.contains(words, autoescape=True)
    return list(session.scalars(select(Body).where(part, *scope).order_by(func.length(Body.name)).limit(6)))


def everything(session: Session, account: Account) -> list[tuple[Body, str | None, int]]:
    """Every body in scope with its parent's name and the people in post there, in the order of the tree."""
    parent = aliased(Body)
    posts = (
        select(Post.body_id, func.count().label("n")).where(Post.ended_on.is_(None)).group_by(Post.body_id).subquery()
    )
    found = session.execute(
        select(Body, parent.name, func.coalesce(posts.c.n, 0))
        .outerjoin(parent, parent.id == Body.parent_id)
        .outerjoin(posts, posts.c.body_id == Body.id)
        .where(bodies_in_scope(account, Permission.SEE_BODY))
        .options(selectinload(Body.fields))
    ).all()
    return sorted(found, key=lambda row: [int(part) for part in row[0].path.strip("/").split("/")])


def edited_by(account: Account, body: Body) -> bool:
    """Whether a change of this body may be asked for at all; the operation asks again."""
    return any(body.path.startswith(path) for path, _ in reach(account, Permission.EDIT_BODY))
