"""What two fair writings of one filled-in term have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from question_bank.numerals import arabic

OUTER = "。.,，;；:：、!！?？“”\"'‘’《》〈〉()（）「」"
_QUOTES = str.maketrans("", "", "“”\"'‘’《》〈〉「」")
_SEPARATORS = str.maketrans({"，": "、", ",": "、", ";": "、", "。": "、", "•": "·", "・": "·", "‧": "·"})
_SMALL_TYPE = re.compile("(?<=[0-9])[⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉½⅓¼¾⅔]")
_CIRCLED = re.compile("[①-⑳]")
_BETWEEN = re.compile(r"(?<=[0-9])\s+(?=[0-9])")
_THOUSANDS = re.compile(r"(?<![0-9])[0-9]{1,3}(?:\s[0-9]{3})+(?![0-9])")
_RANGE = re.compile(r"(?<=[0-9%‰日天月年元条款])(?:-|~|到)(?=[0-9])")
_DASHES = str.maketrans("–—－‐−～〜", "-----~~")


@lru_cache(maxsize=8192)
def normal_blank(text: str) -> str:
    """The text without what makes no difference: width, case, spaces, quotes, outer punctuation, kind of numeral."""
    text = _CIRCLED.sub(lambda found: f"({unicodedata.normalize('NFKC', found[0])})", text)
    text = _SMALL_TYPE.sub(lambda found: "^" + found[0], text)  # 10² is not 102
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES).replace("⁄", "/")
    folded = _THOUSANDS.sub(lambda found: "".join(found[0].split()), folded)
    folded = _BETWEEN.sub("、", folded)
    folded = "".join(c for c in folded if not c.isspace()).translate(_QUOTES)
    numbered = arabic(_stripped(folded))
    return _stripped(_RANGE.sub("至", numbered).translate(_SEPARATORS))


def _stripped(text: str) -> str:
    """Without outer punctuation; the point of .5 stays."""
    text = text.rstrip(OUTER)
    bare = text.lstrip(OUTER)
    pointed = text[: len(text) - len(bare)].endswith(".") and bare[:1].isdigit()
    return f"0.{bare}" if pointed else bare


def same_blank(written: str, variants: Iterable[str]) -> bool:
    """Whether a candidate's writing is one of the accepted ones."""
    return normal_blank(written) in {normal_blank(variant) for variant in variants}
