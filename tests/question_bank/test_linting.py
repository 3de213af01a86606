"""What a careful colleague would say, and what he would not."""

from __future__ import annotations

from dataclasses import replace

from question_bank.linting import lint
from question_bank.questions import Citation, Kind, Question

GOOD = Question(
    "Q-1", Kind.SINGLE, "当事人要求听证的，应当在告知后几日内提出？", ("三日", "五日", "七日", "十日"), "B",
    rationale="听证申请的期限是五日。", citations=(Citation("行政处罚法", "2021 修订", "第六十四条"),), topic="听证",
)  # fmt: skip


def rules(question: Question, **asked) -> list[str]:
    return [found.rule for found in lint(question, **asked)]


def places(question: Question) -> list[str]:
    return [found.place for found in lint(question)]


def test_a_good_question_is_left_in_peace():
    assert rules(GOOD) == []


def test_a_question_without_key_is_told():
    assert rules(replace(GOOD, key="")) == ["no_key"]
    assert rules(Question("T", Kind.TRUE_FALSE, "听证应当公开举行。", (), "", rationale="应当公开。")) == ["no_key"]


def test_options_that_say_the_same_in_other_signs_are_told():
    found = list(lint(replace(GOOD, options=("三日", "五日", "七日", "３日。".replace("３", "三")))))
    assert found[0].rule == "equal_options" and found[0].place == "options/3"
    assert found[0].message % found[0].values == "Options A and D say the same."


def test_all_of_the_above_is_told_and_a_legal_sentence_is_not():
    for text in ("以上都对", "以上三项均正确", "以上均不正确", "A和B都对", "ABC", "全部正确", "上述选项都不对"):
        assert "all_of_the_above" in rules(replace(GOOD, options=("三日", "五日", "七日", text))), text
    assert rules(replace(GOOD, options=("三日", "五日", "七日", "二百元以上"))) == []


def test_the_longest_option_is_told_only_when_it_is_right_and_clearly_longer():
    long = "自行政机关告知之日起五日内向作出处罚决定的机关书面提出"
    assert rules(replace(GOOD, options=("三日", long, "七日", "十日"))) == ["longest_is_right"]
    assert rules(replace(GOOD, options=(long, "五日", "七日", "十日"))) == []


def test_a_stem_that_is_turned_round_is_told_unless_it_is_in_bold():
    asked = "关于听证，下列说法不正确的是（　　）"
    assert rules(replace(GOOD, stem=asked)) == ["negative_not_emphasised"]
    assert rules(replace(GOOD, stem=asked.replace("不正确", "**不正确**"))) == []
    assert rules(replace(GOOD, stem="除涉及国家秘密外，下列听证应当公开举行的是？")) == []
    assert rules(replace(GOOD, stem="下列人员中，除听证主持人外，无须回避的是哪一个？".replace("，无须", "无须"))) != []
    assert rules(replace(GOOD, stem="当事人不服处罚决定的，可以怎样救济？")) == []
    assert rules(replace(GOOD, stem="执法人员有没有权力查封？")) == []


def test_absolute_words_are_told_where_only_wrong_options_have_them():
    options = ("听证一律公开举行", "听证费用由机关承担", "听证由办案人员主持", "听证可以口头提出")
    assert rules(replace(GOOD, options=options, rationale="听证费用由机关承担。")) == ["absolute_words"]
    assert rules(replace(GOOD, options=options, key="A", rationale="一律公开举行。")) == []
    assert rules(replace(GOOD, options=("必须三日", "五日", "七日", "十日"))) == []


def test_endings_and_units_that_are_not_parallel_are_told():
    assert places(replace(GOOD, options=("三日。", "五日。", "七日", "十日。"))) == ["options/2"]
    assert places(replace(GOOD, options=("3日", "5日", "7", "10日"))) == ["options/2"]
    assert rules(replace(GOOD, options=("3日", "5日", "7日", "10个工作日"))) == []


def test_a_key_that_the_stem_gives_away_is_told():
    stem = "由具有行政处罚权的行政机关在法定职权范围内实施处罚，那么处罚由谁实施？"
    options = ("县级以上各级机关", "具有行政处罚权的行政机关", "任何社会组织", "街道办事处")
    assert rules(replace(GOOD, stem=stem, options=options, rationale="行政机关实施。")) == ["given_away"]
    blank = Question("B", Kind.FILL_BLANK, "当事人可以要求听证，听证的申请____内提出，听证的申请费由机关承担。", (),
                     (("听证的申请",),), rationale="申请。")  # fmt: skip
    assert rules(blank) == ["given_away"]


def test_a_rationale_that_speaks_of_other_options_is_told():
    assert rules(replace(GOOD, rationale="A项错误，期限不是三日。")) == ["rationale_elsewhere"]
    assert rules(replace(GOOD, rationale="B项正确，A项错误。")) == []


def test_blanks_with_a_variant_said_twice_are_told():
    key = (("15日", "１５日"),)
    blank = Question("B", Kind.FILL_BLANK, "当事人应当在____内缴纳罚款。", (), key, rationale="十五日内。")
    assert rules(blank) == ["equal_variants"]


def test_questions_of_a_case_that_hang_on_each_other_are_told_at_their_place():
    first = replace(GOOD, code="C-1")
    second = replace(GOOD, code="C-2", stem="根据上一题的结论，应当怎样处理？")
    case = Question("C", Kind.CASE_SET, "某公司被罚款。", items=(first, second), topic="听证")
    assert [(found.rule, found.place) for found in lint(case)] == [("items_depend", "items/1/stem")]
    third = replace(GOOD, code="C-3", options=("由听证主持人另行决定", "由机关负责人集体讨论决定", "甲", "乙"),
                    rationale="集体讨论决定。")  # fmt: skip
    fourth = replace(GOOD, code="C-4", stem="本案由机关负责人集体讨论决定后，几日内送达？")
    assert "items/1/stem" in places(replace(case, items=(third, fourth)))


def test_an_article_no_longer_in_force_is_told_and_one_unknown_is_not():
    assert rules(GOOD, in_force=lambda citation: False) == ["article_not_in_force"]
    assert rules(GOOD, in_force=lambda citation: None) == []
    inside = Question("C", Kind.CASE_SET, "某公司被罚款。", items=(GOOD, GOOD), topic="听证")
    told = {found.place for found in lint(inside, in_force=lambda citation: False)}
    assert told == {"items/0/citations/0", "items/1/citations/0"}
