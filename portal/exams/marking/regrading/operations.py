"""Proposing a change of key, approving it as another person, taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exams.marking.regrading import queries, rules
from portal.exams.marking.regrading.models import ChangeOfKey, Flips, Regrade, RegradeState
from portal.exams.models import Attempt, Exam, ExamForm, ExamState
from portal.ground import audit, jobs
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.people.duties.operations import SamePerson, check_step, take_step
from portal.people.duties.rules import DutyWord
from portal.people.identity import same_person
from portal.people.models import Account, Body

OBJECT = "regrade"
JOB = "regrade"


class AnotherOpen(Refused):
    """One change of an exam's keys is looked at and applied before the next is begun."""

    code = "another_open"


class NotNow(Refused):
    """The regrade is not at the point where this is done."""

    code = "not_now"


class Unfounded(Refused):
    """A change of key needs its reason and its source of law."""

    status = 422
    code = "unfounded"


def draft(
    session: Session, exam: Exam, *, question: str, change: ChangeOfKey, given: Any = None, reason: str, source: str,
    flips: Flips, account: Account, now: datetime,
) -> Regrade:  # fmt: skip
    """Write down a change of one question's key, for every form that holds it; its effect is counted next.

    `given` is the answer as rules.read_answer takes it. Raises AnotherOpen, NotNow, NotAKey, Unfounded.
    """
    if exam.state != ExamState.PUBLISHED:
        raise NotNow(N_("Only the keys of a published exam are changed here."))
    reason, source = " ".join(reason.split()), " ".join(source.split())
    if not reason or not source:
        raise Unfounded(N_("Say why the key is changed, and on which law and article that rests."))
    if queries.open_regrade(session, exam.id) is not None:
        raise AnotherOpen(N_("Another change of this exam's keys is under way; finish it first."))
    held = queries.keys_with(session, exam.id, question)
    if not held:
        raise rules.NotAKey(N_("This question is not on the paper."))
    answer = _answer(session, held, question, change, given)
    entry = held[0].body[rules.item_of(held[0].body, question) or ""]
    regrade = Regrade(
        exam_id=exam.id, question=question, code=entry["code"], forms=[key.form_id for key in held], change=change,
        answer=answer, reason=reason[:2000], source=source[:300], flips=flips, made_at=now, made_by_id=account.id,
        state=RegradeState.DRAFT, seen={}, applied_counts={},
    )  # fmt: skip
    session.add(regrade)
    session.flush()
    jobs.enqueue(session, JOB, str(regrade.id), now=now)
    _note(session, "regrade_drafted", regrade, exam, account, now, reason=reason)
    return regrade


def _answer(session: Session, held: Sequence[Any], question: str, change: ChangeOfKey, given: Any) -> Any:
    """The new key as it will be stored; checked against every form that holds the question."""
    answer = None
    if change in (ChangeOfKey.KEY, ChangeOfKey.ACCEPT):
        first = held[0]
        number = rules.item_of(first.body, question)
        paper = session.scalars(select(ExamForm.paper).where(ExamForm.id == first.form_id)).one()
        answer = rules.read_answer(next(i for i in paper["items"] if str(i["item"]) == number), given)
    for key in held:
        rules.check_change(key.body[rules.item_of(key.body, question) or ""], change, answer)
    rules.check_left([rules.changed(key.body, question, change, answer) for key in held])
    return answer


def count_again(session: Session, regrade: Regrade, *, now: datetime) -> None:
    """Count the effect anew, since further papers were handed in. Raises NotNow."""
    if regrade.state not in (RegradeState.DRAFT, RegradeState.PROPOSED) or regrade.looked_at is None:
        raise NotNow(N_("The effect is being counted, or the matter is decided."))
    regrade.look += 1
    regrade.looked_at, regrade.last_attempt_id, regrade.seen = None, 0, {}
    session.flush()
    jobs.enqueue(session, JOB, str(regrade.id), now=now)


def propose(session: Session, regrade: Regrade, exam: Exam, *, account: Account, now: datetime) -> None:
    """Hand it to a second person; its effect is known by then. Raises NotNow, SamePerson."""
    if regrade.state != RegradeState.DRAFT or regrade.looked_at is None:
        raise NotNow(N_("A regrade is proposed once its effect is counted."))
    if regrade.made_by_id != account.id:
        raise NotNow(N_("Whoever drew the change up proposes it."))
    _take(session, regrade, exam, DutyWord.PROPOSE, account, now)
    regrade.state, regrade.proposed_at = RegradeState.PROPOSED, now
    session.flush()
    _note(session, "regrade_proposed", regrade, exam, account, now, reason=regrade.reason)


