"""What the editor's page shows around a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import session as cookie
from sqlalchemy.orm import Session

from portal.bank.following import queries as following
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank
from portal.bank.writing import queries, shape
from portal.bank.writing.checking import Check, anchor, check
from portal.bank.writing.models import QuestionDraft
from portal.bank.writing.queries import Remark
from portal.ground import clock
from portal.ground.i18n import gettext
from portal.ground.rules import N_
from portal.library.queries import CitedVersion, labels_of, versions_for
from portal.library.topics.queries import GENERAL, nearest
from portal.people.models import Account
from portal.words_bank import KINDS
from question_bank.questions import COGNITIVE_LEVELS, Citation, Kind, Question

DIFFICULTIES = (
    (1, N_("easy")), (2, N_("rather easy")), (3, N_("medium")), (4, N_("rather hard")), (5, N_("hard")),
)  # fmt: skip
Laws = Mapping[tuple[str, str], CitedVersion]


@dataclass(frozen=True)
class Lines:
    """What stands beside the fields: faults by anchor, remarks by anchor, those not settled."""

    faults: Mapping[str, str]
    remarks: Mapping[str, list[Remark]] = field(default_factory=dict)
    open: tuple[Remark, ...] = ()
    can_settle: bool = False


def question_of(draft: QuestionDraft) -> Question:
    return Question.from_plain(shape.tidy(draft.body["question"]))


def laws_of(session: Session, question: Question) -> Laws:
    return versions_for(session, [vars(c) for c in question.all_citations()], clock.today())


def near_topics(session: Session, question: Question, bank: QuestionBank) -> list[str] | None:
    """The nearest topics of the tree to one that is not in it; None when it is."""
    return nearest(session, question.topic, question.field or bank.field or GENERAL)


def checked(
    question: Question, laws: Laws, near: Sequence[str] | None = None, labels: Mapping[str, Sequence[str]] | None = None
) -> Check:
    def in_force(citation: Citation) -> bool | None:
        known = laws.get((citation.law, citation.label))
        return known.in_force if known else None

    return check(question, in_force, near, labels)


def saved_time(draft: QuestionDraft) -> str:
    return f"{clock.local(draft.saved_at):%H:%M:%S}"


def fields(session: Session, draft: QuestionDraft, bank: QuestionBank, row: Row | None) -> dict[str, Any]:
    """What the form alone needs."""
    question = question_of(draft)
    laws = laws_of(session, question)
    unknown = {c.law for c in question.all_citations() if (c.law, c.label) not in laws}
    found = checked(question, laws, near_topics(session, question, bank), labels_of(session, unknown))
    notes = queries.remarks(session, row) if row is not None else []
    by_place: dict[str, list[Remark]] = {}
    for note in notes:
        by_place.setdefault(_beside(note.place), []).append(note)
    written = _written(question)
    faults = {place: sentence for place, sentence in found.faults.items() if place in written}
    lines = Lines(faults, by_place, tuple(n for n in notes if n.settled_at is None), can_settle=True)
    figures = following.figures(session, row) if row is not None else None
    return {
        "bank": bank, "draft": draft, "row": row, "body": draft.body["question"], "question": question, "laws": laws,
        "check": found, "lines": lines, "kinds": list(Kind), "levels": COGNITIVE_LEVELS,
        "difficulties": [(number, gettext(word)) for number, word in DIFFICULTIES],
        "figures": figures, "measured": figures.right if figures else None,
    }  # fmt: skip


def _beside(place: str) -> str:
    """The anchor a remark stands at; that about a key stands below the options."""
    found = anchor(place)
    return found.removesuffix("options") + "key" if place.endswith("key") else found


def _written(question: Question) -> set[str]:
    """The anchors of fields that hold something: an empty form is not red all over."""
    found = {"valid_from"}
    for before, leaf in (("", question), *((f"i{at}-", item) for at, item in enumerate(question.items))):
        found |= {before + "stem"} if leaf.stem else set()
        found |= {before + "options"} if any(leaf.options) or _any(leaf.key) else set()
        if leaf.kind is Kind.DRAFTING:
            found |= {f"{before}criterion-{n}" for n in range(1, len(leaf.key))}
    return found


def _any(key: Any) -> bool:
    """Whether a key says anything at all."""
    return any(map(_any, key)) if isinstance(key, tuple) else bool(key)


def page(session: Session, draft: QuestionDraft, bank: QuestionBank, account: Account) -> dict[str, Any]:
    """Everything of the whole page; the refusal of a submission and a stale text are the caller's."""
    row = session.get_one(Row, draft.question_id) if draft.question_id else None
    code = draft.body["question"]["kind"]
    kind = gettext(KINDS[code])
    return fields(session, draft, bank, row) | {
        "name": f"{kind} {row.code}" if row else kind,
        "next_number": row.current.number + 1 if row else 1,
        "standing": _standing(session, row),
        "saved_time": saved_time(draft),
        "must_say": row is not None and queries.must_say_change(session, row),
        "newer": row is not None and row.current_version_id != draft.base_version_id,
        "returned": queries.last_return(session, row) if row is not None else None,
        "shared_device": bool(cookie.get("shared")),
        "check_address": f"/banks/{bank.code}/check",
    }


def _standing(session: Session, row: Row | None) -> str:
    """Where the question stands, and what this draft does to what runs."""
    if row is None:
        return gettext(N_("It is in nobody's list until you submit it for review."))
    uses = following.uses(session, row, clock.now())
    if not uses.papers:
        return gettext(N_("Version %(n)s has not been used. The text is kept as a new version."), n=row.current.number)
    return " ".join((
        uses.sentence(), gettext(N_("This change is kept as a new version and touches no exam that runs."))
    ))  # fmt: skip
