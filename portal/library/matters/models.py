"""Conferred matters: what a town may do in its own name, each change a version of its own."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base


class MatterKind(StrEnum):
    PENALTY = "penalty"
    COMPULSION = "compulsion"
    INSPECTION = "inspection"


class Matter(Base):
    """A matter (赋权事项) by its number; what it says is its newest version."""

    __tablename__ = "matter"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]


class MatterVersion(Base):
    """What a matter says, for ever. `in_force_until` is its last day; a withdrawn one was never meant to stand."""

    __tablename__ = "matter_version"
    __table_args__ = (UniqueConstraint("matter_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    field: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12))
    document: Mapped[str] = mapped_column(String(200))  # the decision that confers it
    document_number: Mapped[str] = mapped_column(String(80))
    document_on: Mapped[date | None]
    in_force_from: Mapped[date]
    in_force_until: Mapped[date | None]
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]

    matter: Mapped[Matter] = relationship()
    bases: Mapped[list[MatterBasis]] = relationship(order_by="MatterBasis.id")

    def in_force(self, day: date) -> bool:
        begun = not self.withdrawn and self.in_force_from <= day
        return begun and (self.in_force_until is None or day <= self.in_force_until)


class MatterBasis(Base):
    """An article a matter rests on; `article` as written, `base` the article alone, without paragraph and item."""

    __tablename__ = "matter_basis"
    __table_args__ = (Index("ix_matter_basis_article", "law", "base"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("matter_version.id"), index=True)
    law: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(30))  # of the version, may be empty
    article: Mapped[str] = mapped_column(String(60))
    base: Mapped[str] = mapped_column(String(30))
