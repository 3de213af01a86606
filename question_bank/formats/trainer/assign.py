"""Blocks of keys given to the questions above them: by kind, by section, by number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from question_bank.formats.found import Fault
from question_bank.formats.trainer.drafts import Draft, KeyBlock, Section, Walked
from question_bank.formats.trainer.gather import keyed
from question_bank.formats.trainer.keys import LABEL, entries_of, table_entries, unnumbered
from question_bank.formats.trainer.lines import Line
from question_bank.formats.trainer.signs import CHOICE, Said, heads_of, key_word, labels_in
from question_bank.questions import CHOICES, N_

MOST_GROUPS = 300  # sections whose keys stand elsewhere
KEY_FIRST = re.compile(
    r"\s*([A-HＡ-Ｈ](?:[、,，\s]*[A-HＡ-Ｈ])*|√|×|✓|✗|对|错|正确|错误)(?=[\s。．.，,；;:：（(【\[]|$)\s*[。．.，,；;:：]?\s*"
)


@dataclass(eq=False)
class Answer:
    """One answer out of a block: a key and what is told about it; `number` None when only its place counts."""

    number: int | None
    key: str
    line: Line
    told: list[tuple[str, str]] = field(default_factory=list)  # (label, text)


@dataclass(eq=False)
class Group:
    """Answers of one section."""

    kind: Said
    upto: int
    ordinal: int = 0
    answers: list[Answer] = field(default_factory=list)


def assign(walked: Walked) -> list[tuple[Line, Fault]]:
    """Give every block's keys to their questions; what finds none is returned with its line."""
    astray: list[tuple[Line, Fault]] = []
    served: set[int] = set()
    groups = [group for block in walked.blocks for group in _groups(block, astray)]
    for group in groups[MOST_GROUPS:]:
        astray += [(answer.line, _astray(answer)) for answer in group.answers]
    groups = groups[:MOST_GROUPS]
    for place, group in enumerate(groups):
        run = _run(groups, place)
        sections = [
            s for n, s in enumerate(walked.sections[: group.upto])
            if n not in served and any(not keyed(leaf) for leaf in _leaves(s))
        ]  # fmt: skip
        target = _target(group, sections, run)
        served |= {n for n, s in enumerate(walked.sections) if target and s is target[0] and len(target) == 1}
        lost = _give(group, [leaf for section in target for leaf in _tops(section)])
        leaves = [leaf for section in target for leaf in _leaves(section)]
        for leaf in leaves if lost and len(group.answers) == len(leaves) else ():
            leaf.faults.append(_shifted(leaf))
        astray += lost
    return astray


def _run(groups: list[Group], place: int) -> int:
    """How many groups without a kind stand here in a row."""
    count = 0
    for group in groups[place:]:
        if group.kind is not None or group.ordinal:
            break
        count += 1
    return count


def _leaves(section: Section) -> list[Draft]:
    return [leaf for draft in section.drafts for leaf in draft.leaves()]


def _tops(section: Section) -> list[Draft]:
    return section.drafts


def _target(group: Group, sections: list[Section], run: int) -> list[Section]:
    if group.kind is not None:
        same = [s for s in sections if s.kind is group.kind]
        near = [s for s in sections if {s.kind, group.kind} <= {CHOICE, *CHOICES}] if not same else []
        return same[:1] or (near if len(near) == 1 else [])
    if group.ordinal:
        named = [s for s in sections if s.ordinal == group.ordinal]
        return named if len(named) == 1 else []
    if len(sections) <= 1:
        return sections
    if run == len(sections):
        return sections[:1]
    numbers = [leaf.number for s in sections for leaf in _leaves(s)]
    if len(set(numbers)) == len(numbers):
        return sections
    last = sections[-1]
    mine = {answer.number for answer in group.answers}
    fitting = [s for s in sections if mine <= {leaf.number for leaf in _leaves(s)}]
    exact = [s for s in fitting if mine == {leaf.number for leaf in _leaves(s)}]
    return [last] if fitting == [last] or exact == [last] else []


def _give(group: Group, tops: list[Draft]) -> list[tuple[Line, Fault]]:
    leaves = [leaf for top in tops for leaf in top.leaves()]
    counted = [answer.number for answer in group.answers] == list(range(1, len(leaves) + 1))
    if counted and all(leaf.number is None for leaf in leaves):
        for answer in group.answers:
            answer.number = None
    if group.answers and all(answer.number is None for answer in group.answers):
        if len(leaves) != len(group.answers):
            return [(line, _many(len(group.answers), len(leaves))) for line in {a.line for a in group.answers}]
        for leaf, answer in zip(leaves, group.answers, strict=True):
            _tell(leaf, answer)
        return []
    astray = []
    by_number: dict[int | None, list[Draft]] = {}
    for leaf in leaves:
        by_number.setdefault(leaf.number, []).append(leaf)
    cases = [top for top in tops if top.items]
    for answer in group.answers:
        owners = by_number.get(answer.number, [])
        whole = [top for top in cases if top.number == answer.number]
        if len(whole) == 1 and (len(owners) != 1 or entries_of(answer.key, answer.line)):
            _tell(whole[0].items[-1], answer)
        elif len(owners) == 1:
            _tell(owners[0], answer)
        elif len(tops) == 1 and tops[0].items and len(tops[0].items) >= (answer.number or 0) > 0 and not owners:
            _tell(tops[0].items[(answer.number or 1) - 1], answer)
        else:
            astray.append((answer.line, _astray(answer)))
    return astray


