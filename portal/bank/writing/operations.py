"""Drafts that save themselves, and what becomes of them; remarks of reviewers; pictures."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.bank import operations as bank_operations
from portal.bank.models import Change, QuestionBank, QuestionStatus, QuestionVersion
from portal.bank.models import Question as Row
from portal.bank.writing import queries, shape
from portal.bank.writing.models import QuestionComment, QuestionDraft, QuestionPicture
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.pictures import Illustration
from portal.ground.rules import N_
from portal.people.models import Account
from question_bank.questions import Kind, Question

PLACE = re.compile(r"(items/\d{1,2}/)?(stem|options|matches|key|rationale|citations|topic|general)")
LONGEST_COMMENT = 1000
CHANGES = (Change.WORDING.value, Change.SUBSTANCE.value)


class StaleDraft(Refused):
    """The draft was saved from another page since this one was loaded; both texts are kept."""

    code = "stale_draft"


class DraftThere(Refused):
    """The account has an unfinished text of this question."""

    code = "draft_there"


class NothingToKeep(Refused):
    """The draft says the same as the version it was begun from."""

    code = "nothing_changed"


class SayWhatChanged(Refused):
    """A question that was used or approved needs to be told whether its wording or its substance changes."""

    status = 422
    code = "say_what_changed"


class NewerVersion(Refused):
    """Somebody kept a version since this draft was begun."""

    code = "newer_version"


class ReasonMissing(Refused):
    """Returning needs a reason."""

    status = 422
    code = "reason_missing"


class NoPlace(Refused):
    """A remark names a field that questions do not have, or says nothing."""

    status = 422
    code = "no_place"


class NoDescription(Refused):
    """A picture needs words for those who cannot see it."""

    status = 422
    code = "no_description"


def begin_new(session: Session, bank: QuestionBank, kind: Kind, *, account: Account, now: datetime) -> QuestionDraft:
    """An empty draft of a question that does not exist yet; the one begun before, while nothing was typed in it."""
    body = {"question": shape.blank(kind), "change": ""}
    if (untouched := queries.untouched_draft(session, bank, account, body)) is not None:
        return untouched
    draft = QuestionDraft(bank_id=bank.id, account_id=account.id, body=body, saved_at=now)
    session.add(draft)
    session.flush()
    return draft


def begin(session: Session, row: Row, *, account: Account, now: datetime, version: QuestionVersion | None = None
          ) -> QuestionDraft:  # fmt: skip
    """The account's draft of a question: the one there is, or one begun from `version`, else the current one.

    Raises DraftThere rather than put an older version over what was typed.
    """
    draft = queries.draft_of(session, row, account)
    if draft is not None and version is not None:
        raise DraftThere(N_("You have a draft of this question. Submit or discard it, then go back to a version."))
    if draft is None:
        draft = QuestionDraft(
            bank_id=row.bank_id, question_id=row.id, base_version_id=row.current_version_id, account_id=account.id,
            body={"question": (version or row.current).body, "change": ""}, saved_at=now,
        )  # fmt: skip
        session.add(draft)
    draft.bank_id = row.bank_id  # the question may have moved to another bank since
    session.flush()
    return draft


def save_draft(
    session: Session, draft: QuestionDraft, body: dict[str, Any], *, number: int, change: str = "", now: datetime
) -> QuestionDraft:
    """Keep what was typed; `number` is that of the text it was typed over. Raises StaleDraft.

    The same text again is acknowledged and not written.
    """
    whole = {"question": body | {"code": draft.body["question"]["code"]}, "change": change if change in CHANGES else ""}
    if draft.number != number:
        if draft.body == whole:  # the answer to an earlier save was lost on the way
            return draft
        raise StaleDraft(N_("This draft was saved from another page since you loaded it. Both texts are kept."))
    if draft.body == whole:
        return draft
    won = session.execute(
        update(QuestionDraft)
        .where(QuestionDraft.id == draft.id, QuestionDraft.number == number)
        .values(body=whole, number=number + 1, saved_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(draft)
    if won.rowcount != 1:
        raise StaleDraft(N_("This draft was saved from another page since you loaded it. Both texts are kept."))
    return draft


def discard_draft(session: Session, draft: QuestionDraft, *, now: datetime) -> None:
    """The unfinished text leaves the writer's list; `restore_draft` brings it back."""
    draft.discarded_at = now
    session.flush()


