"""Some of the conferred matters, the lists of two towns of Meihekou, and how one of them was evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.demo.cast import TOWN_1, TOWN_2, TOWN_3
from portal.demo.law_change import OLD, TITLE
from portal.library.matters.evaluations.models import Proposal
from portal.library.matters.evaluations.operations import close_round, note_finding, open_round
from portal.library.matters.lists.models import TownList
from portal.library.matters.lists.operations import draw_up, publish
from portal.library.matters.models import MatterVersion
from portal.library.matters.operations import write_matter
from portal.library.matters.queries import newest_by_code
from portal.library.matters.rules import Basis, MatterFacts
from portal.people.models import Account, Body

CONFERRED, NUMBER = "关于赋予乡镇人民政府和街道办事处部分行政执法权的决定（示例）", "吉政示〔2023〕6号"
DECIDED, SINCE = date(2023, 3, 20), date(2023, 5, 1)
CODE_SINCE = date(2026, 8, 15)  # the Ecological and Environmental Code
U, M, E = "urban", "market", "ecology"
ROADS, CLEAN = "城市道路管理条例", "城市市容和环境卫生管理条例"
UNLICENSED, FOOD, ADS = "无证无照经营查处办法", "食品安全法", "广告法"
AIR, WASTE, CODE = "大气污染防治法", "固体废物污染环境防治法", "生态环境法典"
# number, title, field, kind, articles (law, version, article)
MATTERS = (
    ("FQ-01", "对管线检查井、箱盖缺损未及时补缺或者修复的处罚", U, "penalty", ((ROADS, "", "第四十二条"),)),
    ("FQ-02", "对擅自占用或者挖掘城市道路的处罚", U, "penalty", ((ROADS, "", "第三十条"), (ROADS, "", "第四十二条"))),
    ("FQ-03", "对随地吐痰、便溺，乱扔果皮、纸屑和烟头等废弃物的处罚", U, "penalty", ((CLEAN, "", "第三十四条"),)),
    ("FQ-04", "对未经批准搭建建筑物、构筑物或者其他设施影响市容的处罚", U, "penalty", ((CLEAN, "", "第三十六条"),)),
    ("FQ-05", "对损坏各类环境卫生设施及其附属设施的处罚", U, "penalty", ((CLEAN, "", "第三十八条"),)),
    ("FQ-06", "对无照经营的处罚", M, "penalty", ((UNLICENSED, "2017", "第十三条"),)),
    ("FQ-07", "对明知属于无照经营而提供经营场所等条件的处罚", M, "penalty", ((UNLICENSED, "2017", "第十四条"),)),
    ("FQ-08", "对食品摊贩违法行为的处罚", M, "penalty", ((FOOD, "现行", "第一百二十七条"),)),
    ("FQ-09", "对经营场所的日常检查", M, "inspection", ((UNLICENSED, "2017", "第十一条"),)),
    ("FQ-10", "对在禁止区域和时段露天焚烧秸秆、落叶的处罚", E, "penalty", ((AIR, "2018 修正", "第一百一十九条"),)),
    ("FQ-11", "对在禁止的时段和区域露天烧烤食品的处罚", E, "penalty", ((AIR, "2018 修正", "第一百一十八条"),)),
    ("FQ-12", "对随意倾倒、抛撒、堆放或者焚烧生活垃圾的处罚", E, "penalty", ((WASTE, "2020 修订", "第一百一十一条"),)),
    ("FQ-13", "对集市摊位占用消防通道或者盲道拒不改正的处罚（示例）", U, "penalty", ((TITLE, OLD, "第八条"),)),
)  # fmt: skip
# What the Code put in the place of the laws that ended with it.
IN_THE_CODE = {"FQ-10": "第一千一百三十一条", "FQ-11": "第一千一百三十二条", "FQ-12": "第一千一百六十九条"}
FIRST = {TOWN_1: range(1, 10), TOWN_2: (1, 2, 3, 6, 8, 9, 10, 12)}
SECOND = {TOWN_1: (1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13), TOWN_2: (1, 2, 3, 6, 7, 8, 9, 10, 12)}
REMARKS = {"FQ-05": "三年未使用，建议由主管部门收回", "FQ-07": "需要查证场所权属，镇里没有专业力量"}
USED = (6, 21, 48, 3, 0, 12, 1, 17, 0)  # how often the first town used each matter of its first list


def load(
    session: Session, bodies: Mapping[str, Body], writer: Account, second: Account, *, now: datetime, today: date
) -> tuple[int, int]:
    """Returns how many matters and lists there are."""
    for code, title, field, kind, articles in MATTERS:
        bases = tuple(Basis(*each) for each in articles)
        facts = MatterFacts(code, title, field, kind, CONFERRED, NUMBER, DECIDED, SINCE, None, bases)
        write_matter(session, facts, account=writer, now=now - timedelta(days=700))
    first = {code: _lay_down(session, bodies[code], numbers, date(2023, 6, 1), "2023", writer, second, now)
             for code, numbers in FIRST.items()}  # fmt: skip
    _evaluate(session, first[TOWN_1], writer, now=now, today=today)
    for code, title, field, kind, _articles in MATTERS:
        if article := IN_THE_CODE.get(code):
            bases = (Basis(CODE, "2026", article),)
            facts = MatterFacts(code, title, field, kind, CONFERRED, NUMBER, DECIDED, CODE_SINCE, None, bases)
            write_matter(session, facts, account=writer, now=now - timedelta(days=90))
    for code, numbers in SECOND.items():
        _lay_down(session, bodies[code], numbers, CODE_SINCE, "2026", writer, second, now)
    draw_up(
        session, bodies[TOWN_3], _versions(session, (1, 2, 3, 6, 10)), in_force_from=today + timedelta(days=30),
        document="赋权事项清单公告（示例）", account=writer, now=now - timedelta(days=2),
    )  # fmt: skip
    return len(MATTERS), len(FIRST) + len(SECOND)


def _versions(session: Session, numbers) -> list[MatterVersion]:
    codes = [f"FQ-{number:02d}" for number in numbers]
    found = newest_by_code(session, codes)
    return [found[code] for code in codes]


def _lay_down(
    session: Session, town: Body, numbers, since: date, year: str, writer: Account, second: Account, now: datetime
) -> TownList:
    """A list drawn up by one editor and laid down by the other."""
    row = draw_up(
        session, town, _versions(session, numbers), in_force_from=since,
        document=f"关于公布{town.name}赋权事项清单（{year} 年版）的通告（示例）", account=writer, now=now,
    )  # fmt: skip
    publish(session, row, account=second, now=now)
    return row


def _evaluate(session: Session, row: TownList, account: Account, *, now: datetime, today: date) -> None:
    """The round before the second list: what was hardly used or beyond the town's means is returned."""
    made = open_round(
        session, row, period_from=row.in_force_from, period_until=min(today, date(2026, 6, 30)), account=account,
        now=now,
    )  # fmt: skip
    for entry, times in zip(row.entries, USED, strict=True):
        code = entry.version.matter.code
        note_finding(
            session, made, entry, times_used=times, capable=code != "FQ-07",
            proposal=Proposal.RETURN if code in REMARKS else Proposal.KEEP,
            remark=REMARKS.get(code, ""), account=account, now=now,
        )  # fmt: skip
    close_round(session, made, "建议保留七项，交回两项；生态环境领域按法典重新核定。", account=account, now=now)
