"""Photos taken in: sealed on disk under the person's own key, their history added to."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.crypto import keys, masked
from portal.ground.errors import Refused
from portal.ground.import_rows import LONG_NUMBER
from portal.ground.pictures import Member, Photo, read_photos
from portal.ground.rules import N_
from portal.people.identity import not_own, same_person_ids
from portal.people.models import Account
from portal.people.queries import body_id_of, lock_person
from portal.people.records.photos import queries
from portal.people.records.photos.models import PersonPhoto, PhotoBatch
from portal.people.records.sealing import seal
from portal.people.rules import normal_id_number

NOT_FOUND = N_("Nobody you keep the roster for has this ID number or personnel number.")
NAME_IT = N_("Name the file after the ID number or the personnel number, for example T00012.jpg.")
TWICE = N_("Two files of the archive are named after one person.")
KEEP_ONE = N_("Keep the right one and upload it again.")
PORTION = 5
YOURSELF = N_("This is your own record.")
LEAVE_IT = N_("Leave it to a colleague or to the level above.")
MEND = N_("Mend the picture and upload it again.")


class Outcome(StrEnum):
    ADDED = "added"
    UNCHANGED = "unchanged"
    PARKED = "parked"


@dataclass
class Line:
    """One file of an archive: whose it is, what became of it, and when it was not taken, why and what to do.

    The name is not kept with the report: whoever is erased must not live on in it.
    """

    path: str
    name: str = ""
    outcome: Outcome = Outcome.PARKED
    message: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    remedy: str = ""
    person_id: int | None = None
    photo: Photo | None = None

    def park(self, message: str, remedy: str, **values: Any) -> None:
        self.outcome, self.message, self.remedy, self.values = Outcome.PARKED, message, remedy, values

    def plain(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in ("photo", "name")}


def add_photo(
    session: Session, person_id: int, photo: Photo, *, files_dir: Path, account: Account, batch_id: int | None = None,
    now: datetime,
) -> PersonPhoto | None:  # fmt: skip
    """The person's new photo; None when it is the one he has. The file is on disk before the row says so.

    Raises OwnCase: his identity is checked against it.
    """
    not_own(session, account, person_id)
    lock_person(session, person_id)
    digest = hashlib.sha256(photo.content).hexdigest()
    before = queries.newest_photo(session, person_id)
    if before is not None and before.sha256 == digest:
        return None
    row = PersonPhoto(
        public_id=secrets.token_urlsafe(16), person_id=person_id, sha256=digest, width=photo.width,
        height=photo.height, added_at=now, account_id=account.id, batch_id=batch_id,
    )  # fmt: skip
    text = base64.b64encode(photo.content).decode("ascii")
    _keep(queries.place_of(files_dir, row), seal(session, person_id, text, row.bound_to))
    session.add(row)
    session.flush()
    audit.record(
        session, "photo_added", "person", person_id, now=now, account_id=account.id, person_id=person_id,
        body_id=body_id_of(session, person_id), photo=row.id, sha256=digest,
        before_sha256=before.sha256 if before else None,
    )  # fmt: skip
    audit.fact_changed(session, person_id, "photo", row.id, now=now)
    return row


def _keep(place: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk itself."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)


def judge_archive(session: Session, account: Account, members: Sequence[Member]) -> list[Line]:
    """Whose photo each file is, and whether it is one; stores nothing, so nobody waits while pictures are read."""
    stems = {member.path: normal_id_number(member.stem) for member in members}
    people = queries.people_named(session, account, set(stems.values()))
    lines = [Line(LONG_NUMBER.sub(_masked, member.path)) for member in members]
    for member, line in zip(members, lines, strict=True):
        if found := people.get(stems[member.path]):
            line.person_id, line.name = found.id, found.name
        else:
            line.park(NOT_FOUND, NAME_IT)
    once, own = Counter(line.person_id for line in lines), same_person_ids(session, account.person_id)
    for line in lines:
        if line.person_id is not None and once[line.person_id] > 1:
            line.park(TWICE, KEEP_ONE)
        elif line.person_id in own:
            line.park(YOURSELF, LEAVE_IT)
    _read(members, lines)
    stored = queries.newest_digests(session, [line.person_id for line in lines if line.photo])
    for line in lines:
        if line.photo is not None:
            same = stored.get(line.person_id) == hashlib.sha256(line.photo.content).hexdigest()
            line.outcome = Outcome.UNCHANGED if same else Outcome.ADDED
    return lines


def _masked(found: re.Match[str]) -> str:
    return masked(found[0])


def _read(members: Sequence[Member], lines: Sequence[Line]) -> None:
    """Decode the files that name one person each; the others are not worth a decoder's risk."""
    wanted = [(m, line) for m, line in zip(members, lines, strict=True) if not line.message]
    for member, line in wanted:
        if isinstance(member.content, Refused):
            line.park(member.content.message, MEND, **member.content.values)
    good = [(m.content, line) for m, line in wanted if isinstance(m.content, bytes)]
    for answer, (_, line) in zip(read_photos([content for content, _ in good]), good, strict=True):
        if isinstance(answer, Refused):
            line.park(answer.message, MEND, **answer.values)
        else:
            line.photo = answer


def keep_archive(
    session: Session, lines: Sequence[Line], *, file_name: str, content: bytes, account: Account, now: datetime
) -> PhotoBatch:
    """Keep the report of an archive; its good photos follow in portions."""
    counts = Counter(line.outcome for line in lines)
    batch = PhotoBatch(
        public_id=secrets.token_urlsafe(16), account_id=account.id, at=now, file_name=_safe_name(file_name),
        file_sha256=hashlib.sha256(content).hexdigest(), counts={str(outcome): counts[outcome] for outcome in Outcome},
    )  # fmt: skip
    plain = json.dumps([line.plain() for line in lines], ensure_ascii=False)
    batch.sealed = keys.seal(plain, batch.bound_to)
    session.add(batch)
    session.flush()
    audit.record(
        session, "photos_brought", "photo_batch", batch.id, now=now, account_id=account.id,
        file_sha256=batch.file_sha256, **{str(outcome): counts[outcome] for outcome in Outcome},
    )  # fmt: skip
    return batch


def portions(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The good photos a few at a time, so that no transaction keeps others waiting; in one order of locks."""
    good = sorted((line for line in lines if line.outcome == Outcome.ADDED), key=lambda line: line.person_id or 0)
    for start in range(0, len(good), PORTION):
        yield good[start : start + PORTION]


def add_portion(
    session: Session, lines: Sequence[Line], *, batch_id: int, files_dir: Path, account: Account, now: datetime
) -> None:
    for line in lines:
        add_photo(session, line.person_id, line.photo, files_dir=files_dir, account=account, batch_id=batch_id, now=now)


def _safe_name(name: str) -> str:
    return LONG_NUMBER.sub(_masked, name)[-255:]