def restore_draft(session: Session, draft: QuestionDraft) -> None:
    """A discarded text is the writer's draft again. Raises DraftThere when he began another one since."""
    session.refresh(draft, with_for_update=True)
    if draft.discarded_at is None:
        return
    row = session.get_one(Row, draft.question_id) if draft.question_id else None
    if row is not None and queries.draft_of(session, row, session.get_one(Account, draft.account_id)) is not None:
        raise DraftThere(N_("You have begun another draft of this question since. Submit or discard it first."))
    draft.discarded_at = None
    session.flush()


def submit(session: Session, draft: QuestionDraft, *, account: Account, now: datetime, note: str | None = None) -> Row:
    """Keep the draft as the question's next version and send it to another person's desk.

    Raises NewerVersion, NothingToKeep, SayWhatChanged, NotReady, WrongStatus.
    """
    session.refresh(draft, with_for_update=True)  # it becomes one version, however often it is sent
    row = session.get_one(Row, draft.question_id) if draft.question_id else None
    bank = session.get_one(QuestionBank, draft.bank_id, with_for_update=row is None)  # one number after the other
    question = Question.from_plain(shape.tidy(draft.body["question"]))
    change = Change.SUBSTANCE
    if row is not None:
        bank_operations.lock(session, row)
        _still_the_base(row, draft)
        same = row.current.content_sha256 == bank_operations.content_sha256(question)
        if same and row.status != QuestionStatus.DRAFT:
            raise NothingToKeep(N_("Nothing was changed, so there is nothing to review."))
        change = _change_of(session, row, draft, same)
    else:
        question = _numbered(question, queries.next_code(session, bank))
    bank_operations.check_ready(session, question)
    version = bank_operations.add_version(session, bank, question, change=change, account_id=account.id, now=now)
    bank_operations.send_to_review(session, version.question, account_id=account.id, now=now, note=note or None)
    session.delete(draft)  # it is a version now
    session.flush()
    return version.question


def _still_the_base(row: Row, draft: QuestionDraft) -> None:
    if row.current_version_id != draft.base_version_id:
        raise NewerVersion(
            N_("Version %(n)s was kept by somebody else since this draft was begun. Compare, then decide."),
            n=row.current.number,
        )  # fmt: skip
    if row.status == QuestionStatus.REVIEW:
        raise bank_operations.WrongStatus(N_("The question is under review; it can be changed once it is returned."))


def _change_of(session: Session, row: Row, draft: QuestionDraft, same: bool) -> Change:
    given = draft.body.get("change", "")
    if given:
        return Change(given)
    if not same and queries.must_say_change(session, row):
        raise SayWhatChanged(N_("The question was approved or used before: say whether only its wording changes."))
    return Change.SUBSTANCE


def _numbered(question: Question, code: str) -> Question:
    body = question.plain() | {"code": code}
    body["items"] = [item | {"code": f"{code}-{at}"} for at, item in enumerate(body["items"], 1)]
    return Question.from_plain(body)


def follow_newer(session: Session, draft: QuestionDraft, *, now: datetime) -> None:
    """The writer has seen the newer version and goes on from it with his own text."""
    draft.base_version_id = session.get_one(Row, draft.question_id).current_version_id
    draft.number += 1
    draft.saved_at = now
    session.flush()


