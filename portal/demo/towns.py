"""Invented towns and sub-districts; none of these names or codes exists in the county it stands under."""

from __future__ import annotations

from dataclasses import dataclass

from portal.demo.divisions import DIVISIONS

# County code -> invented names; 街道 makes a sub-district office, everything else a town government.
NAMES = {
    "220581": ("霜叶岭镇", "晴川渡镇", "云栈街道", "鹿鸣泉镇"),
    "220122": ("雁回岗镇", "禾香堡镇", "听松街道"),
    "220184": ("麦浪湾镇", "玉茗街道", "栖霞屯镇"),
    "220183": ("望舒镇", "松涛渡镇"),
    "220282": ("枫眠镇", "白鹭矶镇", "桦影街道"),
    "220283": ("稻花洲镇", "澄湖驿镇"),
    "220322": ("青穗坡镇", "晓钟镇", "黍风街道"),
    "220421": ("鹿蹊镇", "霁雪屯镇"),
    "220621": ("参茸谷镇", "云杉坳镇", "漱石街道"),
    "220721": ("牧歌淖镇", "雁鸣泡镇", "苇塘驿镇"),
    "220882": ("鹤浦镇", "芦笛街道"),
    "222403": ("雪岭驿镇", "金达里镇", "杜鹃街道", "榛林坡镇"),
}
UNCONFIRMED = "鹿鸣泉镇"  # its standing to enforce is not on record


@dataclass(frozen=True)
class Town:
    """A town or sub-district; `code` has nine digits, or is None where none was given yet."""

    county: str
    name: str
    code: str | None

    @property
    def body_name(self) -> str:
        office = "办事处" if self.name.endswith("街道") else "人民政府"
        return self.full_name + office

    @property
    def full_name(self) -> str:
        return DIVISIONS[self.county].full_name + self.name


def towns() -> list[Town]:
    """Every invented town; the last of each county is still without a code."""
    made = []
    for county, names in NAMES.items():
        for number, name in enumerate(names, 1):
            last = number == len(names)
            made.append(Town(county, name, None if last else f"{county}9{number:02d}"))
    return made
