"""The processes of a running site: one server, one worker beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from portal.ground.config import Config

ROOT = Path(__file__).resolve().parents[1]


def run(settings: Config, *, worker: bool = True) -> int:
    """Serve until stopped or until the server dies; returns the exit code."""
    server = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1",
        "--blocking-threads", str(settings.threads), "--host", settings.host, "--port", str(settings.port),
        "--no-ws", "--log-level", "error", "wsgi:app",
    ]  # fmt: skip
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    children = [subprocess.Popen(server, env=environ, cwd=ROOT)]
    if worker:
        children.append(subprocess.Popen([sys.executable, "-m", "portal.cli", "worker"], env=environ, cwd=ROOT))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: [child.terminate() for child in children])
    code = children[0].wait()
    for child in children[1:]:
        child.terminate()
        child.wait()
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code
