"""Browsers for the faults of a sitting: over a bad line, in another zone, with a clock anybody can set."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tests.faults.line import Line
from tests.journeys.conftest import Candidate, Site

SET_CLOCK = """(() => {
  const Real = Date;
  let off = OFF;
  window.setDeviceClock = (seconds) => { off = seconds * 1000; };
  window.Date = class extends Real {
    constructor(...given) {
      if (given.length) super(...given);
      else super(Real.now() + off);
    }
    static now() { return Real.now() + off; }
  };
})()"""


@contextmanager
def bad_line(site: Site, *, kinds: tuple[str, ...] = (), every: int = 10**9) -> Iterator[tuple[Site, Line]]:
    """The same site behind a line of its own, and that line; sound until it is told otherwise."""
    line = Line(urlsplit(site.address).port or 80, every=every, kinds=kinds or ("cut_before",))
    try:
        yield Site(f"http://127.0.0.1:{line.port}", site.county), line
    finally:
        line.close()


class Browser:
    """The machine's Chromium whose contexts come with further settings."""

    def __init__(self, chromium: Any, **settings: Any) -> None:
        self.chromium, self.settings = chromium, settings

    def new_context(self, **given: Any) -> Any:
        return self.chromium.new_context(**given, **self.settings)


def seconds_shown(her: Candidate) -> int:
    hours, minutes, seconds = map(int, her.page.inner_text("#time").split(":"))
    return hours * 3600 + minutes * 60 + seconds


def shows_the_time_left(her: Candidate, deadline: datetime) -> None:
    """The time on the page is the server's within a second; it rounds up and is drawn four times a second."""
    least = (deadline - datetime.now(UTC)).total_seconds()
    her.page.wait_for_timeout(600)  # two drawings
    shown = seconds_shown(her)
    left = (deadline - datetime.now(UTC)).total_seconds()
    assert left - 1 <= shown <= least + 1, f"the page shows {shown} seconds, {left:.1f} are left"


def kill_renderers(chromium: Any) -> None:
    """End every process that draws a page, as a crash does."""
    asked = chromium.new_browser_cdp_session()
    for process in asked.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            os.kill(process["id"], signal.SIGKILL)
    asked.detach()
