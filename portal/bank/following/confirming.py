"""A person's answer for a held question: the key is still right under another citation, or the question goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bank import operations
from portal.bank.following.holding import end_hold, open_holds
from portal.bank.models import Change, QuestionStatus, QuestionVersion
from portal.bank.models import Question as Row
from portal.ground import audit
from portal.ground.clock import local
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.library.fates import Cited, fates
from question_bank.questions import Citation, Question


class NotHeld(Refused):
    """Somebody has answered for the question already, or it changed since the page was opened."""

    code = "not_held"


class NewArticleMissing(Malformed):
    """A citation that no longer holds has nothing in its place."""

    code = "new_article_missing"


def recited(question: Question, moves: Mapping[Cited, Citation]) -> Question:
    """The question with each moved citation in the old one's place; items of a case too."""
    cited = [moves.get((c.law, c.label, c.article), c) for c in question.citations]
    once = tuple({(c.law, c.label, c.article): c for c in cited}.values())
    return replace(question, citations=once, items=tuple(recited(item, moves) for item in question.items))


def confirm(
    session: Session,
    row: Row,
    moves: Mapping[Cited, Citation],
    *,
    version_id: int,
    account_id: int,
    now: datetime,
    note: str | None = None,
) -> QuestionVersion:
    """The key is still right: a new version cites what stands now and goes to another person's review.

    Raises NotHeld, NewArticleMissing, NotReady, and what add_version raises.
    """
    _same_still(session, row, version_id)
    held = {(h.law, h.label, h.article) for h in open_holds(session, row.id)}
    new = {key: (c.law, c.label, c.article) for key, c in moves.items()}
    stale = fates(session, new.values(), local(now).date())
    for law, label, article in sorted(held):
        now_cited = new.get((law, label, article))
        if now_cited is None or now_cited == (law, label, article) or now_cited in stale:
            raise NewArticleMissing(
                N_("Choose what stands in the place of %(law)s %(article)s."), law=law, article=article
            )
    end_hold(session, row, "confirmed", account_id=account_id, now=now, note=note)
    return cite_anew(session, row, moves, account_id=account_id, now=now)


def cite_anew(
    session: Session, row: Row, moves: Mapping[Cited, Citation], *, account_id: int, now: datetime
) -> QuestionVersion:
    """A new version with the moved citations; a draft stays one, anything else goes to another person's review.

    Raises what add_version raises.
    """
    before_id, drafted = row.current_version_id or 0, row.status == QuestionStatus.DRAFT
    version = operations.add_version(
        session, row.bank, recited(Question.from_plain(row.current.body), moves),
        status=QuestionStatus.DRAFT if drafted else QuestionStatus.REVIEW,
        change=Change.WORDING, account_id=account_id, now=now,
    )  # fmt: skip
    audit.record(
        session, "question_confirmed", "question", row.id, now=now, account_id=account_id, body_id=row.bank.body_id,
        version_id=version.id, from_version_id=before_id,
    )  # fmt: skip
    return version


def retire(
    session: Session, row: Row, *, version_id: int, account_id: int, now: datetime, note: str | None = None
) -> None:
    """The question is not worth keeping. Raises NotHeld, WrongStatus."""
    _same_still(session, row, version_id)
    operations.retire(session, row, account_id=account_id, now=now, note=note)
    end_hold(session, row, "retired", account_id=account_id, now=now, note=note)


def _same_still(session: Session, row: Row, version_id: int) -> None:
    operations.lock(session, row)
    if not row.held or row.current_version_id != version_id:
        raise NotHeld(N_("Somebody has answered for this question already. Load the list again."))
