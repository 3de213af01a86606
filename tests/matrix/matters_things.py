"""A topic, a matter, a town of the first county with its lists, an evaluation, a guide, and files with them."""

from __future__ import annotations

from typing import Any

from portal.library.guides import operations as guides
from portal.library.guides.files import Kept
from portal.library.guides.rules import GuideText
from portal.library.matters import operations as matters
from portal.library.matters.evaluations import operations as evaluations
from portal.library.matters.lists import operations as lists
from portal.library.matters.rules import Basis, MatterFacts
from portal.library.topics import operations as topics
from portal.people.models import Account, BodyKind, Level
from tests.conftest import NOON
from tests.factories import County
from tests.matrix.things import file_of

TODAY = NOON.date()


def of_library(county: County, editors: dict[str, Account]) -> dict[str, dict[str, Any]]:
    """Address values by kind of thing; `editors` are those of the library by where their grant lies."""
    session = county.session
    for account in editors.values():
        session.refresh(account, ["grants"])
    topic = topics.add_topic(session, "矩阵知识点", "", code="MX-1", account=None, now=NOON)
    bases = (Basis("测试法", "2020", "第一条"),)
    facts = MatterFacts("MX-01", "矩阵事项", "transport", "penalty", "决定", "", None, TODAY, None, bases)
    matter = matters.write_matter(session, facts, account=None, now=NOON)
    town = county.body("矩阵镇人民政府", BodyKind.TOWN, Level.TOWN, county.city, ["transport"])
    more = {"in_force_from": TODAY, "document": "公告", "account": None, "now": NOON}
    row = lists.draw_up(session, town, [matter], **more)
    lists.publish(session, row, account=editors["above"], now=NOON)
    lists.draw_up(session, town, [matter], **more)
    opened = evaluations.open_round(
        session, row, period_from=TODAY, period_until=TODAY, account=editors["here"], now=NOON
    )
    guide = guides.new_guide(session, "work_guide", "矩阵指引", county.city, "transport", now=NOON)
    said = GuideText("正文", (), (), TODAY, None, "")
    file = guides.Attached(Kept("0" * 32, b"", "0" * 64), "附件.pdf", "pdf", 1)
    first = guides.write_version(session, guide, said, file=file, account=editors["there"], now=NOON)
    guides.publish(session, guide, first, account=editors["above"], now=NOON)
    guides.write_version(session, guide, said, account=editors["there"], now=NOON)
    guide_at, list_at = {"guide_id": guide.id}, {"body_id": town.id}
    return {
        "topic": {"code": topic.code},
        "topic_act": {"code": topic.code, "act": "retire"},
        "matter": {"code": "MX-01"},
        "town": list_at,
        "town_list": list_at | {"number": 1},
        "evaluation": {"evaluation_id": opened.id},
        "guide": guide_at,
        "guide_draft": guide_at | {"number": 2},
        "matters_file": {"batch_id": file_of(session, "matters", None, editors["here"]).id},
        "lists_file": {"batch_id": file_of(session, "town_lists", None, editors["here"]).id},
    }
