"""Policies, applications, decisions, records of eligibility and their notices."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base


class Policy(Base):
    """Thresholds and lists the rules judge by, from a day on. Followed by a new row, never edited."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(60), unique=True)
    effective_from: Mapped[date] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # see credentials.rules.Thresholds


class ApplicationState(StrEnum):
    UNIT_REVIEW = "unit_review"
    BUREAU_REVIEW = "bureau_review"
    RETURNED = "returned"
    DECIDED = "decided"


class StepKind(StrEnum):
    SUBMITTED = "submitted"
    UNIT_AGREED = "unit_agreed"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    MOVED = "moved"  # the officer was transferred; another unit reviews
    DECIDED = "decided"


class Application(Base):
    """A person asks to be recorded as eligible in one field."""

    __tablename__ = "application"
    __table_args__ = (Index("ix_application_queue", "bureau_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    field: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    bureau_id: Mapped[int] = mapped_column(ForeignKey("body.id"))  # same-level justice bureau
    state: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]

    steps: Mapped[list[Step]] = relationship(back_populates="application", order_by="Step.id")


class Step(Base):
    """One act in an application's course. Added, never changed."""

    __tablename__ = "application_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opinion: Mapped[str] = mapped_column(String(500))

    application: Mapped[Application] = relationship(back_populates="steps")


class Outcome(StrEnum):
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"


class Decision(Base):
    """What a bureau decided, with everything it rested on. Added, never changed."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # enforcement
    field: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(16))
    opinion: Mapped[str] = mapped_column(String(500))
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # the case as judged; ids and codes, no ID number
    facts_sha256: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date]

    findings: Mapped[list[DecisionFinding]] = relationship(order_by="DecisionFinding.position")


class DecisionFinding(Base):
    """One rule's answer as it stood at the decision. Added, never changed."""

    __tablename__ = "decision_finding"
    __table_args__ = (UniqueConstraint("decision_id", "rule"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    position: Mapped[int]
    rule: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # because, values, remedy, source, evidence


class Eligibility(Base):
    """The record that an officer is eligible for a credential. It cannot exist without its decision."""

    __tablename__ = "eligibility"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(20))
    basis: Mapped[str] = mapped_column(String(16))  # decision
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    issued_on: Mapped[date]
    valid_until: Mapped[date]


class Notice(Base):
    """行政执法资格审核合格通知单: exactly what is printed, and the token in its QR code."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    eligibility_id: Mapped[int] = mapped_column(ForeignKey("eligibility.id"), unique=True)
    printed: Mapped[dict[str, Any]] = mapped_column(JSON)  # the fields on its face
    issued_at: Mapped[datetime]


class StandingEvent(Base):
    """What happened to a recorded eligibility later: suspended, restored, withdrawn. Added, never changed."""

    __tablename__ = "standing_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    eligibility_id: Mapped[int] = mapped_column(ForeignKey("eligibility.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(300))