def approve(session: Session, regrade: Regrade, exam: Exam, *, account: Account, now: datetime) -> None:
    """The second person's step: from here on new papers are marked by the new key, and old ones follow.

    Raises NotNow, SamePerson.
    """
    if regrade.state != RegradeState.PROPOSED or regrade.looked_at is None:
        raise NotNow(N_("A regrade is approved once it is proposed and its effect is counted."))
    _take(session, regrade, exam, DutyWord.APPROVE, account, now)
    regrade.state, regrade.decided_at, regrade.decided_by_id = RegradeState.APPROVED, now, account.id
    regrade.last_attempt_id, regrade.forms_done, regrade.applied_counts = 0, 0, {}
    session.flush()
    jobs.enqueue(session, JOB, str(regrade.id), now=now)
    _note(session, "regrade_approved", regrade, exam, account, now)


def refuse(session: Session, regrade: Regrade, exam: Exam, *, said: str, account: Account, now: datetime) -> None:
    """Refused by the second person, with the reason. Raises NotNow, Unfounded, SamePerson."""
    if regrade.state != RegradeState.PROPOSED:
        raise NotNow(N_("This regrade does not wait for a second person."))
    if not said.strip():
        raise Unfounded(N_("Say why the regrade is refused."))
    _take(session, regrade, exam, DutyWord.APPROVE, account, now)
    _close(session, regrade, exam, RegradeState.REFUSED, said, account, now)


def withdraw(session: Session, regrade: Regrade, exam: Exam, *, said: str, account: Account, now: datetime) -> None:
    """Taken back before it is decided. Raises NotNow."""
    if regrade.state not in (RegradeState.DRAFT, RegradeState.PROPOSED):
        raise NotNow(N_("This regrade is decided already."))
    _close(session, regrade, exam, RegradeState.WITHDRAWN, said, account, now)


def _close(
    session: Session, regrade: Regrade, exam: Exam, state: RegradeState, said: str, account: Account, now: datetime
) -> None:
    regrade.state, regrade.said = state, " ".join(said.split())[:300] or None
    regrade.decided_at, regrade.decided_by_id = now, account.id
    session.flush()
    _note(session, f"regrade_{state}", regrade, exam, account, now, reason=regrade.said)


def _take(session: Session, regrade: Regrade, exam: Exam, step: DutyWord, account: Account, now: datetime) -> None:
    """The duty at the desk whose turn it is; nobody takes one about an exam he sat himself."""
    if sat(session, exam, account):
        raise SamePerson(N_("Nobody takes a step in his own case."))
    body, raised = queries.desk(session, regrade, exam)
    at = body if step == DutyWord.APPROVE else session.get_one(Body, exam.body_id)
    take_step(
        session, step, OBJECT, regrade.id, account=account, at=at, field=exam.field,
        raised=raised and step == DutyWord.APPROVE, now=now,
    )  # fmt: skip


def sat(session: Session, exam: Exam, account: Account) -> bool:
    """Whether this account's person has an attempt of the exam."""
    own = select(Attempt.id).where(Attempt.exam_id == exam.id, Attempt.person_id.in_(same_person(account.person_id)))
    return session.scalar(own.limit(1)) is not None


def may_approve(session: Session, regrade: Regrade, exam: Exam, account: Account) -> bool:
    """Whether the second step is this person's to take."""
    if sat(session, exam, account):
        return False
    try:
        check_step(
            session, DutyWord.APPROVE, OBJECT, regrade.id, account=account, field=exam.field,
            at=session.get_one(Body, exam.body_id),
        )  # fmt: skip
    except Refused:
        return False
    return True


def _note(
    session: Session, act: str, regrade: Regrade, exam: Exam, account: Account, now: datetime, *,
    reason: str | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, act, OBJECT, regrade.id, now=now, account_id=account.id, body_id=exam.body_id, reason=reason,
        exam=exam.id, change=str(regrade.change), forms=len(regrade.forms),
    )  # fmt: skip
