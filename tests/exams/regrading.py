"""Exams with many papers, and regrades carried through, for the tests of marking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exams.delivery import operations as delivery
from portal.exams.marking.regrading import operations
from portal.exams.marking.regrading.models import ChangeOfKey, Flips, Regrade
from portal.exams.marking.regrading.tasks import regrade_some
from portal.exams.models import AnswerChange, Attempt, Entry, Exam, HandInCause, Result
from portal.ground.db import Database, db
from portal.people.models import Account, Person, Role
from tests.conftest import NOON
from tests.factories import RIGHT, County


def admins(county: County) -> tuple[Account, Account]:
    """Two exam administrators of the province, neither of them a candidate; the same ones each time."""
    known = county.session.scalars(
        select(Account).join(Person, Person.id == Account.person_id)
        .where(Person.name == "考务员").order_by(Account.id)
    ).all()  # fmt: skip
    if not known:
        people = [county.person("考务员", born=date(1970 + n, 1, 1)) for n in range(2)]
        known = [county.account(person, Role.EXAM_ADMIN, county.province) for person in people]
    return known[0], known[1]


def attempts(county: County, exam: Exam, count: int, answers: Sequence[dict[int, str]] = (RIGHT,)) -> list[Attempt]:
    """So many running attempts of people without accounts, spread over the exam's forms; answers in turn."""
    made = []
    taken = county.session.scalar(select(func.count(Entry.id)).where(Entry.exam_id == exam.id)) or 0
    for number in range(taken, taken + count):
        person = county.person(f"考生{number}", born=date(1960, 1, 1) + timedelta(days=county._people))
        entry = Entry(exam_id=exam.id, person_id=person.id, admission_number=f"{exam.id}-{number}")
        form = exam.forms[number % len(exam.forms)]
        attempt = Attempt(
            public_id=f"attempt-{exam.id}-{number}", exam_id=exam.id, person_id=person.id, form_id=form.id, number=1,
            seed=number, epoch=1, started_at=exam.opens_at, deadline_at=exam.opens_at + timedelta(minutes=60),
        )  # fmt: skip
        county.session.add_all([entry, attempt])
        made.append(attempt)
    county.session.flush()
    for number, attempt in enumerate(made):
        county.session.add_all(
            AnswerChange(
                attempt_id=attempt.id, epoch=1, sequence=place, item=item, answer=answer, saved_at=exam.opens_at
            )
            for place, (item, answer) in enumerate(answers[number % len(answers)].items(), 1)
        )
    county.session.flush()
    return made


def hand_in(session: Session, papers: Sequence[Attempt]) -> None:
    """Twenty minutes after each began."""
    for attempt in papers:
        ended = attempt.started_at + timedelta(minutes=20)
        delivery.hand_in(session, attempt, cause=HandInCause.CANDIDATE, now=ended)


def drafted(
    county: County, exam: Exam, maker: Account, *, question: str = "T-1", change: ChangeOfKey = ChangeOfKey.KEY,
    given: Any = "C", flips: Flips = Flips.RELEASE,
) -> Regrade:  # fmt: skip
    regrade = operations.draft(
        county.session, exam, question=question, change=change, given=given, reason="标准答案有误",
        source="测试法（2020）第一条", flips=flips, account=maker, now=NOON,
    )  # fmt: skip
    county.session.commit()
    return regrade


def worked_off(database: Database = db) -> None:
    """Every regrade that waits, to where it waits for a person or is done."""
    while regrade_some(NOON, database):
        pass


def approved(county: County, exam: Exam, **changed: Any) -> Regrade:
    """Drawn up, counted, proposed and approved; not applied yet."""
    maker, second = admins(county)
    county.session.commit()
    regrade = drafted(county, exam, maker, **changed)
    worked_off()
    county.session.refresh(regrade)
    operations.propose(county.session, regrade, exam, account=maker, now=NOON)
    operations.approve(county.session, regrade, exam, account=second, now=NOON)
    county.session.commit()
    return regrade


def applied(county: County, exam: Exam, **changed: Any) -> Regrade:
    regrade = approved(county, exam, **changed)
    worked_off()
    county.session.expire_all()
    return regrade


def newest(session: Session, attempt: Attempt) -> Result:
    found = select(Result).where(Result.attempt_id == attempt.id).order_by(Result.number.desc()).limit(1)
    return session.scalars(found).one()
