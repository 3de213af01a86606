"""Which version of a question stands where: written down when a paper is given out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.following.models import QuestionUse
from portal.bank.models import Question, QuestionVersion
from question_bank.questions import Kind

PORTION = 500  # values in one statement
Place = tuple[int, int]  # version id, place within it counted from 0


def note_use(
    session: Session,
    version_ids: Collection[int],
    *,
    kind: str,
    object_id: int,
    title: str,
    opens_at: datetime | None,
    closes_at: datetime | None,
    account_id: int | None = None,
    now: datetime,
) -> int:
    """Write down that these versions stand in a thing that is given out; returns how many were not known yet."""
    noted = select(QuestionUse.version_id).where(QuestionUse.kind == kind, QuestionUse.object_id == object_id)
    new = sorted(set(version_ids) - set(session.scalars(noted)))
    for portion in _portions(new):
        owners = select(QuestionVersion.id, QuestionVersion.question_id).where(QuestionVersion.id.in_(portion))
        session.add_all(
            QuestionUse(
                question_id=question_id, version_id=version_id, kind=kind, object_id=object_id, title=title,
                opens_at=opens_at, closes_at=closes_at, account_id=account_id, at=now,
            )
            for version_id, question_id in session.execute(owners).all()
        )  # fmt: skip
    session.flush()
    return len(new)


def approved_versions(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Code of a question -> id of the version that papers draw."""
    found: dict[str, int] = {}
    for portion in _portions(sorted(set(codes))):
        rows = select(Question.code, Question.approved_version_id).where(Question.code.in_(portion))
        found |= {code: version for code, version in session.execute(rows) if version is not None}
    return found


def versions_then(session: Session, codes: Iterable[str], at: datetime) -> dict[str, Place]:
    """Code of a question to be answered -> where it stood at a moment: for papers whose keys name no versions.

    The code may be that of a case's item; what did not exist then is missing.
    """
    wanted = set(codes)
    found: dict[str, Place] = {}
    newest = (
        select(QuestionVersion.id, Question.code, QuestionVersion.kind)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuestionVersion.created_at <= at)
        .order_by(QuestionVersion.number)
    )
    for portion in _portions(sorted(wanted)):
        rows = session.execute(newest.where(Question.code.in_(portion)))
        found |= {code: (version, 0) for version, code, _kind in rows}
    if wanted - set(found):
        bodies = newest.where(QuestionVersion.kind == Kind.CASE_SET).add_columns(QuestionVersion.body)
        for version, _code, _kind, body in session.execute(bodies):
            for place, item in enumerate(body["items"]):
                if item["code"] in wanted:
                    found[item["code"]] = (version, place)
    return found


def _portions(values: Sequence) -> Iterable[Sequence]:
    return (values[first : first + PORTION] for first in range(0, len(values), PORTION))
