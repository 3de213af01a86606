"""What a row of a roster says: cells turned into one officer, every fault named. Asks no database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.ground.import_rows import Column, Problem, SheetRow
from portal.ground.rules import N_
from portal.people.areas import known_area
from portal.people.models import Field, StaffingType
from portal.people.rules import birth_date, id_number_problem, normal_id_number, normal_name

NUMBER, NAME, ID_NUMBER, EDUCATION, PHONE = "工号", "姓名", "身份证号", "学历", "手机号"
BODY, ESTABLISHMENT, STAFFING = "执法岗位所在单位", "编制所在单位", "编制类型"
ON_ESTABLISHMENT, IN_POST, DUTY, TITLE = "是否在编", "是否在岗", "专职/兼职", "职务"
FIELD, STARTED = "执法领域", "任职日期"

EDUCATIONS = {
    "高中(中专)": "secondary",
    "大专": "college",
    "本科": "bachelor",
    "硕士": "master",
    "博士": "doctor",
}
EDUCATION_WORDS = EDUCATIONS | {
    "高中": "secondary",
    "中专": "secondary",
    "大学专科": "college",
    "专科": "college",
    "大学本科": "bachelor",
    "硕士研究生": "master",
    "博士研究生": "doctor",
}
STAFFINGS = {
    "行政编制": StaffingType.CIVIL,
    "参公管理": StaffingType.CIVIL_EQUIVALENT,
    "事业编制": StaffingType.INSTITUTION,
    "合同": StaffingType.CONTRACT,
    "劳务派遣": StaffingType.DISPATCH,
    "临时": StaffingType.TEMPORARY,
    "公益性岗位": StaffingType.PUBLIC_WELFARE,
    "工勤": StaffingType.WORKMAN,
    "借调": StaffingType.SECONDED,
}
FIELDS = {
    "交通运输": Field.TRANSPORT,
    "生态环境": Field.ECOLOGY,
    "文化市场": Field.CULTURE,
    "农业": Field.AGRICULTURE,
    "市场监管": Field.MARKET,
    "城市管理": Field.URBAN,
    "应急管理": Field.EMERGENCY,
}
YES_NO = {"是": True, "否": False}
DUTIES = {"专职": False, "兼职": True}

COLUMNS = (
    Column(
        NUMBER, N_("May stay empty; a number is given then."), ("", ""), required=False,
        also=("人员编号", "人员工号", "职工号", "编号"),
    ),
    Column(NAME, N_("As on the ID card, without spaces."), ("示例甲", "示例乙"), also=("人员姓名", "执法人员姓名")),
    Column(
        ID_NUMBER, N_("18 characters, as text."), ("220199199003070012", "220199198808150023"),
        also=("身份证号码", "公民身份号码", "公民身份证号码", "居民身份证号码", "身份证", "证件号码"),
    ),
    Column(
        EDUCATION, N_("高中(中专), 大专, 本科, 硕士 or 博士."), ("本科", "大专"),
        also=("文化程度", "最高学历", "学历层次"),
    ),
    Column(
        PHONE, N_("May stay empty; 11 digits."), ("", ""), required=False,
        also=("手机", "手机号码", "联系电话", "联系方式", "移动电话", "电话"),
    ),
    Column(
        BODY, N_("The full name of the body at which the person enforces."), ("单位全称", "单位全称"),
        also=("所在单位", "单位名称", "工作单位", "执法单位", "所属单位", "单位"),
    ),
    Column(
        ESTABLISHMENT, N_("May stay empty when it is the same body."), ("", "单位全称"), required=False,
        also=("编制单位", "编制所属单位"),
    ),
    Column(
        STAFFING,
        N_("行政编制, 参公管理, 事业编制, 合同, 劳务派遣, 临时, 公益性岗位, 工勤 or 借调."),
        ("行政编制", "事业编制"),
        also=("编制性质", "人员编制", "编制类别"),
    ),
    Column(ON_ESTABLISHMENT, N_("是 or 否."), ("是", "是"), also=("在编", "在编情况", "是否在编人员")),
    Column(IN_POST, N_("是 or 否."), ("是", "是"), also=("在岗", "在岗情况", "是否在执法岗位")),
    Column(DUTY, N_("专职 or 兼职."), ("专职", "兼职"), also=("专兼职", "是否专职", "专职兼职")),
    Column(
        TITLE, N_("The duty or title in the post."), ("执法队员", "综合执法队员"), also=("职务职级", "岗位", "现任职务")
    ),
    Column(
        FIELD,
        N_(
            "交通运输, 生态环境, 文化市场, 农业, 市场监管, 城市管理 or 应急管理; the main field first, "
            "further ones after 、."
        ),
        ("交通运输", "城市管理、应急管理"),
        also=("执法类别", "执法门类", "领域", "所属领域"),
    ),
    Column(
        STARTED, N_("The day the post began, as 2024-03-01."), ("2019-07-01", "2021-03-15"),
        also=("任职时间", "任现职时间", "到岗日期", "到岗时间"),
    ),
)  # fmt: skip

IN_SCIENCE = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{2}")
FIELD_DIVIDERS = re.compile(r"\s*[、,;/，；\n]\s*")
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


@dataclass(frozen=True)
class Officer:
    """One row of the roster, in codes; what cannot be read is empty or None and stands among the problems.

    An empty `personnel_number` or `phone` says nothing about the one on record. `field` is the main one.
    """

    personnel_number: str
    name: str
    id_number: str
    education: str
    phone: str
    body: str
    establishment: str
    staffing_type: str
    on_establishment: bool
    in_post: bool
    part_time: bool
    title: str
    field: str
    started_on: date
    further: frozenset[str] = frozenset()


def read_officer(row: SheetRow, today: date) -> tuple[Officer, list[Problem]]:
    """The officer this row describes, as far as it can be read, and all that is wrong in its cells."""
    cells = _Cells(row, [])
    said: dict[str, Any] = {
        "personnel_number": cells.words(NUMBER, 20, optional=True),
        "name": cells.name(),
        "id_number": cells.id_number(),
        "education": cells.one_of(EDUCATION, EDUCATIONS, EDUCATION_WORDS),
        "phone": cells.phone(),
        "body": cells.words(BODY, 120),
        "establishment": cells.words(ESTABLISHMENT, 120, optional=True) or cells.row.text(BODY),
        "staffing_type": cells.one_of(STAFFING, STAFFINGS),
        "on_establishment": cells.one_of(ON_ESTABLISHMENT, YES_NO),
        "in_post": cells.one_of(IN_POST, YES_NO),
        "part_time": cells.one_of(DUTY, DUTIES),
        "title": cells.words(TITLE, 60),
        **cells.fields(),
        "started_on": cells.day(STARTED, today),
    }
    return Officer(**said), cells.problems


@dataclass
class _Cells:
    """The cells of one row and the problems met while reading them."""

    row: SheetRow
    problems: list[Problem]

    def wrong(self, title: str, message: str, remedy: str, **values: Any) -> None:
        self.problems.append(self.row.problem(title, message, remedy, **values))

    def filled(self, title: str) -> str:
        text = self.row.text(title)
        if not text:
            self.wrong(title, N_("The cell is empty."), N_("Fill it in."))
        return text

    def words(self, title: str, most: int, *, optional: bool = False) -> str:
        text = self.row.text(title) if optional else self.filled(title)
        if len(text) > most:
            self.wrong(title, N_("The text is longer than %(most)s characters."), N_("Shorten it."), most=most)
        return text

    def hint(self, title: str, message: str, remedy: str, **values: Any) -> None:
        self.problems.append(self.row.problem(title, message, remedy, warning=True, **values))

    def name(self) -> str:
        name = normal_name(self.words(NAME, 100))
        odd = [sign for sign in name if not _in_names(sign)]
        if odd:
            self.wrong(
                NAME,
                N_("The name has a character that is lost or not part of a name: %(sign)s"),
                N_("Type the name again as on the ID card."),
                sign=odd[0],
            )
        elif private := [sign for sign in name if unicodedata.category(sign) == "Co"]:
            self.hint(
                NAME,
                N_("The name has a character from a private font (U+%(code)s); others may not see it."),
                N_("It is kept as it is. Where the character has a place of its own in Unicode, type that one."),
                code=f"{ord(private[0]):04X}",
            )
        return name

    def id_number(self) -> str:
        text = self.row.text(ID_NUMBER)
        if isinstance(self.row.cells.get(ID_NUMBER), int | float) or IN_SCIENCE.fullmatch(text):
            self.wrong(
                ID_NUMBER,
                N_("The ID number is stored as a number, so its last digits are lost."),
                N_("Format the column as text and type the number again from the ID card."),
            )
            return ""
        number = normal_id_number(self.filled(ID_NUMBER).lstrip("'"))
        if number and (message := id_number_problem(number)):
            self.wrong(ID_NUMBER, message, N_("Compare with the ID card and correct this cell."))
            return ""
        if number and not known_area(number):
            self.hint(
                ID_NUMBER,
                N_("The first six digits, %(area)s, are not an area code we know."),
                N_("Compare with the ID card; if it says the same, nothing need be done."),
                area=number[:6],
            )
        return number

    def fields(self) -> dict[str, Any]:
        """The main field and further ones, divided by 、 or a comma."""
        words = [w for w in FIELD_DIVIDERS.split(unicodedata.normalize("NFKC", self.filled(FIELD))) if w]
        known = [FIELDS.get(word.replace(" ", "")) for word in words]
        if None in known:
            self.wrong(
                FIELD,
                N_("This word is not one of the column's words."),
                N_("Write one of: %(words)s."),
                words="、".join(FIELDS),
            )
            return {"field": None, "further": frozenset()}
        codes = [str(code) for code in known]
        return {"field": codes[0] if codes else None, "further": frozenset(codes[1:]) - frozenset(codes[:1])}

    def one_of(self, title: str, shown: dict[str, Any], accepted: dict[str, Any] | None = None) -> Any:
        text = unicodedata.normalize("NFKC", self.filled(title)).replace(" ", "")
        found = (accepted or shown).get(text)
        if text and found is None:
            self.wrong(
                title,
                N_("This word is not one of the column's words."),
                N_("Write one of: %(words)s."),
                words="、".join(shown),
            )
        return found

    def phone(self) -> str:
        phone = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", self.row.text(PHONE)))
        if phone and not re.fullmatch(r"1[0-9]{10}", phone):
            self.wrong(PHONE, N_("A mobile number has 11 digits and begins with 1."), N_("Correct or empty the cell."))
        return phone

    def day(self, title: str, today: date) -> date | None:
        cell = self.row.cells.get(title)
        day = cell if isinstance(cell, date) else read_day(self.filled(title))
        birth = birth_date(normal_id_number(self.row.text(ID_NUMBER)))
        if day is None and self.row.text(title):
            self.wrong(title, N_("The date cannot be read."), N_("Write it like 2024-03-01."))
        elif day and day > today:
            remedy = N_("Correct it, or import the row once it has come.")
            self.wrong(title, N_("The date lies in the future."), remedy)
        elif day and birth and day < birth:
            remedy = N_("Correct the date or the ID number.")
            self.wrong(title, N_("The date lies before the person's birth."), remedy)
        return day


def read_day(text: str) -> date | None:
    """A day in one of the usual ways of writing it."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    if folded.isdigit() and len(folded) != 8:
        return None
    for form in DAY_FORMS:
        try:
            return datetime.strptime(folded, form).date()
        except ValueError:
            continue
    return None


def _in_names(sign: str) -> bool:
    """A letter or ideograph, also one of a private font, a separator dot, a hyphen or an inner space."""
    newer = 0x20000 <= ord(sign) < 0x3FFFE or 0x9FA6 <= ord(sign) <= 0x9FFF  # newer than Python's table of characters
    return newer or unicodedata.category(sign)[0] in "LM" or unicodedata.category(sign) == "Co" or sign in "·-. '"
