"""Exams, frozen forms, entries, attempts, the answer journal, results."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.crypto import sealed, sealed_elsewhere
from portal.ground.db import Base


class ExamKind(StrEnum):
    QUALIFICATION = "qualification"
    MONTHLY = "monthly"
    MOCK = "mock"
    CONTEST = "contest"
    REHEARSAL = "rehearsal"  # a try of device and hall before an exam; nothing of it counts


class Delivery(StrEnum):
    SEALED = "sealed"  # a fixed number of forms, each sealed once and fetched before the hour
    DRAWN = "drawn"  # a paper per person, drawn at the start from a frozen pool; never for a qualification


class Timing(StrEnum):
    WINDOW = "window"  # everyone starts when he likes while it is open
    FIXED = "fixed"  # everyone starts at the hour


class Keeps(StrEnum):
    """Which of several attempts counts."""

    BEST = "best"
    LAST = "last"


class Subject(StrEnum):
    GENERAL = "general_law"
    PROFESSIONAL = "professional_law"


class ExamState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"  # a qualification exam waits for the second person
    PUBLISHING = "publishing"  # its forms are being assembled; nothing of it is edited meanwhile
    PUBLISHED = "published"
    DISCARDED = "discarded"  # a draft put away; it can be brought back


class Exam(Base):
    """What is sat: its kind, window, rules. Fixed from the moment it is published."""

    __tablename__ = "exam"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="closes_after_opens"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    theme: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(20))
    field: Mapped[str | None] = mapped_column(String(20))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))  # who holds it
    month: Mapped[date | None]  # first day of the month a monthly exam belongs to
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    minutes: Mapped[int]
    attempts_allowed: Mapped[int] = mapped_column(default=1)
    pass_mark: Mapped[int]  # hundredths of a percent of the full mark
    marking_rules: Mapped[dict[str, Any]] = mapped_column(JSON)  # per kind, see question_bank.marking
    blueprint: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    notice: Mapped[str] = mapped_column(Text)  # Markdown
    release_at_once: Mapped[bool] = mapped_column(default=False)  # a monthly exam shows its result when marked
    delivery: Mapped[str] = mapped_column(String(8), default=Delivery.SEALED, server_default="sealed")
    timing: Mapped[str] = mapped_column(String(8), default=Timing.WINDOW, server_default="window")
    keeps: Mapped[str] = mapped_column(String(8), default=Keeps.BEST, server_default="best")
    forms_wanted: Mapped[int] = mapped_column(default=1, server_default="1")  # 1 to 200, assembled at publication
    bank_codes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    late_minutes: Mapped[int] = mapped_column(default=30, server_default="30")  # nobody enters later after the hour
    check_in_minutes: Mapped[int] = mapped_column(default=30, server_default="30")  # before the start
    review_days: Mapped[int] = mapped_column(default=5, server_default="5")  # working days until results are due
    resit_of_id: Mapped[int | None] = mapped_column(ForeignKey("exam.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(12), default=ExamState.DRAFT)
    published_at: Mapped[datetime | None]

    forms: Mapped[list[ExamForm]] = relationship(back_populates="exam", order_by="ExamForm.number")

    @hybrid_property
    def shows_at_once(self) -> bool:
        """Whether a mark goes out when it is made; of a qualification never, whatever was ticked."""
        return self.release_at_once and self.kind != ExamKind.QUALIFICATION

    @shows_at_once.inplace.expression
    @classmethod
    def _shows_at_once(cls) -> ColumnElement[bool]:
        return and_(cls.release_at_once, cls.kind != ExamKind.QUALIFICATION)


class ExamForm(Base):
    """A paper frozen at publication: what candidates see, without keys."""

    __tablename__ = "exam_form"
    __table_args__ = (UniqueConstraint("exam_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    number: Mapped[int]
    paper: Mapped[dict[str, Any]] = mapped_column(JSON)  # question_bank.papers.Paper.plain()
    paper_sha256: Mapped[str] = mapped_column(String(64))

    exam: Mapped[Exam] = relationship(back_populates="forms")


class FormSeal(Base):
    """A form as devices fetch it before the hour: AES-GCM under a key of its own. Added, never changed."""

    __tablename__ = "form_seal"

    form_id: Mapped[int] = mapped_column(ForeignKey("exam_form.id"), primary_key=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary, info=sealed("form_seal|wrapped_key|{form_id}"))
    # 12 bytes nonce, then ciphertext and tag
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, info=sealed_elsewhere("form_seal"))
    sha256: Mapped[str] = mapped_column(String(64))  # of `sealed`
    sealed_at: Mapped[datetime]


class FormKey(Base):
    """The key of a form, in versions; results name the version they were marked with."""

    __tablename__ = "form_key"
    __table_args__ = (UniqueConstraint("form_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("exam_form.id"))
    number: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # item number -> key, points, rationale, citations
    created_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrade.id"), index=True)  # what every later key is by


class Entry(Base):
    """A person on the list of one exam."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("exam_id", "person_id"),
        UniqueConstraint("exam_id", "admission_number"),
        UniqueConstraint("sitting_id", "room_id", "seat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    admission_number: Mapped[str] = mapped_column(String(20))
    extra_minutes: Mapped[int] = mapped_column(default=0)
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"), index=True)  # None: the exam's own window
    room_id: Mapped[int | None] = mapped_column(ForeignKey("test_room.id"))
    seat: Mapped[int | None]
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)  # the unit that entered him
    entered_at: Mapped[datetime | None]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime | None]  # when sitting, room or seat were last settled
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))


