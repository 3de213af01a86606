"""The audit trail takes no line: then no sensitive act goes through, in whichever room it is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.credentials.models import Outcome
from portal.credentials.operations import decide
from portal.exams import operations as exams
from portal.exams.delivery import closing, starting
from portal.exams.models import AttemptState, Entry, HandInCause
from portal.exams.running import operations as running
from portal.exams.running.giving import give
from portal.ground import audit
from portal.ground.db import Base, db
from portal.people import operations as people
from portal.people.access import operations as access
from portal.people.models import Role
from tests.conftest import NOON
from tests.exams.hall import MINUTE, Hall
from tests.exams.test_hand_in import refuse_audit
from tests.factories import County

Act = Callable[[Session], object]
LATER = NOON + 90 * MINUTE


class World:
    """A hall at work, an application that waits, a result; and one act of each kind, ready to be done."""

    def __init__(self, county: County) -> None:
        self.county, self.session, self.hall = county, county.session, Hall(county)
        self.papers = [self.hall.at_work() for _ in range(3)]
        self.waits = self.hall.extend(self.hall.where(self.papers[0]), 10)
        comes = self.hall.seated()
        self.entry = self.session.scalars(select(Entry).where(Entry.person_id == comes.person_id)).one()
        begins = self.hall.seated()
        entry = self.session.scalars(select(Entry).where(Entry.person_id == begins.person_id)).one()
        self.check_in = starting.check_in(self.session, self.hall.exam, entry, now=NOON - 29 * MINUTE)
        self.check_in.epoch = 1
        self.result = county.result(self.hall.account(), county.exam())
        _, self.application, self.checker = county.ready()
        self.officer = self.hall.account()
        self.session.commit()

    def acts(self) -> dict[str, Act]:
        hall, first, second, third, county = self.hall, *self.papers, self.county
        return {
            "check in": lambda s: starting.check_in(s, hall.exam, self.entry, now=NOON - 29 * MINUTE),
            "begin": lambda s: starting.start(
                s, self.check_in.id, epoch=1, sign_in_id=None, draw=lambda *_: [], now=NOON - 29 * MINUTE
            ),
            "give time": lambda s: give(s, self.waits, above=False, account=hall.manager, now=NOON),
            "hand in": lambda s: closing.hand_in(s, first, cause=HandInCause.CANDIDATE, now=NOON),
            "end a paper": lambda s: running.end_attempt(s, second, "换了试卷", account=hall.manager, now=NOON),
            "sweep": lambda s: closing.close_overdue(s, [third.id], now=LATER),
            "stop the clocks": lambda s: hall.pause(hall.whole_room),
            "void a result": lambda s: exams.void(
                s, self.result, reason="替考", now=NOON, account_id=hall.manager.id
            ),
            "decide": lambda s: decide(
                s, self.application, outcome=Outcome.ELIGIBLE, opinion="同意", account_id=self.checker.id, now=NOON
            ),
            "grant a role": lambda s: people.grant(s, self.officer, Role.EXAM_ADMIN, county.province, now=NOON),
            "sign in": lambda s: access.sign_in(
                s, self.officer, visitor=access.Visitor("127.0.0.1"), device="Chrome", now=NOON
            ),
        }


def contents() -> dict[str, list[str]]:
    with db.reading() as session:
        return {
            name: sorted(str(tuple(row)) for row in session.execute(select(table)))
            for name, table in Base.metadata.tables.items()
        }


def changes_nothing_without_its_line(session: Session, name: str, act: Act) -> set[str]:
    """Do the act and commit it, if it lets itself be committed; returns the tables it changed."""
    before = contents()
    try:
        act(session)
        session.commit()
    except DBAPIError:
        session.rollback()
    after = contents()
    changed = {table for table in after if after[table] != before[table]}
    lines = len(after["audit_line"]) - len(before["audit_line"])
    assert not changed or lines > 0, f"without its line: {name} changed {sorted(changed)}"
    return changed


@pytest.fixture
def world(county: County) -> World:
    return World(county)


def test_no_sensitive_act_goes_through_without_its_line(world: World):
    refuse_audit(world.session)
    world.session.commit()
    for name, act in world.acts().items():
        assert changes_nothing_without_its_line(world.session, name, act) == set(), name
    on = "" if db.engine.dialect.name == "sqlite" else " ON audit_line"
    world.session.execute(text(f"DROP TRIGGER broken{on}"))
    world.session.commit()
    for name, act in world.acts().items():  # and with a trail that works each of them does something
        assert {"audit_line", "audit_seal"} < changes_nothing_without_its_line(world.session, name, act), name
    assert all(paper.state == AttemptState.HANDED_IN for paper in world.papers)


def test_acts_that_leave_their_line_out_are_found_out(world: World, monkeypatch: pytest.MonkeyPatch):
    """A trail whose failure is swallowed: every one of these acts is found."""
    for name in ("record", "record_plain"):
        monkeypatch.setattr(audit, name, lambda *_args, **_codes: None)
    for name, act in world.acts().items():
        with pytest.raises(AssertionError, match=f"without its line: {name}"):
            changes_nothing_without_its_line(world.session, name, act)
