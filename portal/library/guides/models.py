"""Guides: what a body issues for its own and those below it to work by, version by version."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.crypto import sealed
from portal.ground.db import Base
from portal.people.models import Body


class GuideKind(StrEnum):
    WORK_GUIDE = "work_guide"  # 工作指引
    FLOW_CHART = "flow_chart"  # 流程图
    FILE_TEMPLATE = "file_template"  # 案卷模板
    NEGATIVE_LIST = "negative_list"  # 负面清单
    DISCRETION = "discretion"  # 裁量基准
    EVIDENCE = "evidence"  # 证据指引
    PROCEDURE = "procedure"  # 操作规程


class Guide(Base):
    """A guide by its title; the body that issued it and all below it read it. `field` "" is for every field."""

    __tablename__ = "guide"
    __table_args__ = (UniqueConstraint("body_id", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(100))  # questions name it as their source
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    field: Mapped[str] = mapped_column(String(20), default="", server_default="")
    created_at: Mapped[datetime]

    body: Mapped[Body] = relationship()


class GuideVersion(Base):
    """What a guide says, for ever: Markdown, steps of a chart, or a file. Readers see it once it is published.

    `steps` are those of `rules.Step` as plain values.
    """

    __tablename__ = "guide_version"
    __table_args__ = (UniqueConstraint("guide_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    change_note: Mapped[str] = mapped_column(String(200))
    in_force_from: Mapped[date]
    in_force_until: Mapped[date | None]  # the last day
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]

    guide: Mapped[Guide] = relationship()
    citations: Mapped[list[GuideCitation]] = relationship(order_by="GuideCitation.id")
    file: Mapped[GuideFile | None] = relationship(back_populates="version", uselist=False)
    publication: Mapped[GuidePublication | None] = relationship(back_populates="version", uselist=False)

    def in_force(self, day: date) -> bool:
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)


class GuideCitation(Base):
    """An article that a guide's version rests on; `base` without paragraph and item."""

    __tablename__ = "guide_citation"
    __table_args__ = (Index("ix_guide_citation_article", "law", "base"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"), index=True)
    law: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(30))
    article: Mapped[str] = mapped_column(String(60))
    base: Mapped[str] = mapped_column(String(30))


class GuideFile(Base):
    """The file of a version: on disk under `place`, sealed with a key of its own that is sealed here."""

    __tablename__ = "guide_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))  # pdf, docx, xlsx, png
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(32))  # versions that carry the same file share it
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary, info=sealed("guide_file|sealed_key|{place}"))

    version: Mapped[GuideVersion] = relationship(back_populates="file")


class GuidePublication(Base):
    """A version was laid open to its readers, by somebody else than wrote it. Added, never changed."""

    __tablename__ = "guide_publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("guide_version.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]

    version: Mapped[GuideVersion] = relationship(back_populates="publication")
