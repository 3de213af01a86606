"""May this person review penalty decisions? One rule, with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.ground.rules import N_, Finding, State

# The law asks it of whoever takes the review up for the first time since this day
# (first as Article 38 of the law as amended in 2017, since 2021-07-15 as Article 58).
ASKED_SINCE = date(2018, 1, 1)
RULE = "legal_qualification"
SOURCE = N_("Administrative Penalty Law, Article 58")


@dataclass(frozen=True)
class ReviewerCase:
    """What the register says about one reviewer."""

    penalties: bool
    first_on: date
    first_document: str
    number: str
    qualified_on: date | None
    document: str


def legal_qualification(case: ReviewerCase) -> Finding:
    if not case.penalties:
        return _answer(State.MET, N_("Reviews no penalty decisions; the article asks nothing here."))
    if case.first_on < ASKED_SINCE:
        return _long_since(case)
    if not case.number:
        return _answer(
            State.NOT_MET,
            N_("Took the review up on %(day)s, and no legal-profession qualification is on record."),
            N_("Enter the certificate, or let a qualified person review penalty decisions."),
            day=case.first_on.isoformat(),
        )
    if not case.document or case.qualified_on is None:
        return _answer(
            State.NEEDS_EVIDENCE,
            N_("A certificate number is on record without its date and document."),
            N_("Enter the day of the certificate and where its copy is kept."),
        )
    later = case.qualified_on > case.first_on
    because = (
        N_("Qualified since %(day)s; what was reviewed before that day was reviewed without it.")
        if later
        else N_("Qualified since %(day)s, when the review was taken up or earlier.")
    )
    return _answer(State.MET, because, evidence=(case.number, case.document), day=case.qualified_on.isoformat())


def _long_since(case: ReviewerCase) -> Finding:
    """Whoever reviewed before the article came into force is not asked; the day needs its document."""
    day = case.first_on.isoformat()
    if not case.first_document:
        return _answer(
            State.NEEDS_EVIDENCE,
            N_("Said to review since %(day)s, before the qualification was asked for, without a document."),
            N_("Enter the document that shows since when."),
            day=day,
        )
    because = N_("Reviews since %(day)s, before the qualification was asked for.")
    return _answer(State.MET, because, evidence=("", case.first_document), day=day)


def _answer(
    state: State, because: str, remedy: str = "", *, evidence: tuple[str, str] | None = None, **values: str
) -> Finding:
    shown: tuple[tuple[str, str], ...] = ()
    if evidence is not None:
        label = N_("Certificate") if evidence[0] else N_("Document")
        shown = ((label, " ".join(part for part in evidence if part)),)
    return Finding(RULE, state, because, values, remedy, SOURCE, shown)
