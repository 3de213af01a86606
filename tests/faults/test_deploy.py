"""Row 35: a new release over a running exam. Its migration runs under the saves; pages of the old one go on."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.ground import assets
from tests.faults.server import ROOT, Candidate, Server, get
from tests.faults.test_saves_survive import Site

TREE = ("portal", "question_bank", "courses", "migrations", "wsgi.py")
WIDENS = '''
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade():
    op.add_column("answer_change", sa.Column("weight", sa.Integer))
    op.add_column("attempt", sa.Column("remark", sa.Text, server_default="", nullable=False))
    op.create_index("ix_answer_change_weight", "answer_change", ["weight"])
'''
MIGRATE = (
    "import sys\nfrom portal.ground import migrate\nfrom portal.ground.db import open_engine\n"
    "migrate.upgrade(open_engine(sys.argv[1]))"
)


@dataclass
class Release:
    """The whole program at another place, with one migration more and a changed script."""

    home: Path
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)  # file → what stands there, and what instead

    def lay_out(self) -> None:
        for name in TREE:
            source, target = ROOT / name, self.home / name
            if source.is_dir():
                shutil.copytree(source, target)  # compiled files, too
            else:
                self.home.mkdir(exist_ok=True)
                shutil.copy(source, target)
        versions = self.home / "migrations" / "versions"
        head = max(re.match(r"\d+", file.name)[0] for file in versions.glob("0*.py"))
        (versions / "9999_widens.py").write_text(WIDENS.format(head=head), encoding="utf-8")
        with (self.home / "portal" / "static" / "player.js").open("a", encoding="utf-8") as script:
            script.write("\n// of the next release\n")
        for name, (old, new) in self.changed.items():
            text = (self.home / name).read_text(encoding="utf-8")
            assert old in text
            (self.home / name).write_text(text.replace(old, new), encoding="utf-8")

    def migrate(self, environ: dict[str, str], url: str) -> None:
        """As whoever deploys does, while the old release serves."""
        given = {**environ, "PYTHONPATH": str(self.home)}
        subprocess.run([sys.executable, "-c", MIGRATE, url], cwd=self.home, env=given, check=True)


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    found = Site(sqlite_url, tmp_path)
    yield found
    if found.server and found.server.process.poll() is None:
        found.server.kill()


def deploy(site: Site, release: Release) -> list[Candidate]:
    """The crowd saves before, under the migration, over the change of servers and after it, with its old tokens."""
    release.lay_out()
    old = site.serve()
    crowd, stop = site.crowd(old.port), threading.Event()
    threads = [threading.Thread(target=one.work, args=(stop, 10**9, random.Random(n))) for n, one in enumerate(crowd)]
    for thread in threads:
        thread.start()
    try:
        more(site, crowd, 20)
        release.migrate(old.environ, site.url)
        more(site, crowd, 20)
        old.kill()
        new = Server(site.url, site.folder / "files", bare=True, home=release.home, port=old.port)
        site.server = new
        new.start()
        more(site, crowd, 40)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    return crowd


def more(site: Site, crowd: list[Candidate], count: int) -> None:
    """Until so many more saves are acknowledged, or somebody is refused."""
    enough, until = len(site.ledger.acknowledged) + count, time.monotonic() + 60
    while len(site.ledger.acknowledged) < enough and not any(one.refused for one in crowd):
        assert time.monotonic() < until, "the saves do not get through"
        time.sleep(0.01)


def refused(crowd: list[Candidate]) -> set[tuple[int, str]]:
    return {told for one in crowd for told in one.refused}


def test_a_new_release_under_load_loses_nothing_and_takes_what_old_pages_send(site: Site, tmp_path: Path):
    crowd = deploy(site, Release(tmp_path / "next"))
    assert refused(crowd) == set()
    of_the_old_page = f"/static/player.js?v={assets.fingerprint('player.js')}"
    status, content = get(site.server.port, of_the_old_page)
    assert status == 200 and content.endswith(b"// of the next release\n")
    site.server.kill()
    assert site.judge().clean


def test_a_release_that_does_not_know_old_tokens_is_found_out(site: Site, tmp_path: Path):
    changed = {"portal/exams/delivery/tokens.py": ('b"attempt|"', 'b"sitting|"')}
    assert refused(deploy(site, Release(tmp_path / "next", changed))) == {(401, "bad_token")}
