"""The signs by which Chinese trainers tell numbers, options, labels and headings apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from question_bank.formats.sheet_cells import FALSE, TRUE
from question_bank.laws.numbers import number_of
from question_bank.questions import Kind

CHOICE = "choice"  # 选择题: the key says whether single or multiple
Said = Kind | str | None  # a kind as a heading says it
CN = "一二三四五六七八九十"
FILLED = str.maketrans("ＡＢＣＤＥＦＧＨａｂｃｄｅｆｇｈ", "ABCDEFGHABCDEFGH")
KIND_WORDS: tuple[tuple[str, Said], ...] = (
    ("不定项选择|不定向选择|不定项", Kind.INDEFINITE),
    ("单项选择|单选择|单选", Kind.SINGLE),
    ("多项选择|多选择|多选", Kind.MULTIPLE),
    ("判断正误|判断对错|判断改错|判断|是非", Kind.TRUE_FALSE),
    ("填空", Kind.FILL_BLANK),
    ("排序", Kind.ORDERING),
    ("连线|匹配|配对|搭配", Kind.MATCHING),
    ("案例分析|案例选择|材料分析|综合分析|案例", Kind.CASE_SET),
    ("文书制作|文书写作|文书撰写|执法文书|文书", Kind.DRAFTING),
    ("简答|问答|论述|简述|名词解释", Kind.SHORT_ANSWER),
    ("选择", CHOICE),
)
ANY_KIND = "|".join(words for words, _kind in KIND_WORDS)
NAMES = {
    "key": "参考答案|答案要点|正确答案|标准答案|正确选项|本题答案|答案|参考文书|范文|参考范文",
    "rationale": "答案解析|试题解析|题目解析|参考解析|答案详解|解析|详解|解题思路",
    "topic": "考查知识点|考察知识点|知识点|考点|考查点|考察点",
    "difficulty": "难易程度|难易度|难度系数|难度等级|难度",
    "law": "法律依据|法规依据|条文依据|法律条文|相关法条|对应法条|法条",
    "points": "得分点|给分点|采分点|评分标准|评分要点|评分细则|评分点",
    "score": "分值",
    "kind": "题目类型|试题类型|题型",
    "level": "认知层次|能力层次",
    "code": "题号|试题编号|编号",
    "tags": "标签|关键词",
    "field": "执法领域|领域",
    "validity": "有效期",
    "source": "题目来源|来源",
    "origin": "出处",
    "stem": "题干|题目",
    "options": "备选答案|选项",
    "matches": "右栏|右列",
}
AT_START = {
    "key": "答",
    "rationale": "分析|理由|说明|解|改正|更正",
    "law": "依据",
}  # common words: labels only where a line begins
_LABEL_OF = {word: code for table in (AT_START, NAMES) for code, words in table.items() for word in words.split("|")}
_ALL = "|".join(sorted((w for w in _LABEL_OF), key=len, reverse=True))
_FREE = "|".join(sorted((w for words in NAMES.values() for w in words.split("|")), key=len, reverse=True))
LABEL = re.compile(
    rf"[【\[〖［]\s*(?P<boxed>{_ALL})\s*[:：]?\s*[】\]〗］]\s*[:：]?\s*"
    r"|^\s*(?P<alone>(?:答案|试题|参考)?解析)\s*$"
    rf"|^\s*(?P<start>{_ALL})\s*(?:[:：]|(?:是|为)\s*[:：]?(?=\s*[A-HＡ-Ｈ√×]))\s*"
    rf"|(?<=[\s。；;）)A-H√×对错，,])(?P<free>{_FREE})\s*[:：]\s*"
    r"|^\s*(?P<bare>(?:正确|参考|标准)?答案)\s*(?=[A-HＡ-Ｈ]+\s*$|[√×✓✗对错]\s*$|正确\s*$|错误\s*$)"
)
_N, _STOP = r"(\d{1,4})", r"[.．、。,，:：]"
HEADS = (
    ("plain", re.compile(rf"\s*[*★☆▲]?\s*{_N}\s*{_STOP}\s*")),
    ("bracket", re.compile(rf"\s*[（(]\s*(\d{{1,3}})\s*[)）]\s*{_STOP}?\s*")),
    ("half", re.compile(rf"\s*{_N}\s*[)）]\s*{_STOP}?\s*")),
    ("ordinal", re.compile(rf"\s*[*★☆▲]?\s*第\s*(\d{{1,4}}|[{CN}百]{{1,5}})\s*题\s*{_STOP}?\s*")),
    ("ordinal", re.compile(rf"\s*(?:题目|试题|题)\s*{_N}\s*{_STOP}?\s*")),
    ("ask", re.compile(rf"\s*(?:问题|问)\s*(\d{{1,2}}|[{CN}]{{1,2}})\s*(?:{_STOP}|[)）])\s*")),
    ("square", re.compile(rf"\s*[【\[［]\s*{_N}\s*[】\]］]\s*{_STOP}?\s*")),
    ("spaced", re.compile(r"\s*(\d{1,3})(?![年月日个元万条款项人次倍级类种天周小多名大部家])(?=[\u4e00-\u9fff])")),
    ("spaced", re.compile(rf"\s*{_N}[ \u3000\u00a0\t]+(?=[\u4e00-\u9fff《“\"（(])")),
)
LED = re.compile(rf"\s*[（(]\s*([^（()）]{{0,6}}?)\s*[)）]\s*{_N}\s*{_STOP}\s*")
MARK = re.compile(
    r"(?<![A-Za-zＡ-Ｚ])(?:[（(【\[]\s*([A-HＡ-Ｈ])\s*[)）】\]][.．、:：]?|([A-HＡ-Ｈ])\s*([.．、:：,，。)）]))\s*"
)
WEAK = re.compile(r"(?:^\s*|(?<=[\s\u3000]))([A-HＡ-Ｈ])(?:[\s\u3000]+|$|(?=[\u4e00-\u9fff《“\"0-9]))")
_LEAD = (
    rf"(?:第?[（(]?(?:[{CN}]{{1,3}}|\d{{1,2}}|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|[IVX]{{1,4}})[）)]?(?:部分|大题)?\s*[、.．:：\s]?\s*"
    r"|[★●■◆▲#*]+\s*)?"
)
SECTION = re.compile(
    rf"\s*{_LEAD}[【\[（(]?\s*(?:{ANY_KIND})(?:类|型)?(?:试题|题目|题)?(?:库|部分)?\s*[】\]）)]?\s*(?P<rest>.*)$"
)
LOOSE_SECTION = re.compile(
    rf"(?!\s*\d+\s*[.．、])[^。？?！，,；;:：（(]{{0,25}}(?:{ANY_KIND})题(?:库|部分)?\s*(?P<rest>[（(][^）)]*[）)])?\s*$"
)
INSTRUCTION = re.compile(r"每小?题|本大?题|下列|以下|共\s*\d+|\d+\s*[道分题]|请|正确的|选择|填|答案|[（(]")
ANSWERS = re.compile(
    r"\s*[【\[（(]?(?:附[件录表]?\s*\d*\s*[:：]?)?(?P<of>[^。？?！；;:：，,]{0,25}?)(?:参考|标准|正确)?答案(?:[与及和、]?(?:评分标准|详解|解析|解答|提示)|一览表?|速查|汇总|表)?"
    r"[】\]）)]?(?:如下)?\s*[:：]?\s*$"
)
TITLE = re.compile(
    rf"\s*第\s*[{CN}百零\d]{{1,4}}\s*(?:章|节|编|篇|讲|单元|部分)(?:[\s、：:]|$|(?=[\u4e00-\u9fff]{{2,20}}$))"
)
PAGE = re.compile(
    r"\s*(?:第\s*\d+\s*页(?:\s*[,，/]?\s*共\s*\d+\s*页)?|[-—－]\s*\d+\s*[-—－]|\d+\s*/\s*\d+"
    r"|[-—=*~·]{4,}|Page \d+.*)\s*$"
)
CASE = re.compile(
    rf"\s*(?:[（(]?[{CN}]{{1,3}}[）)]?[、.．]\s*|\d{{1,2}}[、.．]\s*)?(?:[【\[（(]\s*(?:案例|案情|材料|案例材料|背景材料|案例背景|案情简介)\s*[{CN}\d]{{0,4}}\s*[】\]）)]|(?:案例|案情|材料|案例材料|背景材料|案例背景|案情简介|基本案情)\s*[{CN}\d]{{0,4}}\s*(?:[:：、.．]|\s|$|[（(](?=[^）)]{{0,12}}[）)]$)))\s*[:：]?"
)
ANSWERING = re.compile(
    r".{0,40}(?:根据|阅读|依据|结合).{0,20}(?:材料|案例|案情|资料|情况|情形).{0,20}(?:回答|完成|作答)[^。？?]{0,30}题"
)
ASKING = re.compile(
    r"[？?]\s*(?:[（(].{0,8}[）)])?\s*$|[（(]\s*[）)]|^\s*(?:请|简述|试述|试|分析|如何|什么|哪些|谁|是否|本案|指出|说明|对|应当)"
)
QUESTIONS = re.compile(r"\s*[【\[]?(?:问题|问|请问|请回答|设问|提问)[】\]]?\s*[:：]\s*|\s*【(?:问题|设问)】\s*")
KIND_MARK = re.compile(
    rf"[（(【\[]\s*(?P<kind>{ANY_KIND})(?:试题|题)?\s*(?:[,，、;；\s]\s*(?:本题)?\d+(?:\.\d+)?\s*分)?\s*[）)】\]]\s*"
)
KIND_BARE = re.compile(rf"\s*(?P<kind>{ANY_KIND})题\s*(?=\d{{1,4}}\s*[.．、])")
KIND_START = re.compile(
    r"(?P<kind>单项选择|单选|多项选择|多选|不定项选择|判断|填空|简答)题\s*[:：]?\s*(?=[\u4e00-\u9fff《“])"
)
SCORE = re.compile(r"[（(【\[]\s*(?:本题)?(?:满分)?\s*(\d+(?:\.\d+)?)\s*分\s*[）)】\]]")
CITED = re.compile(
    r"《(?:中华人民共和国)?(?P<law>[^》]{2,60})》\s*(?:[（(][^）)]{0,20}[）)])?\s*"
    r"(?P<articles>(?:(?:[、，,和及与或]|以及)?\s*第[〇零一二两三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十\d]+)?"
    r"(?:第[一二三四五六七八九十\d]+[款项目]|第[（(][一二三四五六七八九十\d]+[）)]项)*)*)"
)
ARTICLE = re.compile(r"第[〇零一二两三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十\d]+)?")
TRUE_WORDS = TRUE | {"∨", "v", "y", "yes", "☑", "对的", "正确的"}
FALSE_WORDS = FALSE | {"╳", "❌", "✕", "✖", "n", "no", "不对", "不正确", "错的", "错误的", "乄"}


@dataclass(frozen=True)
class Head:
    """A question's number where a line begins: its style, where the text goes on, and a key in front of it."""

    style: str
    number: int
    end: int
    tight: bool = False  # a digit follows at once, as in 2.5万元 and in 1.2021年
    lead: str | None = None
    kind: Said = None  # named in brackets before the number