def _shifted(leaf: Draft) -> Fault:
    return Fault(
        "key", N_("The answers are as many as the questions, but their numbers are others."),
        N_("Look at the question and correct it."), {}, leaf.line.raw[:200], warning=True,
    )  # fmt: skip


def _tell(leaf: Draft, answer: Answer) -> None:
    if not answer.key:
        leaf.faults.append(
            Fault(
                "key", N_("The keys of this range are not as many as its questions."),
                N_("Correct the range, or write one key beside each number."), {}, answer.line.raw[:200],
            )
        )  # fmt: skip
        return
    leaf.given.append(answer.key)
    leaf.told.extend((label, text) for label, text in answer.told if text)


def _astray(answer: Answer) -> Fault:
    return Fault(
        "key", N_("The answer to number %(number)s finds no question."),
        N_("Write the answer below its question, or name the kind above the answers."),
        {"number": str(answer.number)}, answer.line.raw[:200],
    )  # fmt: skip


def _many(keys: int, questions: int) -> Fault:
    return Fault(
        "key", N_("There are %(keys)s answers without numbers for %(questions)s questions."),
        N_("Write a number before each answer."), {"keys": str(keys), "questions": str(questions)},
    )  # fmt: skip


def _groups(block: KeyBlock, astray: list[tuple[Line, Fault]]) -> list[Group]:
    """The block's answers; where numbers begin again another section begins."""
    groups = [Group(block.kind, block.upto, block.ordinal)]
    for line, start in block.lines:
        if not line.rows and not line.text[start:].strip():
            continue
        found = _answers(line, start, groups[-1])
        if found is None:
            astray.append(
                (
                    line,
                    Fault(
                        "",
                        N_("This line among the answers belongs to none of them."),
                        N_("Write it below its question."),
                        {},
                        line.raw[:200],
                    ),
                )
            )
            continue
        for answer in found:
            before = [a.number for a in groups[-1].answers if a.number is not None]
            again = answer.number is not None and before and answer.number <= before[-1]
            if again and block.kind is None and not block.ordinal:
                groups.append(Group(None, block.upto))
            groups[-1].answers.append(answer)
    return [group for group in groups if group.answers]


def _answers(line: Line, start: int, group: Group) -> list[Answer] | None:
    """The answers that begin on this line; [] when it goes on with the last one, None when there is none."""
    text = line.text[start:]
    entries = table_entries(line.rows, line) if line.rows else entries_of(text, line)
    if entries is None and not line.rows:
        entries = entries_of(LABEL.sub("", text), line)
    if entries is not None:
        return [
            Answer(entry.number, entry.key, line, [("rationale", entry.told)] if entry.told else [])
            for entry in entries
        ]
    if line.rows:
        return None
    head = heads_of(text)
    last = group.answers[-1] if group.answers else None
    if head and (last is None or last.number is None or head.number > last.number or _labelled(text, head.end)):
        if last is None or _next(head.style, head.number, text, last):
            return [_spelt(head.number, line, start + head.end)]
    if (words := unnumbered(text)) and (last is None or last.number is None):
        return [Answer(None, word, line) for word in words]
    if last is None:
        return None
    _goes_on(last, line, start)
    return []


def _labelled(text: str, end: int) -> bool:
    return any(label == "key" and not text[end:at].strip() for label, at, _end in labels_in(text))


def _next(style: str, number: int, text: str, last: Answer) -> bool:
    """A number in brackets within a written answer is one of its points."""
    written = not key_word(last.key)
    own = heads_of(last.line.text)
    return not (written and own and own.style != style)


def _spelt(number: int, line: Line, start: int) -> Answer:
    """An answer with its labels on one line, as 1.【答案】B【解析】…"""
    answer = Answer(number, "", line)
    if said := re.match(r"\s*答\s*[:：]\s*", line.text[start:]):
        start += said.end()
    labels = list(labels_in(line.text, start))
    first = labels[0][1] if labels else len(line.text)
    plain = line.text[start:first].strip()
    if found := KEY_FIRST.match(plain):
        answer.key = key_word(found[1])
        if rest := plain[found.end() :]:
            answer.told.append(("rationale", rest))
    else:
        answer.key = plain
    _labels(answer, line, labels)
    return answer


def _goes_on(answer: Answer, line: Line, start: int) -> None:
    labels = list(labels_in(line.text, start))
    first = labels[0][1] if labels else len(line.text)
    if plain := line.text[start:first].strip():
        if answer.told or key_word(answer.key):
            answer.told.append((answer.told[-1][0] if answer.told else "rationale", plain))
        else:
            answer.key = f"{answer.key}\n{plain}".strip()
    _labels(answer, line, labels)


def _labels(answer: Answer, line: Line, labels: list[tuple[str, int, int]]) -> None:
    for number, (label, _at, end) in enumerate(labels):
        stop = labels[number + 1][1] if number + 1 < len(labels) else len(line.text)
        text = line.text[end:stop].strip()
        if label == "key" and not answer.key:
            found = KEY_FIRST.match(text)
            answer.key = key_word(found[1]) if found else text
            if found and text[found.end() :]:
                answer.told.append(("rationale", text[found.end() :]))
        else:
            answer.told.append((label, text))
