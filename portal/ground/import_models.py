"""The rows of a file on their way through the cockpit, and the columns somebody has matched before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.crypto import sealed
from portal.ground.db import Base


class ImportPortion(Base):
    """A few hundred rows of one sheet: read, then checked, then stored; each step in its own short transaction."""

    __tablename__ = "import_portion"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sheet: Mapped[int]  # which of the batch's sheets
    state: Mapped[str] = mapped_column(String(8))  # read, checked, stored
    rows: Mapped[int]
    stored_rows: Mapped[int] = mapped_column(default=0, server_default="0")  # how far storing has come
    tally: Mapped[dict[str, Any]] = mapped_column(JSON)  # rows per outcome; problems per column
    sealed_rows: Mapped[bytes] = mapped_column(  # as read; once stored, parked rows only
        LargeBinary, deferred=True, info=sealed("import_portion|sealed_rows|{batch_id}|{number}")
    )
    sealed_found: Mapped[bytes | None] = mapped_column(  # what checking found, row by row
        LargeBinary, deferred=True, info=sealed("import_portion|sealed_found|{batch_id}|{number}")
    )
    later: Mapped[int] = mapped_column(default=0, server_default="0")  # hints found after the preview
    sealed_later: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, info=sealed("import_portion|sealed_later|{batch_id}|{number}")
    )


class ImportPicture(Base):
    """A picture of a file that is not taken in yet, made anew and without metadata."""

    __tablename__ = "import_picture"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)  # of the picture's own bytes
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    sealed_content: Mapped[bytes] = mapped_column(
        LargeBinary, info=sealed("import_picture|sealed_content|{batch_id}|{sha256}")
    )


class RememberedColumns(Base):
    """Which of a file's titles somebody once matched with which of a kind's columns."""

    __tablename__ = "remembered_columns"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    titles: Mapped[dict[str, str]] = mapped_column(JSON)  # the file's title in its normal form → our column
