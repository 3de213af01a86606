"""Two towns of the county, whoever keeps their lists, and matters to put on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count

from portal.library.matters import operations as catalogue
from portal.library.matters.lists import operations as lists
from portal.library.matters.lists.models import TownList
from portal.library.matters.models import MatterVersion
from portal.library.matters.rules import Basis, MatterFacts
from portal.people.models import Account, Body, BodyKind, Level, Role
from tests.conftest import NOON
from tests.factories import PASSWORD, County

SINCE = date(2024, 3, 1)
_born = count()


def editor(county: County, body: Body | None = None, field: str | None = None) -> Account:
    """Somebody new who keeps the library at a body, the province when none is named."""
    born = date(1962, 1, 1) + timedelta(days=next(_born))
    account = county.staff(Role.LAW_EDITOR, body or county.province, born=born, field=field)
    county.session.refresh(account, ["grants"])
    return account


def a_town(county: County, name: str = "青沟镇人民政府", under: Body | None = None) -> Body:
    return county.body(name, BodyKind.TOWN, Level.TOWN, under or county.city, ["urban", "market"])


def facts(code: str = "FQ-1", title: str = "对擅自占道的处罚", **changed: object) -> MatterFacts:
    values = {
        "code": code, "title": title, "field": "urban", "kind": "penalty", "document": "赋权决定",
        "document_number": "", "document_on": None, "in_force_from": SINCE, "in_force_until": None,
        "bases": (Basis("测试法", "2020", "第一条"),), **changed,
    }  # fmt: skip
    return MatterFacts(**values)


def a_matter(county: County, code: str = "FQ-1", **changed: object) -> MatterVersion:
    return catalogue.write_matter(county.session, facts(code, **changed), account=None, now=NOON)


def a_draft(
    county: County, town: Body, matters: Sequence[MatterVersion], since: date = SINCE, account: Account | None = None
) -> TownList:
    return lists.draw_up(
        county.session, town, matters, in_force_from=since, document="清单公告", account=account, now=NOON
    )


def laid_down(county: County, town: Body, matters: Sequence[MatterVersion], since: date = SINCE) -> TownList:
    row = a_draft(county, town, matters, since, editor(county))
    lists.publish(county.session, row, account=editor(county), now=NOON)
    return row


def signed_in(app, account: Account):
    client = app.test_client()
    client.post("/sign-in", data={"username": account.username, "password": PASSWORD})
    return client
