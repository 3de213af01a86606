"""Invented names and ID numbers: the sequence 000 is never given out, so no number is anybody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from portal.demo.divisions import COUNTIES
from portal.people.rules import check_digit

NEVER_GIVEN = "000"
YOUNGEST, OLDEST = 23, 52  # years
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文朴关佟富那"
).strip()
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "尉迟", "皇甫")
FIRST = "嘉雨思子俊晓雪梓宇佳明文志海春秋冬丽玉桂永国建立新长德庆洪成景书云凤兰素淑振绍承怀清知望予若以沐予亦"
SECOND = "涵轩怡琪阳峰航涛娜婷丹宁洁岩林森鹏飞超磊伟强军平安康瑞祥福荣华芳英萍莉敏静颖慧岚溪舟野棠桐霖澜屿"
# Names that programs stumble over: separators, rare characters, great length.
UNUSUAL = (
    "朴·秀妍", "金·尚宇", "崔·明洙", "乌云·塔娜", "额尔德尼·巴图", "包·其木格", "博尔济·那日苏",
    "叶赫那拉·明岚", "瓜尔佳·承岳", "富察·若兰", "阿拉坦其其格·孛尔只斤·乌兰图雅·格日勒其木格",
    "龚䶮", "孟𠅤", "崔㛃", "李䶮辰", "关㛃宁",
)


def names(chance: Random) -> Iterator[str]:
    """Names without end, most of three characters; the unusual ones come early, in their order."""
    for number in range(10**6):
        if number % 12 == 5 and number // 12 < len(UNUSUAL):
            yield UNUSUAL[number // 12]
            continue
        surname = chance.choice(DOUBLE_SURNAMES) if chance.random() < 0.015 else chance.choice(SURNAMES)
        given = chance.choice(SECOND) if chance.random() < 0.18 else chance.choice(FIRST) + chance.choice(SECOND)
        yield surname + given


def id_number(area: str, birth: date) -> str:
    """A number that checks and that nobody has."""
    first = f"{area}{birth:%Y%m%d}{NEVER_GIVEN}"
    return first + check_digit(first)


def id_numbers(chance: Random, today: date) -> Iterator[tuple[str, date]]:
    """ID numbers of working people, no two with the same date of birth, and that date."""
    days = (OLDEST - YOUNGEST) * 365
    newest = today - timedelta(days=YOUNGEST * 366)
    for back in chance.sample(range(days), days):
        birth = newest - timedelta(days=back)
        yield id_number(chance.choice(COUNTIES).code, birth), birth
