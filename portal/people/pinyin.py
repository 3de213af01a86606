"""Names in pinyin and initials, so that whoever cannot type a character still finds the person."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product

MOST_VARIANTS = 12
MOST_READINGS = 3  # of one character: the dictionary's rarer ones are not said of names
PINYIN_FITS, INITIALS_FIT = 400, 100  # characters the columns hold

# How a character is read as a surname, where that is not its first reading in the dictionary.
SURNAMES: dict[str, tuple[str, ...]] = {
    "万": ("wan",), "乐": ("yue", "le"), "乜": ("nie",), "仇": ("qiu",), "佘": ("she",), "便": ("pian",),
    "俞": ("yu",), "冼": ("xian",), "区": ("ou",), "华": ("hua",), "单": ("shan",), "卜": ("bu",),
    "召": ("shao",), "句": ("gou",), "员": ("yun",), "咎": ("jiu",), "哈": ("ha",),
    "圈": ("juan",), "堵": ("du",), "塔": ("ta",), "夏": ("xia",), "大": ("da",), "妫": ("gui",), "娄": ("lou",),
    "宁": ("ning",), "宓": ("mi", "fu"), "尉": ("wei", "yu"), "尹": ("yin",), "尧": ("yao",), "尺": ("chi",),
    "干": ("gan",), "应": ("ying",), "强": ("qiang",), "怡": ("yi",), "折": ("she",), "斗": ("dou",), "於": ("yu",),
    "晁": ("chao",), "晟": ("cheng",), "曲": ("qu",), "曾": ("zeng",), "朴": ("piao",), "柏": ("bai", "bo"),
    "查": ("zha",), "桂": ("gui",), "樊": ("fan",), "樂": ("yue",), "殷": ("yin",), "毌": ("guan",), "沈": ("shen",),
    "洗": ("xian",), "淳": ("chun",), "澹": ("tan",), "燕": ("yan",), "牟": ("mu", "mou"), "瞿": ("qu",),
    "盖": ("ge", "gai"), "盛": ("sheng",), "相": ("xiang",), "眭": ("sui",), "祭": ("zhai",), "种": ("chong",),
    "秘": ("bi",), "称": ("cheng",), "纪": ("ji",), "缪": ("miao",), "翟": ("zhai", "di"), "能": ("nai",),
    "臧": ("zang",), "艾": ("ai",), "芮": ("rui",), "莘": ("xin", "shen"), "葛": ("ge",), "蒙": ("meng",),
    "薄": ("bo",), "蕃": ("pi",), "虑": ("lv",), "行": ("xing",), "褚": ("chu",), "覃": ("qin", "tan"),
    "解": ("xie",), "訾": ("zi",), "谌": ("chen", "shen"), "谷": ("gu",), "贲": ("ben",), "贾": ("jia",),
    "车": ("che",), "逄": ("pang",), "逯": ("lu",), "那": ("na",), "郇": ("xun", "huan"), "郗": ("xi", "chi"),
    "都": ("du",), "重": ("chong",), "钭": ("tou",), "长": ("chang",), "闵": ("min",), "阚": ("kan",),
    "隗": ("wei", "kui"),
    "隽": ("juan",), "难": ("nan",), "黑": ("he",), "朝": ("chao",), "尚": ("shang",), "适": ("kuo",), "令": ("ling",),
    "角": ("jue",), "繁": ("po",), "撒": ("sa",), "吾": ("wu",), "朱": ("zhu",), "费": ("fei", "bi"),
    "洪": ("hong",), "给": ("ji",), "卒": ("zu",), "靓": ("jing",), "藏": ("zang",), "过": ("guo",), "任": ("ren",),
    "仉": ("zhang",), "邸": ("di",), "甯": ("ning",), "肖": ("xiao",), "萧": ("xiao",), "镐": ("hao", "gao"),
}  # fmt: skip

# Surnames of more than one character, syllable by syllable.
COMPOUNDS: dict[str, str] = {
    "欧阳": "ou yang", "上官": "shang guan", "司马": "si ma", "司徒": "si tu", "司空": "si kong", "司寇": "si kou",
    "诸葛": "zhu ge", "夏侯": "xia hou", "东方": "dong fang", "皇甫": "huang fu", "尉迟": "yu chi", "公孙": "gong sun",
    "公羊": "gong yang", "公冶": "gong ye", "仲孙": "zhong sun", "轩辕": "xuan yuan", "令狐": "ling hu",
    "钟离": "zhong li", "宇文": "yu wen", "长孙": "zhang sun", "慕容": "mu rong", "鲜于": "xian yu", "闾丘": "lv qiu",
    "亓官": "qi guan", "拓跋": "tuo ba", "独孤": "du gu", "南宫": "nan gong", "万俟": "mo qi", "闻人": "wen ren",
    "赫连": "he lian", "澹台": "tan tai", "濮阳": "pu yang", "淳于": "chun yu", "单于": "chan yu", "太叔": "tai shu",
    "申屠": "shen tu", "宗政": "zong zheng", "颛孙": "zhuan sun", "端木": "duan mu", "巫马": "wu ma", "漆雕": "qi diao",
    "乐正": "yue zheng", "壤驷": "rang si", "公良": "gong liang", "夹谷": "jia gu", "宰父": "zai fu",
    "谷梁": "gu liang", "百里": "bai li", "呼延": "hu yan", "东郭": "dong guo", "南门": "nan men", "羊舌": "yang she",
    "微生": "wei sheng", "左丘": "zuo qiu", "东门": "dong men", "西门": "xi men", "第五": "di wu", "尔朱": "er zhu",
    "哥舒": "ge shu", "纳兰": "na lan", "那拉": "na la", "叶赫": "ye he", "完颜": "wan yan", "赛音": "sai yin",
    "耶律": "ye lv", "爱新觉罗": "ai xin jue luo", "叶赫那拉": "ye he na la", "欧侯": "ou hou", "褚师": "chu shi",
    "子车": "zi ju", "缑亢": "gou kang", "况后": "kuang hou", "有琴": "you qin", "商牟": "shang mou",
    "墨哈": "mo ha", "谯笪": "qiao da", "年爱": "nian ai", "阳佟": "yang tong", "言福": "yan fu",
}  # fmt: skip


@cache
def _dictionary() -> Mapping[int, str]:
    # the phrase half of the package takes 40 MB and knows no names
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import pinyin_dict

    return pinyin_dict.pinyin_dict


def plain(reading: str) -> str:
    """A reading as it is typed: no tone, v for ü."""
    apart = unicodedata.normalize("NFD", reading.lower()).replace("u\u0308", "v")
    return "".join(sign for sign in apart if sign.isascii() and sign.isalpha())


def as_typed(words: str) -> str:
    """What somebody typed into a search box, in the form readings are stored in."""
    letters = "".join(words.lower().split()).replace("'", "").replace("’", "")
    return plain(letters).replace("lyu", "lv").replace("nyu", "nv")


@cache
def _of(character: str) -> tuple[str, ...]:
    """The readings of one character, the usual one first; one without any stands for itself."""
    known = _dictionary().get(ord(character), "")
    found = tuple(dict.fromkeys(plain(reading) for reading in known.split(",")))[:MOST_READINGS]
    return found if found != ("",) else (character.lower(),)


def _ways(characters: str) -> Iterator[list[Sequence[str]]]:
    """The ways to read a name, each as one list of syllables per character; the likelier first."""
    for length in (4, 3, 2):
        if (compound := COMPOUNDS.get(characters[:length])) and len(characters) > length:
            yield [*((s,) for s in compound.split()), *map(_of, characters[length:])]
            break
    first = SURNAMES.get(characters[:1], ())
    yield [tuple(dict.fromkeys((*first, *_of(characters[0])))), *map(_of, characters[1:])]


def _nearest(choices: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Combinations of syllables, those with the most usual readings first."""
    few = choices if len(choices) <= 6 else [c[:2] if n == 0 else c[:1] for n, c in enumerate(choices)]
    ranked = sorted(product(*(range(len(c)) for c in few)), key=lambda at: (sum(at), at))
    for at in ranked:
        yield tuple(c[n] for c, n in zip(few, at, strict=True))


