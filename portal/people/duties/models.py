"""Duties taken, duties that exclude each other, and roles that exclude each other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base


class DutyStep(Base):
    """Who took which step about which thing. Added, never changed.

    A guard of the database refuses a row that goes against `duty_conflict`.
    """

    __tablename__ = "duty_step"
    __table_args__ = (Index("ix_duty_step_object", "object_kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(20))  # rules.DutyWord
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # whose account it is
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # for whom he stood in (代签)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whose thing it is
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))  # at whose desk
    raised: Mapped[bool] = mapped_column(default=False, server_default=false())  # 上提办理
    at: Mapped[datetime]


class DutyConflict(Base):
    """Two steps that one person never takes about the same thing; `self`: nor one about his own.

    The kind `*` stands for every kind of thing. Rows are added, never taken away.
    """

    __tablename__ = "duty_conflict"
    __table_args__ = (UniqueConstraint("step_a", "step_b", "object_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step_a: Mapped[str] = mapped_column(String(20))
    step_b: Mapped[str] = mapped_column(String(20))
    object_kind: Mapped[str] = mapped_column(String(30))


class RoleConflict(Base):
    """Two roles that nobody holds at the same time. Rows are added, never taken away."""

    __tablename__ = "role_conflict"
    __table_args__ = (UniqueConstraint("role_a", "role_b"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role_a: Mapped[str] = mapped_column(String(20))
    role_b: Mapped[str] = mapped_column(String(20))
