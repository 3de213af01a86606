"""What lies on the desks of Meihekou's unit administrator: a move, a wrong name, a request, people entered twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo.cast import CASES, COUNTY, TOWN_1
from portal.ground.clock import local
from portal.people.bodies.operations import Order, rename
from portal.people.duplicates.operations import pair_by_hand
from portal.people.models import Account, Body, Person, Post
from portal.people.records.corrections.operations import ask_correction, propose_correction
from portal.people.records.models import CorrectedFact, RequestedFact
from portal.people.registers.operations import Outsider, Qualification, assign_adviser, enter_reviewer
from portal.people.rules import check_digit
from portal.people.transfers.operations import open_transfer, release
from portal.people.transfers.rules import Handover, NewPost

RENAMED = "GOV-222424"
OUTSIDER = "22010419790312000"


def load(session: Session, bodies: Mapping[str, Body], staff: Mapping[str, Account], *, now: datetime) -> int:
    """Returns how many stories were begun."""
    today, unit, system = local(now).date(), staff["unitadmin"], staff["sysadmin"]
    first, second, moving, wrong, asking = _others(session, bodies[TOWN_1])
    pair_by_hand(session, first, second, now=now)
    _move(session, moving, bodies[f"ENF-urban-{COUNTY}"], unit, now)
    propose_correction(
        session, wrong, CorrectedFact.NAME, wrong.name + "睿", document="户口簿曾用名页", area_compared=True,
        account=unit, now=now - timedelta(days=2),
    )  # fmt: skip
    asker = session.scalars(select(Account).where(Account.person_id == asking.id)).one()
    ask_correction(
        session, asker, RequestedFact.EDUCATION, wrong="学历登记为大专", right="2025年7月取得本科学历",
        document="毕业证书", now=now - timedelta(days=1),
    )  # fmt: skip
    since = Qualification(today - timedelta(days=400), "法制审核人员任命文件", True, "", None, "")
    enter_reviewer(session, first, bodies[TOWN_1], since, account=system, now=now)
    outsider = Outsider("梁博文", OUTSIDER + check_digit(OUTSIDER), "master", "吉林某某律师事务所", "12201202010000000")
    assign_adviser(
        session, outsider, bodies[TOWN_1], document="法律顾问聘用合同", started_on=today - timedelta(days=90),
        account=system, now=now,
    )  # fmt: skip
    order = Order(system, "机构更名批复（示例）", today - timedelta(days=200), now)
    old = bodies[RENAMED].name
    rename(session, session.get_one(Body, bodies[RENAMED].id), old + "（示范）", order=order)
    return 7


def _others(session: Session, body: Body) -> list[Person]:
    """Five officers of the body who are nobody's case."""
    cases = [case.number for case in CASES]
    found = select(Person).join(Post, Post.person_id == Person.id).where(
        Post.body_id == body.id, Post.ended_on.is_(None), Person.personnel_number.not_in(cases)
    )  # fmt: skip
    return list(session.scalars(found.order_by(Person.id).limit(5)))


def _move(session: Session, person: Person, to_body: Body, unit: Account, now: datetime) -> None:
    """Out of the town, released by it, waiting for the receiving unit."""
    post = session.scalars(select(Post).where(Post.person_id == person.id, Post.ended_on.is_(None))).first()
    assert post is not None
    proposed = NewPost("urban", False, "执法队员", to_body.id, "institution", True)
    transfer = open_transfer(
        session, post, to_body, proposed, effective_on=local(now).date(), document="调动通知（示例）",
        account=unit, now=now - timedelta(days=3),
    )  # fmt: skip
    release(session, transfer, done=set(Handover), account=unit, now=now - timedelta(days=1))
