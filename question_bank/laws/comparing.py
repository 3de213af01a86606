"""Two versions of a law, article by article: what stayed, changed, moved, is new or gone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from question_bank.laws.likeness import Likeness, bare, likenesses
from question_bank.laws.numbers import NUMERALS

SURE = 0.45  # a likeness that needs nothing else
LIKELY = 0.28  # one that must also stand where the order of the articles lets it expect
OUT_OF_ORDER = 0.005  # more likeness asked for each place out of order
PARTLY = 0.3  # share of a gone article's text found in another, or of a new one's text taken from one
MOSTLY = 0.5  # share of a new text that was in an old one
MOST_NEAR = 3
LONG = 6_000  # characters; longer articles are compared by paragraphs
_REFERENCE = re.compile(rf"第[{NUMERALS}]{{1,9}}条")


class ChangeKind(StrEnum):
    """What became of an article."""

    SAME = "same"
    CHANGED = "changed"
    MOVED = "moved"
    MOVED_CHANGED = "moved_changed"
    NEW = "new"
    GONE = "gone"


class Article(Protocol):
    """What is compared: an article of a file or of the library."""

    @property
    def number(self) -> int: ...
    @property
    def suffix(self) -> int: ...
    @property
    def text(self) -> str: ...


A = TypeVar("A", bound=Article)
Pairs = dict[int, int]  # place of an old article → place of its new one


@dataclass(frozen=True)
class ArticleChange(Generic[A]):
    """One article's way from the old version to the new.

    `near` are the other articles that took parts of an old one, or that a new one's parts come from.
    `share` is the likeness in percent; `references_only` says that nothing changed but the numbers of
    articles it refers to.
    """

    kind: ChangeKind
    old: A | None
    new: A | None
    share: int = 100
    references_only: bool = False
    near: tuple[A, ...] = ()


def compare(old: Sequence[A], new: Sequence[A]) -> list[ArticleChange[A]]:
    """Every article of both versions once, in the order of the new one, what is gone where it stood."""
    texts = [bare(a.text) for a in old], [bare(a.text) for a in new]
    pairs = _unchanged(old, new, *texts)
    rest = [at for at in range(len(old)) if at not in pairs], sorted(set(range(len(new))) - set(pairs.values()))
    alike = [
        Likeness(pair.score, pair.found, pair.kept, rest[0][pair.old], rest[1][pair.new])
        for pair in likenesses([texts[0][at] for at in rest[0]], [texts[1][at] for at in rest[1]])
    ]
    _match(pairs, alike, len(new))
    scores = {(pair.old, pair.new): pair.score for pair in alike}
    near = _near(pairs, alike)
    changes = [
        _change(
            old[at], new[to], same=texts[0][at] == texts[1][to], score=scores.get((at, to), 1.0),
            near=tuple(new[place] for place in near[0].get(at, ())),
        )
        for at, to in pairs.items()
    ]  # fmt: skip
    gone = (at for at in range(len(old)) if at not in pairs)
    changes += [
        ArticleChange(ChangeKind.GONE, old[at], None, 0, near=tuple(new[place] for place in near[0].get(at, ())))
        for at in gone
    ]
    changes += [
        ArticleChange(ChangeKind.NEW, None, new[to], 0, near=tuple(old[place] for place in near[1].get(to, ())))
        for to in sorted(set(range(len(new))) - set(pairs.values()))
    ]
    return _in_order(changes, {id(old[at]): to for at, to in pairs.items()}, old, new)


def _unchanged(old: Sequence[A], new: Sequence[A], old_texts: Sequence[str], new_texts: Sequence[str]) -> Pairs:
    """Articles whose texts are equal: under the same number first, then in order."""
    pairs: Pairs = {}
    named = {(a.number, a.suffix): at for at, a in enumerate(new)}
    for at, article in enumerate(old):
        to = named.get((article.number, article.suffix))
        if to is not None and old_texts[at] == new_texts[to]:
            pairs[at] = to
    taken, waiting = set(pairs.values()), defaultdict(list)
    for to, text in enumerate(new_texts):
        if to not in taken:
            waiting[text].append(to)
    for at, text in enumerate(old_texts):
        if at not in pairs and text and waiting.get(text):
            pairs[at] = waiting[text].pop(0)
    return pairs


def _match(pairs: Pairs, alike: Sequence[Likeness], size: int) -> None:
    """Add to the pairs: what is surely alike, best first, then what is likely where the order expects it."""
    taken = set(pairs.values())
    best_old: dict[int, int] = {}
    for pair in alike:
        best_old.setdefault(pair.new, pair.old)
        if pair.score >= SURE and pair.old not in pairs and pair.new not in taken:
            pairs[pair.old] = pair.new
            taken.add(pair.new)
    sure = dict(pairs)
    for pair in alike:
        if pair.score < LIKELY:
            break
        if pair.old in pairs or pair.new in taken:
            continue
        away = _out_of_order(sure, pair, size)
        if (not away or best_old[pair.new] == pair.old) and pair.score >= LIKELY + OUT_OF_ORDER * away:
            pairs[pair.old] = pair.new
            taken.add(pair.new)


def _out_of_order(sure: Pairs, pair: Likeness, size: int) -> int:
    """How many places a pair stands outside of what lies between its neighbours."""
    before = next((sure[at] for at in range(pair.old - 1, -1, -1) if at in sure), -1)
    behind = next((sure[at] for at in range(pair.old + 1, max(sure, default=-1) + 1) if at in sure), size)
    low, high = min(before, behind) + 1, max(before, behind) - 1
    return max(low - pair.new, pair.new - high, 0) if before < behind else 1 + max(low - pair.new, pair.new - high, 0)


def _change(old: A, new: A, *, same: bool, score: float, near: tuple[A, ...]) -> ArticleChange[A]:
    moved = (old.number, old.suffix) != (new.number, new.suffix)
    if same:
        return ArticleChange(ChangeKind.MOVED if moved else ChangeKind.SAME, old, new)
    kind = ChangeKind.MOVED_CHANGED if moved else ChangeKind.CHANGED
    numberless = [bare(_REFERENCE.sub("第条", article.text)) for article in (old, new)]
    return ArticleChange(kind, old, new, min(99, round(100 * score)), numberless[0] == numberless[1], near)


def _near(pairs: Pairs, alike: Sequence[Likeness]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Old place → other new places that took parts of it; new place → old places its parts come from."""
    taken = set(pairs.values())
    loose = {pair.old for pair in alike if pairs.get(pair.old) == pair.new and pair.score < SURE}
    into: dict[int, list[Likeness]] = defaultdict(list)
    out_of: dict[int, list[Likeness]] = defaultdict(list)
    for pair in alike:
        if pair.new not in taken and pair.kept >= PARTLY:
            out_of[pair.new].append(pair)
        enough = (pair.found >= PARTLY or pair.kept >= MOSTLY) and pairs.get(pair.old) != pair.new
        if enough and (pair.old not in pairs or pair.new not in taken or pair.old in loose):
            into[pair.old].append(pair)
    return (
        {at: [p.new for p in sorted(found, key=lambda p: -p.found)[:MOST_NEAR]] for at, found in into.items()},
        {to: [p.old for p in sorted(found, key=lambda p: -p.kept)[:MOST_NEAR]] for to, found in out_of.items()},
    )


