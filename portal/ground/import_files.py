"""Uploaded files: kept sealed outside the request until they are read, then removed."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from portal.ground.crypto import keys
from portal.ground.errors import TooLarge
from portal.ground.rules import N_

MOST_BYTES = 40 * 1024 * 1024
CHUNK = 1 << 20
LENGTH = struct.Struct(">I")
KEY = re.compile(r"[0-9a-f]{32}")
ORPHANED_AFTER = 24 * 3600  # seconds


class Store:
    """The folder of uploaded files; each is a row of sealed chunks under a random name."""

    def open(self, folder: Path) -> None:
        self._folder = folder / "imports"

    def put(self, file: BinaryIO) -> tuple[str, str]:
        """Seal a file chunk by chunk; gives its key and its SHA-256. Raises TooLarge."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key, whole, size, number = secrets.token_hex(16), hashlib.sha256(), 0, 0
        path, part = self._folder / key, self._folder / f"{key}.part"
        try:
            with open(part, "xb") as sealed:
                while chunk := file.read(CHUNK):
                    size += len(chunk)
                    if size > MOST_BYTES:
                        raise TooLarge(N_("The file is larger than 40 MB. Split it and import the parts."))
                    whole.update(chunk)
                    closed = keys.seal(base64.b64encode(chunk).decode(), f"import_file|{key}|{number}")
                    sealed.write(LENGTH.pack(len(closed)) + closed)
                    number += 1
                sealed.flush()
                os.fsync(sealed.fileno())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        return key, whole.hexdigest()

    @contextmanager
    def opened(self, key: str) -> Iterator[int]:
        """A descriptor of the file in the clear, in memory only, for as long as it is read."""
        clear = os.memfd_create("mingfa-import", 0)
        try:
            with open(self._path(key), "rb") as sealed:
                number = 0
                while head := sealed.read(LENGTH.size):
                    closed = sealed.read(LENGTH.unpack(head)[0])
                    chunk = base64.b64decode(keys.unseal(closed, f"import_file|{key}|{number}"))
                    os.write(clear, chunk)
                    number += 1
            yield clear
        finally:
            os.close(clear)

    def remove(self, key: str | None) -> None:
        if key:
            self._path(key).unlink(missing_ok=True)

    def remove_orphans(self, wanted: set[str]) -> int:
        """Remove files that no batch names and that are older than a day."""
        if not self._folder.is_dir():
            return 0
        old = time.time() - ORPHANED_AFTER
        gone = [p for p in self._folder.iterdir() if p.name not in wanted and p.stat().st_mtime < old]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError("not the key of a stored file")
        return self._folder / key


store = Store()
