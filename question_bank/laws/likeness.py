"""How alike the articles of two texts are: shared pairs of characters, the rare ones weighing more."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

OPENING = 80  # characters: what an article is about stands at its beginning
WORDS, BEGINNING = 0.6, 0.4  # how much the whole text and its beginning weigh
MANY = 400  # articles; above that, pairs of characters that stand everywhere are not looked at
EVERYWHERE = 0.02  # share of the articles
FAINT = 0.1  # a pair that shares less than this of either text is none


def bare(text: str) -> str:
    """A text without punctuation, spaces and marks: what must be equal for an article to be the same."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char in "%‰" or not _is_mark(char))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PZC" or char in "<>"


@dataclass(frozen=True)
class Likeness:
    """An old and a new article, by their places: `score` 0..1, `found` = the share of the old text in the new."""

    score: float
    found: float
    kept: float  # the share of the new text that was in the old
    old: int
    new: int


def likenesses(old: Sequence[str], new: Sequence[str]) -> list[Likeness]:
    """Every pair of texts that share anything, best first; texts come as `bare` gives them."""
    grams = [[_grams(text) for text in texts] for texts in (old, new)]
    openings = [[_grams(text[:OPENING]) for text in texts] for texts in (old, new)]
    articles = len(old) + len(new)
    spread = Counter(gram for side in grams for counted in side for gram in counted)
    most = EVERYWHERE * articles if articles > MANY else articles
    weight = {gram: math.log(1 + articles / count) for gram, count in spread.items() if count <= most}
    whole, begun = _shared(*grams, weight), _shared(*openings, weight)
    found = []
    for (at_old, at_new), (shared, in_old, in_new) in whole.items():
        words = math.sqrt(2 * shared / (in_old + in_new) * shared / min(in_old, in_new))
        share, first, second = begun.get((at_old, at_new), (0.0, 1.0, 1.0))
        score = WORDS * words + BEGINNING * 2 * share / (first + second)
        found.append(Likeness(score, shared / in_old, shared / in_new, at_old, at_new))
    return sorted(found, key=lambda pair: (-pair.score, abs(pair.old - pair.new), pair.old, pair.new))


def _grams(text: str) -> Counter[str]:
    return Counter(text[at : at + 2] for at in range(len(text) - 1)) or Counter([text])


def _shared(
    old: Sequence[Counter[str]], new: Sequence[Counter[str]], weight: dict[str, float]
) -> dict[tuple[int, int], tuple[float, float, float]]:
    """(old, new) → weight they share, weight of the old, weight of the new."""
    sums = [[sum(n * weight.get(gram, 0.0) for gram, n in counted.items()) for counted in side] for side in (old, new)]
    where: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, counted in enumerate(new):
        for gram, count in counted.items():
            where[gram].append((place, count))
    shared: dict[tuple[int, int], tuple[float, float, float]] = {}
    for at_old, counted in enumerate(old):
        row: dict[int, float] = defaultdict(float)
        for gram, count in counted.items():
            if heavy := weight.get(gram):
                for place, times in where.get(gram, ()):
                    row[place] += heavy * min(count, times)
        for place, got in row.items():
            if got > FAINT * min(sums[0][at_old], sums[1][place]):
                shared[at_old, place] = (got, sums[0][at_old], sums[1][place])
    return shared
