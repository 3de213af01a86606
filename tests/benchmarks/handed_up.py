"""Eight thousand applications wait: CPU of asking which of them were handed up, and of a page of the queue.

python -m tests.benchmarks.handed_up
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

from sqlalchemy import text

from portal.credentials import desks, queries
from portal.ground import clock, migrate
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.people.models import Account, Body, BodyKind, Level, Role
from tests.conftest import DATA_KEY, INDEX_KEY
from tests.duties.crowd import crowd
from tests.factories import County

WAITING, TURNS = 8000, 15
MOST_MS = 400


def staff(county: County, body: Body, year: int) -> Account:
    account = county.staff(Role.BUREAU_CHECKER, body, born=date(year, 1, 1))
    county.session.refresh(account, ["grants"])
    return account


def build(county: County) -> Account:
    """The crowd of a county whose only checker gave one opinion himself; returns who sits above him."""
    county.body("吉林省司法厅", BodyKind.JUSTICE_BUREAU, Level.PROVINCE, county.province)
    checker, above = staff(county, county.city, 1960), staff(county, county.province, 1961)
    officer = county.officer()
    county.certified(officer)
    county.hours(officer)
    county.passes(officer)
    crowd(county.session, county.application(officer, unit=checker), range(WAITING))
    county.session.commit()
    return above


def main() -> None:
    keys.open(DATA_KEY, INDEX_KEY)
    with tempfile.TemporaryDirectory() as name:
        db.open(f"sqlite:///{Path(name) / 'waiting.db'}")
        migrate.upgrade(db.engine)
        with db.writing() as session:
            above = build(County(session, clock.now()))
            session.execute(text("ANALYZE"))
            spent = []
            for _turn in range(TURNS + 1):
                began = time.process_time()
                among = desks.raised_to(session, above)
                queries.queue(session, above, "raised", page=1, size=50, among=among)
                spent.append(1000 * (time.process_time() - began))
        db.engine.dispose()
    middle = median(spent[1:])  # the first fills caches
    print(f"{WAITING} waiting, {len(among)} handed up: {middle:.1f} ms (first {spent[0]:.1f}), aim {MOST_MS}")
    if middle > MOST_MS:
        raise SystemExit("the queue of what was handed up takes more than its aim")


if __name__ == "__main__":
    main()
