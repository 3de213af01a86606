"""Questions of every kind and with every field, for properties that hold of all of them."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from question_bank.formats.sheet_cells import FIELDS
from question_bank.questions import LETTERS, Citation, Kind, Question

text = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
lines = st.lists(text, min_size=1, max_size=3).map("\n".join)
citations = st.lists(st.builds(Citation, text, text, text, st.one_of(st.just(""), lines)), min_size=1, max_size=3)
days = st.one_of(st.just(""), st.dates(date(2000, 1, 1), date(2025, 1, 1)).map(date.isoformat))
later = st.one_of(st.just(""), st.dates(date(2026, 1, 1), date(2040, 1, 1)).map(date.isoformat))
common = {
    "code": st.from_regex(r"[A-Z]{1,3}-[0-9]{1,4}", fullmatch=True),
    "stem": lines.filter(lambda stem: "____" not in stem),
    "rationale": lines,
    "citations": citations.map(tuple),
    "topic": text,
    "difficulty": st.integers(1, 5),
    "cognitive_level": st.sampled_from(["remember", "understand", "apply", "analyse"]),
    "tags": st.lists(text, max_size=3, unique=True).map(tuple),
    "source": st.one_of(st.just(""), text),
    "field": st.sampled_from(["", *FIELDS.values()]),
    "valid_from": days,
    "valid_until": later,
}


@st.composite
def choice(draw):
    options = tuple(draw(st.lists(lines, min_size=3, max_size=8, unique=True)))
    letters = draw(st.sets(st.sampled_from(LETTERS[: len(options)]), min_size=1))
    kind = Kind.SINGLE if len(letters) == 1 else Kind.MULTIPLE
    kind = draw(st.sampled_from((kind, Kind.INDEFINITE)))
    fixed = {"kind": st.just(kind), "options": st.just(options), "key": st.just("".join(sorted(letters)))}
    return draw(st.builds(Question, **(common | fixed)))


@st.composite
def ordering(draw):
    options = tuple(draw(st.lists(lines, min_size=2, max_size=8, unique=True)))
    key = "".join(draw(st.permutations(LETTERS[: len(options)])))
    fixed = {"kind": st.just(Kind.ORDERING), "options": st.just(options), "key": st.just(key)}
    return draw(st.builds(Question, **(common | fixed)))


@st.composite
def matching(draw):
    options = tuple(draw(st.lists(lines, min_size=2, max_size=8, unique=True)))
    matches = tuple(draw(st.lists(lines, min_size=2, max_size=12, unique=True)))
    number = st.integers(1, len(matches)).map(str)
    key = tuple(draw(st.lists(number, min_size=len(options), max_size=len(options))))
    fixed = {"kind": Kind.MATCHING, "options": options, "matches": matches, "key": key}
    return draw(st.builds(Question, **(common | {name: st.just(value) for name, value in fixed.items()})))


@st.composite
def blanks(draw):
    key = tuple(draw(st.lists(st.lists(text, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4)))
    stem = "____" + "和____" * (len(key) - 1)
    fixed = {"kind": st.just(Kind.FILL_BLANK), "key": st.just(key), "stem": st.just(stem)}
    return draw(st.builds(Question, **(common | fixed)))


true_false = st.builds(Question, kind=st.just(Kind.TRUE_FALSE), key=st.sampled_from("TF"), **common)
short = st.builds(
    Question, kind=st.just(Kind.SHORT_ANSWER), key=st.lists(lines, min_size=2, max_size=5).map(tuple), **common
)
rubric = st.lists(st.tuples(lines, st.integers(1, 100)), min_size=1, max_size=4).map(tuple)
drafting = st.builds(
    Question, kind=st.just(Kind.DRAFTING), key=st.builds(lambda one, rows: (one, *rows), lines, rubric), **common
)
leaf = st.one_of(choice(), true_false, blanks(), short, ordering(), matching(), drafting)
case = st.builds(
    Question, kind=st.just(Kind.CASE_SET),
    items=st.lists(leaf, min_size=2, max_size=4, unique_by=lambda q: q.code).map(tuple), **common,
).filter(lambda q: q.code not in {item.code for item in q.items})  # fmt: skip
any_question = st.one_of(leaf, case)
