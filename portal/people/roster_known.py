"""What the database says about the bodies and people a roster names, and how far the importer reaches."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from sqlalchemy import CompoundSelect, bindparam, select, union
from sqlalchemy.orm import Session

from portal.ground.db import Base
from portal.people.bodies.models import BodyPast
from portal.people.bodies.rules import OVER
from portal.people.models import Account, Body, BodyField, Person, Post, PostField
from portal.people.queries import reach
from portal.people.rules import Permission
from portal.people.transfers.models import WAITING, Transfer

NEAR_LOOKED_UP = 300  # unknown names that get suggestions, in one slice of work
SEPARATORS = "、，,;；/\n"


@dataclass(frozen=True)
class KnownBody:
    id: int
    name: str
    path: str
    abolished_on: date | None
    fields: frozenset[str]


@dataclass(frozen=True)
class KnownPost:
    """A current post as it stands."""

    id: int
    body_id: int
    body_path: str
    establishment_body_id: int
    staffing_type: str
    on_establishment: bool
    in_post: bool
    part_time: bool
    title: str
    field: str
    started_on: date
    further: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KnownPerson:
    """A person as he stands; two that are equal have not changed in between."""

    id: int
    public_id: str
    number: str
    name: str
    education: str
    phone_index: str | None
    phone_sealed: bytes | None
    merged: bool
    version: int
    last_ended_on: date | None
    busy: bool  # an application of his is open, or a transfer
    posts: tuple[KnownPost, ...]


@dataclass
class Bodies:
    """All bodies by name, former names too, and the nearest ones to a name nobody knows."""

    by_name: dict[str, KnownBody]
    folded: dict[str, list[KnownBody]]
    former: dict[str, list[KnownBody]]
    by_id: dict[int, KnownBody]
    _near: dict[str, list[str]] = field(default_factory=dict)
    _grams: dict[str, list[str]] = field(default_factory=dict)

    def find(self, name: str) -> list[KnownBody]:
        """The body of this name; several when the name as typed could mean each of them."""
        if name in self.by_name:
            return [self.by_name[name]]
        return self.folded.get(fold(name), [])

    def near(self, name: str, offered: Iterable[KnownBody]) -> list[str]:
        """Up to three names most like this one."""
        if name not in self._near:
            if len(self._near) >= NEAR_LOOKED_UP:
                return []
            if not self._grams:
                for body in offered:
                    for gram in _grams(body.name):
                        self._grams.setdefault(gram, []).append(body.name)
            shared = Counter(n for gram in _grams(name) for n in self._grams.get(gram, ()))
            likely = [n for n, _count in shared.most_common(30)]
            self._near[name] = difflib.get_close_matches(name, likely, n=3, cutoff=0.6)
        return self._near[name]

    def split(self, text: str) -> list[str]:
        """The registered names inside a cell that lists several bodies."""
        for sign in SEPARATORS:
            text = text.replace(sign, "\n")
        parts = [part.strip() for part in text.split("\n")]
        return [part for part in parts if self.find(part)] if len(parts) > 1 else []


def fold(name: str) -> str:
    """A body's name without widths, spaces and kinds of brackets."""
    return "".join(unicodedata.normalize("NFKC", name).split()).translate(str.maketrans("〔〕[]【】", "()()()"))


def _grams(name: str) -> set[str]:
    return {name[i : i + 2] for i in range(len(name) - 1)}


def load_bodies(session: Session) -> Bodies:
    fields: dict[int, set[str]] = {}
    for body_id, one in session.execute(select(BodyField.body_id, BodyField.field)):
        fields.setdefault(body_id, set()).add(one)
    found = Bodies({}, {}, {}, {})
    for row in session.execute(select(Body.id, Body.name, Body.path, Body.abolished_on)):
        body = KnownBody(*row, frozenset(fields.get(row.id, ())))
        found.by_id[body.id] = found.by_name[body.name] = body
        found.folded.setdefault(fold(body.name), []).append(body)
    for body_id, name in session.execute(select(BodyPast.body_id, BodyPast.name).distinct()):
        body = found.by_id[body_id]
        if name != body.name:
            found.former.setdefault(fold(name), []).append(body)
    return found


@dataclass(frozen=True)
class Reach:
    """How far an importer's word goes: subtrees, each for one field or all; None has no bounds (the command line)."""

    cells: tuple[tuple[str, str | None], ...] | None

    @classmethod
    def of(cls, account: Account | None) -> Reach:
        if account is None:
            return cls(None)
        cells = () if account.disabled_at is not None else reach(account, Permission.IMPORT_ROSTER)
        return cls(tuple(cells))

    def covers(self, path: str, one_field: str | None) -> bool:
        """Whether a thing of this field at this body may be changed; without a field, whether anything there may."""
        if self.cells is None:
            return True
        return any(
            path.startswith(top) and (granted is None or one_field is None or granted == one_field)
            for top, granted in self.cells
        )


POST_COLUMNS = (
    Post.id, Post.body_id, Body.path, Post.establishment_body_id, Post.staffing_type, Post.on_establishment,
    Post.in_post, Post.part_time, Post.title, Post.field, Post.started_on,
)  # fmt: skip


_WANTED = select(Person.id).where(Person.id_number_index.in_(bindparam("indexes", expanding=True)))
_PEOPLE = select(
    Person.id_number_index, Person.id, Person.public_id, Person.personnel_number, Person.name, Person.education,
    Person.phone_index, Person.phone_sealed, Person.merged_into_id, Person.version,
).where(Person.id_number_index.in_(bindparam("indexes", expanding=True)))  # fmt: skip
_POSTS = (
    select(Post.person_id, Post.ended_on, *POST_COLUMNS)
    .join(Body, Body.id == Post.body_id)
    .where(Post.person_id.in_(_WANTED))
    .order_by(Post.id)
)
_FURTHER = (
    select(PostField.post_id, PostField.field)
    .join(Post, Post.id == PostField.post_id)
    .where(Post.person_id.in_(_WANTED), Post.ended_on.is_(None))
)


@cache
def _busy() -> CompoundSelect[tuple[int]]:
    """Who of those asked for has an open application or a running transfer."""
    application = Base.metadata.tables["application"]  # of a room above
    open_ = application.c.state.not_in(OVER["application"][1])
    return union(
        select(application.c.person_id).where(application.c.person_id.in_(_WANTED), open_),
        select(Transfer.person_id).where(Transfer.person_id.in_(_WANTED), Transfer.state.in_(WAITING)),
    )


def known_people(session: Session, indexes: Sequence[str]) -> dict[str, KnownPerson]:
    """People by the index of their ID number, with their current posts."""
    asked = {"indexes": list(indexes)}
    connection = session.connection()
    people = connection.execute(_PEOPLE, asked).all() if indexes else ()
    if not people:
        return {}
    busy = set(connection.execute(_busy(), asked).scalars())
    posts: dict[int, list[KnownPost]] = {}
    ended: dict[int, date] = {}
    further: dict[int, set[str]] = {}
    for post_id, one in connection.execute(_FURTHER, asked):
        further.setdefault(post_id, set()).add(one)
    for person_id, ended_on, *facts in connection.execute(_POSTS, asked):
        if ended_on is None:
            posts.setdefault(person_id, []).append(KnownPost(*facts, frozenset(further.get(facts[0], ()))))
        else:
            ended[person_id] = max(ended.get(person_id, ended_on), ended_on)
    return {
        index: KnownPerson(
            *facts, merged is not None, version, ended.get(facts[0]), facts[0] in busy, tuple(posts.get(facts[0], ()))
        )
        for index, *facts, merged, version in people
    }
