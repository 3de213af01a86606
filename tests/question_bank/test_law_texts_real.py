"""The real texts, where MINGFA_LAW_TEXTS names their folder: counts, both forms alike, and what exactly changed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from question_bank.laws.comparing import ChangeKind, compare
from question_bank.laws.likeness import bare
from question_bank.laws.texts import LawText, decoded, read_law

FOLDER = Path(os.environ.get("MINGFA_LAW_TEXTS", "/nowhere"))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="MINGFA_LAW_TEXTS names no folder")

# law -> (just-laws, lawrefbook, articles)
NINE = {
    "行政处罚法": ("administrative-penalty", "行政处罚法(2021-01-22)", 86),
    "行政强制法": ("administrative-compulsion-law", "行政强制法(2011-06-30)", 71),
    "行政许可法": ("administrative-licensing-law", "行政许可法(2019-04-23)", 83),
    "行政复议法": ("administrative-reconsideration-law", "行政复议法(2023-09-01)", 90),
    "行政诉讼法": ("administrative-procedure", "行政诉讼法(2017-06-27)", 103),
    "国家赔偿法": ("state-compensation-law", "国家赔偿法(2012-10-26)", 42),
    "公务员法": ("civil-service-law", "公务员法(2018-12-29)", 113),
    "道路交通安全法": ("road-traffic-safety-law", "道路交通安全法(2021-04-29)", 124),
    "个人信息保护法": ("personal-information-protection-law", "个人信息保护法(2021-08-20)", 74),
}
CODE = "ecological-environment-code-*.md"
ENDED_BY_THE_CODE = {
    "环境保护法", "环境影响评价法", "海洋环境保护法", "大气污染防治法", "水污染防治法", "土壤污染防治法",
    "固体废物污染环境防治法", "噪声污染防治法", "放射性污染防治法", "清洁生产促进法",
}  # fmt: skip

# Read by a person, old number -> new number; every other article of 1 to 67 is word for word the same.
TRANSPORT_CHANGED = {63: 63, 65: 65, 69: 68, 71: 70, 75: 74}
TRANSPORT_GONE = {68}
TRANSPORT_MOVED = {70: 69, 72: 71, 73: 72, 74: 73, **{n: n - 1 for n in range(76, 84)}}

# Read by a person beside the printed comparison: of 43 articles one stayed as it was, under another number.
REVIEW_CHANGED = {
    1: 1, 2: 2, 3: 4, 4: 3, 5: 10, 6: 11, 7: 13, 9: 20, 10: 14, 11: 22, 12: 27, 13: 24, 14: 26, 15: 25, 16: 29, 17: 30,
    19: 34, 20: 35, 21: 42, 23: 48, 24: 46, 26: 56, 27: 57, 28: 61, 29: 72, 31: 62, 32: 77, 33: 78, 34: 80, 35: 81,
    36: 82, 37: 83, 39: 87, 40: 88, 43: 90,
}  # fmt: skip
REVIEW_MOVED = {41: 89}
REVIEW_GONE = {8, 18, 22, 25, 30, 38, 42}


def law(*names: str, title: str = "") -> LawText:
    return read_law([decoded(path.read_bytes(), path.name) for n in names for path in FOLDER.glob(n)], title=title)


def changes(old: LawText, new: LawText) -> dict[ChangeKind, dict]:
    found: dict[ChangeKind, dict] = {kind: {} for kind in ChangeKind}
    for c in compare(old.articles, new.articles):
        found[c.kind][c.old.number if c.old else None if c.new is None else -c.new.number] = c.new and c.new.number
    return found


@pytest.mark.parametrize("title", NINE)
def test_both_forms_of_a_law_have_the_same_articles(title):
    just, book, count = NINE[title]
    one, other = law(f"just-laws/{just}.md"), law(f"lawrefbook/{book}.md")

    assert (one.short_title, other.short_title) == (title, title)
    assert (len(one.articles), len(other.articles)) == (count, count)
    assert [bare(a.text) for a in one.articles] == [bare(a.text) for a in other.articles]
    assert {c.kind for c in compare(one.articles, other.articles)} == {ChangeKind.SAME}
    assert not one.faults and not other.faults


def test_every_text_is_read_without_a_fault():
    for path in sorted(FOLDER.glob("*/*.md")):
        if path.name.startswith("ecological-environment") or "模版" in path.name:
            continue
        found = law(f"{path.parent.name}/{path.name}")
        assert not found.faults, path.name
        assert [a.number for a in found.articles] == list(range(1, len(found.articles) + 1)), path.name


def test_the_code_in_five_files_is_one_law_that_ends_ten():
    code = law(f"just-laws/{CODE}", title="中华人民共和国生态环境法典")
    assert (len(code.articles), code.articles[-1].label) == (1242, "第一千二百四十二条")
    assert (code.in_force_on, set(code.ends)) == (date(2026, 8, 15), ENDED_BY_THE_CODE)
    assert not code.faults


def test_the_road_transport_regulation_changed_in_exactly_these_articles():
    found = changes(law("lawrefbook/道路运输条例(2022*"), law("lawrefbook/道路运输条例(2023*"))

    changed = found[ChangeKind.CHANGED] | found[ChangeKind.MOVED_CHANGED]
    assert changed == TRANSPORT_CHANGED
    assert set(found[ChangeKind.GONE]) == TRANSPORT_GONE
    assert found[ChangeKind.MOVED] == TRANSPORT_MOVED
    assert not found[ChangeKind.NEW]
    assert set(found[ChangeKind.SAME]) == set(range(1, 68)) - {63, 65}


def test_the_reconsideration_law_changed_in_exactly_these_articles():
    found = changes(law("lawrefbook/行政复议法(2017*"), law("lawrefbook/行政复议法(2023*"))

    assert found[ChangeKind.CHANGED] | found[ChangeKind.MOVED_CHANGED] == REVIEW_CHANGED
    assert found[ChangeKind.MOVED] == REVIEW_MOVED
    assert set(found[ChangeKind.GONE]) == REVIEW_GONE
    assert not found[ChangeKind.SAME]
    taken = set(REVIEW_CHANGED.values()) | set(REVIEW_MOVED.values())
    assert {-number for number in found[ChangeKind.NEW]} == set(range(1, 91)) - taken


@pytest.mark.parametrize(("name", "ends"), [("城乡规划法", "城市规划法"), ("居民身份证法", "居民身份证条例")])
def test_what_others_end_is_found(name, ends):
    file = {"城乡规划法": "urban-and-rural-planning-law", "居民身份证法": "resident-identity-card-law"}[name]
    assert law(f"just-laws/{file}.md").ends == (ends,)
