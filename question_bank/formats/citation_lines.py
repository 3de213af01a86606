"""Citations as lines of a rationale, for programs that know no laws: 依据：《行政处罚法》（2021 修订）第十七条."""

from __future__ import annotations

import re

from question_bank.questions import Citation

LINE = re.compile(
    r"^\s*(?:依据|法律依据)\s*[:：]\s*《(?P<law>[^《》\n]{1,80})》"
    r"\s*(?:[（(](?P<label>[^（）()\n]{1,60})[）)])?\s*(?P<article>第[^\s：:，,。；;]{1,30})?"
    r"\s*(?:[:：](?P<summary>[^\n]*))?\s*。?\s*$",
    re.M,
)


def citation_lines(citations: tuple[Citation, ...]) -> str:
    return "\n\n".join(map(_line, citations))


def _line(cited: Citation) -> str:
    label = f"（{cited.label}）" if cited.label else ""
    summary = f"：{' '.join(cited.summary.split())}" if cited.summary else ""
    return f"依据：《{cited.law}》{label}{cited.article}{summary}"


def with_lines(rationale: str, citations: tuple[Citation, ...]) -> str:
    return "\n\n".join(filter(None, (rationale, citation_lines(citations))))


def told_apart(text: str) -> tuple[str, tuple[Citation, ...]]:
    """The rationale without such lines, and what they cite."""
    found = [
        Citation(m["law"], m["label"] or "", m["article"] or "", (m["summary"] or "").strip())
        for m in LINE.finditer(text)
    ]
    rest = re.sub(r"\n{3,}", "\n\n", LINE.sub("", text)).strip() if found else text.strip()
    return rest, tuple(found)