def readings(name: str) -> tuple[str, str]:
    """Every likely pinyin of a name and their initials, each divided by spaces: ("zengmin cengmin", "zm cm").

    The part behind a separator dot also stands alone, because people search for it.
    """
    characters = "".join(c for c in name if unicodedata.category(c)[0] not in "PZ")
    if not characters:
        return "", ""
    said: list[tuple[str, ...]] = []
    for way in _ways(characters):
        said += islice(_nearest(way), MOST_VARIANTS)
    for part in filter(None, name.split("·")[1:]):
        said += islice(_nearest([_of(c) for c in part]), 2)
    whole = dict.fromkeys("".join(syllables) for syllables in said[: MOST_VARIANTS + 4] if syllables)
    short = dict.fromkeys("".join(s[0] for s in syllables) for syllables in said[: MOST_VARIANTS + 4] if syllables)
    return _as_many_as_fit(whole, PINYIN_FITS), _as_many_as_fit(short, INITIALS_FIT)


# How a character is read in the names of places and offices, where that is not its first reading.
IN_PLACES = {"长": "chang", "珲": "hun", "佛": "fo", "都": "du", "曲": "qu", "六": "liu"}


def place_readings(name: str) -> tuple[str, str]:
    """The pinyin of a body's name and its initials, one reading each."""
    said = [IN_PLACES.get(c, _of(c)[0]) for c in name if unicodedata.category(c)[0] not in "PZ"]
    return "".join(said)[:PINYIN_FITS], "".join(s[0] for s in said)[:INITIALS_FIT]


def _as_many_as_fit(variants: Mapping[str, None], most: int) -> str:
    kept = ""
    for variant in variants:
        longer = f"{kept} {variant}" if kept else variant[:most]
        if len(longer) > most:
            break
        kept = longer
    return kept
