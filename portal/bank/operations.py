"""Making banks and question versions, and moving questions between their states."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank.finding.indexing import index_version
from portal.bank.following.holding import end_hold
from portal.bank.following.statistics import carry_on
from portal.bank.models import (
    Change,
    Citation,
    QuestionBank,
    QuestionStatus,
    QuestionTag,
    QuestionVersion,
    StatusChange,
)
from portal.bank.models import Question as Row
from portal.ground import audit
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library.queries import known_versions
from portal.people.duties.operations import SamePerson, check_step, first_step, take_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body
from question_bank.checks import problems
from question_bank.questions import PICTURE, Question

OPENING = 200  # characters
USABLE = (QuestionStatus.REVIEW, QuestionStatus.APPROVED)


class BankExists(Refused):
    """The code is taken."""

    code = "bank_exists"


class OtherBank(Refused):
    """The question's number belongs to another bank."""

    code = "other_bank"


class NotReady(Refused):
    """The question has faults, or cites a law version the library does not know."""

    code = "not_ready"


class OwnQuestion(SamePerson):
    """Nobody approves what they wrote."""

    code = "own_question"


class WrongStatus(Refused):
    """The question is not in a state from which it moves there."""

    code = "wrong_status"


def create_bank(
    session: Session, code: str, title: str, body: Body, *, field: str | None = None, now: datetime
) -> QuestionBank:
    """An empty bank of a body; `field` None is general law. Raises BankExists."""
    if session.scalar(select(QuestionBank.id).where(QuestionBank.code == code)):
        raise BankExists(N_("There is a bank with the code %(code)s already."), code=code)
    bank = QuestionBank(code=code, title=title, body_id=body.id, field=field, created_at=now)
    session.add(bank)
    session.flush()
    audit.record(session, "bank_created", "question_bank", bank.id, now=now, body_id=body.id)
    return bank


def content_sha256(question: Question) -> str:
    """Equal for equal questions."""
    return digest(question.plain())


def said_sha256(question: Question) -> str:
    """Equal for questions that say the same, whatever their numbers."""
    body = question.plain()
    for part in (body, *body["items"]):
        part["code"] = ""
    return digest(body)


def add_version(
    session: Session,
    bank: QuestionBank,
    question: Question,
    *,
    status: QuestionStatus = QuestionStatus.DRAFT,
    change: Change = Change.SUBSTANCE,
    account_id: int | None = None,
    now: datetime,
) -> QuestionVersion:
    """Store what a question says as its next version and make it current; papers go on drawing the approved one.

    When its current version says the same, that version is returned and nothing is written, whatever
    `status` asks for. An account may not approve in the same act; None is the system itself.
    Raises OtherBank, OwnQuestion, and NotReady when `status` is review or approved.
    """
    if status == QuestionStatus.APPROVED and account_id is not None:
        raise OwnQuestion(N_("Somebody other than the author approves a question."))
    if status in USABLE:
        check_ready(session, question)
    row = session.scalar(select(Row).where(Row.code == question.code))
    if row is None:
        row = Row(code=question.code, bank_id=bank.id, status=QuestionStatus.DRAFT, created_at=now)
        session.add(row)
    elif lock(session, row).bank_id != bank.id:
        raise OtherBank(N_("The number %(code)s belongs to a question of another bank."), code=question.code)
    elif row.current is not None and row.current.content_sha256 == content_sha256(question):
        return row.current
    session.flush()
    version = _next_version(session, bank, row, question, change=change, account_id=account_id, now=now)
    row.current = version
    if row.held:  # what the new version cites is looked at anew
        end_hold(session, row, "rewritten", account_id=account_id, now=now)
    if account_id is not None:
        author = session.get_one(Account, account_id)
        place = {"at": session.get_one(Body, bank.body_id), "field": bank.field}
        first_step(session, DutyWord.WRITE, "question_version", version.id, account=author, **place, now=now)
    move(session, row, status, account_id=account_id, now=now)
    return version


def opening(stem: str) -> str:
    """The beginning of a stem on one line, as lists show it."""
    line = " ".join(PICTURE.sub(lambda found: f"[{found[1]}]", stem).replace("**", "").split())
    return line if len(line) <= OPENING else line[: OPENING - 1] + "…"


def _next_version(
    session: Session,
    bank: QuestionBank,
    row: Row,
    question: Question,
    *,
    change: Change,
    account_id: int | None,
    now: datetime,
) -> QuestionVersion:
    number = session.scalar(select(func.max(QuestionVersion.number)).where(QuestionVersion.question_id == row.id))
    version = QuestionVersion(
        question_id=row.id,
        number=(number or 0) + 1,
        kind=question.kind.value,
        topic=question.topic[:60],
        difficulty=question.difficulty,
        cognitive_level=question.cognitive_level,
        field=question.field or bank.field,
        opening=opening(question.stem),
        change=change if number else Change.FIRST,
        source=question.source[:120],
        body=question.plain(),
        content_sha256=content_sha256(question),
        said_sha256=said_sha256(question),
        author_id=account_id,
        created_at=now,
        citations=[Citation(law=c.law, label=c.label, article=c.article) for c in question.all_citations()],
        tags=[QuestionTag(tag=tag) for tag in dict.fromkeys(question.tags)],
    )
    session.add(version)
    session.flush()
    index_version(session, version)
    if version.change == Change.WORDING and row.current_version_id is not None:
        carry_on(session, row.current_version_id, version)
    return version


