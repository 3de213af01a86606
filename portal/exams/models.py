"""Exams, frozen forms, entries, attempts, the answer journal, results."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base


class ExamKind(StrEnum):
    QUALIFICATION = "qualification"
    MONTHLY = "monthly"


class Subject(StrEnum):
    GENERAL = "general_law"
    PROFESSIONAL = "professional_law"


class ExamState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


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
    state: Mapped[str] = mapped_column(String(12), default=ExamState.DRAFT)
    published_at: Mapped[datetime | None]

    forms: Mapped[list[ExamForm]] = relationship(back_populates="exam", order_by="ExamForm.number")


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


class Entry(Base):
    """A person on the list of one exam."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("exam_id", "person_id"),
        UniqueConstraint("exam_id", "admission_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    admission_number: Mapped[str] = mapped_column(String(20))
    extra_minutes: Mapped[int] = mapped_column(default=0)


class AttemptState(StrEnum):
    IN_PROGRESS = "in_progress"
    HANDED_IN = "handed_in"


class HandInCause(StrEnum):
    CANDIDATE = "candidate"
    TIME_OVER = "time_over"


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
    epoch: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default=AttemptState.IN_PROGRESS)
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    hand_in_cause: Mapped[str | None] = mapped_column(String(12))
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


class LateAnswer(Base):
    """A change that came after the end: kept as evidence, never scored."""

    __tablename__ = "late_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
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
