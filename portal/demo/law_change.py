"""A small invented measure in two versions and five questions on it, so that a change of law can be looked at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank import operations as bank
from portal.bank.following.holding import cited_articles, hold_for
from portal.bank.models import Question as Row
from portal.ground.clock import local
from portal.library import operations as library
from portal.library.fates import fates
from portal.library.models import LawKind
from portal.people.models import Body
from question_bank.laws.texts import Source, read_law
from question_bank.questions import Citation, Kind, Question

TITLE = "示例集市摊位管理办法"
BANK = "JL-SAMPLE"
FIRST = """# 示例集市摊位管理办法

2022年3月1日 示例机关公布

## 第一章 总则

第一条 为了演示法规变动如何影响试题，虚构本办法；本办法不是真实的法规。

第二条 本办法适用于示例集市的摊位管理。

第三条 示例集市的摊位由示例市场所统一编号，摊主应当把编号牌挂在摊位正面。

## 第二章 摊位

第四条 摊主应当在开市前十五分钟到场，闭市后三十分钟内清扫完毕。

第五条 摊位不得占用消防通道和盲道。

第六条 雨天棚布由摊主自备，棚布离地不得低于二米。

第七条 摊主转让摊位的，应当提前五日书面告知示例市场所。

## 第三章 罚则和附则

第八条 违反本办法第五条规定的，责令改正；拒不改正的，处五十元以上二百元以下的罚款。

第九条 本办法自2022年5月1日起施行。
"""
SECOND = """# 示例集市摊位管理办法

2022年3月1日 示例机关公布

2026年6月10日 示例机关修订

## 第一章 总则

第一条 为了演示法规变动如何影响试题，虚构本办法；本办法不是真实的法规。

第二条 本办法适用于示例集市的摊位管理。

第三条 示例集市的摊位由示例市场所统一编号，摊主应当把编号牌挂在摊位正面。

## 第二章 摊位

第四条 摊主应当在开市前三十分钟到场，闭市后二十分钟内清扫完毕。

第五条 摊位不得占用消防通道和盲道。

第六条 摊主转让摊位的，应当提前五日书面告知示例市场所。

第七条 示例集市设电子秤复核台，消费者可以免费复核。

## 第三章 罚则和附则

第八条 违反本办法第五条规定的，责令改正；拒不改正的，处一百元以上五百元以下的罚款。

第九条 本办法自2026年9月1日起施行。
"""
OLD, NEW = "2022", "2026 修订"


def _question(
    number: int,
    stem: str,
    options: tuple[str, ...],
    key: str,
    why: str,
    cited: str,
    law: tuple[str, str] = (TITLE, OLD),
) -> Question:
    kind = Kind.SINGLE if options else Kind.TRUE_FALSE
    return Question(
        f"SA-{number:03}", kind, stem, options, key, rationale=why, citations=(Citation(*law, cited),),
        topic="集市摊位", difficulty=2,
    )  # fmt: skip


QUESTIONS = (
    _question(1, "示例集市的摊主最迟应当在开市前多久到场？", ("五分钟", "十五分钟", "一小时"), "B",
              "第四条规定开市前十五分钟到场。", "第四条"),
    _question(2, "示例集市的棚布离地不得低于二米。", (), "T", "第六条对棚布的高度作了规定。", "第六条"),
    _question(3, "摊主转让摊位，应当提前几日书面告知示例市场所？", ("三日", "五日", "十日"), "B",
              "第七条规定提前五日书面告知。", "第七条"),
    _question(4, "摊位占用盲道，责令改正后拒不改正的，可以处二百元罚款。", (), "T",
              "第八条的幅度是五十元以上二百元以下。", "第八条"),
    _question(5, "排放污染物的企业事业单位应当采取措施，防治在生产建设中产生的污染。", (), "T",
              "该条规定了排污单位防治污染的义务。", "第四十二条", ("环境保护法", "2014 修订")),
    _question(6, "示例集市的摊位可以临时占用消防通道。", (), "F", "第五条禁止占用消防通道和盲道。", "第五条"),
)  # fmt: skip


def load(session: Session, owner: Body, *, author_id: int, reviewer_id: int, keeper_id: int, now: datetime) -> int:
    """Both versions, a bank of its own with the questions, and the holds; returns how many questions wait."""
    _version(session, FIRST, keeper_id, now)
    shelf = bank.create_bank(session, BANK, "示例题库（法规变动演示）", owner, now=now)
    shelf.sealed = False
    for question in QUESTIONS:
        bank.add_version(session, shelf, question, account_id=author_id, now=now)
        row = session.scalars(select(Row).where(Row.code == question.code)).one()
        bank.send_to_review(session, row, account_id=author_id, now=now)
        bank.approve(session, row, account_id=reviewer_id, now=now)
    _version(session, SECOND, keeper_id, now)
    return hold_for(session, fates(session, cited_articles(session), local(now).date()), now)


def _version(session: Session, text: str, keeper_id: int, now: datetime) -> None:
    source = Source("示例集市摊位管理办法.md", text)
    law = read_law([source])
    facts = library.settle(law, kind=LawKind.RULE)
    beside = library.compared(session, law, facts)
    library.import_version(session, law, facts, beside, sources=[source], account_id=keeper_id, now=now)