def heads_of(text: str) -> Head | None:
    """The number a line begins with, if any."""
    if (mark := KIND_MARK.match(text) or KIND_BARE.match(text)) and (head := heads_of(text[mark.end() :])):
        return replace(head, end=head.end + mark.end(), kind=kind_said(mark["kind"]))
    if (found := LED.match(text)) and (not found[1] or key_word(found[1])):
        return Head("plain", int(found[2]), found.end(), lead=found[1])
    for style, form in HEADS:
        if found := form.match(text):
            number = int(found[1]) if found[1].isdecimal() else number_of(found[1]) or 0
            tight = style == "plain" and not found[0][-1].isspace() and text[found.end() : found.end() + 1].isdecimal()
            return Head(style, number, found.end(), tight)
    return None


def kind_said(word: str) -> Said:
    """The kind a heading or mark names; CHOICE where it does not say which choice."""
    return next((kind for words, kind in KIND_WORDS if any(w in word for w in words.split("|"))), None)


def section_of(line: str) -> tuple[Said, str] | None:
    """The kind a heading names and what stands behind it, None when the line is no heading of a kind."""
    if len(line) > 200:
        return None
    found = SECTION.match(line)
    if not found or not _behind_heading(line[: found.start("rest")], found["rest"].strip()):
        found = LOOSE_SECTION.match(line)
        if not found or ANSWERS.match(line):
            return None
    rest = (found["rest"] or "").strip()
    return kind_said(line[: len(line) - len(rest)] if rest else line), rest