def comment(
    session: Session, row: Row, place: str, text: str, *, account: Account, now: datetime
) -> QuestionComment:  # fmt: skip
    """Pin a remark to a field of the current version. Raises NoPlace."""
    if not PLACE.fullmatch(place):
        raise NoPlace(N_("Choose the field the remark is about."))
    if not text.strip() or len(text) > LONGEST_COMMENT:
        raise NoPlace(N_("Write the remark in at most 1,000 characters."))
    found = QuestionComment(
        question_id=row.id, version_id=row.current_version_id, place=place, text=text.strip(), account_id=account.id,
        at=now,
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def settle(session: Session, found: QuestionComment, *, account: Account, now: datetime) -> None:
    """The remark is dealt with; who says so first is who is written down."""
    if found.settled_at is None:
        found.settled_by_id, found.settled_at = account.id, now
        session.flush()


def still_the_version(row: Row, number: int) -> None:
    """What is approved is what was read. Raises NewerVersion."""
    if row.current.number != number:
        raise NewerVersion(
            N_("Version %(n)s was kept since you loaded the page. Read it before you decide."), n=row.current.number
        )


def return_to_writer(session: Session, row: Row, reason: str, *, account: Account, now: datetime) -> None:
    """Under review becomes a draft again, with the reason. Raises ReasonMissing, WrongStatus."""
    bank_operations.lock(session, row)
    if row.status != QuestionStatus.REVIEW:
        raise bank_operations.WrongStatus(N_("Only a question under review is returned."))
    if not reason.strip():
        raise ReasonMissing(N_("Say what has to be changed, so that the writer can do it."))
    bank_operations.move(session, row, QuestionStatus.DRAFT, account_id=account.id, now=now, note=reason.strip()[:500])
    body_id = row.bank.body_id
    audit.record(session, "question_returned", "question", row.id, now=now, account_id=account.id, body_id=body_id)


def take_back(session: Session, row: Row, *, account: Account, now: datetime) -> None:
    """Its writer takes a question back from review to go on writing. Raises WrongStatus."""
    bank_operations.lock(session, row)
    if row.status != QuestionStatus.REVIEW or row.current.author_id != account.id:
        raise bank_operations.WrongStatus(N_("Only what you sent to review yourself can be taken back."))
    bank_operations.move(session, row, QuestionStatus.DRAFT, account_id=account.id, now=now)


def add_picture(
    session: Session, bank: QuestionBank, picture: Illustration, *, account: Account, now: datetime
) -> QuestionPicture:  # fmt: skip
    """Keep a cleaned picture for a bank; the same one again is the one that is there."""
    key = hashlib.sha256(picture.content).hexdigest()
    found = session.scalar(select(QuestionPicture).filter_by(bank_id=bank.id, sha256=key))
    if found is None:
        found = QuestionPicture(
            bank_id=bank.id, sha256=key, media_type=picture.media_type, width=picture.width, height=picture.height,
            content=picture.content, account_id=account.id, added_at=now,
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found


def change_bank(
    session: Session, bank: QuestionBank, *, title: str, shared: bool, sealed: bool, reason: str, now: datetime
) -> None:
    """Title, and who may see the bank. Opening a sealed bank, or closing an open one, needs a reason."""
    if not title.strip():
        raise ReasonMissing(N_("A bank needs a title."))
    before = {"title": bank.title, "shared": bank.shared, "sealed": bank.sealed}
    after = {"title": title.strip()[:100], "shared": shared, "sealed": sealed}
    if before == after:
        return
    if (before["shared"], before["sealed"]) != (shared, sealed) and not reason.strip():
        raise ReasonMissing(N_("Say why, since it changes who can see these questions."))
    bank.title, bank.shared, bank.sealed = after["title"], shared, sealed
    session.flush()
    audit.record(
        session, "bank_changed", "question_bank", bank.id, now=now, body_id=bank.body_id, reason=reason.strip() or None,
        before=before, after=after, shared=shared, sealed=sealed,
    )  # fmt: skip

