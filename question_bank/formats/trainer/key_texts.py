"""What a written key means for each kind of question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from question_bank.formats.sheet_cells import BETWEEN_VARIANTS, read_points, split, unescaped
from question_bank.formats.trainer.signs import FILLED, key_word, truth_word
from question_bank.laws.numbers import number_of
from question_bank.questions import BLANK, LETTERS

CIRCLED = {chr(ord("①") + n): str(n + 1) for n in range(20)}
FIRST = re.compile(r"\s*(?:选|应选|为|是)?\s*([A-H](?:[、,，\s]*[A-H])*)(?![A-Za-z])\s*(?:项|选项)?\s*")
GOES_ON = re.compile(
    r"\s*(?:[-—–~～→>＞=/／|或改]+\s*[A-H](?![A-Za-z])|[（(，,。；;、\s]*(?:应改?[为是选]|应当[为是选]|改[为成]|更正|更改|除|但不|不[含包]|或者?)[^A-Za-z]{0,6}[A-H](?![A-Za-z]))"
)
TRUTH_FIRST = re.compile(r"\s*[（(]?\s*(√|×|✓|✗|正确|错误|对|错|T|F)\s*[)）]?\s*(?:[。．.，,；;:：（(]|$)\s*")
SAID = re.compile(
    r"(?:故|因此|所以|综上)[^。\n]{0,12}?(?:选择?|答案(?:为|是))\s*[:：]?\s*([A-H](?:[、,，]?[A-H])*)(?:项|选项)?(?:[。.，,；;]|$)",
    re.M,
)
PARTS = re.compile(
    r"(?:^|(?<=[\s；;。，,、？?]))(?:[（(]\s*(\d{1,2})\s*[)）]\s*[.．、:：]?|(\d{1,2})\s*[.．、:：)）](?!\d)|([①-⑳])"
    r"|问题?\s*([一二三四五六七八九十\d])\s*[:：、.．])\s*"
)
RUBRIC = re.compile(r"(.*?)[\s:：,，|｜-]*[（(]?\s*(\d{1,3})\s*分\s*[)）]?\s*[。；;]?$")
NUMBERED = re.compile(r"^\s*(?:[（(]?\d{1,2}[)）.．、]|[①-⑳])\s*(?!\d)")
ARROWS = re.compile(r"[\s,，、;；→>＞—–\-=⇒.。]+")
PAIR = re.compile(r"([A-L\d①-⑳])\s*(?:[-—–－:：→=~]+|\s+|)\s*[（(]?([A-La-l\d①-⑳]{1,2})[)）]?")


def choice_key(text: str, options: Sequence[str]) -> tuple[str, str] | None:
    """(letters in order, what is said after them); None when no key can be told."""
    if letters := key_word(text):
        if letters in ("T", "F") and letters not in LETTERS[: len(options)]:
            return None
        return "".join(sorted(set(letters))), ""
    plain = text.translate(FILLED)
    if plain.strip() == "F" and len(options) >= 6:
        return "F", ""
    if named := [place for place, option in enumerate(options) if option.strip("。；; ") == text.strip("。；; ")]:
        return LETTERS[named[0]], ""
    found = FIRST.match(plain)
    if not found or plain[found.end() : found.end() + 1].isalpha() and not plain[found.end() - 1].isspace():
        return None
    letters = re.sub(r"[^A-H]", "", found[1])
    if len(set(letters)) < len(letters) or GOES_ON.match(plain, found.end()):
        return None
    rest = (
        re.sub(r"^[（(]\s*(?:全选|全对|多选|单选)\s*[)）]", "", text[found.end() :].strip())
        .lstrip("。．.，,；;:：、 ")
        .strip()
    )
    if len(letters) == 1 and letters in LETTERS[: len(options)]:
        option = options[LETTERS.index(letters)].strip("。；; ")
        said = rest.strip("（()）。；; ")
        if said == option:
            rest = ""
        elif said and said in (other.strip("。；; ") for other in options):
            return None
    return "".join(sorted(set(letters))), rest


def truth_key(text: str, options: Sequence[str]) -> tuple[str, str] | None:
    """("T" or "F", what is said after it)."""
    if word := truth_word(text):
        return word, ""
    letters = key_word(text)
    if options and letters in ("A", "B") and len(options) == 2:
        return truth_word(options[LETTERS.index(letters)]), ""
    if found := TRUTH_FIRST.match(text):
        return truth_word(found[1]), text[found.end() :].strip().rstrip("）)") if text[found.end() :].strip() else ""
    return None


def blank_keys(text: str, blanks: int) -> tuple[tuple[str, ...], ...]:
    """Accepted variants blank by blank, by the first way of parting that gives as many as there are blanks."""
    text = text.strip().rstrip("。")
    parts = split(text, ";；\n")
    ways = [parts, list(numbered_parts(text)), split(text, "、"), split(text, "，,"), re.split(r"[\s\u3000]+", text)]
    if blanks == 1 and len(parts) == 1:
        ways = [[text]]
    chosen = next((way for way in ways if len(way) == blanks), parts)
    return _variants(chosen)


def parted_otherwise(text: str, blanks: int) -> bool:
    """Whether commas, 、 and blanks part the text into as many answers, but not into the same ones."""
    text = text.strip().rstrip("。")
    if len(split(text, ";；\n")) == blanks or len(numbered_parts(text)) == blanks:
        return False
    ways = (split(text, "、"), split(text, "，,"), re.split(r"[\s\u3000]+", text))
    return len({tuple(part.strip() for part in way) for way in ways if len(way) == blanks > 1}) > 1


def _variants(chosen: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(
            filter(
                None, (unescaped(v, ";；/／").strip() for v in split(NUMBERED.sub("", part.strip()), BETWEEN_VARIANTS))
            )
        )
        for part in chosen
    )


def numbered_parts(text: str) -> tuple[str, ...]:
    """The parts of a text that counts from 1 itself, as （1）…（2）…; none when it does not."""
    marks, number = [], 1
    style = None
    for found in PARTS.finditer(text):
        kind = found.lastindex or 1
        if number_of(CIRCLED.get(found[kind], found[kind])) == number and style in (None, kind):
            style = kind
            marks.append(found)
            number += 1
    if len(marks) < 2:
        return ()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return tuple(text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True))


def order_key(text: str, count: int) -> str:
    """BDAC of B→D→A→C and of 2-4-1-3 and ②④①③; "" when it is none of these."""
    plain = ARROWS.sub("", "".join(CIRCLED.get(sign, sign) for sign in text.translate(FILLED)))
    if re.fullmatch(r"[1-8]+", plain):
        plain = "".join(LETTERS[int(digit) - 1] for digit in plain)
    return plain if re.fullmatch(f"[{LETTERS}]+", plain) and len(plain) == count else ""


def pair_key(text: str, left: Sequence[str], right: Sequence[str]) -> tuple[str, ...] | None:
    """The number of the right entry for each left one, `left` and `right` being their signs."""
    plain = "".join(CIRCLED.get(sign, sign) for sign in text.translate(FILLED).upper())
    numbers: dict[str, str] = {}
    for one, two in PAIR.findall(plain):
        if one not in left or two not in right:
            one, two = two, one
        if one not in left or two not in right or one in numbers:
            return None
        numbers[one] = str(right.index(two) + 1)
    return tuple(numbers.get(sign, "") for sign in left) if numbers else None


def points_of(reference: str, told: str) -> tuple[tuple[str, ...], bool]:
    """Marking points, from their own label or from the answer's numbering; False when the whole answer is one."""
    if told:
        return tuple(NUMBERED.sub("", point) for point in read_points(told)), True
    if len(parts := numbered_parts(reference)) > 1:
        return tuple(part.rstrip("；;\n ") for part in parts), True
    return (reference,), False


def rubric_of(told: str) -> tuple[tuple[str, int], ...] | None:
    """Criteria with their points; None when a line has no points."""
    rows: list[tuple[str, int]] = []
    for line in read_points(told):
        found = RUBRIC.fullmatch(NUMBERED.sub("", line.strip()))
        if not found or not found[1].strip():
            return None
        rows.append((found[1].strip(), int(found[2])))
    return tuple(rows) or None


def filled(stem: str) -> str:
    """The stem with each blank as four underscores."""
    stem = re.sub(r"[（(]\s*_+\s*[)）]|_{2,}(?:\s*_{2,})*", BLANK, stem)
    return re.sub(r"[（(][\s\u3000]*[)）]", BLANK, stem)


def said_at_end(rationale: str) -> str:
    """Letters of 故选B at the end of a rationale."""
    found = SAID.findall(rationale.translate(FILLED))
    return re.sub("[^A-H]", "", found[-1]) if found else ""
