"""Acts on questions found in a list, one question each; what is found in the texts is left to the editor."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from portal.bank import operations
from portal.bank.finding.models import QuestionEntry
from portal.bank.following.models import QuestionUse
from portal.bank.models import Change, QuestionBank, QuestionStatus, QuestionVersion
from portal.bank.models import Question as Row
from portal.bank.writing.models import QuestionDraft, QuestionPicture
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.models import Account
from question_bank.questions import Question

LONGEST_TAG, MOST_TAGS = 30, 12
LONGEST_TOPIC = 60
PICTURE_KEY = re.compile(r"picture:([0-9a-f]{64})")


class NotEdited(Refused):
    """A retired question, or one held back after a change of law, is not edited in a list."""

    code = "not_edited"


class StaleEntry(Refused):
    """Somebody has written a version since the list was shown."""

    code = "stale_entry"


class CannotMove(Refused):
    """The other bank is of another field, or would publish a question that is in use."""

    code = "cannot_move"


class NotRetired(Refused):
    """Only a retired question comes back."""

    code = "not_retired"


def edit(
    session: Session,
    row: Row,
    *,
    topic: str,
    difficulty: int,
    level: str,
    tags: Sequence[str],
    shown: int,
    account: Account,
    now: datetime,
) -> bool:
    """Give a question another topic, difficulty, level or tags; `shown` is the version the list showed.

    What is approved goes to review again, while papers draw the approved version; False when nothing is
    different. Raises NotEdited, StaleEntry, NotReady.
    """
    if row.current_version_id != shown:
        raise StaleEntry(N_("Somebody has changed the question meanwhile; look at it again."))
    old = _question(row)
    new = replace(old, topic=topic.strip()[:LONGEST_TOPIC], difficulty=difficulty, cognitive_level=level,
                  tags=tuple(tags)[:MOST_TAGS])  # fmt: skip
    return _rewrite(session, row, old, new, account=account, now=now)


def tag(session: Session, row: Row, word: str, *, account: Account, now: datetime) -> bool:
    """Put a tag to a question; False when it has it. Raises NotEdited, NotReady."""
    old = _question(row)
    new = replace(old, tags=tuple(dict.fromkeys((*old.tags, word[:LONGEST_TAG])))[:MOST_TAGS])
    return _rewrite(session, row, old, new, account=account, now=now)


def untag(session: Session, row: Row, word: str, *, account: Account, now: datetime) -> bool:
    """Take a tag off a question; False when it does not have it. Raises NotEdited, NotReady."""
    old = _question(row)
    new = replace(old, tags=tuple(each for each in old.tags if each != word))
    return _rewrite(session, row, old, new, account=account, now=now)


def _question(row: Row) -> Question:
    if row.current is None:
        raise NotEdited(N_("The question has no version yet."))
    return Question.from_plain(row.current.body)


def _rewrite(session: Session, row: Row, old: Question, new: Question, *, account: Account, now: datetime) -> bool:
    if row.status == QuestionStatus.RETIRED:
        raise NotEdited(N_("A retired question is not edited; bring it back first."))
    if row.held:
        raise NotEdited(N_("It is held back after a change of law; confirm or rewrite it first."))
    if new == old:
        return False
    status = QuestionStatus.DRAFT if row.status == QuestionStatus.DRAFT else QuestionStatus.REVIEW
    operations.add_version(
        session, row.bank, new, status=status, change=Change.WORDING, account_id=account.id, now=now
    )
    return True


def move_to(session: Session, row: Row, bank: QuestionBank, *, account: Account, now: datetime) -> bool:
    """Another bank keeps a question from now on, its pictures and drafts too; False when it does. Raises CannotMove."""
    old = row.bank
    if old.id == bank.id:
        return False
    if old.field != bank.field and not _question(row).field:
        raise CannotMove(N_("%(bank)s is of another field."), bank=bank.title)
    used = exists().where(QuestionUse.question_id == row.id)
    if old.sealed and not bank.sealed and session.scalar(select(used)):
        raise CannotMove(N_("It stands in an exam; in %(bank)s everybody could read it."), bank=bank.title)
    _take_pictures(session, row, bank, now=now)
    row.bank = bank
    session.execute(update(QuestionDraft).where(QuestionDraft.question_id == row.id).values(bank_id=bank.id))
    session.execute(update(QuestionEntry).where(QuestionEntry.question_id == row.id).values(bank_id=bank.id))
    session.flush()
    audit.record(
        session, "question_moved", "question", row.id, now=now, account_id=account.id, body_id=bank.body_id,
        old=old.code, new=bank.code,
    )  # fmt: skip
    return True


def _take_pictures(session: Session, row: Row, bank: QuestionBank, *, now: datetime) -> None:
    """A picture is asked for at the bank that shows it, in older versions and in drafts as well."""
    bodies = [*session.scalars(select(QuestionVersion.body).where(QuestionVersion.question_id == row.id))]
    drafts = session.scalars(select(QuestionDraft.body).where(QuestionDraft.question_id == row.id))
    bodies += [draft["question"] for draft in drafts]
    keys = {key for body in bodies for key in PICTURE_KEY.findall(json.dumps(body))}
    there = set(session.scalars(select(QuestionPicture.sha256).where(QuestionPicture.bank_id == bank.id)))
    for one in session.scalars(
        select(QuestionPicture).where(QuestionPicture.bank_id == row.bank_id, QuestionPicture.sha256.in_(keys - there))
    ):
        session.add(QuestionPicture(
            bank_id=bank.id, sha256=one.sha256, media_type=one.media_type, width=one.width, height=one.height,
            content=one.content, account_id=one.account_id, added_at=now,
        ))  # fmt: skip


def retire(session: Session, row: Row, note: str, *, account: Account, now: datetime) -> bool:
    """Draw it no more; False when it is retired already."""
    if row.status == QuestionStatus.RETIRED:
        return False
    operations.retire(session, row, account_id=account.id, now=now, note=note[:500])
    return True


def restore(session: Session, row: Row, *, account: Account, now: datetime) -> bool:
    """A retired question becomes a draft again, to be reviewed anew. Raises NotRetired."""
    if row.status != QuestionStatus.RETIRED:
        raise NotRetired(N_("The question is not retired."))
    operations.move(session, row, QuestionStatus.DRAFT, account_id=account.id, now=now)
    audit.record(
        session, "question_restored", "question", row.id, now=now, account_id=account.id, body_id=row.bank.body_id
    )
    return True


def send(session: Session, row: Row, *, account: Account, now: datetime) -> bool:
    """Submit a draft for review; False when it is there. Raises WrongStatus, NotReady."""
    if row.status == QuestionStatus.REVIEW:
        return False
    operations.send_to_review(session, row, account_id=account.id, now=now)
    return True
