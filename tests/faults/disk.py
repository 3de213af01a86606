"""The failing disk of shim.c, built once and put before a server."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


class Disk:
    """What the server writes goes through here; `shadow` holds what a power cut would leave."""

    def __init__(self, folder: Path) -> None:
        self.library, self.control, self.shadow = folder / "shim.so", folder / "control", folder / "shadow"
        self.shadow.mkdir()
        command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)

    def environ(self, *, shadow: bool = False, flush: int | None = None) -> dict[str, str]:
        """Settings for a process; `flush`: it dies at its Nth flush of the database."""
        given = {"LD_PRELOAD": str(self.library), "SHIM_CONTROL": str(self.control)}
        if shadow:
            given["SHIM_SHADOW"] = str(self.shadow)
        if flush is not None:
            given["SHIM_FLUSH"] = str(flush)
        return given

    def wish(self, word: str = "") -> None:
        """ "full", "eio", "die", or nothing: a sound disk."""
        self.control.write_text(word)
