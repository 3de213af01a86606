"""Every row of the fault catalogue that the delivery answers for has tests that show it, and a negative control."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.rows import CANDIDATES, MACHINES, ROWS

ROOT = Path(__file__).resolve().parents[2]
WANTED = {*range(1, 23), *range(31, 36), 37, 38, 40}


@cache
def defined_in(path: str) -> frozenset[str]:
    """The tests a file defines, read and not run."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_row_has_its_place_once():
    assert set(ROWS) == WANTED
    assert not set(CANDIDATES) & set(MACHINES)


@pytest.mark.parametrize("number", sorted(ROWS))
def test_every_test_a_row_names_is_there(number: int):
    title, shown, control = ROWS[number]
    assert title and shown
    assert control not in shown, "a control is no proof by itself"
    for name in (*shown, control):
        path, _, test = name.partition("::")
        assert (ROOT / path).is_file(), path
        assert test in defined_in(path), name


def test_no_control_serves_two_rows():
    controls = [control for _, _, control in ROWS.values()]
    assert len(set(controls)) == len(controls)
