"""Applying, reviewing, deciding; every change of state and its refusals."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credentials import desks, queries
from portal.credentials.models import (
    Application,
    ApplicationState,
    Decision,
    DecisionFinding,
    Eligibility,
    Notice,
    Outcome,
    StandingEvent,
    Step,
    StepKind,
)
from portal.credentials.rules import RULES
from portal.ground import audit, clock
from portal.ground.crypto import digest
from portal.ground.errors import Refused
from portal.ground.models import FactChange
from portal.ground.rules import N_, Finding, judge
from portal.people import queries as people
from portal.people.duties.operations import SamePerson, check_step, take_step
from portal.people.duties.rules import DutyWord
from portal.people.models import Account, Body, Person, Post
from portal.people.queries import lock_person

KIND = "enforcement"


class NotApplicable(Refused):
    """There is nothing to apply with."""

    code = "not_applicable"


class WrongState(Refused):
    """The application is not at this step."""

    code = "wrong_state"


class RulesNotMet(Refused):
    """At least one of the twelve rules is not met; nothing was recorded."""

    code = "rules_not_met"

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        numbers = ", ".join(str(i) for i, f in enumerate(findings, 1) if not f.met)
        super().__init__(N_("Rules %(numbers)s are not met or lack documents. Nothing was recorded."), numbers=numbers)


OwnCase = SamePerson  # the same person may not take two steps of one case, nor any step of his own


class ReasonMissing(Refused):
    """A refusal or a return needs its reason."""

    status = 422
    code = "reason_missing"


def apply(session: Session, person: Person, *, account_id: int, now: datetime) -> Application:
    """Open an application in the field of the person's current post."""
    post = people.current_post(session, person.id)
    if post is None:
        raise NotApplicable(N_("There is no current post to apply for."))
    if queries.open_application(session, person.id, post.field) is not None:
        raise NotApplicable(N_("An application in this field is open already."))
    if queries.recorded_in(session, person.id, post.field, clock.local(now).date()):
        raise NotApplicable(N_("You are recorded as eligible in this field already."))
    bureau = people.same_level_bureau(session, post.body)
    if bureau is None:
        raise NotApplicable(N_("No justice bureau answers for this unit; ask its administrator."))
    application = Application(
        person_id=person.id,
        post_id=post.id,
        field=post.field,
        unit_id=post.establishment_body_id,
        bureau_id=bureau.id,
        state=ApplicationState.UNIT_REVIEW,
        opened_at=now,
    )
    session.add(application)
    session.flush()
    _take(session, application, DutyWord.SUBMIT, account_id, now)
    _step(session, application, StepKind.SUBMITTED, account_id, "", now)
    return application


def unit_agree(session: Session, application: Application, *, opinion: str, account_id: int, now: datetime) -> None:
    """The unit's opinion; the applicant cannot give it for himself."""
    if application.state not in (ApplicationState.UNIT_REVIEW, ApplicationState.RETURNED):
        raise WrongState(N_("This application does not wait for the unit."))
    _take(session, application, DutyWord.REVIEW, account_id, now, _desk(session, application))
    application.state = ApplicationState.BUREAU_REVIEW
    _step(session, application, StepKind.UNIT_AGREED, account_id, opinion, now)


def send_back(session: Session, application: Application, *, reason: str, account_id: int, now: datetime) -> None:
    """Return for correction, with what to mend."""
    if application.state != ApplicationState.BUREAU_REVIEW:
        raise WrongState(N_("This application does not wait for the bureau."))
    if not reason.strip():
        raise ReasonMissing(N_("Say what has to be corrected."))
    _take(session, application, DutyWord.RETURN, account_id, now, _desk(session, application))
    application.state = ApplicationState.RETURNED
    _step(session, application, StepKind.RETURNED, account_id, reason, now)


def decide(
    session: Session,
    application: Application,
    *,
    outcome: Outcome,
    opinion: str,
    account_id: int,
    address: str | None = None,
    now: datetime,
) -> Decision:
    """Judge again inside this transaction and record the decision with everything it rests on.

    A positive decision also records the eligibility and its notice. Raises WrongState, OwnCase,
    ReasonMissing, RulesNotMet; then nothing is recorded.
    """
    if application.state != ApplicationState.BUREAU_REVIEW:
        raise WrongState(N_("This application does not wait for the bureau."))
    desk = _desk(session, application)
    account = session.get_one(Account, account_id)
    check_step(
        session, DutyWord.DECIDE, desks.THING, application.id,
        account=account, person_id=application.person_id, at=desk[0], field=application.field,
    )  # fmt: skip
    lock_person(session, application.person_id)
    case, policy = queries.case_for(session, application, checker_account=account_id, now=now)
    findings = judge(case, RULES)
    if outcome == Outcome.ELIGIBLE and not all(f.met for f in findings):
        raise RulesNotMet(findings)
    if outcome == Outcome.NOT_ELIGIBLE and not opinion.strip():
        raise ReasonMissing(N_("Give the reason of a refusal."))
    facts = case.plain()
    _take(session, application, DutyWord.DECIDE, account_id, now, desk)
    decision = Decision(
        application_id=application.id,
        person_id=application.person_id,
        kind=KIND,
        field=application.field,
        outcome=outcome,
        opinion=opinion,
        policy_id=policy.id,
        facts=facts,
        facts_sha256=digest(facts),
        decided_at=now,
        account_id=account_id,
        valid_from=case.today,
        valid_until=queries.years_later(case.today, case.thresholds.valid_years),
    )
    session.add(decision)
    session.flush()
    for position, finding in enumerate(findings, 1):
        row = DecisionFinding(
            decision_id=decision.id, position=position, rule=finding.rule, state=finding.state, body=finding.plain()
        )
        session.add(row)
    application.state = ApplicationState.DECIDED
    _step(session, application, StepKind.DECIDED, account_id, opinion, now)
    content = {"facts": decision.facts_sha256, "outcome": str(outcome), "policy": policy.id}
    audit.to_ledger(session, "decision", decision.id, content, now=now)
    audit.record(
        session, "eligibility_decided", "application", application.id,
        now=now, account_id=account_id, address=address, person_id=application.person_id,
        body_id=application.bureau_id, outcome=str(outcome), decision=decision.id,
    )  # fmt: skip
    if outcome == Outcome.ELIGIBLE:
        _record(session, decision, application, now=now)
    return decision


