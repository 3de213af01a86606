"""One QTI item as a question: each interaction that has a kind of ours, several of them as a case set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from question_bank.formats.citation_lines import told_apart
from question_bank.formats.gathering import as_truth
from question_bank.formats.gift.answers import WEIGHTS, Unfit
from question_bank.formats.html_text import Texts
from question_bank.formats.moodle.cloze import CHOICES_LOST
from question_bank.formats.pairing import mixed
from question_bank.formats.qti.tree import GAPS, interactions, mapped, said, seen_by, values
from question_bank.formats.reference_text import reference_key
from question_bank.questions import LETTERS, N_, Kind, Question

EMPTY_WORDS = {"correct", "incorrect", "right", "wrong", "正确", "错误", "true", "false"}
NO_KIND = N_("QTI's interaction %(type)s has no kind here.")
SEVERAL_PAIRS = N_("An entry of the matching belongs to several others.")


@dataclass(frozen=True)
class Item:
    """An item while it is read: its declarations by identifier, and where its texts are gathered."""

    root: Element
    declarations: dict[str, Element]
    texts: Texts

    def declared(self, interaction: Element) -> Element | None:
        return self.declarations.get(interaction.get("response-identifier") or "")


def question_of(root: Element, texts: Texts) -> Question:
    """The item's question without number and topic. Raises Unfit."""
    body = root.find("item-body")
    if body is None:
        raise Unfit(N_("The item has no body."))
    if root.find("template-declaration") is not None:
        raise Unfit(N_("The item is made anew by chance for each candidate; such items are not carried."))
    item = Item(root, {d.get("identifier") or "": d for d in root.findall("response-declaration")}, texts)
    rationale, citations = told_apart(_rationale(root, body, texts))
    basis = Question("", Kind.CASE_SET, said(body, texts), rationale=rationale, citations=citations)
    found = [i for i in interactions(body) if i.tag != "end-attempt-interaction"]
    if not found:
        raise Unfit(N_("The item asks nothing."))
    if all(interaction.tag in GAPS for interaction in found):
        return _gaps(item, found, basis)
    if len(found) == 1:
        return as_truth(_made(item, found[0], basis))
    if any(interaction.tag in GAPS for interaction in found):
        raise Unfit(N_("The item mixes gaps with other questions."))
    items = tuple(as_truth(_made(item, one, Question("", Kind.CASE_SET, _prompt(one, texts)))) for one in found)
    return replace(basis, items=items)


def _prompt(interaction: Element, texts: Texts) -> str:
    return said(interaction.find("prompt"), texts)


def _rationale(root: Element, body: Element, texts: Texts) -> str:
    blocks = [block for block in body.iter("rubric-block") if seen_by(block) & {"tutor", "author"}]
    hidden = [block for block in blocks if "candidate" not in seen_by(block)]
    feedback = [*root.findall("modal-feedback"), *body.iter("feedback-block"), *hidden]
    told = (said(part, texts, "rationale") for part in feedback)
    return "\n\n".join(dict.fromkeys(text for text in told if text.strip(" .。!！").lower() not in {*EMPTY_WORDS, ""}))


def _made(item: Item, interaction: Element, basis: Question) -> Question:
    make = KINDS.get(str(interaction.tag))
    if make is None:
        raise Unfit(NO_KIND, type=str(interaction.tag)[:40])
    return make(item, interaction, basis)


def _right(item: Item, interaction: Element) -> list[str]:
    """The identifiers that are right, by the declaration or else by what they earn."""
    declared = item.declared(interaction)
    earned = {key: share for key, share in mapped(declared).items() if share > 0}
    if len(set(earned.values())) > 1:
        item.texts.warn("key", WEIGHTS)
    return values(declared) or list(earned)


def _choices(interaction: Element, tag: str) -> dict[str, Element]:
    return {choice.get("identifier") or "": choice for choice in interaction.iter(tag)}


def _choice(item: Item, interaction: Element, basis: Question) -> Question:
    choices = _choices(interaction, "simple-choice")
    right = _right(item, interaction)
    key = "".join(letter for letter, known in zip(LETTERS, choices, strict=False) if known in right)
    declared = item.declared(interaction)
    single = declared is None or declared.get("cardinality") == "single"
    kind = Kind.SINGLE if single else Kind.MULTIPLE if len(key) > 1 else Kind.INDEFINITE
    remarks = []
    for letter, choice in zip(LETTERS, choices.values(), strict=False):
        remarks += [f"{letter}：{said(part, item.texts, 'rationale')}" for part in choice.iter("feedback-inline")]
    return replace(
        basis, kind=kind, options=tuple(said(choice, item.texts, "A") for choice in choices.values()), key=key,
        rationale="\n\n".join(filter(None, (basis.rationale, *remarks))),
    )  # fmt: skip


