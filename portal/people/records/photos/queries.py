"""Photos of persons in scope, and the archives one brought oneself."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.ground.crypto import keys
from portal.people.identity import same_person
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import ID_PURPOSE, posts_in_scope
from portal.people.records.photos.models import PersonPhoto, PhotoBatch
from portal.people.records.sealing import unseal
from portal.people.rules import Permission

FOLDER = "photos"


def place_of(files_dir: Path, photo: PersonPhoto) -> Path:
    """Where the sealed picture lies; the name is ours and random."""
    return files_dir / FOLDER / photo.public_id[:2] / photo.public_id


def newest_photo(session: Session, person_id: int) -> PersonPhoto | None:
    return session.scalars(
        select(PersonPhoto)
        .where(PersonPhoto.person_id.in_(same_person(person_id)))
        .order_by(PersonPhoto.id.desc())
        .limit(1)
    ).first()


def photo_of(session: Session, person_id: int, photo_id: int) -> PersonPhoto:
    """One photo of the history; NoResultFound, a 404, when it is another person's."""
    return session.scalars(
        select(PersonPhoto).where(PersonPhoto.id == photo_id, PersonPhoto.person_id.in_(same_person(person_id)))
    ).one()


def picture(session: Session, files_dir: Path, photo: PersonPhoto) -> bytes | None:
    """The JPEG; None when the file is gone or the person was erased."""
    try:
        sealed = place_of(files_dir, photo).read_bytes()
    except FileNotFoundError:
        return None
    text = unseal(session, photo.person_id, sealed, photo.bound_to)
    return base64.b64decode(text) if text else None


def newest_digests(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """Person → digest of the photo he has now."""
    last = select(func.max(PersonPhoto.id)).where(PersonPhoto.person_id.in_(person_ids)).group_by(PersonPhoto.person_id)
    rows = session.execute(select(PersonPhoto.person_id, PersonPhoto.sha256).where(PersonPhoto.id.in_(last)))
    return dict(rows.all())


@dataclass(frozen=True)
class Named:
    """A person as a file's name calls him."""

    id: int
    name: str


def people_named(session: Session, account: Account, stems: Collection[str]) -> dict[str, Named]:
    """File name without ending → the person in scope with this ID number or personnel number."""
    by_index = {index: stem for stem in stems for index in keys.blinds(stem, ID_PURPOSE) if len(stem) == 18}
    rows = session.execute(
        select(Person.id, Person.name, Person.personnel_number, Person.id_number_index)
        .join(Post, Post.person_id == Person.id)
        .join(Body, Body.id == Post.body_id)
        .where(Post.ended_on.is_(None), posts_in_scope(account, Permission.EDIT_PERSON))
        .where(or_(Person.personnel_number.in_(stems), Person.id_number_index.in_(by_index)))
    )
    found: dict[str, Named] = {}
    for row in rows:
        stem = by_index.get(row.id_number_index)
        for name in (stem, row.personnel_number):
            if name in stems:
                found[name] = Named(row.id, row.name)
    return found


def own_batch(session: Session, account: Account, batch_id: int) -> PhotoBatch:
    """The archive, if this account brought it; otherwise NoResultFound, a 404."""
    return session.scalars(
        select(PhotoBatch).where(PhotoBatch.id == batch_id, PhotoBatch.account_id == account.id)
    ).one()


def own_batches(session: Session, account: Account, limit: int = 30) -> Sequence[PhotoBatch]:
    return session.scalars(
        select(PhotoBatch).where(PhotoBatch.account_id == account.id).order_by(PhotoBatch.id.desc()).limit(limit)
    ).all()


def lines_of(session: Session, batch: PhotoBatch) -> list[dict[str, Any]]:
    """What became of each file of an archive: path, name, outcome, message, values, remedy.

    The outcome `added` turns to `interrupted` for a photo that never arrived because the program was stopped.
    """
    lines = json.loads(keys.unseal(batch.sealed, batch.bound_to))
    arrived = set(session.scalars(select(PersonPhoto.person_id).where(PersonPhoto.batch_id == batch.id)))
    people = {line["person_id"] for line in lines if line["person_id"]}
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).all())
    for line in lines:
        line["name"] = names.get(line["person_id"], "")
        if line["outcome"] == "added" and line["person_id"] not in arrived:
            line["outcome"] = "interrupted"
    return lines
