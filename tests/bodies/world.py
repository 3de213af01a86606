"""The county with somebody who looks after its bodies, and changes in one line."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.people.bodies.operations import Order
from portal.people.bodies.rules import Facts
from portal.people.models import Account, Body, BodyKind, Level, Role
from tests.factories import County

DOCUMENT = "机构编制文件1号"
TOWN = Facts(BodyKind.TOWN, Level.TOWN, None, (), None, False)


class Bodies:
    """`order()` signs a change by the administrator of the province (or `by`), today unless said otherwise."""

    def __init__(self, county: County) -> None:
        self.county, self.session, self.today = county, county.session, county.today
        self.admin = county.staff(Role.SYSADMIN, county.province, born=date(1975, 1, 1))
        self.town = county.body("山城镇人民政府", BodyKind.TOWN, Level.TOWN, county.city)
        self.team = county.body("山城镇执法队", BodyKind.TOWN_TEAM, Level.TOWN, self.town, ["market"])
        self.other_town = county.body("青石镇人民政府", BodyKind.TOWN, Level.TOWN, county.other_city)

    def order(self, days_ago: int = 0, *, by: Account | None = None, seen: int | None = None) -> Order:
        return Order(by or self.admin, DOCUMENT, self.day(days_ago), self.county.now, seen)

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def again(self, body: Body) -> Body:
        """The body as the database has it."""
        self.session.expire_all()
        return self.session.get_one(Body, body.id)


def fresh(session: Session, body: Body) -> Body:
    session.expire_all()
    return session.get_one(Body, body.id)
