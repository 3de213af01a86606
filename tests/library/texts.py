"""Short invented laws: a pair of versions, and a code that ends them."""

from __future__ import annotations

from sqlalchemy import select

from portal.bank import operations as bank
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank, QuestionStatus
from question_bank.laws.texts import Source
from question_bank.questions import Citation, Kind, Question
from tests.factories import County

BRIDGES_2020 = """# 示例桥梁管理条例

2020年5月6日 示例大会常务委员会通过

<!-- INFO END -->

## 第一章 总 则

第一条 为了示例桥梁的安全，制定本条例。

第二条 桥梁每年检查一次，检查由桥梁所在地的示例管理站负责。

第三条 过桥的马车应当交纳灯油费，灯油费归守桥人。

第四条 夜间检查应当有两名以上检查人员参加，并且出示证件。

## 第二章 责任和附则

第五条 违反本条例第二条的规定，未按时检查的，处一百元以上五百元以下的罚款。

第六条 本条例自2020年7月1日起施行。
"""

BRIDGES_2024 = """---
sidebar: auto
---

# 示例桥梁管理条例

2020年5月6日示例大会常务委员会通过

2024年1月15日示例大会常务委员会修订

## 第一章　总则

**第一条**　为了示例桥梁的安全,制定本条例.

**第二条**　桥梁每半年检查一次，检查由桥梁所在地的示例管理站负责。

**第三条**　夜间检查应当有两名以上检查人员参加，并且出示证件。

**第三条之一**　桥上设置的传感器由示例数据中心统一登记编号。

## 第二章　责任和附则

**第四条**　违反本条例第二条的规定，未按时检查的，处五百元以上二千元以下的罚款。

**第五条**　本条例自2024年3月1日起施行。
"""

ROADS = """# 示例交通法典

**第一条**　示例桥梁、道路和渡口的管理，适用本法。

**第二条**　本法自2026年8月15日起施行。《示例桥梁管理条例》、《中华人民共和国示例渡口法》同时废止。
"""


def source(text: str, name: str = "law.md") -> Source:
    return Source(name, text)


def citing(county: County, article: str, *, code: str = "B-1", law: str = "示例桥梁管理条例", label: str = "2020",
           status: QuestionStatus = QuestionStatus.APPROVED, field: str | None = None) -> Row:
    """An approved question of the city's bank that rests on one article."""
    session = county.session
    found = session.scalars(select(QuestionBank).where(QuestionBank.code == "BRIDGES")).one_or_none()
    shelf = found or bank.create_bank(session, "BRIDGES", "示例桥梁题库", county.city, field=field, now=county.now)
    question = Question(
        code, Kind.SINGLE, f"{code}：桥梁多久检查一次？", ("每年", "每半年", "每月"), "A", rationale="依据所引条文。",
        citations=(Citation(law, label, article),), topic="检查",
    )  # fmt: skip
    version = bank.add_version(session, shelf, question, status=status, now=county.now)
    return session.get_one(Row, version.question_id)
