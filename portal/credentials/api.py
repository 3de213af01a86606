"""The same decisions as JSON, for other systems with a token of an account."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import current_user

from portal.credentials import desks, operations, queries
from portal.credentials.models import Outcome
from portal.credentials.rules import RULES
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed
from portal.ground.rules import N_, Finding, judge
from portal.ground.web import address, needs
from portal.people.rules import Permission

bp = Blueprint("credentials_api", __name__, url_prefix="/api/v1")


def _shown(finding: Finding) -> dict[str, object]:
    row = finding.plain()
    row["because"] = i18n.gettext(finding.because, **finding.values)
    row["remedy"] = i18n.gettext(finding.remedy, **finding.values)
    return row


@bp.get("/applications/<int:application_id>/findings")
@needs(Permission.SEE_ELIGIBILITY)
def findings(application_id: int):
    application = queries.application_in_scope(db.session, current_user, application_id)
    case, policy = queries.case_for(db.session, application, checker_account=current_user.id, now=clock.now())
    return {"policy": policy.label, "findings": [_shown(f) for f in judge(case, RULES)]}


@bp.post("/applications/<int:application_id>/decision")
@needs(Permission.CHECK_ELIGIBILITY)
def decide(application_id: int):
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or body.get("outcome") not in tuple(Outcome):
        raise Malformed(N_("The body needs an outcome: eligible or not_eligible."))
    opinion = body.get("opinion", "")
    if not isinstance(opinion, str) or len(opinion) > 500:
        raise Malformed(N_("The opinion is a text of 500 characters at most."))
    application = desks.to_decide(db.session, current_user, application_id)
    decision = operations.decide(
        db.session, application, outcome=Outcome(body["outcome"]), opinion=opinion,
        account_id=current_user.id, address=address(), now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return {"decision": decision.id, "outcome": decision.outcome}, 201
