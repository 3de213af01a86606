"""The demo's questions: every key has its reason, was answered by somebody who had not seen it, and is settled."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from portal.demo.banks import QUESTIONS
from portal.demo.laws import LAWS
from question_bank.checks import problems
from question_bank.questions import Kind, Question
from question_bank.sheet_format import read_rows

BANKS = ("JL-GENERAL", "JL-TRANSPORT", "JL-MARKET", "JL-ECOLOGY")
UNTITLED = {"生态环境法典": "ecological-environment-code"}  # its files do not name it
GENERAL = {"行政处罚法", "行政强制法", "行政许可法", "行政复议法", "行政诉讼法", "国家赔偿法"}


def rows_of(name: str) -> list[dict[str, str]]:
    with (QUESTIONS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def banks() -> dict[str, list[Question]]:
    found = {}
    for name in BANKS:
        read = read_rows(rows_of(name))
        assert [r.faults for r in read if r.faults] == []
        found[name] = [r.question for r in read]
    return found


@pytest.fixture(scope="module")
def keys() -> dict[str, dict[str, str]]:
    return {row["题号"]: row for row in rows_of("keys")}


def leaves(banks: dict[str, list[Question]]) -> list[Question]:
    return [leaf for questions in banks.values() for q in questions for leaf in q.leaves()]


SIX = {Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE, Kind.FILL_BLANK, Kind.SHORT_ANSWER, Kind.CASE_SET}


def test_there_are_at_least_four_hundred_of_six_kinds(banks):
    everything = [q for questions in banks.values() for q in questions]
    assert len(everything) >= 400
    assert {q.kind for q in everything} == SIX
    assert [list(problems(q)) for q in everything if list(problems(q))] == []


def test_general_law_covers_its_six_laws_and_cites_versions_in_the_library(banks):
    cited = {c.law for q in banks["JL-GENERAL"] for c in q.all_citations()}
    assert cited == GENERAL
    for leaf in leaves(banks):
        for citation in leaf.citations:
            assert citation.label in {version[0] for version in LAWS[citation.law]}, leaf.code


def test_every_key_stands_in_the_table_with_its_article_and_reason(banks, keys):
    asked = leaves(banks)
    assert set(keys) == {leaf.code for leaf in asked}
    for leaf in asked:
        row = keys[leaf.code]
        assert (row["法律"], row["版本"], row["条"]) == tuple(vars(leaf.citations[0]).values())[:3]
        assert len(row["依据"]) >= 10
        if leaf.kind in (Kind.SINGLE, Kind.MULTIPLE):
            assert row["答案"] == leaf.key
        elif leaf.kind is Kind.TRUE_FALSE:
            assert row["答案"] == {"T": "对", "F": "错"}[leaf.key]


def test_every_key_was_answered_blind_and_every_difference_is_settled(keys):
    assert all(row["盲答"] for row in keys.values())
    assert {row["比对"] for row in keys.values()} <= {"一致", "意思一致", "要点一致", "要点经比对修改"}
    assert all(row["处理"] for row in keys.values() if row["比对"] == "要点经比对修改")


def test_most_describe_a_situation_and_few_ask_for_a_bare_fact(banks, keys):
    whole = [keys[q.leaves()[0].code] for questions in banks.values() for q in questions]
    assert sum(row["情境"] == "是" for row in whole) * 2 >= len(whole)
    assert sum(row["纯记忆"] == "是" for row in whole) * 10 <= len(whole)


def grams(text: str) -> set[str]:
    plain = re.sub(r"[\W_]", "", text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def test_no_two_come_from_one_mould(banks):
    stems = [(q.code, grams(q.stem)) for questions in banks.values() for q in questions]
    for index, (code, words) in enumerate(stems):
        for other, more in stems[:index]:
            assert len(words & more) < 0.5 * len(words | more), f"{code} and {other}"


def test_the_key_does_not_give_itself_away(banks):
    singles = [leaf for leaf in leaves(banks) if leaf.kind is Kind.SINGLE]
    letters = Counter(leaf.key for leaf in singles)
    assert max(letters.values()) < 0.35 * len(singles)
    longest = sum(len(q.options["ABCDEF".index(q.key)]) == max(map(len, q.options)) for q in singles)
    assert longest < 0.45 * len(singles)


def test_no_rationale_names_an_option_by_its_letter(banks):
    """Options are shuffled for each candidate, so a letter would point at another one."""
    named = re.compile(r"选项\s*[A-F]|(?<![A-Za-z])[A-F](?![A-Za-z])")
    assert [leaf.code for leaf in leaves(banks) if named.search(leaf.rationale)] == []


@pytest.mark.skipif("MINGFA_LAW_TEXTS" not in os.environ, reason="MINGFA_LAW_TEXTS names no folder of law texts")
def test_every_cited_article_exists_in_the_text_of_its_law(banks):
    texts: dict[str, str] = {}  # a law in several files counts as one
    for path in sorted(Path(os.environ["MINGFA_LAW_TEXTS"]).rglob("*.md")):
        name = re.split(r"-0\d-", path.name)[0]
        texts[name] = texts.get(name, "") + path.read_text(encoding="utf-8")
    for leaf in leaves(banks):
        for citation in leaf.citations:
            article = re.compile(rf"^\**{citation.article}\**[\s　]", re.M)
            titled = [t for name, t in texts.items() if citation.law in t[:400] or name == UNTITLED.get(citation.law)]
            assert any(article.search(text) for text in titled), (leaf.code, citation)
