"""A hall without a public name: `mingfa serve --tls`, the authority installed, an exam sat to its receipt."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.ground.db import db
from tests.conftest import DATA_KEY, INDEX_KEY
from tests.factories import County
from tests.journeys.conftest import BROWSERS, FLAGS, ROOT, Candidate, Site, free_port, playwright_api, wait_until

pytestmark = pytest.mark.journey
HOST = "kaoshi.sifaju.example"


def takes_tls(port: int, ca: Path) -> bool:
    """Whether the server answers with a certificate of that authority for the host."""
    try:
        context = ssl.create_default_context(cafile=str(ca))
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            context.wrap_socket(line, server_hostname=HOST).close()
    except OSError:
        return False
    return True


@pytest.fixture
def hall(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Site, Path]]:
    """The portal as `mingfa serve --tls` serves it, and the authority's certificate."""
    db.open(sqlite_url)
    port, folder = free_port(), tmp_path / "tls"
    settings = {
        "DATABASE_URL": sqlite_url, "SECRET_KEY": "j" * 48, "DATA_KEY": DATA_KEY, "INDEX_KEY": INDEX_KEY,
        "AUDIT_KEY": "33" * 32, "FILES_DIR": str(tmp_path / "files"), "TLS_DIR": str(folder), "MARKING_INLINE": "1",
    }  # fmt: skip
    environ = {**os.environ, **{f"MINGFA_{name}": value for name, value in settings.items()}, "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable, "-m", "portal.cli", "serve", "--tls", "--host", HOST, "--port", str(port), "--no-worker",
    ]  # fmt: skip
    with db.writing() as session:
        county = County(session, datetime.now(UTC))
        session.commit()
        server = subprocess.Popen(command, cwd=ROOT, env=environ)
        try:
            wait_until(lambda: (folder / "server.crt").exists() and takes_tls(port, folder / "ca.crt"), 40)
            yield Site(f"https://{HOST}:{port}", county), folder / "ca.crt"
        finally:
            server.terminate()
            server.wait(20)
            db.engine.dispose()


def computer(chromium, home: Path, ca: Path | None):
    """A browser of the hall, under its own user; `ca`: what this computer trusts."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    tool = shutil.which("certutil") or pytest.fail("no certutil on this machine; Debian has it in libnss3-tools")
    subprocess.run([tool, "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
    if ca is not None:
        subprocess.run([tool, "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "mingfa", "-i", str(ca)], check=True)
    path = next(filter(None, map(shutil.which, BROWSERS)))
    flags = [*FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--proxy-server=direct://"]
    return chromium.browser_type.launch(executable_path=path, args=flags, env={**os.environ, "HOME": str(home)})


def test_an_exam_over_https_under_a_name_of_its_own(hall, chromium, tmp_path: Path):
    site, ca = hall
    officer, exam = site.county.officer(), site.county.exam()
    site.enter(exam, officer)
    browser = computer(chromium, tmp_path / "trusting", ca)
    try:
        her = Candidate(site, browser, officer)
        her.start(exam)
        assert her.page.url.startswith(f"https://{HOST}:")
        assert her.page.evaluate("isSecureContext && Boolean(crypto.subtle)")
        cookies = her.context.cookies()
        assert {c["name"] for c in cookies if c["httpOnly"] and c["secure"]} >= {"__Host-mingfa"}
        her.choose("乙项")
        her.saved()
        assert site.answers(exam, officer) == {1: "B"}
        receipt = her.hand_in()
        assert receipt.replace(" ", "") == site.attempt(exam, officer).receipt[:12]
        assert her.troubles == []
    finally:
        browser.close()


def test_a_computer_that_does_not_trust_it_does_not_open_the_page(hall, chromium, tmp_path: Path):
    site, _ = hall
    browser = computer(chromium, tmp_path / "strange", None)
    try:
        page = browser.new_page()
        with pytest.raises(playwright_api.Error, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(site.address + "/sign-in")
    finally:
        browser.close()
