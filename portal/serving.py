"""The processes of a running site: one server, one worker beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from portal.ground.config import Config
from portal.ground.site_tls import SiteTls

MOST_DEATHS = 20  # more than this and something is wrong that starting again does not mend
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Encrypted:
    """How https is served: the site's certificate, the address people see, perhaps a port that leads there."""

    tls: SiteTls
    base_url: str
    http_port: int | None = None


def run(settings: Config, *, worker: bool = True, encrypted: Encrypted | None = None) -> int:
    """Serve until stopped; a process that dies is started again. Returns the exit code."""
    server = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--respawn-failed-workers",
        "--blocking-threads", str(settings.threads), "--host", settings.host, "--port", str(settings.port),
        "--no-ws", "--log-level", "error",
    ]  # fmt: skip
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    if encrypted:
        tls = encrypted.tls
        server += ["--ssl-certificate", str(tls.server), "--ssl-keyfile", str(tls.server_key)]
        environ |= {"MINGFA_BASE_URL": encrypted.base_url, "MINGFA_TLS_DIR": str(tls.folder)}
    commands = {"server": [*server, "wsgi:app"]}
    if worker:
        commands["worker"] = [sys.executable, "-m", "portal.cli", "worker"]
    if encrypted and encrypted.http_port:
        commands["guide to https"] = [
            sys.executable, "-m", "portal.leading", settings.host, str(encrypted.http_port), encrypted.base_url,
            str(encrypted.tls.ca),
        ]  # fmt: skip
    children = {name: subprocess.Popen(command, env=environ, cwd=ROOT) for name, command in commands.items()}
    stopping, deaths = threading.Event(), 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.wait(0.5):
        for name, child in children.items():
            if child.poll() is not None:
                deaths += 1
                if deaths > MOST_DEATHS:
                    stopping.set()
                    break
                print(f"mingfa: the {name} ended with {child.returncode}; starting it again", file=sys.stderr)  # noqa: T201
                children[name] = subprocess.Popen(commands[name], env=environ, cwd=ROOT)
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.wait()
    return 1 if deaths > MOST_DEATHS else 0
