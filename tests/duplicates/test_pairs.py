"""Which records are brought together, and which are not."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from portal.people.duplicates.rules import Record, near_numbers, one_apart, pairs_of
from portal.people.rules import check_digit

_ids = count(1)


def record(**changed: object) -> Record:
    first17 = str(changed.pop("first17", "22058119900506012"))
    values = {
        "id": next(_ids), "name": "周雅琴", "sound": "zhouyaqin", "sex": "f", "birth_date": date(1990, 5, 6),
        "id_number": first17 + check_digit(first17), "phone_index": None, "body_ids": frozenset({1}), **changed,
    }  # fmt: skip
    return Record(**values)  # type: ignore[arg-type]


def reasons(a: Record, b: Record) -> set[str]:
    return pairs_of([a, b]).get((min(a.id, b.id), max(a.id, b.id)), set())


def far(**changed: object) -> Record:
    """Another ID number, another unit."""
    return record(**{"first17": "22010219850101333", "body_ids": frozenset({2}), **changed})


def test_the_same_name_and_birth_date_in_two_units_are_looked_at() -> None:
    assert reasons(record(), far()) == {"name_birth"}


def test_a_separator_written_otherwise_is_the_same_name() -> None:
    assert "name_birth" in reasons(record(name="阿依古丽·买买提"), far(name="阿依古丽•买买提"))


def test_one_phone_number_of_two_is_looked_at_but_not_an_offices() -> None:
    other = {"name": "吕明哲", "sound": "lvmingzhe", "birth_date": date(1970, 1, 1)}
    assert reasons(record(phone_index="p"), far(phone_index="p", **other)) == {"phone"}
    office = [far(phone_index="p", first17=f"2201021985010{n:04d}", birth_date=date(1960 + n, 1, 1), name=f"人{n}")
              for n in range(1, 9)]  # fmt: skip
    assert not any("phone" in found for found in pairs_of(office).values())


def test_a_name_that_sounds_alike_counts_only_in_one_unit() -> None:
    heard = {"name": "周亚勤", "birth_date": date(1990, 8, 1)}
    assert reasons(record(), far(body_ids=frozenset({1}), **heard)) == {"sound_unit"}
    assert reasons(record(), far(**heard)) == set()


def test_a_name_one_character_apart_counts_with_the_same_birth_date_in_one_unit() -> None:
    written = {"name": "周雅芹儿", "sound": "x"}
    assert reasons(record(name="周雅芹"), far(body_ids=frozenset({1}), **written)) == {"name_unit"}


@pytest.mark.parametrize("first17", ["22058119900507012", "22058119900506102", "22058119905006012"])
def test_id_numbers_one_digit_or_one_swap_apart_are_looked_at_with_a_like_name(first17: str) -> None:
    other = record(first17=first17, birth_date=date(1990, 5, 7), body_ids=frozenset({2}))
    assert reasons(record(), other) == {"id_number"}


def test_near_id_numbers_of_quite_different_names_are_left_alone() -> None:
    neighbour = record(
        first17="22058119900506022", name="吕明哲", sound="lvmingzhe", birth_date=date(1990, 5, 7), sex="m",
        body_ids=frozenset({2}),
    )  # fmt: skip
    assert list(near_numbers([record(), neighbour]))
    assert reasons(record(), neighbour) == set()


def test_two_valid_numbers_never_differ_in_one_character_alone() -> None:
    first17 = "22058119900506012"
    for place in range(17):
        for digit in "0123456789":
            other = first17[:place] + digit + first17[place + 1 :]
            if other != first17:
                assert check_digit(other) != check_digit(first17)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("周雅琴", "周雅芹", True),
        ("周雅琴", "周琴", True),
        ("周雅琴", "周雅琴", False),
        ("李", "王", False),
        ("张三", "李四", False),
    ],
)
def test_one_apart(a: str, b: str, apart: bool) -> None:
    assert one_apart(a, b) is apart
