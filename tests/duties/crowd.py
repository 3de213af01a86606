"""Many officers whose applications wait like one that was made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.credentials.models import Application
from portal.people.models import Person, Post


def crowd(session: Session, first: Application, numbers: Sequence[int]) -> None:
    """A person, a post and an application for each number, all else as with the first."""
    person, post, application = Person.__table__, Post.__table__, Application.__table__

    def copies(table: Any, source: Any, **changed: Callable[[int], object]) -> list[dict[str, object]]:
        plain = {c.name: getattr(source, c.key) for c in table.columns if c.name != "id"}
        return [plain | {name: make(n) for name, make in changed.items()} for n in numbers]

    officer = session.get_one(Person, first.person_id)
    session.execute(
        insert(person),
        copies(person, officer, public_id="pub{}".format, personnel_number="N{}".format,
               id_number_index="index{}".format),
    )  # fmt: skip
    named = [f"N{n}" for n in numbers]
    rows = session.execute(select(Person.personnel_number, Person.id).where(Person.personnel_number.like("N%"))).all()
    found = dict(rows)
    ids = dict(zip(numbers, (found[name] for name in named), strict=True))
    session.execute(insert(post), copies(post, officer.posts[-1], person_id=ids.__getitem__))
    posts = dict(session.execute(select(Post.person_id, Post.id)).all())
    session.execute(
        insert(application),
        copies(application, first, person_id=ids.__getitem__, post_id=lambda n: posts[ids[n]],
               **({"public_id": "app{}".format} if "public_id" in application.c else {})),
    )  # fmt: skip
    session.flush()
