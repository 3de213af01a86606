"""The history of a person's facts: edits, corrections with their old values, requests, and full looks at numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.crypto import sealed_elsewhere
from portal.ground.db import Base

OWN_KEY = sealed_elsewhere("person_key")


class PersonChange(Base):
    """One edit of current facts, by version of the person's row. Added, never changed."""

    __tablename__ = "person_change"
    __table_args__ = (UniqueConstraint("person_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int]  # of the person's row, once the edit was made
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    facts: Mapped[list[str]] = mapped_column(JSON)  # codes of what changed
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=OWN_KEY)  # {fact: [before, after]}

    @property
    def bound_to(self) -> str:
        return f"person_change|sealed|{self.person_id}|{self.version}"


class CorrectedFact(StrEnum):
    NAME = "name"
    ID_NUMBER = "id_number"


class PersonCorrection(Base):
    """A wrong name or ID number as it stood, and the right one as somebody proposes it. Added, never changed."""

    __tablename__ = "person_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)  # random; binds the ciphertext
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    fact: Mapped[str] = mapped_column(String(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=OWN_KEY)  # {old, new, document}
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    end: Mapped[CorrectionEnd | None] = relationship()

    @property
    def bound_to(self) -> str:
        return f"person_correction|sealed|{self.public_id}"


class CorrectionOutcome(StrEnum):
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class CorrectionEnd(Base):
    """What a second person made of a proposed correction. Added, never changed."""

    __tablename__ = "person_correction_end"

    correction_id: Mapped[int] = mapped_column(ForeignKey("person_correction.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # identity checks up to this one compared the person with what was wrong
    superseded_check_id: Mapped[int | None] = mapped_column(ForeignKey("identity_check.id"))


class Purpose(StrEnum):
    """Why somebody needs a number in full."""

    CARD_CHECK = "card_check"
    APPLICATION = "application"
    EXAM_IDENTITY = "exam_identity"
    DUPLICATE = "duplicate"
    CONTACT = "contact"
    INQUIRY = "inquiry"
    OTHER = "other"


class RevealedFact(StrEnum):
    ID_NUMBER = "id_number"
    PHONE = "phone"


class PersonReveal(Base):
    """Somebody saw a number in full. The free text of why is in the audit line. Added, never changed."""

    __tablename__ = "person_reveal"
    __table_args__ = (Index("ix_person_reveal_account_day", "account_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    fact: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class RequestedFact(StrEnum):
    """What a person may say is wrong in his file."""

    NAME = "name"
    ID_NUMBER = "id_number"
    EDUCATION = "education"
    PHONE = "phone"
    POST = "post"
    PHOTO = "photo"
    RESULT = "result"
    HOURS = "hours"
    OTHER = "other"


class CorrectionRequest(Base):
    """A person says that something in his file is wrong. Added, never changed."""

    __tablename__ = "correction_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    fact: Mapped[str] = mapped_column(String(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=OWN_KEY)  # {wrong, right, document}
    asked_at: Mapped[datetime]

    answer: Mapped[CorrectionAnswer | None] = relationship()

    @property
    def bound_to(self) -> str:
        return f"correction_request|sealed|{self.public_id}"


class AnswerOutcome(StrEnum):
    CORRECTED = "corrected"
    REFUSED = "refused"


class CorrectionAnswer(Base):
    """What the administrator answered, with the reason. Added, never changed."""

    __tablename__ = "correction_answer"

    request_id: Mapped[int] = mapped_column(ForeignKey("correction_request.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=OWN_KEY)  # {reason}
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    @property
    def bound_to(self) -> str:
        return f"correction_answer|sealed|{self.request_id}"
