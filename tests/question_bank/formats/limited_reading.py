"""Read texts made to take long in a process that the kernel ends when they do; run with `python -m`.

Takes [[text, form], ...] as JSON; form "auto" looks for it first. Prints a line for each text when it is read:
[number of what was found, those parked, last one parked, most characters kept of the file].
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from portal.ground import sheet_reader
from question_bank.formats.found import Unreadable
from question_bank.formats.reading import detect, read

ROOT = Path(__file__).resolve().parents[3]
CPU_SECONDS = 20  # all of a test's texts take a tenth of it; one whose time grows by its square takes more


def read_limited(texts: Sequence[tuple[str, str]]) -> list[list[int]]:
    """What each text gave; where the process was ended, it says at which text."""
    done = subprocess.run(
        [sys.executable, "-m", __name__], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, input=json.dumps(texts),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    if len(told) < len(texts):
        text, form = texts[len(told)]
        raise AssertionError(f"ended ({done.returncode}) by {text[:12]!r}… as {form}: {done.stderr[-800:]}")
    return told


def main() -> None:
    sheet_reader.CPU_SECONDS = CPU_SECONDS
    texts = json.load(sys.stdin)
    sheet_reader.limit()
    for text, form in texts:
        data = text.encode()
        try:
            found = list(read(data, "x", detect(data, "x.gift") if form == "auto" else form))
        except Unreadable:
            found = []
        parked = [one.parked for one in found]
        kept = max((len(one.raw) for one in found), default=0)
        print(json.dumps([len(found), sum(parked), int(parked[-1:] == [True]), kept]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