def _record(session: Session, decision: Decision, application: Application, *, now: datetime) -> Eligibility:
    eligibility = Eligibility(
        person_id=decision.person_id,
        kind=decision.kind,
        field=decision.field,
        basis="decision",
        decision_id=decision.id,
        issued_on=decision.valid_from,
        valid_until=decision.valid_until,
    )
    session.add(eligibility)
    session.flush()
    printed = _printed(session, decision, application)
    number = f"JL{clock.local(now).year}-{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}"
    notice = Notice(
        number=number, token=secrets.token_urlsafe(18), eligibility_id=eligibility.id,
        printed={**printed, "number": number}, issued_at=now,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    audit.to_ledger(session, "notice", notice.id, notice.printed, now=now)
    return eligibility


def _printed(session: Session, decision: Decision, application: Application) -> dict[str, str]:
    """The fields on the notice's face, exactly as they are verified later."""
    person = session.get_one(Person, decision.person_id)
    post = session.get_one(Post, application.post_id)
    return {
        "name": person.name,
        "id_tail": person.id_number()[-4:],
        "unit": session.get_one(Body, post.body_id).name,
        "field": decision.field,
        "bureau": session.get_one(Body, application.bureau_id).name,
        "decided_on": decision.valid_from.isoformat(),
        "valid_until": decision.valid_until.isoformat(),
    }


def recheck(session: Session, person_id: int, *, now: datetime) -> int:
    """Judge anew what rests on changed facts; what no longer stands is suspended until a bureau decides.

    Returns how many eligibilities were suspended. Safe to run twice.
    """
    lock_person(session, person_id)
    changes = session.scalars(
        select(FactChange).where(FactChange.person_id == person_id, FactChange.drained_at.is_(None))
    ).all()
    for change in changes:
        change.drained_at = now
    session.flush()
    suspended = 0
    for eligibility, _ in queries.eligibilities_of(session, person_id):
        decision = session.get_one(Decision, eligibility.decision_id)
        application = session.get_one(Application, decision.application_id)
        case, _ = queries.case_for(session, application, checker_account=decision.account_id, now=now)
        failed = [f.rule for f in judge(case, RULES) if not f.met]
        events = queries.standing_events(session, eligibility.id)
        if failed and not (events and events[-1].kind == "suspended"):
            session.add(StandingEvent(eligibility_id=eligibility.id, kind="suspended", at=now, reason=",".join(failed)))
            audit.record(
                session, "eligibility_suspended", "eligibility", eligibility.id, now=now, person_id=person_id,
                body_id=application.bureau_id, rules=failed,
            )  # fmt: skip
            suspended += 1
    session.flush()
    return suspended


def _desk(session: Session, application: Application) -> tuple[Body | None, bool]:
    """The body whose turn the application is now, and whether it was handed up to it."""
    holder = desks.turn(session, application)
    return (session.get_one(Body, holder.body_id), holder.raised) if holder else (None, False)


def _take(
    session: Session, application: Application, step: DutyWord, account_id: int, now: datetime,
    desk: tuple[Body | None, bool] = (None, False),
) -> None:  # fmt: skip
    """The duty as it is taken now: by whom, for whom, at whose desk. Raises OwnCase."""
    take_step(
        session, step, desks.THING, application.id, account=session.get_one(Account, account_id),
        person_id=application.person_id, at=desk[0], field=application.field, raised=desk[1], now=now,
    )  # fmt: skip


def _step(
    session: Session, application: Application, kind: StepKind, account_id: int, opinion: str, now: datetime
) -> None:
    session.add(
        Step(application_id=application.id, kind=kind, at=now, account_id=account_id, opinion=opinion.strip()[:500])
    )
    session.flush()
    session.refresh(application, ["steps"])
    if kind != StepKind.DECIDED:
        audit.record(
            session, f"application_{kind}", "application", application.id, now=now, account_id=account_id,
            person_id=application.person_id, body_id=application.bureau_id,
        )  # fmt: skip
