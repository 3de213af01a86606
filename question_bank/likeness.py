"""Questions that say nearly the same: pairs of characters compared, and as few questions as possible.

Likeness is the share of pairs that two stems have in common (Jaccard), and it is exact: what is passed over,
because of its size, its bit map or its rarest pairs, cannot reach ALIKE.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from question_bank.questions import CHOICES, LETTERS, PICTURE, WITH_OPTIONS, Kind, Question

ALIKE = 70  # percent of the pairs of two stems
OPTIONS_ALIKE = 40  # percent, where both have options: a general stem says little about what is asked
BITS = 256
MOST = 5  # look-alikes told of one question
_OTHER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Outline:
    """What of a question is compared, in letters and digits only: many of them are kept at once."""

    stem: str
    options: tuple[str, ...]
    answer: frozenset[str]  # what is right, in words where there are options

    @property
    def grams(self) -> frozenset[str]:
        return pairs(self.stem)

    @property
    def option_grams(self) -> frozenset[str]:
        return frozenset().union(*map(pairs, self.options))


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """How like two questions are, in percent; `other_key` when they ask the same and answer differently."""

    share: int
    other_key: bool = False


def plain_letters(text: str) -> str:
    """Letters and digits alone, in half width and small; a picture as the beginning of its number."""
    text = PICTURE.sub(lambda found: found[2][:12], text)
    return _OTHER.sub("", unicodedata.normalize("NFKC", text).lower())


def pairs(letters: str) -> frozenset[str]:
    return frozenset(letters[at : at + 2] for at in range(max(len(letters) - 1, min(len(letters), 1))))


def outline(question: Question) -> Outline:
    stem = plain_letters("".join((question.stem, *(item.stem for item in question.items))))
    options = (*question.options, *question.matches) if question.kind in WITH_OPTIONS else ()
    return Outline(stem, tuple(map(plain_letters, options)), _answer(question))


def _answer(question: Question) -> frozenset[str]:
    if question.kind in CHOICES:
        right = (LETTERS.index(letter) for letter in question.key if letter in LETTERS)
        return frozenset(plain_letters(question.options[at]) for at in right if at < len(question.options))
    if question.kind is Kind.TRUE_FALSE:
        return frozenset(question.key)
    if question.kind is Kind.FILL_BLANK:
        return frozenset(f"{at}{plain_letters(v)}" for at, variants in enumerate(question.key) for v in variants)
    return frozenset()


class Compared:
    """One question, to be compared with others."""

    def __init__(self, outline: Outline, least: int = ALIKE) -> None:
        self.outline, self.least = outline, least
        self.grams, self.option_grams = outline.grams, outline.option_grams

    def with_(self, other: Outline) -> Likeness | None:
        """How like the other it is; None when it is not."""
        grams = other.grams
        share = jaccard(self.grams, grams)
        if share < self.least:
            return None
        both_have_options = bool(self.option_grams and other.options)
        if both_have_options:
            options = other.option_grams
            by_options = jaccard(self.option_grams, options)
            if by_options < OPTIONS_ALIKE:
                return None
            weights = len(self.grams | grams), len(self.option_grams | options)
            share = round((share * weights[0] + by_options * weights[1]) / sum(weights))
        one, two = self.outline.answer, other.answer
        apart = one != two if both_have_options else one.isdisjoint(two)
        return Likeness(share, bool(one and two) and apart and self.outline.stem == other.stem)


def jaccard(one: frozenset[str], other: frozenset[str]) -> int:
    """Percent, rounded down."""
    common = len(one & other)
    both = len(one) + len(other) - common
    return 100 * common // both if both else 0


def _telling(size: int, least: int) -> int:
    return size - _at_least(size, least) + 1 if size else 0


def _at_least(size: int, least: int) -> int:
    return -(-least * size // 100)


def sizes(size: int, least: int = ALIKE) -> tuple[int, int]:
    """Between how many pairs a stem alike to one of `size` pairs has."""
    return _at_least(size, least), 100 * size // least


def bit_map(grams: Iterable[str]) -> int:
    """The pairs of a stem as BITS bits; two stems differ in at least as many pairs as their maps in bits."""
    bits = 0
    for gram in grams:
        bits |= 1 << crc32(gram.encode()) % BITS
    return bits


def bits_apart(least: int = ALIKE) -> float:
    """How many bits two alike stems may differ in, for each pair of the two together: (1 - t) / (1 + t)."""
    return (100 - least) / (100 + least)


class Crowd:
    """Many questions compared with each other in memory.

    Numbers of `known` questions stand first; each of the `fresh` is compared with all others, a pair once.
    """

    def __init__(self, known: Iterable[Outline], fresh: Iterable[Outline], least: int = ALIKE) -> None:
        self.least = least
        self.outlines: list[Outline] = list(known)
        self.first_fresh = len(self.outlines)
        self.outlines += fresh
        often: Counter[str] = Counter()
        for one in self.outlines:
            often.update(one.grams)
        rank = {gram: place for place, (gram, _) in enumerate(reversed(often.most_common()))}
        sized = sorted((len(one.grams), place) for place, one in enumerate(self.outlines))
        self.sizes = array("I", (size for size, _ in sized))
        self.places = array("I", (place for _, place in sized))
        self.rarest: list[array] = []
        self.bits: list[int] = []
        for place in self.places:
            numbers = sorted(map(rank.__getitem__, self.outlines[place].grams))
            self.rarest.append(array("I", numbers[: _telling(len(numbers), least)]))
            self.bits.append(bit_map(self.outlines[place].grams))

    def alike(self) -> Iterator[tuple[int, int, Likeness]]:
        """(fresh question, other question, how like), places counted over known and fresh together.

        Of two fresh ones the pair is told once, under the later.
        """
        known: dict[int, list[int]] = {}
        fresh: dict[int, list[int]] = {}
        for record, place in enumerate(self.places):
            new = place >= self.first_fresh
            near = self._near(record, (known, fresh) if new else (fresh,))
            one = Compared(self.outlines[place], self.least) if near else None
            for there in map(self.places.__getitem__, near):
                if one and (found := one.with_(self.outlines[there])):
                    yield max(place, there), min(place, there), found
            postings = fresh if new else known
            for gram in self.rarest[record][: self._kept(self.sizes[record])]:
                postings.setdefault(gram, []).append(record)

    def _kept(self, size: int) -> int:
        """By how many pairs a record is found by those of its size or more, which look with all of theirs."""
        return size - -(-2 * self.least * size // (100 + self.least)) + 1

    def _near(self, record: int, indexes: Sequence[dict[int, list[int]]]) -> list[int]:
        """Smaller records that share a rare pair and differ in few bits."""
        size, bits, maps = self.sizes[record], self.bits[record], self.bits
        smallest = bisect_left(self.sizes, _at_least(size, self.least))
        met: set[int] = set()
        for postings in indexes:
            for gram in self.rarest[record]:
                if there := postings.get(gram):
                    met.update(there[bisect_left(there, smallest) :])
        most = int(bits_apart(self.least) * 2 * size)
        apart = map(int.bit_count, map(bits.__xor__, map(maps.__getitem__, met)))
        return [at for at, differing in zip(met, apart, strict=True) if differing <= most]
