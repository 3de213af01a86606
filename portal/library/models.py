"""Laws, their versions in time, and one sentence for each article that is cited."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base


class Law(Base):
    """A law by its short title, e.g. 行政处罚法."""

    __tablename__ = "law"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80), unique=True)

    versions: Mapped[list[LawVersion]] = relationship(back_populates="law", order_by="LawVersion.in_force_from")


class LawVersion(Base):
    """One text of a law and the days it is in force; `in_force_until` is its last day."""

    __tablename__ = "law_version"
    __table_args__ = (UniqueConstraint("law_id", "label"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    law_id: Mapped[int] = mapped_column(ForeignKey("law.id"))
    label: Mapped[str] = mapped_column(String(30))  # e.g. 2021 修订
    in_force_from: Mapped[date]
    in_force_until: Mapped[date | None]

    law: Mapped[Law] = relationship(back_populates="versions")


class ArticleSummary(Base):
    """What an article says in one sentence of ours, until the full text is imported."""

    __tablename__ = "article_summary"
    __table_args__ = (UniqueConstraint("law_version_id", "article"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    law_version_id: Mapped[int] = mapped_column(ForeignKey("law_version.id"))
    article: Mapped[str] = mapped_column(String(30))  # e.g. 第五十一条
    summary: Mapped[str] = mapped_column(String(500))