def _behind_heading(head: str, rest: str) -> bool:
    if not rest.strip(":： "):
        return bool(re.search(r"题|部分|[】\]]", head)) or bool(re.match(rf"\s*[（(]?[{CN}]", head))
    if re.search(r"[（(]\s*[）)]|[A-H][.．、]", rest) and not re.match(r"[（(]\s*[）)]\s*$", rest):
        return False
    signed = re.match(r"[（(【\[：:、。．.，,\s共每—-]|答案", rest)
    return bool(signed and "题" in head and INSTRUCTION.search(rest))


def key_word(text: str) -> str:
    """Letters in order of the alphabet's capitals, T, F, or "" when the text is no plain key."""
    text = text.strip("。.；;（()）【】[] \t\u3000\u00a0")
    letters = re.sub(r"[\s,，、.．;；/和及]", "", text.translate(FILLED))
    if letters and re.fullmatch("[A-H]{1,8}", letters.upper()) and letters not in ("T", "F"):
        if letters != "F" and len(set(letters.upper())) == len(letters):
            return letters.upper()
    return truth_word(text)


def truth_word(text: str) -> str:
    word = "".join(unicodedata.normalize("NFKC", text).split()).strip("。.；;，,()（）").lower()
    return "T" if word in TRUE_WORDS else "F" if word in FALSE_WORDS else ""


def labels_in(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """(label, where it begins, where its text begins) of every label in a line, which begins anew at `start`."""
    return iter(_labels(text, start))


@lru_cache(1024)  # a line is looked at from several sides
def _labels(text: str, start: int) -> tuple[tuple[str, int, int], ...]:
    labels = []
    for found in LABEL.finditer(text[start:] if start else text):
        word = found["boxed"] or found["alone"] or found["start"] or found["free"] or found["bare"]
        labels.append((_LABEL_OF[re.sub(r"\s", "", word)], found.start() + start, found.end() + start))
    return tuple(labels)