def _in_order(
    changes: Sequence[ArticleChange[A]], places: dict[int, int], old: Sequence[A], new: Sequence[A]
) -> list[ArticleChange[A]]:
    """By the place in the new version; what is gone follows the new place of the article before it."""
    at_new = {id(article): place for place, article in enumerate(new)}
    after, last = {}, -1
    for place, article in enumerate(old):
        last = places.get(id(article), last)
        after[id(article)] = (last, 1, place)
    return sorted(changes, key=lambda c: (at_new[id(c.new)], 0, 0) if c.new else after[id(c.old)])


def pieces(old: str, new: str) -> list[tuple[str, str]]:
    """The two texts as ("same" | "gone" | "new", characters); short likenesses inside a change are not torn out."""
    if max(len(old), len(new)) > LONG:
        steps: list[tuple[str, str]] = []
        a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
        for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            steps += _piece(tag, "".join(a[i:j]), "".join(b[k:m]))
        return steps
    found: list[list[str]] = []  # [same, gone, new] of each stretch
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal" and j - i == 1 and 0 < i and j < len(old) and old[i] != "\n":
            found.append(["", old[i:j], new[k:m]])
        else:
            found.append([old[i:j], "", ""] if tag == "equal" else ["", old[i:j], new[k:m]])
    return [piece for stretch in _joined(found) for piece in _piece(*_tagged(stretch))]


def _joined(found: Sequence[list[str]]) -> list[list[str]]:
    """Changes that touch become one."""
    steps: list[list[str]] = []
    for same, gone, new in found:
        if steps and not same and not steps[-1][0]:
            steps[-1][1] += gone
            steps[-1][2] += new
        else:
            steps.append([same, gone, new])
    return steps


def _tagged(stretch: Sequence[str]) -> tuple[str, str, str]:
    same, gone, new = stretch
    return ("equal", same, same) if same else ("replace", gone, new)


def _piece(tag: str, gone: str, new: str) -> list[tuple[str, str]]:
    if tag == "equal":
        return [("same", new)]
    return [step for step in (("gone", gone), ("new", new)) if step[1]]
