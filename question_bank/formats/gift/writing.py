"""Questions as GIFT: readable by Moodle, with our own words in comment lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from question_bank.formats import companion
from question_bank.formats.citation_lines import with_lines
from question_bank.formats.found import Loss, Written
from question_bank.formats.gift.signs import escaped
from question_bank.formats.pairing import pairs_of
from question_bank.questions import BLANK, LETTERS, N_, Kind, Question

AS_ESSAY = N_("Other programs show it as an essay question; only this platform reads its key again.")
NO_PICTURES = N_("The pictures stay behind; the text names them.")


def write(questions: Sequence[Question], pictures: Mapping[str, bytes], title: str) -> Written:
    """One UTF-8 text; categories are topics below the title."""
    losses: list[Loss] = []
    blocks: list[str] = []
    topic = None
    for question in questions:
        if question.topic != topic:
            topic = question.topic
            path = "/".join(name.replace("/", "//") for name in ("top", _line(title), _line(topic)) if name)
            blocks.append(f"$CATEGORY: $course$/{path}")
        blocks += _blocks(question)
        losses += _losses(question)
    text = "\n\n".join(blocks) + "\n"
    return Written(text.encode("utf-8", "replace"), "gift", "text/plain; charset=utf-8", tuple(losses))


def _line(text: str) -> str:
    return " ".join(text.split())


def _blocks(question: Question, case: str = "") -> Iterator[str]:
    text = f"::{escaped(_line(question.code))}::[markdown]{_body(question)}"
    own = companion.written(question, text, case)
    yield f"// {companion.MARK}: {own}\n{text}"
    for item in question.items:
        yield from _blocks(item, question.code)


def _body(question: Question) -> str:
    reason = escaped(with_lines(question.rationale, question.citations))
    general = f"\t####{reason}\n" if reason else ""
    stem = escaped(question.stem)
    if question.kind is Kind.CASE_SET:
        return stem
    if question.kind is Kind.FILL_BLANK and len(question.key) == 1 and question.stem.count(BLANK) == 1:
        before, _blank, after = stem.partition(BLANK)
        return f"{before}{{{_words(question)}{general}}}{after}"
    return f"{stem} {{{_block(question)}{general}}}"


def _words(question: Question) -> str:
    return " ".join(f"={escaped(variant)}" for variant in question.key[0])


def _block(question: Question) -> str:
    key = question.key
    match question.kind:
        case Kind.TRUE_FALSE:
            return "TRUE" if key == "T" else "FALSE"
        case Kind.SINGLE:
            marked = zip(LETTERS, question.options, strict=False)
            return "".join(f"\n\t{'=' if letter in key else '~'}{escaped(text)}" for letter, text in marked) + "\n"
        case Kind.MULTIPLE | Kind.INDEFINITE:
            return "".join(f"\n\t~%{share}%{escaped(text)}" for share, text in _shares(question)) + "\n"
        case Kind.MATCHING:
            pairs = ((left.replace("->", "- >"), right.replace("->", "- >")) for left, right in pairs_of(question))
            return "".join(f"\n\t={escaped(left)} -> {escaped(right)}" for left, right in pairs) + "\n"
    return ""


def _shares(question: Question) -> Iterator[tuple[str, str]]:
    """Each option with its percentage, rounded as Moodle knows them."""
    right = f"{100 / max(len(question.key), 1):.5f}".rstrip("0").rstrip(".")
    for letter, option in zip(LETTERS, question.options, strict=False):
        yield (right if letter in question.key else "-100"), option


def _losses(question: Question) -> Iterator[Loss]:
    if question.pictures():
        yield Loss(question.code, "pictures", NO_PICTURES)
    for leaf in question.leaves():
        blanks = leaf.kind is Kind.FILL_BLANK and len(leaf.key) != 1
        if blanks or leaf.kind in (Kind.ORDERING, Kind.SHORT_ANSWER, Kind.DRAFTING):
            yield Loss(leaf.code, "kind", AS_ESSAY)
