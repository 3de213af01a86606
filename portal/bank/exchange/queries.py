"""Which questions go out, read a portion at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.finding.queries import Filters, wanted
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus, QuestionVersion
from portal.bank.writing.models import QuestionPicture
from question_bank.questions import Question

PORTION = 500


def chosen_versions(
    session: Session, bank: QuestionBank, filters: Filters, question_ids: Collection[int] = ()
) -> list[int]:
    """The current versions that the filters let pass, in the order of their codes; retired ones only when asked for."""
    found = select(Row.current_version_id).where(Row.id.in_(wanted(session, [bank.id], filters)))
    if question_ids:
        found = found.where(Row.id.in_(question_ids))
    if not filters.status:
        found = found.where(Row.status != QuestionStatus.RETIRED)
    return [number for number in session.scalars(found.order_by(Row.code)) if number is not None]


def questions(session: Session, version_ids: Sequence[int]) -> Iterator[Question]:
    """What these versions say, in the order of the ids."""
    for first in range(0, len(version_ids), PORTION):
        portion = version_ids[first : first + PORTION]
        bodies = dict(
            session.execute(
                select(QuestionVersion.id, QuestionVersion.body).where(QuestionVersion.id.in_(portion))
            ).all()  # type: ignore[arg-type]
        )
        yield from (Question.from_plain(bodies[version_id]) for version_id in portion)


def pictures(session: Session, bank: QuestionBank, keys: Collection[str]) -> dict[str, bytes]:
    """The bank's pictures of these SHA-256; what is not there is left out."""
    found: dict[str, bytes] = {}
    wanted_keys = sorted(keys)
    for first in range(0, len(wanted_keys), PORTION):
        portion = wanted_keys[first : first + PORTION]
        rows = select(QuestionPicture.sha256, QuestionPicture.content).where(
            QuestionPicture.bank_id == bank.id, QuestionPicture.sha256.in_(portion)
        )
        found |= dict(session.execute(rows).all())  # type: ignore[arg-type]
    return found
