"""Questions whose cited articles read the same in the newest version of a law: they may cite that one instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portal.bank import operations
from portal.bank.following.confirming import cite_anew, confirm
from portal.bank.following.models import QuestionHold
from portal.bank.models import Citation, QuestionBank, QuestionStatus
from portal.bank.models import Question as Row
from portal.ground.clock import local
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library.fates import Cited, Standing, same_today
from portal.library.models import LawVersion
from portal.people.models import Account, Body
from portal.people.queries import bodies_in_scope
from portal.people.rules import Permission
from question_bank.questions import Citation as Cites

PORTION = 500  # ids in one statement


class UnderReview(Refused):
    """A reviewer has the question before him."""

    code = "under_review"


class AnswerSingly(Refused):
    """The question is held for an article that does not read as before."""

    code = "answer_singly"


@dataclass(frozen=True)
class Recitable:
    """A question and, for each of its articles that reads the same, where it stands now."""

    row: Row
    moves: Mapping[Cited, Standing]


def recitable(session: Session, account: Account, version: LawVersion, now: datetime) -> list[Recitable]:
    """Questions the account writes for that may cite this version at once; empty unless it is the newest in force."""
    mine = (
        select(Row.id)
        .join(QuestionBank, QuestionBank.id == Row.bank_id)
        .join(Body, Body.id == QuestionBank.body_id)
        .where(bodies_in_scope(account, Permission.MANAGE_BANK, QuestionBank.field))
        .where(Row.status.in_((QuestionStatus.DRAFT, QuestionStatus.APPROVED)))
    )
    found = _moves(session, mine, version, now)
    rows: list[Row] = []
    ids = sorted(found)
    for first in range(0, len(ids), PORTION):
        of_portion = select(Row).where(Row.id.in_(ids[first : first + PORTION]))
        rows += session.scalars(of_portion.options(joinedload(Row.current), joinedload(Row.bank)))
    return [Recitable(row, found[row.id]) for row in sorted(rows, key=lambda row: row.code)]


def recite(session: Session, row: Row, version: LawVersion, *, account_id: int, now: datetime) -> bool:
    """A new version of the question cites this version of the law and goes to another person's review.

    False when nothing of it can. Raises UnderReview, AnswerSingly, and what confirm and add_version raise.
    """
    operations.lock(session, row)
    if row.status == QuestionStatus.REVIEW:
        raise UnderReview(N_("The question is under review; it can be changed once it is returned."))
    if row.status == QuestionStatus.RETIRED:
        return False
    standings = _moves(session, select(Row.id).where(Row.id == row.id), version, now).get(row.id)
    if not standings:
        if row.held:
            raise AnswerSingly(N_("An article it cites does not read as before; answer for it singly."))
        return False
    moves = {key: Cites(key[0], to.label, to.article) for key, to in standings.items()}
    if row.held:
        confirm(session, row, moves, version_id=row.current_version_id or 0, account_id=account_id, now=now)
    else:
        cite_anew(session, row, moves, account_id=account_id, now=now)
    return True


def _moves(
    session: Session, ids: Select[tuple[int]], version: LawVersion, now: datetime
) -> dict[int, dict[Cited, Standing]]:
    """Question → its citations that can go over to the version; only where every hold of it is among them."""
    title = version.law.title
    cited = session.execute(
        select(Row.id, Citation.law, Citation.label, Citation.article)
        .join(Citation, Citation.version_id == Row.current_version_id)
        .where(Citation.law == title, Citation.label != version.label, Row.id.in_(ids))
    ).all()
    held = session.execute(
        select(QuestionHold.question_id, QuestionHold.law, QuestionHold.label, QuestionHold.article)
        .where(QuestionHold.question_id.in_(ids), QuestionHold.ended_at.is_(None))
    ).all()
    keys, holds = _by_question(cited), _by_question(held)
    every = {key for found in (keys, holds) for of_one in found.values() for key in of_one if key[0] == title}
    same = {key: to for key, to in same_today(session, every, local(now).date()).items() if to.version_id == version.id}
    return {
        question_id: {key: same[key] for key in sorted(of_one | holds[question_id]) if key in same}
        for question_id, of_one in keys.items()
        if of_one & same.keys() and holds[question_id] <= same.keys()
    }


def _by_question(rows: Iterable) -> dict[int, set[Cited]]:
    found: dict[int, set[Cited]] = defaultdict(set)
    for question_id, law, label, article in rows:
        found[question_id].add((law, label, article))
    return found
