"""Which records may be one human being: pure comparison of names, dates, phones and ID numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations

from portal.people.rules import normal_name

# How much each reason speaks for one human being.
WEIGHTS = {"id_number": 8, "name_birth": 6, "name_unit": 4, "sound_unit": 3, "phone": 2, "by_hand": 9}
SHARED_BY_MANY = 5  # a phone number of more people is an office's

Pairs = dict[tuple[int, int], set[str]]


@dataclass(frozen=True, slots=True)
class Record:
    """What is compared of one person; lives in memory only."""

    id: int
    name: str
    sound: str  # the likeliest pinyin
    sex: str
    birth_date: date
    id_number: str
    phone_index: str | None
    body_ids: frozenset[int]  # of current posts


Found = Iterator[tuple[str, Record, Record]]  # reason and the two


def name_key(name: str) -> str:
    """A name without separators and letter case."""
    return normal_name(name).replace("·", "").replace(" ", "").casefold()


def one_apart(a: str, b: str) -> bool:
    """Whether two names differ by one character, written otherwise, missing or added."""
    if abs(len(a) - len(b)) > 1 or a == b or min(len(a), len(b)) < 2:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


def alike(a: Record, b: Record) -> bool:
    """Whether two names may be one name, written or heard otherwise."""
    x, y = name_key(a.name), name_key(b.name)
    return x == y or one_apart(x, y) or (bool(a.sound) and a.sound == b.sound)


def _grouped(records: Iterable[Record], keys: Iterable[Hashable]) -> Iterator[list[Record]]:
    groups: dict[Hashable, list[Record]] = defaultdict(list)
    for record, key in zip(records, keys, strict=True):
        groups[key].append(record)
    return (group for group in groups.values() if len(group) > 1)


def pairs_of(records: Sequence[Record]) -> Pairs:
    """Every pair worth looking at, the lower id first, with its reasons. Takes seconds for 70,000 people."""
    found: Pairs = defaultdict(set)
    for reason, a, b in chain(_by_name(records), _by_phone(records), _by_unit(records), _by_number(records)):
        if a.id != b.id:
            found[(min(a.id, b.id), max(a.id, b.id))].add(reason)
    return dict(found)


def _by_name(records: Sequence[Record]) -> Found:
    for group in _grouped(records, ((name_key(r.name), r.birth_date) for r in records)):
        yield from (("name_birth", a, b) for a, b in combinations(group, 2))


def _by_phone(records: Sequence[Record]) -> Found:
    phoned = [r for r in records if r.phone_index]
    for group in _grouped(phoned, (r.phone_index for r in phoned)):
        if len(group) <= SHARED_BY_MANY:
            yield from (("phone", a, b) for a, b in combinations(group, 2))


def _by_unit(records: Sequence[Record]) -> Found:
    for a, b in _in_one_unit(records):
        if a.birth_date == b.birth_date and one_apart(name_key(a.name), name_key(b.name)):
            yield "name_unit", a, b
        elif a.sound and a.sound == b.sound and a.sex == b.sex and a.birth_date.year == b.birth_date.year:
            yield "sound_unit", a, b


def _by_number(records: Sequence[Record]) -> Found:
    return (("id_number", a, b) for a, b in near_numbers(records) if alike(a, b))


def _in_one_unit(records: Sequence[Record]) -> Iterator[tuple[Record, Record]]:
    """Pairs of one unit that share the sound of their names, or their birth date."""
    placed = [(record, body_id) for record in records for body_id in record.body_ids]
    people = [record for record, _ in placed]
    for group in _grouped(people, ((body_id, r.sound, r.birth_date.year) for r, body_id in placed)):
        yield from combinations(group, 2)
    for group in _grouped(people, ((body_id, r.birth_date) for r, body_id in placed)):
        yield from combinations(group, 2)


def near_numbers(records: Sequence[Record]) -> Iterator[tuple[Record, Record]]:
    """Pairs whose ID numbers differ in one of the first 17 digits, or in two neighbours swapped.

    The last character is left out: it follows from the others, so that two valid numbers never differ
    in one place only. One pass per place: linear, and nothing but one place's keys in memory.
    """
    for place in range(17):
        yield from _apart(records, (r.id_number[:place] + r.id_number[place + 1 : 17] for r in records))
    for place in range(16):
        yield from _apart(records, (_unordered(r.id_number, place) for r in records))


def _unordered(number: str, place: int) -> str:
    """The first 17 digits with two neighbours in rising order, so that swapped ones come out the same."""
    return number[:place] + "".join(sorted(number[place : place + 2])) + number[place + 2 : 17]


def _apart(records: Sequence[Record], keys: Iterable[str]) -> Iterator[tuple[Record, Record]]:
    for group in _grouped(records, keys):
        for a, b in combinations(group, 2):
            if a.id_number[:17] != b.id_number[:17]:
                yield a, b


def weight(reasons: Iterable[str]) -> int:
    return sum(WEIGHTS[reason] for reason in reasons)
