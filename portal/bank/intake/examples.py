"""The forms in which questions come in, as the cockpit lists them, with an example file of each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import NoResultFound

from portal.ground.rules import N_
from question_bank.formats import reading, writing
from question_bank.questions import Citation, Kind, Question

TEXT = """一、单项选择题
1. 行政处罚由哪个机关实施？（　　）
A. 县级以上各级机关
B. 具有行政处罚权的行政机关
C. 任何社会组织
D. 任何个人
答案：B
解析：行政处罚由具有行政处罚权的行政机关在法定职权范围内实施。
依据：《行政处罚法》第十七条

二、多项选择题
2. 下列哪些属于行政处罚的种类？（　　）
A. 警告
B. 罚款
C. 拘役
D. 责令停产停业
答案：ABD
解析：拘役是刑罚，不是行政处罚。

三、判断题
3. 限制人身自由的行政处罚，只能由法律设定。（　　）
答案：对
解析：限制人身自由的行政处罚只能由法律设定。
"""
AIKEN = """行政处罚由哪个机关实施？
A. 县级以上各级机关
B. 具有行政处罚权的行政机关
C. 任何社会组织
ANSWER: B
"""
_CITED = Citation("行政处罚法", "2021 修订", "第十七条")
QUESTIONS = (
    Question(
        "", Kind.SINGLE, "行政处罚由哪个机关实施？",
        ("县级以上各级机关", "具有行政处罚权的行政机关", "任何社会组织"), "B",
        "行政处罚由具有行政处罚权的行政机关在法定职权范围内实施。", (_CITED,), "行政处罚",
    ),
    Question(
        "", Kind.MULTIPLE, "下列哪些属于行政处罚的种类？", ("警告", "罚款", "拘役", "责令停产停业"), "ABD",
        "拘役是刑罚，不是行政处罚。", (Citation("行政处罚法", "2021 修订", "第九条"),), "行政处罚",
    ),
    Question(
        "", Kind.TRUE_FALSE, "限制人身自由的行政处罚，只能由法律设定。", (), "T",
        "限制人身自由的行政处罚只能由法律设定。", (Citation("行政处罚法", "2021 修订", "第十条"),), "行政处罚",
    ),
)  # fmt: skip
HOLDS = {
    "xlsx": N_("Every kind and every field; several sheets with the same header are read together."),
    "csv": N_("The same as one sheet, in UTF-8 or GB18030."),
    "docx": N_("Questions as trainers write them, with pictures and tables; keys after 答案 or at the end."),
    "text": N_("The same habits without pictures; also what is pasted."),
    "gift": N_("Choice, true or false, short blanks and matching, as Moodle and other systems write them."),
    "aiken": N_("Single choice, one ANSWER line a question."),
    "moodle": N_("What Moodle exports, with pictures."),
    "qti": N_("Items and packages of QTI, with pictures."),
}  # fmt: skip
TITLE = N_("Examples of questions")


@dataclass(frozen=True)
class Offered:
    code: str
    title: str
    endings: tuple[str, ...]
    holds: str


def offered() -> list[Offered]:
    """Sheets first, then every other form there is a reader for."""
    sheets = Offered("xlsx", N_("Question sheet"), (".xlsx",), HOLDS["xlsx"])
    return [sheets, *(Offered(f.code, f.title, f.endings, HOLDS[f.code]) for f in reading.FORMATS.values())]


def example(form: str, title: str) -> tuple[bytes, str, str]:
    """(content, ending, media type) of an example file. Raises NoResultFound for an unknown form."""
    if form in ("text", "aiken"):
        return (TEXT if form == "text" else AIKEN).encode("utf-8-sig"), "txt", "text/plain; charset=utf-8"
    target = {"qti": "qti3"}.get(form, form)
    known = next((code for code in (target, form) if code in writing.FORMATS), None)
    if known is None:
        raise NoResultFound
    written = writing.write(QUESTIONS, known, title=title)
    return written.data, written.file_name_extension, written.media_type