class CheckIn(Base):
    """A candidate's device is ready: form, seed and address of the attempt are settled, the key is not out yet.

    The attempt it becomes has the same `public_id` and `number`. `epoch` rises with every page that opens it.
    """

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("exam_id", "person_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("exam_form.id"))
    number: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)  # below 2**48
    epoch: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]

    exam: Mapped[Exam] = relationship()
    entry: Mapped[Entry] = relationship()
    form: Mapped[ExamForm] = relationship()


class AttemptState(StrEnum):
    IN_PROGRESS = "in_progress"
    HANDED_IN = "handed_in"


class HandInCause(StrEnum):
    CANDIDATE = "candidate"
    TIME_OVER = "time_over"
    WINDOW_CLOSED = "window_closed"  # he started late, and the window ended before his minutes did
    ADMINISTRATOR = "administrator"


class Attempt(Base):
    """One person's run of one form. `epoch` fences stale pages: only the highest may save."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("exam_id", "person_id", "number"),
        Index("ix_attempt_running", "state", "deadline_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("exam_form.id"))
    number: Mapped[int]  # 1 for the first attempt
    seed: Mapped[int] = mapped_column(BigInteger)  # settles the order of questions and options
    drawn: Mapped[list[int] | None] = mapped_column(JSON)  # version ids, where the paper is drawn per person
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("test_room.id"))
    epoch: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default=AttemptState.IN_PROGRESS)
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]  # the clock stands; resuming moves the deadline by as long as it stood
    handed_in_at: Mapped[datetime | None]
    hand_in_cause: Mapped[str | None] = mapped_column(String(16))
    receipt: Mapped[str | None] = mapped_column(String(64))  # SHA-256 over the canonical answers

    exam: Mapped[Exam] = relationship()
    form: Mapped[ExamForm] = relationship()


class AnswerChange(Base):
    """One saved change of one answer. Rows are added, never changed: the highest (epoch, sequence) counts."""

    __tablename__ = "answer_change"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[int]  # number in the frozen form, not as shown
    answer: Mapped[str] = mapped_column(Text)  # canonical: option ids, T/F, or a JSON list of blanks
    saved_at: Mapped[datetime]


class LateSource(StrEnum):
    SAVE = "save"  # sent by the page after the end
    FILE = "file"  # from the file a page made when it could not send


class LateAnswer(Base):
    """Changes that came after the end: kept as evidence, never scored."""

    __tablename__ = "late_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    source: Mapped[str] = mapped_column(String(8), default=LateSource.SAVE, server_default="save")
    body: Mapped[bytes] = mapped_column(LargeBinary)  # JSON: [[epoch, sequence, item, answer, made or nothing], …]
    received_at: Mapped[datetime]


class IdentityConfirmation(Base):
    """An invigilator or administrator confirmed who sat this attempt. Added, never changed."""

    __tablename__ = "identity_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), unique=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(120))  # seat list, ID reader log, face-to-face check


class FocusLoss(Base):
    """The candidate left the page for some seconds; a fact to look at, not a verdict."""

    __tablename__ = "focus_loss"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    seconds: Mapped[int]
    at: Mapped[datetime]


class Result(Base):
    """What the marks come to under one key version. A new key makes a new row."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int]
    key_id: Mapped[int] = mapped_column(ForeignKey("form_key.id"))
    mark: Mapped[int]  # hundredths of a percent of the full mark
    points: Mapped[int]  # hundredths of a point
    full_points: Mapped[int]  # hundredths of a point
    passed: Mapped[bool]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # item, given, points, right
    marked_at: Mapped[datetime]

    attempt: Mapped[Attempt] = relationship()


class ResultEventKind(StrEnum):
    REVIEWED = "reviewed"
    RELEASED = "released"
    VOIDED = "voided"


class ResultEvent(Base):
    """What happened to a result after marking. Added, never changed."""

    __tablename__ = "result_event"
    __table_args__ = (UniqueConstraint("result_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(300))


class ScoreReview(Base):
    """成绩复核: an appeal against a result; open until it is closed."""

    __tablename__ = "score_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), index=True)
    opened_at: Mapped[datetime]
    ground: Mapped[str] = mapped_column(String(500))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
