"""Photos and the archives they came in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.crypto import sealed
from portal.ground.db import Base


class PersonPhoto(Base):
    """A photo as we made it anew; the newest is the person's. Added, never changed.

    The picture itself is a sealed file named by `public_id`, under the person's own key.
    """

    __tablename__ = "person_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))  # of the JPEG
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("photo_batch.id"))

    @property
    def bound_to(self) -> str:
        return f"person_photo|file|{self.public_id}"


class PhotoBatch(Base):
    """One archive of photos: what it held and what became of each file; names are ID numbers, so they are sealed."""

    __tablename__ = "photo_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)  # added, unchanged, parked
    sealed: Mapped[bytes] = mapped_column(  # [[path, name, outcome, message, values]]
        LargeBinary, deferred=True, info=sealed("photo_batch|sealed|{public_id}")
    )

    @property
    def bound_to(self) -> str:
        return f"photo_batch|sealed|{self.public_id}"
