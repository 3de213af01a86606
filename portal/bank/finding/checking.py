"""What is said about a question while it is written: what stops it, what is advised, and what it is like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bank.finding.alike import look_alikes
from portal.bank.following.models import ViewedBy
from portal.bank.following.showing import before_showing
from portal.bank.models import Question as Row
from portal.bank.writing.checking import topic_advice
from portal.ground import clock, i18n
from portal.ground.errors import Malformed
from portal.ground.rules import N_
from portal.library.queries import versions_for
from portal.library.topics.queries import GENERAL, nearest
from portal.people.models import Account
from question_bank.checks import problems
from question_bank.linting import InForce, lint
from question_bank.questions import Citation, Kind, Question

SAME = 95  # percent
EMPTY = {
    "code": "", "kind": Kind.SINGLE, "stem": "", "options": [], "key": "", "rationale": "", "citations": [],
    "topic": "", "difficulty": 3, "cognitive_level": "understand", "items": [],
}  # fmt: skip


def question_from(body: Any) -> Question:
    """A question as a page sends it; what is not written yet may be missing. Raises Malformed."""
    try:
        return Question.from_plain(_whole(body))
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise Malformed(N_("This cannot be read.")) from fault


def _whole(body: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise TypeError
    whole = EMPTY | dict(body)
    whole["items"] = [_whole(item) for item in whole["items"]]
    texts = (whole["stem"], whole["rationale"], whole["topic"], *whole["options"], *whole.get("matches", ()))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return whole


def checked(
    session: Session, account: Account, bank_ids: Sequence[int], question: Question, but: str | None,
    field: str | None = None,
) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """`but` is the code of the question itself where it is stored already, `field` that of its bank."""
    own = session.scalar(select(Row.id).where(Row.code == but)) if but else None
    alike = look_alikes(session, account, bank_ids, question, but=own)
    telling = [a.version_id for a in alike if a.version_id and (a.other_key or a.share >= SAME)]
    # whether a key is another is told below, and that tells something of the key
    before_showing(account, telling, ViewedBy.LIST, clock.now(), reading=session)
    return {
        "problems": [
            {"column": p.column, "item": p.item, "message": i18n.gettext(p.message, **dict(p.values)),
             "remedy": i18n.gettext(p.remedy, **dict(p.values))}
            for p in problems(question)
        ],
        "lint": [
            {"place": s.place, "rule": s.rule, "message": i18n.gettext(s.message, **s.values)}
            for s in lint(question, in_force=_in_force(session, question))
        ] + _topic(session, question, field),
        "alike": [
            {"code": a.code, "bank_code": a.bank_code, "opening": a.opening, "share": a.share, "other_key": a.other_key}
            for a in alike
        ],
    }  # fmt: skip


def _topic(session: Session, question: Question, field: str | None) -> list[dict[str, Any]]:
    """A topic that the tree does not have is a suggestion like the others."""
    near = nearest(session, question.topic, question.field or field or GENERAL)
    told = topic_advice(question.topic, near)
    return [{"place": "topic", "rule": "topic_not_in_tree", "message": told}] if told else []


def _in_force(session: Session, question: Question) -> InForce:
    known = versions_for(session, [vars(c) for c in question.all_citations()], clock.today())

    def in_force(citation: Citation) -> bool | None:
        found = known.get((citation.law, citation.label))
        return found.in_force if found else None

    return in_force
