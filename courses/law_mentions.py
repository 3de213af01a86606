"""Articles that a lesson's text names: 《行政处罚法》第二十三条."""

from __future__ import annotations

import re

STATE = "中华人民共和国"
_NUMBER = r"第[〇零一二两三四五六七八九十百千0-9]{1,9}条(?:之[一二三四五六七八九十]{1,3})?"
_MENTION = re.compile(rf"《([^《》\n]{{2,80}})》(?:[（(][^（）()\n]{{0,60}}[）)])?((?:[、，和及与至]?\s*{_NUMBER})+)")


def articles_mentioned(text: str) -> list[tuple[str, str]]:
    """(short title, 第N条) of every article named behind a law's title, each once, in order."""
    found = (
        (title.removeprefix(STATE), label)
        for title, labels in _MENTION.findall(text.replace("**", "")) for label in re.findall(_NUMBER, labels)
    )  # fmt: skip
    return list(dict.fromkeys(found))
