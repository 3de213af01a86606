"""The topics of the demo's questions as a tree; the last word of one bank is left for somebody to take in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.library.topics.operations import add_topic
from portal.people.models import Account, Field

GENERAL = {
    "行政处罚": ("处罚种类与设定", "实施机关与委托", "管辖与移送", "处罚适用", "处罚决定一般规定", "简易程序",
             "普通程序与证据", "听证程序", "处罚执行", "执法责任"),
    "行政强制": ("强制种类与设定", "强制措施程序", "查封扣押与冻结", "强制执行程序", "申请法院执行"),
    "行政许可": ("许可设定与实施机关", "许可程序与期限", "许可监督与撤销"),
    "国家赔偿": ("赔偿范围", "赔偿程序与标准"),
    "行政复议": ("复议范围与申请", "复议机关与管辖", "复议审理与决定"),
    "行政诉讼": ("诉讼受案与管辖", "诉讼证据与判决"),
}  # fmt: skip
OF_FIELDS = {
    Field.TRANSPORT: ("客运经营", "货运与危险货物", "站场维修与驾培", "道路运输监督检查", "道路通行与车辆"),
    Field.MARKET: ("主体登记与无证无照", "食品安全监管", "产品质量与计价", "消费者权益保护", "广告与竞争秩序"),
    Field.ECOLOGY: ("法典总则与监督管理", "大气与噪声污染防治", "水与土壤污染防治", "固体废物与许可", "生态保护"),
}  # fmt: skip


def load(session: Session, editor: Account, *, now: datetime) -> int:
    """Returns how many topics there are."""
    count = 0
    for number, (title, below) in enumerate(GENERAL.items(), 1):
        top = add_topic(session, title, "", code=f"ZH-{number:02d}", account=editor, now=now)
        for place, each in enumerate(below, 1):
            add_topic(session, each, "", parent=top, code=f"ZH-{number:02d}-{place:02d}", account=editor, now=now)
        count += 1 + len(below)
    for field, titles in OF_FIELDS.items():
        head = field[:2].upper()
        for place, each in enumerate(titles, 1):
            add_topic(session, each, field, code=f"{head}-{place:02d}", account=editor, now=now)
        count += len(titles)
    return count
