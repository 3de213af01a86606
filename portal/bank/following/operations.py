"""Writing down what becomes of a question: who saw a sealed one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.following.models import QuestionView, ViewedBy
from portal.bank.models import Question, QuestionBank, QuestionVersion
from portal.people.models import Account

NOTED_FOR = timedelta(minutes=10)
PORTION = 500  # ids in one statement


def unseen(
    session: Session, account: Account, version_ids: Collection[int], via: ViewedBy | str, now: datetime
) -> list[int]:
    """Those of these versions that lie in a sealed bank and whose view by this account is not noted already."""
    found: list[int] = []
    wanted = sorted(set(version_ids))
    for first in range(0, len(wanted), PORTION):
        portion = wanted[first : first + PORTION]
        noted = select(QuestionView.version_id).where(
            QuestionView.account_id == account.id, QuestionView.version_id.in_(portion),
            QuestionView.via == ViewedBy(via), QuestionView.at > now - NOTED_FOR,
        )  # fmt: skip
        found += session.scalars(
            select(QuestionVersion.id)
            .join(Question, Question.id == QuestionVersion.question_id)
            .join(QuestionBank, QuestionBank.id == Question.bank_id)
            .where(QuestionVersion.id.in_(portion), QuestionBank.sealed, QuestionVersion.id.not_in(noted))
            .order_by(QuestionVersion.id)
        )
    return found


def note_views(
    session: Session, account: Account, version_ids: Collection[int], via: ViewedBy | str, now: datetime
) -> int:
    """Write down that this account is shown these versions; returns how many rows were added.

    Versions of banks published for study are passed over, and so is what the same account saw the same
    way within ten minutes. The caller commits before anything is shown.
    """
    new = unseen(session, account, version_ids, via, now)
    session.add_all(
        QuestionView(version_id=version_id, account_id=account.id, via=ViewedBy(via), at=now) for version_id in new
    )
    session.flush()
    return len(new)
