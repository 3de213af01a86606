"""Writing a guide's versions, and laying them open to their readers by a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library.guides.files import Kept
from portal.library.guides.models import Guide, GuideCitation, GuideFile, GuidePublication, GuideVersion
from portal.library.guides.rules import GuideText, faults
from portal.people.duties.operations import check_step, first_step, take_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body

OBJECT = "guide_version"


class NotSound(Refused):
    """The guide lacks something."""

    status = 422
    code = "not_sound"


class ChangedMeanwhile(Refused):
    """Somebody else wrote a version after the form was opened."""

    code = "changed_meanwhile"


class Published(Refused):
    """The version is open to its readers already, or a newer one is."""

    code = "published"


@dataclass(frozen=True)
class Attached:
    """A file that was checked and put on the shelf."""

    kept: Kept
    name: str
    kind: str
    size: int


def new_guide(session: Session, kind: str, title: str, body: Body, field: str, *, now: datetime) -> Guide:
    """A guide without a version yet. Raises NotSound when the body issued one of this title."""
    title = " ".join(title.split())
    if session.scalar(select(Guide.id).where(Guide.body_id == body.id, Guide.title == title)) is not None:
        raise NotSound(N_("This body has issued a guide of this title; write its next version."))
    row = Guide(kind=kind, title=title, body_id=body.id, field=field, created_at=now)
    session.add(row)
    session.flush()
    return row


def write_version(
    session: Session, guide: Guide, version: GuideText, *, file: Attached | None = None, carry: bool = False,
    seen: int | None = None, account: Account, now: datetime,
) -> GuideVersion:  # fmt: skip
    """What the guide says next; readers see it once somebody else has published it.

    `carry` keeps the file of the version before. Raises NotSound, ChangedMeanwhile.
    """
    last = session.scalars(
        select(GuideVersion).where(GuideVersion.guide_id == guide.id).order_by(GuideVersion.number.desc()).limit(1)
    ).first()
    if seen is not None and seen != (last.number if last else 0):
        raise ChangedMeanwhile(N_("Somebody wrote another version meanwhile. Look at it, then write yours."))
    old = last.file if last is not None and carry and file is None else None
    for _what, message in faults(guide.kind, version, has_file=bool(file or old)):
        raise NotSound(message)
    row = GuideVersion(
        guide_id=guide.id, number=(last.number if last else 0) + 1, text=version.text,
        steps=[step.plain() for step in version.steps], change_note=version.change_note,
        in_force_from=version.in_force_from, in_force_until=version.in_force_until, account_id=account.id, at=now,
        citations=[GuideCitation(law=b.law, label=b.label, article=b.article, base=b.base) for b in version.citations],
    )  # fmt: skip
    session.add(row)
    session.flush()
    if file is not None:
        row.file = _file(file)
    elif old is not None:
        row.file = GuideFile(
            name=old.name, kind=old.kind, size=old.size, sha256=old.sha256, place=old.place, sealed_key=old.sealed_key
        )
    session.flush()
    body = session.get_one(Body, guide.body_id)
    first_step(session, DutyWord.ENTER, OBJECT, row.id, account=account, at=body, field=guide.field or None, now=now)
    audit.record(
        session, "guide_written", "guide", guide.id, now=now, account_id=account.id, body_id=guide.body_id,
        version=row.number, file_sha256=file.kept.sha256 if file else None,
    )  # fmt: skip
    return row


def _file(file: Attached) -> GuideFile:
    return GuideFile(
        name=file.name, kind=file.kind, size=file.size, sha256=file.kept.sha256, place=file.kept.place,
        sealed_key=file.kept.sealed_key,
    )  # fmt: skip


def publish(session: Session, guide: Guide, row: GuideVersion, *, account: Account, now: datetime) -> GuidePublication:
    """Open a version to the body's own people and those below. Raises Published, SamePerson."""
    newest = session.scalar(
        select(func.max(GuideVersion.number))
        .join(GuidePublication, GuidePublication.version_id == GuideVersion.id)
        .where(GuideVersion.guide_id == guide.id)
    )
    if newest is not None and newest >= row.number:
        raise Published(N_("This version, or a newer one, is published already."))
    body = session.get_one(Body, guide.body_id)
    since = select(GuideVersion.id).where(
        GuideVersion.guide_id == guide.id, GuideVersion.number > (newest or 0), GuideVersion.number < row.number
    )
    for earlier in session.scalars(since):  # it grew out of these, which nobody else has approved
        check_step(
            session, DutyWord.APPROVE, OBJECT, earlier, account=account, at=body, field=guide.field or None
        )  # fmt: skip
    take_step(session, DutyWord.APPROVE, OBJECT, row.id, account=account, at=body, field=guide.field or None, now=now)
    made = GuidePublication(version_id=row.id, account_id=account.id, at=now)
    session.add(made)
    session.flush()
    audit.record(
        session, "guide_published", "guide", guide.id, now=now, account_id=account.id, body_id=guide.body_id,
        version=row.number,
    )  # fmt: skip
    return made
