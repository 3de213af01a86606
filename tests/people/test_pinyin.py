"""Names are found by their pinyin and initials, surnames read as surnames."""

import pytest

from portal.people.pinyin import as_typed, readings

SURNAMES = {
    "曾晓明": "zengxiaoming", "单国强": "shanguoqiang", "仇英": "qiuying", "解晓东": "xiexiaodong",
    "查海生": "zhahaisheng", "区伟": "ouwei", "朴正浩": "piaozhenghao", "盖晓天": "gexiaotian",
    "覃海洋": "qinhaiyang", "尉迟敬德": "yuchijingde", "欧阳锋": "ouyangfeng", "单于洋": "chanyuyang",
    "万俟雪": "moqixue", "长孙静": "zhangsunjing", "澹台明": "tantaiming", "乐嘉": "yuejia",
    "任强": "renqiang", "翟天": "zhaitian", "缪红": "miaohong", "逄涛": "pangtao",
    "员晓": "yunxiao", "那拉·成荫": "nalachengyin", "崔哲洙": "cuizhezhu", "南宫雪": "nangongxue",
    "吕明哲": "lvmingzhe",
}  # fmt: skip


@pytest.mark.parametrize("name", SURNAMES)
def test_a_surname_is_read_as_a_surname_first(name: str):
    assert readings(name)[0].split()[0] == SURNAMES[name]


def test_the_usual_reading_of_the_character_is_kept_beside_it():
    assert {"zengmin", "cengmin"} <= set(readings("曾敏")[0].split())
    assert {"zm", "cm"} == set(readings("曾敏")[1].split())
    assert {"geli", "gaili"} <= set(readings("盖丽")[0].split())
    assert "wanqixue" in readings("万俟雪")[0].split()  # typed by somebody who does not know the surname


def test_a_given_name_with_two_readings_is_found_by_either():
    assert {"wangle", "wangyue"} <= set(readings("王乐")[0].split())
    assert {"wangcheng", "wangsheng"} <= set(readings("王晟")[0].split())


def test_rare_characters_have_readings_and_unknown_ones_stand_for_themselves():
    assert readings("𠅤伟")[0] == "xiwei"
    assert readings("㛃䶮")[0].split()[0] == "jieyan"
    assert readings("张\U000323af")[0] == "zhang\U000323af"  # newer than Python's table of characters
    assert readings("张\ue1a2")[0] == "zhang\ue1a2"  # from a private font: no reading is known


def test_the_part_behind_the_dot_stands_alone_too():
    assert "chengyin" in readings("那拉·成荫")[0].split()


@pytest.mark.parametrize("name", ["曾" * 50, "乐" * 100, "阿卜杜热西提·" * 14, "𠅤" * 60, "", "·", "Anna Lee"])
def test_what_is_stored_fits_its_column(name: str):
    pinyin, initials = readings(name)
    assert len(pinyin) <= 400 and len(initials) <= 100


def test_what_is_typed_is_brought_to_the_same_form():
    assert as_typed(" Zeng Xiao'ming ") == "zengxiaoming"
    assert as_typed("lǚ") == as_typed("Lü") == as_typed("lyu") == as_typed("lv") == "lv"
    assert as_typed("曾敏") == ""
