"""Keys away from their questions: 1-5 ABCDA, 1.A 2.B, and tables of numbers and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from question_bank.formats.trainer.lines import Line, Rows
from question_bank.formats.trainer.signs import FILLED, key_word

TRUTH = "√×✓✗✔✘对错TF∨╳"
ONE = rf"(?:[A-H](?:[、,，]?[A-H])*+|正确|错误|[{TRUTH}])"
RANGE = re.compile(
    r"\s*(?:第\s*)?(\d{1,4})\s*题?\s*(?:-{1,2}|—{1,2}|–|~|～|－|至|到|―)\s*(?:第\s*)?(\d{1,4})\s*题?\s*[:：、.．)）]?\s*"
)
BODY = re.compile(rf"(?:{ONE}[\s,，、;；/|.。]*+)++")
SINGLE = re.compile(
    rf"\s*[（(【]?\s*(?:第\s*)?(\d{{1,4}})\s*题?\s*[)）】]?\s*[.．、:：,，\-—]?\s*(?:答案[:：]?)?\s*({ONE})(?![A-Za-z])[\s;；,，.。、]*"
)
LABEL = re.compile(r"^[\s【\[（(]*(?:参考|标准|正确)?答案[】\]）)]*\s*[:：]?\s*")
NUMBERS = re.compile(r"题\s*号|序\s*号|题目|试题")
HEADER = (
    re.compile("题号|序号|题目序号"),
    re.compile("(?:参考|正确|标准)?答案"),
    re.compile("(?:答案|试题)?(?:解析|说明|依据|法律依据|备注)"),
)
ANSWERS = re.compile(r"答\s*案|选项|正确")


@dataclass(frozen=True)
class Entry:
    """The key of one number; "" when a range and its letters do not go together. `told` is its rationale."""

    number: int
    key: str
    line: Line
    told: str = ""


def entries_of(text: str, line: Line) -> list[Entry] | None:
    """Keys by number when nothing else stands in the text, None otherwise."""
    text = text.translate(FILLED).strip()
    entries: list[Entry] = []
    place = 0
    while place < len(text):
        if (found := RANGE.match(text, place)) and (body := BODY.match(text, found.end())):
            first, last = int(found[1]), int(found[2])
            if not first < last <= first + 200:
                return None
            entries += _range(first, last, body[0], line)
            place = body.end()
        elif found := SINGLE.match(text, place):
            entries.append(Entry(int(found[1]), key_word(found[2]) or found[2], line))
            place = found.end()
        else:
            return None
    return entries or None


def _range(first: int, last: int, body: str, line: Line) -> list[Entry]:
    count = last - first + 1
    words = [word for word in re.split(r"[\s,，、;；/|.。]+", body) if word]
    if len(words) != count:
        words = single_keys(body, words)
    if len(words) != count:
        return [Entry(number, "", line) for number in range(first, last + 1)]
    return [
        Entry(number, key_word(word) or word, line) for number, word in zip(range(first, last + 1), words, strict=True)
    ]


def single_keys(body: str, words: list[str]) -> list[str]:
    """Letter by letter, as in ABCDA BCDAA; none when the groups are uneven and may be keys of several letters."""
    lengths = [len(word) for word in words]
    if len(set(lengths[:-1])) > 1 or (len(lengths) > 1 and lengths[-1] > lengths[0]):
        return []
    return re.findall(rf"正确|错误|[A-H{TRUTH}]", body)


def unnumbered(text: str) -> list[str] | None:
    """The keys of a line that holds single keys and nothing else, as ABCDA BCDAA."""
    plain = LABEL.sub("", text.translate(FILLED)).strip()
    if not plain or not BODY.fullmatch(plain):
        return None
    words = [word for word in re.split(r"[\s,，、;；/|.。]+", plain) if word]
    return [key_word(word) for word in single_keys(plain, words) or words]


def table_entries(rows: Rows, line: Line) -> list[Entry] | None:
    """Keys by number out of a table whose rows or columns are numbers and answers, None for any other table."""
    if found := _told(rows, line):
        return found
    cells = [[cell.strip().translate(FILLED) for cell in row] for row in rows]
    for grid in (
        cells,
        [list(column) for column in zip(*cells, strict=False)] if len({len(r) for r in cells}) == 1 else [],
    ):
        if found := _pairs(grid, line):
            return found
    flat = [cell for row in cells for cell in row if cell]
    parsed = [entries_of(cell, line) for cell in flat if not NUMBERS.fullmatch(cell) and not ANSWERS.fullmatch(cell)]
    if parsed and all(parsed):
        return [entry for part in parsed if part for entry in part]
    return None


def _told(rows: Rows, line: Line) -> list[Entry] | None:
    """Rows of number, answer and rationale under a header that says so."""
    head = [re.sub(r"\s", "", cell) for cell in rows[0]]
    places = [next((n for n, word in enumerate(head) if form.fullmatch(word)), -1) for form in HEADER]
    if min(places) < 0 or len(head) != 3:
        return None
    entries = []
    for row in rows[1:]:
        if len(row) != 3 or not re.fullmatch(r"\s*\d{1,4}\s*[.．、]?\s*", row[places[0]]):
            return None
        number = int(re.sub(r"\D", "", row[places[0]]))
        key = row[places[1]].strip()
        entries.append(Entry(number, key_word(key) or key, line, row[places[2]].strip()))
    return entries or None


def _pairs(grid: list[list[str]], line: Line) -> list[Entry] | None:
    """Rows that come in pairs, numbers above keys; both may begin with a word."""
    rows = [row for row in grid if any(row)]
    if len(rows) < 2 or len(rows) % 2:
        return None
    entries = []
    for numbers, keys in zip(rows[::2], rows[1::2], strict=True):
        numbers, keys = list(numbers), list(keys)
        if numbers and not re.match(r"\d", numbers[0]):
            if not NUMBERS.search(numbers[0]) and numbers[0]:
                return None
            numbers, keys = numbers[1:], keys[1:]
        if len(numbers) != len(keys):
            return None
        for number, key in zip(numbers, keys, strict=True):
            if not number and not key:
                continue
            plain = re.fullmatch(r"第?\s*(\d{1,4})\s*题?[.．、]?", number)
            if not plain or (key and not key_word(key)):
                return None
            entries.append(Entry(int(plain[1]), key_word(key), line))
    return entries if len(entries) > 1 else None
