"""The laws that the questions cite, with the days on which each text is in force."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.library.models import Law, LawEnding, LawKind, LawVersion

# Law -> (label, first day, last day). A version's first day is that of the amendment, not of the law.
LAWS: dict[str, tuple[tuple[str, date, date | None], ...]] = {
    "行政处罚法": (("2021 修订", date(2021, 7, 15), None),),
    "行政强制法": (("2011", date(2012, 1, 1), None),),
    "行政许可法": (("2019 修正", date(2019, 4, 23), None),),
    "行政复议法": (("2017 修正", date(2018, 1, 1), date(2023, 12, 31)), ("2023 修订", date(2024, 1, 1), None)),
    "行政诉讼法": (("2017 修正", date(2017, 7, 1), None),),
    "国家赔偿法": (("2012 修正", date(2013, 1, 1), None),),
    "道路运输条例": (("2023 修订", date(2023, 7, 20), None),),
    "道路交通安全法": (("2021 修正", date(2021, 4, 29), None),),
    "市场主体登记管理条例": (("2021", date(2022, 3, 1), None),),
    "无证无照经营查处办法": (("2017", date(2017, 10, 1), None),),
    "食品安全法": (("现行", date(2025, 12, 1), None),),
    "产品质量法": (("现行", date(2018, 12, 29), None),),
    "消费者权益保护法": (("现行", date(2014, 3, 15), None),),
    "价格法": (("现行", date(1998, 5, 1), None),),
    "广告法": (("现行", date(2021, 4, 29), None),),
    "反不正当竞争法": (("现行", date(2025, 10, 15), None),),
    "环境保护法": (("2014 修订", date(2015, 1, 1), date(2026, 8, 14)),),
    "生态环境法典": (("2026", date(2026, 8, 15), None),),
}
# A law that ended without a later version of its own -> the law that ended it.
ENDED = {"环境保护法": "生态环境法典"}
KINDS = {"道路运输条例": LawKind.REGULATION, "市场主体登记管理条例": LawKind.REGULATION,
         "无证无照经营查处办法": LawKind.REGULATION}  # fmt: skip


def load(session: Session) -> int:
    """Add every law with its versions; returns how many versions there are."""
    for title, versions in LAWS.items():
        session.add(Law(title=title, kind=KINDS.get(title, LawKind.LAW), versions=[
            LawVersion(label=label, in_force_from=since, in_force_until=until) for label, since, until in versions
        ]))
    session.flush()
    for title, by in ENDED.items():
        code = session.scalars(select(LawVersion).join(Law).where(Law.title == by)).one()
        session.add(LawEnding(title=title, by_version_id=code.id, ended_on=code.in_force_from))
    session.flush()
    return sum(map(len, LAWS.values()))