def _order(item: Item, interaction: Element, basis: Question) -> Question:
    choices = _choices(interaction, "simple-choice")
    texts = {known: said(choice, item.texts, "A") for known, choice in choices.items()}
    right = [known for known in _right(item, interaction) if known in choices]
    options, letters = tuple(texts.values()), dict(zip(choices, LETTERS, strict=False))
    key = "".join(letters.get(known, "") for known in right)
    if right == list(choices) and len(set(options)) == len(options):
        options, key = mixed(options)
    return replace(basis, kind=Kind.ORDERING, options=options, key=key)


def _match(item: Item, interaction: Element, basis: Question) -> Question:
    sides = interaction.findall("simple-match-set")
    if len(sides) != 2:
        raise Unfit(NO_KIND, type="match")
    left, right = (_choices(side, "simple-associable-choice") for side in sides)
    pairs = [tuple(value.split()) for value in _right(item, interaction)]
    found = [(a, b) if a in left else (b, a) for a, b in (p for p in pairs if len(p) == 2)]
    if len({a for a, _b in found}) < len(found):
        raise Unfit(SEVERAL_PAIRS)
    return _matching(item, basis, left, right, dict(found))


def _matching(
    item: Item, basis: Question, left: dict[str, Element], right: dict[str, Element], pairs: dict[str, str]
) -> Question:
    numbers = {known: str(n) for n, known in enumerate(right, start=1)}
    return replace(
        basis, kind=Kind.MATCHING, options=tuple(said(one, item.texts, "A") for one in left.values()),
        matches=tuple(said(one, item.texts, "A") for one in right.values()),
        key=tuple(numbers.get(pairs.get(known, ""), "") for known in left),
    )  # fmt: skip


def _associate(item: Item, interaction: Element, basis: Question) -> Question:
    choices = _choices(interaction, "simple-associable-choice")
    pairs = [tuple(value.split()) for value in _right(item, interaction)]
    found = [pair for pair in pairs if len(pair) == 2 and set(pair) <= set(choices)]
    if len({known for pair in found for known in pair}) < 2 * len(found):
        raise Unfit(SEVERAL_PAIRS)
    firsts = {a for a, _b in found}
    left = {known: choice for known, choice in choices.items() if known in firsts}
    right = {known: choice for known, choice in choices.items() if known not in firsts}
    return _matching(item, basis, left, right, dict(found))


def _essay(item: Item, interaction: Element, basis: Question) -> Question:
    blocks = [b for b in item.root.iter("rubric-block") if "scorer" in seen_by(b) and "candidate" not in seen_by(b)]
    reference = "\n\n".join(said(block, item.texts, "key") for block in blocks)
    kind, key, faults = reference_key(reference or "\n\n".join(values(item.declared(interaction))))
    item.texts.faults += faults
    return replace(basis, kind=kind, key=key)


def _gaps(item: Item, found: list[Element], basis: Question) -> Question:
    key: tuple[Any, ...] = tuple(_gap(item, gap) for gap in found)
    return replace(basis, kind=Kind.FILL_BLANK, key=key)


def _gap(item: Item, gap: Element) -> tuple[str, ...]:
    declared = item.declared(gap)
    earned = mapped(declared)
    best = max(earned.values(), default=0)
    if any(0 < share < best for share in earned.values()):
        item.texts.warn("key", WEIGHTS)
    words = [*values(declared), *(word for word, share in earned.items() if share == best > 0)]
    if gap.tag == "inline-choice-interaction":
        item.texts.warn("key", CHOICES_LOST)
        choices = _choices(gap, "inline-choice")
        words = [said(choices[word], item.texts, "key") for word in words if word in choices]
    return tuple(dict.fromkeys(filter(None, words)))


KINDS: dict[str, Callable[[Item, Element, Question], Question]] = {
    "choice-interaction": _choice, "order-interaction": _order, "match-interaction": _match,
    "associate-interaction": _associate, "extended-text-interaction": _essay,
}  # fmt: skip
