"""Every door × every role × own, near, above, far and other-field things; no open cell."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from portal.exams.delivery.journal import journal_among
from portal.ground import clock
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.models import AuditLine, AuditSeal
from portal.people.models import SignIn
from tests.conftest import DATA_KEY, INDEX_KEY, NOON, settings
from tests.matrix.doors import AWAY, OPEN, REFUSED, SIGN_IN, WITHIN, Door
from tests.matrix.table import DOORS
from tests.matrix.world import (
    NOBODY,
    OTHER_OFFICER,
    OWNER,
    RELATIONS,
    STAFF,
    World,
    build,
    give_tokens,
    sign_everybody_in,
)

ACTORS = [NOBODY, OWNER, OTHER_OFFICER, *((str(role), relation) for role in STAFF for relation in RELATIONS)]


class Town:
    """The application over a file that is put back to its first state before each knock that may write."""

    def __init__(self, app: Flask, world: World, path: Path) -> None:
        self.app, self.world, self.path = app, world, path
        self.kept = path.with_suffix(".kept")
        with db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(path, self.kept)
        self.rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}

    def put_back(self) -> None:
        written = Path(f"{self.path}-wal")
        if not written.exists() or not written.stat().st_size:
            return
        journal_among(self.app.extensions, db.engine).writer.close()  # it opens again at its next write
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.kept, self.path)

    def knock(self, endpoint: str, actor: tuple[str, str]):
        door, rule = DOORS[endpoint], self.rules[endpoint]
        values = self.world.things[door.thing] if door.thing else {}
        with self.app.test_request_context():
            address = self.app.url_for(endpoint, **values, **self.filled(door.query))
        headers = {"Cookie": self.world.cookies.get(actor, "")}
        if address.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.world.tokens.get(actor, '')}"}
        client = self.app.test_client(use_cookies=False)
        if "POST" not in rule.methods:
            return client.get(address, headers=headers)
        form = self.filled(door.form)
        sent = {"json": form} if address.startswith("/api/") else {"data": form}
        answer = client.post(address, headers=headers, **sent)
        self.put_back()
        return answer

    def filled(self, form: dict[str, str]) -> dict[str, Any]:
        return {k: self.world.values[v[1:]] if v.startswith("@") else v for k, v in form.items()}


@pytest.fixture(scope="module")
def town(sqlite_base: Path, tmp_path_factory: pytest.TempPathFactory):
    clock.set_source(lambda: NOON)
    keys.open(DATA_KEY, INDEX_KEY)
    folder = tmp_path_factory.mktemp("matrix")
    path = folder / "test.db"
    shutil.copy(sqlite_base, path)
    app = create_app(settings(f"sqlite:///{path}", folder))
    app.config["WTF_CSRF_ENABLED"] = False
    with db.writing() as session:
        world = build(session, folder)
        give_tokens(session, world)
        session.commit()
        sign_everybody_in(app, world)
        session.commit()
        device = select(SignIn.id).where(SignIn.account_id == world.accounts[OWNER].id)
        world.things["device"] = {"sign_in_id": session.scalar(device)}
        line = select(AuditSeal.number).join(AuditLine, AuditLine.id == AuditSeal.line_id)
        line = line.where(AuditLine.person_id == world.accounts[OWNER].person_id, AuditLine.body_id.is_not(None))
        world.things["line"] = {"number": session.scalar(line.limit(1))}
    yield Town(app, world, path)
    db.engine.dispose()


def test_every_door_is_in_the_table(app: Flask):
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert known - set(DOORS) == set(), "doors without a line in tests/matrix/table*.py"
    assert set(DOORS) - known == set(), "lines for doors that are gone"


def kind_of(answer) -> object:
    if answer.status_code == 401 or (answer.status_code == 302 and "/sign-in" in answer.headers["Location"]):
        return SIGN_IN
    if answer.status_code in (REFUSED, AWAY):
        return answer.status_code
    assert answer.status_code < 500, answer.text[:500]
    return OPEN


def callers(door: Door, whole: bool) -> list[tuple[str, str]]:
    """Everybody; or, unless `whole`, one of each role that is refused whatever it asks about."""
    if whole:
        return ACTORS
    plain = door.thing is None and door.shows is None  # where the grant lies makes no difference
    named = {role for role, _ in door.but} if "*" not in {role for role, _ in door.but} else set(STAFF)
    wide = set() if plain else door.opens | named
    return [a for a in ACTORS if a[1] not in RELATIONS or a[1] == "here" or a[0] in wide or ("*" in wide)]


def look(town: Town, endpoint: str, *, whole: bool) -> None:
    door, wrong = DOORS[endpoint], []
    for actor in callers(door, whole):
        answer, expected = town.knock(endpoint, actor), door.expected(*actor)
        if kind_of(answer) != expected:
            wrong.append(f"{' '.join(actor)}: expected {expected}, was {answer.status_code}")
        elif door.shows and expected == OPEN:
            there, shown = actor[1] in WITHIN, town.world.names[door.shows] in answer.text
            if there != shown:
                wrong.append(f"{' '.join(actor)}: {door.shows} {'missing' if there else 'shown'}")
    if wrong:
        pytest.fail(f"{endpoint}: {'; '.join(wrong)}", pytrace=False)


@pytest.mark.xdist_group("matrix")
@pytest.mark.parametrize("endpoint", sorted(DOORS))
def test_a_door_answers_everybody_as_the_table_says(town: Town, endpoint: str):
    look(town, endpoint, whole=False)


@pytest.mark.long
@pytest.mark.parametrize("endpoint", sorted(DOORS))
def test_every_single_cell(town: Town, endpoint: str):
    look(town, endpoint, whole=True)