def check_ready(session: Session, question: Question) -> None:
    """Raises NotReady when the question has a fault or cites a law version that is not known."""
    for problem in problems(question):
        raise NotReady(problem.message, **dict(problem.values))
    cited = question.all_citations()
    known = known_versions(session, cited)
    for citation in cited:
        if (citation.law, citation.label) not in known:
            raise NotReady(
                N_("The library does not know %(law)s (%(label)s); the question stays a draft until it does."),
                law=citation.law, label=citation.label,
            )  # fmt: skip


def send_to_review(
    session: Session, row: Row, *, account_id: int | None, now: datetime, note: str | None = None
) -> None:
    """A draft goes to another person's desk. Raises WrongStatus, NotReady."""
    lock(session, row)
    if row.status != QuestionStatus.DRAFT:
        raise WrongStatus(N_("Only a draft is sent to review."))
    check_ready(session, Question.from_plain(row.current.body))
    move(session, row, QuestionStatus.REVIEW, account_id=account_id, now=now, note=note)


def approve(session: Session, row: Row, *, account_id: int | None, now: datetime, note: str | None = None) -> None:
    """From now on exams draw this version. Raises WrongStatus, OwnQuestion, SamePerson, NotReady."""
    lock(session, row)
    if row.status != QuestionStatus.REVIEW:
        raise WrongStatus(N_("Only a question under review is approved."))
    if account_id is not None and row.current.author_id == account_id:
        raise OwnQuestion(N_("Somebody other than the author approves a question."))
    check_ready(session, Question.from_plain(row.current.body))
    if account_id is not None:
        reviewer = session.get_one(Account, account_id)
        place = {"at": session.get_one(Body, row.bank.body_id), "field": row.bank.field}
        for version_id in _since_approval(session, row):  # whoever wrote a part of it does not approve the whole
            check_step(session, DutyWord.REVIEW, "question_version", version_id, account=reviewer, **place)
        take_step(session, DutyWord.REVIEW, "question_version", row.current.id, account=reviewer, **place, now=now)
    move(session, row, QuestionStatus.APPROVED, account_id=account_id, now=now, note=note)
    audit.record(
        session, "question_approved", "question", row.id, now=now, account_id=account_id, body_id=row.bank.body_id
    )


def retire(session: Session, row: Row, *, account_id: int | None, now: datetime, note: str | None = None) -> None:
    """No paper draws it any more; papers that hold it keep it. Raises WrongStatus."""
    lock(session, row)
    if row.status == QuestionStatus.RETIRED:
        raise WrongStatus(N_("The question is retired already."))
    move(session, row, QuestionStatus.RETIRED, account_id=account_id, now=now, note=note)
    audit.record(
        session, "question_retired", "question", row.id, now=now, account_id=account_id, body_id=row.bank.body_id
    )


def move(
    session: Session,
    row: Row,
    status: QuestionStatus,
    *,
    account_id: int | None,
    now: datetime,
    note: str | None = None,
) -> None:
    """Set the status and write down who did it; the checks are the caller's."""
    session.flush()
    session.add(
        StatusChange(
            question_id=row.id, version_id=row.current_version_id, status=status, account_id=account_id,
            at=now, note=note,
        )
    )  # fmt: skip
    session.flush()
    row.status = status
    if status == QuestionStatus.APPROVED:
        row.approved_version_id = row.current_version_id
        if row.held:  # what the version before it cited matters no more
            end_hold(session, row, "rewritten", account_id=account_id, but=row.current_version_id, now=now)
    elif status == QuestionStatus.RETIRED:
        row.approved_version_id = None
    session.flush()


def lock(session: Session, row: Row) -> Row:
    """The question as it stands now, held until the transaction ends: of two at once, the second sees the first."""
    session.flush()
    session.execute(select(Row.id).where(Row.id == row.id).with_for_update())
    session.refresh(row)
    return row


def _since_approval(session: Session, row: Row) -> list[int]:
    """The versions written since one was last approved: what is under review grew out of them."""
    approved = (
        select(func.max(QuestionVersion.number))
        .join(StatusChange, StatusChange.version_id == QuestionVersion.id)
        .where(StatusChange.question_id == row.id, StatusChange.status == QuestionStatus.APPROVED)
    )
    found = select(QuestionVersion.id).where(QuestionVersion.question_id == row.id)
    return list(session.scalars(found.where(QuestionVersion.number > (session.scalar(approved) or 0))))
