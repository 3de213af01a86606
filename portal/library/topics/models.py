"""Topics (知识点), and the words by which they were called before."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.ground.db import Base
from portal.people.pinyin import place_readings

TITLE = 60  # characters, as a question version keeps them


class Topic(Base):
    """What a question is about; stored questions name it by its title. `field` "" is general law."""

    __tablename__ = "topic"
    __table_args__ = (UniqueConstraint("field", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(TITLE))
    field: Mapped[str] = mapped_column(String(20), default="", server_default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    retired_on: Mapped[date | None]
    title_pinyin: Mapped[str] = mapped_column(String(400), default="", server_default="")
    title_initials: Mapped[str] = mapped_column(String(100), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # whoever edits says which one he saw
    created_at: Mapped[datetime]

    parent: Mapped[Topic | None] = relationship(foreign_keys=[parent_id], remote_side=[id])

    @validates("title")
    def _spell(self, _key: str, title: str) -> str:
        self.title_pinyin, self.title_initials = place_readings(title)
        return title


class TopicAlias(Base):
    """A title a topic had until it was renamed: questions stored before still carry it. Added, never changed."""

    __tablename__ = "topic_alias"
    __table_args__ = (Index("ix_topic_alias_title", "field", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    field: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(TITLE))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
