"""What a change of law means for conferred matters: which rest on it, in which towns, for how many people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.library.fates import Fate, fates
from portal.library.matters import queries
from portal.library.matters.chips import Key, key_of
from portal.library.matters.lists.models import TownList, TownListEntry
from portal.library.matters.lists.queries import in_force, seen_towns
from portal.library.matters.models import MatterVersion
from portal.people.models import Account, Body, Post


@dataclass(frozen=True)
class Touched:
    """A matter that rests on an article which is no longer as it was, and where it is carried out."""

    version: MatterVersion
    fates: Mapping[Key, Fate]
    towns: Sequence[Body]
    officers: int


def matters_on_changed_law(session: Session, account: Account, day: date) -> list[Touched]:
    """The standing matters of which an article changed, moved or ended, with the towns this account overlooks."""
    standing = queries.all_current(session, day)
    cited = {key_of(basis) for version in standing for basis in version.bases if basis.label}
    changed = fates(session, cited, day)
    hit = {v: {key_of(b): changed[key_of(b)] for b in v.bases if key_of(b) in changed} for v in standing}
    hit = {version: found for version, found in hit.items() if found}
    towns = _towns(session, account, {v.matter_id for v in hit}, day)
    people = _people(session, {body.id for bodies in towns.values() for body in bodies})
    return [
        Touched(version, found, towns.get(version.matter_id, []),
                sum(people.get(body.id, 0) for body in towns.get(version.matter_id, [])))
        for version, found in hit.items()
    ]  # fmt: skip


def _towns(session: Session, account: Account, matter_ids: Iterable[int], day: date) -> dict[int, list[Body]]:
    """Matter id → the towns in what the account overlooks whose list in force has it."""
    found: dict[int, list[Body]] = {}
    rows = session.execute(
        select(TownListEntry.matter_id, Body)
        .join(TownList, TownList.id == TownListEntry.list_id)
        .join(Body, Body.id == TownList.body_id)
        .where(TownListEntry.matter_id.in_(set(matter_ids)), TownList.id.in_(in_force(day)), seen_towns(account))
        .order_by(Body.path)
    )
    for matter_id, body in rows:
        found.setdefault(matter_id, []).append(body)
    return found


def _people(session: Session, body_ids: Iterable[int]) -> dict[int, int]:
    """Town → the people with a post in it or under it."""
    at, town = aliased(Body), aliased(Body)
    rows = session.execute(
        select(town.id, func.count(Post.person_id.distinct()))
        .join(at, at.path.startswith(town.path))
        .join(Post, Post.body_id == at.id)
        .where(town.id.in_(set(body_ids)), Post.ended_on.is_(None))
        .group_by(town.id)
    )
    return dict(rows.all())
