"""Four flow charts, two guides and a case file template, issued for the whole province or for one county."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from portal.demo.cast import COUNTY
from portal.ground.sheets import Page, write_workbook
from portal.library.guides import files
from portal.library.guides.models import GuideKind
from portal.library.guides.operations import Attached, new_guide, publish, write_version
from portal.library.guides.rules import GuideText, steps_in
from portal.library.matters.rules import bases_in
from portal.people.models import Account, Body

TEXTS = Path(__file__).parent / "guides_texts"
SINCE = date(2025, 3, 1)
PROVINCE, HERE = "JUS-220000", f"JUS-{COUNTY}"
PENALTY, COMPULSION = "行政处罚法（2021 修订）", "行政强制法（2011）"
# file beside this module, kind, title, issued by, field, articles; a file with "|" in its lines holds steps
GUIDES = (
    ("summary.txt", GuideKind.FLOW_CHART, "行政处罚简易程序流程图", PROVINCE, "",
     f"{PENALTY} 第五十一条\n{PENALTY} 第五十二条"),
    ("ordinary.txt", GuideKind.FLOW_CHART, "行政处罚普通程序流程图", PROVINCE, "",
     f"{PENALTY} 第五十四条\n{PENALTY} 第五十七条\n{PENALTY} 第五十八条\n{PENALTY} 第六十条"),
    ("hearing.txt", GuideKind.FLOW_CHART, "行政处罚听证程序流程图", PROVINCE, "",
     f"{PENALTY} 第六十三条\n{PENALTY} 第六十四条\n{PENALTY} 第六十五条"),
    ("compulsion.txt", GuideKind.FLOW_CHART, "查封、扣押程序流程图", PROVINCE, "",
     f"{COMPULSION} 第十八条\n{COMPULSION} 第二十四条\n{COMPULSION} 第二十五条"),
    ("town_team.md", GuideKind.WORK_GUIDE, "乡镇综合行政执法工作指引", PROVINCE, "",
     f"{PENALTY} 第二十四条\n{PENALTY} 第四十二条\n{PENALTY} 第五十五条"),
    ("straw.md", GuideKind.EVIDENCE, "露天焚烧秸秆案件证据指引", HERE, "ecology",
     f"生态环境法典（2026） 第一千一百三十一条\n{PENALTY} 第四十六条"),
)  # fmt: skip
TEMPLATE = "行政处罚案卷目录模板"
MATERIALS = (
    "行政处罚决定书及送达回证", "立案审批表", "现场检查（勘验）笔录", "询问笔录", "证据材料及清单",
    "行政处罚告知书及送达回证",
    "陈述申辩或者听证材料", "法制审核意见", "负责人审批或者集体讨论记录", "缴款凭证、结案审批表",
)  # fmt: skip
HEAD = ("序号", "文书材料", "来源", "页次", "备注")


def load(
    session: Session, bodies: Mapping[str, Body], writer: Account, second: Account, *, files_dir: Path, now: datetime
) -> int:
    """Returns how many guides there are, each written by one editor and published by the other."""
    for name, kind, title, issued_by, field, articles in GUIDES:
        said = (TEXTS / name).read_text(encoding="utf-8").strip()
        steps, text = (steps_in(said), "") if kind == GuideKind.FLOW_CHART else ((), said)
        version = GuideText(text, steps, bases_in(articles), SINCE, None, "首次发布")
        _issue(session, bodies[issued_by], kind, title, field, version, None, writer, second, now)
    rows = [HEAD, *((str(number), name, "", "", "") for number, name in enumerate(MATERIALS, 1))]
    content = write_workbook([Page("案卷目录", rows, [8, 40, 16, 10, 20])])
    kept = Attached(files.keep(files_dir, content), f"{TEMPLATE}.xlsx", "xlsx", len(content))
    version = GuideText("按卷内文书的先后排列；没有的材料划去。", (), (), SINCE, None, "首次发布")
    _issue(session, bodies[PROVINCE], GuideKind.FILE_TEMPLATE, TEMPLATE, "", version, kept, writer, second, now)
    return len(GUIDES) + 1


def _issue(
    session: Session, body: Body, kind: str, title: str, field: str, version: GuideText, file: Attached | None,
    writer: Account, second: Account, now: datetime,
) -> None:  # fmt: skip
    guide = new_guide(session, kind, title, body, field, now=now)
    row = write_version(session, guide, version, file=file, account=writer, now=now)
    publish(session, guide, row, account=second, now=now)
