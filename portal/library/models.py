"""Laws, their versions in time, and one sentence for each article that is cited."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Base


class LawKind(StrEnum):
    LAW = "law"
    REGULATION = "regulation"  # of the State Council
    LOCAL = "local"  # of a people's congress of province, city or autonomous area
    RULE = "rule"  # of a ministry
    LOCAL_RULE = "local_rule"  # of a local government
    OTHER = "other"


class Law(Base):
    """A law by its short title, e.g. 行政处罚法."""

    __tablename__ = "law"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(12), default=LawKind.LAW, server_default=LawKind.LAW)

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
    full_title: Mapped[str | None] = mapped_column(String(120))
    adopted_on: Mapped[date | None]
    history: Mapped[str | None] = mapped_column(Text)  # one event a line, as printed under the title
    appendix: Mapped[str | None] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64))  # of the files the articles were read from
    imported_at: Mapped[datetime | None]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    law: Mapped[Law] = relationship(back_populates="versions")
    articles: Mapped[list[Article]] = relationship(order_by="Article.place", back_populates="version")


class Article(Base):
    """One article of a version, as it reads. Added with its version, never edited."""

    __tablename__ = "law_article"
    __table_args__ = (
        UniqueConstraint("law_version_id", "place"),
        UniqueConstraint("law_version_id", "number", "suffix"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    law_version_id: Mapped[int] = mapped_column(ForeignKey("law_version.id"))
    place: Mapped[int]  # 1, 2, 3 … as printed
    number: Mapped[int]
    suffix: Mapped[int]  # 1 of 第五十一条之一, else 0
    label: Mapped[str] = mapped_column(String(30))  # 第五十一条
    heading: Mapped[str] = mapped_column(String(400))  # part, chapter and section it stands under, one a line
    text: Mapped[str] = mapped_column(Text)  # one paragraph a line

    version: Mapped[LawVersion] = relationship(back_populates="articles")


class ArticleChange(Base):
    """What became of an article between two versions that follow each other; see question_bank.laws.comparing."""

    __tablename__ = "law_article_change"
    __table_args__ = (
        Index("ix_law_article_change_versions", "old_version_id", "new_version_id"),
        Index("ix_law_article_change_old_article", "old_article_id"),
        Index("ix_law_article_change_new_article", "new_article_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    old_version_id: Mapped[int] = mapped_column(ForeignKey("law_version.id"))
    new_version_id: Mapped[int] = mapped_column(ForeignKey("law_version.id"))
    old_article_id: Mapped[int | None] = mapped_column(ForeignKey("law_article.id"))
    new_article_id: Mapped[int | None] = mapped_column(ForeignKey("law_article.id"))
    kind: Mapped[str] = mapped_column(String(14))
    share: Mapped[int]  # likeness in percent
    references_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    near: Mapped[list[str]] = mapped_column(JSON)  # labels of articles that hold parts of it
    place: Mapped[int]  # where it stands in a table of both versions


class LawEnding(Base):
    """A law ends on a day without a later version of its own; the law need not be in the library."""

    __tablename__ = "law_ending"
    __table_args__ = (UniqueConstraint("title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))  # short
    by_version_id: Mapped[int] = mapped_column(ForeignKey("law_version.id"), index=True)
    ended_on: Mapped[date]  # the first day it is no longer in force


class LawUpload(Base):
    """Files brought to be imported, kept until somebody commits or discards them."""

    __tablename__ = "law_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    files: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # name and text of each
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)  # title, label, days, laws it ends, as settled so far
    created_at: Mapped[datetime]


class ArticleSummary(Base):
    """What an article says in one sentence of ours, until the full text is imported."""

    __tablename__ = "article_summary"
    __table_args__ = (UniqueConstraint("law_version_id", "article"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    law_version_id: Mapped[int] = mapped_column(ForeignKey("law_version.id"))
    article: Mapped[str] = mapped_column(String(30))  # e.g. 第五十一条
    summary: Mapped[str] = mapped_column(String(500))
