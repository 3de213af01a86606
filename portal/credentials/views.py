"""Queue, file, decision; the officer's own application; the notice; the public answer."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from portal.credentials import desks, notice_pdf, operations, queries
from portal.credentials.forms import DecisionForm, OpinionForm
from portal.credentials.models import Application, ApplicationState, Outcome
from portal.credentials.rules import RULES
from portal.credentials.verification import answer_for, standing_of
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused
from portal.ground.limits import Limit
from portal.ground.rules import N_, judge
from portal.ground.web import PUBLIC, SIGNED_IN, address, needs
from portal.people.duties.queries import names_of
from portal.people.models import Body, Person
from portal.people.queries import account_names
from portal.people.rules import Permission, normal_name

bp = Blueprint("credentials", __name__, template_folder="templates")
PAGE = 50
RAISED = "raised"  # in the place of a state: what was handed up to me
LOOK_UPS = Limit(30, per_minutes=5)  # of the public, for each address


@bp.get("/eligibility")
@needs(Permission.SEE_ELIGIBILITY, Permission.UNIT_REVIEW)
def queue():
    """Applications in my reach, the oldest waiting one first."""
    session, state = db.session, request.args.get("state", ApplicationState.BUREAU_REVIEW)
    page = max(1, request.args.get("page", 1, int))
    among = desks.raised_to(session, current_user) if state == RAISED else None
    rows, total = queries.queue(session, current_user, state, page=page, size=PAGE, among=among)
    turns = desks.turns(session, [application for application, _, _ in rows])
    return render_template(
        "credentials/queue.html", rows=rows, total=total, page_number=page, size=PAGE, state=state,
        states=list(ApplicationState), counts=queries.waiting_counts(session, current_user),
        turns=turns, raised=RAISED,
    )  # fmt: skip


@bp.get("/eligibility/<int:application_id>")
@needs(SIGNED_IN)
def file(application_id: int):
    """The officer's file: twelve rules, each with reason, remedy, source and evidence."""
    application = queries.application_in_scope(db.session, current_user, application_id)
    return _file_page(application)


def _checker() -> int | None:
    """Who would decide; nobody, when the reader cannot."""
    return current_user.id if Permission.CHECK_ELIGIBILITY in current_user.permissions else None


def _file_page(application: Application, refusal: Refused | None = None):
    """The file as it stands; with a refusal, what was typed is still there."""
    session, now = db.session, clock.now()
    case, policy = queries.case_for(session, application, checker_account=_checker(), now=now)
    decision = queries.decision_of(session, application.id)
    turn, duties = desks.turn(session, application), desks.taken_by(session, application)
    return render_template(
        "credentials/file.html", application=application, case=case, policy=policy, decision=decision,
        person=session.get_one(Person, application.person_id), unit=session.get_one(Body, application.unit_id),
        bureau=session.get_one(Body, application.bureau_id), findings=judge(case, RULES), form=DecisionForm(),
        records=queries.eligibilities_of(session, application.person_id),
        actors=account_names(session, {step.account_id for step in application.steps}),
        hours=queries.hours_evidence(session, application),
        refusal=refusal, turn=turn, live=desks.acts_on(current_user, application, turn),
        duties=duties,
        absent=names_of(session, {d.on_behalf_of_id for d in duties.values() if d.on_behalf_of_id}),
        taken_at={i: session.get_one(Body, i).name for i in {d.body_id for d in duties.values() if d.raised}},
    ), refusal.status if refusal else 200  # fmt: skip


@bp.post("/eligibility/<int:application_id>/decision")
@needs(Permission.CHECK_ELIGIBILITY, fresh=True)
def decide(application_id: int):
    application = desks.to_decide(db.session, current_user, application_id)
    form = DecisionForm()
    if not form.validate_on_submit():
        raise Malformed(N_("Choose one of the decisions offered."))
    try:
        operations.decide(
            db.session, application, outcome=Outcome(form.outcome.data), opinion=form.opinion.data or "",
            account_id=current_user.id, address=address(), now=clock.now(),
        )  # fmt: skip
    except (operations.ReasonMissing, operations.RulesNotMet) as refusal:
        return _file_page(application, refusal)
    db.session.commit()
    flash(i18n.gettext(N_("The decision is recorded.")))
    return redirect(url_for("credentials.file", application_id=application_id), 303)


@bp.post("/eligibility/<int:application_id>/return")
@needs(Permission.CHECK_ELIGIBILITY)
def send_back(application_id: int):
    application = desks.to_decide(db.session, current_user, application_id)
    form = OpinionForm()
    try:
        operations.send_back(
            db.session, application, reason=form.opinion.data or "", account_id=current_user.id, now=clock.now()
        )
    except operations.ReasonMissing as refusal:
        return _file_page(application, refusal)
    db.session.commit()
    flash(i18n.gettext(N_("Returned for correction; the unit sees what is missing.")))
    return redirect(url_for("credentials.file", application_id=application_id), 303)


@bp.post("/eligibility/<int:application_id>/unit-opinion")
@needs(Permission.UNIT_REVIEW)
def unit_agree(application_id: int):
    application = desks.to_review(db.session, current_user, application_id)
    form = OpinionForm()
    operations.unit_agree(
        db.session, application, opinion=form.opinion.data or "", account_id=current_user.id, now=clock.now()
    )
    db.session.commit()
    flash(i18n.gettext(N_("The unit's opinion is recorded; the bureau has the application now.")))
    return redirect(url_for("credentials.file", application_id=application_id), 303)


@bp.get("/my-eligibility")
@needs(Permission.STUDY)
def mine():
    """The officer's own applications, findings and records."""
    session, now = db.session, clock.now()
    applications = queries.own_applications(session, current_user.person_id)
    findings = []
    if applications and applications[0].state != ApplicationState.DECIDED:
        case, _ = queries.case_for(session, applications[0], checker_account=None, now=now)
        findings = judge(case, RULES)
    return render_template(
        "credentials/mine.html", applications=applications, findings=findings,
        records=queries.eligibilities_of(session, current_user.person_id),
        standing={e.id: standing_of(session, e, queries.standing_events(session, e.id), now)[0]
                  for e, _ in queries.eligibilities_of(session, current_user.person_id)},
    )  # fmt: skip


@bp.post("/my-eligibility")
@needs(Permission.STUDY)
def apply():
    operations.apply(db.session, current_user.person, account_id=current_user.id, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("Your application is with your unit now.")))
    return redirect(url_for("credentials.mine"), 303)


@bp.get("/eligibility/<int:application_id>/notice.pdf")
@needs(SIGNED_IN)
def notice(application_id: int):
    """The notice as PDF, for the officer himself and for staff who see his file."""
    found = queries.notice_for(db.session, current_user, application_id)
    config = current_app.config["MINGFA"]
    link = config.base_url.rstrip("/") + url_for("credentials.verify", token=found.token)
    return send_file(
        notice_pdf.draw(found.printed, link, config.files_dir),
        mimetype="application/pdf",
        download_name=f"{found.number}.pdf",
    )


@bp.get("/verify/<token>")
@needs(PUBLIC)
def verify(token: str):
    """The public answer for one notice: what is printed on it, and whether it holds today."""
    if request.args.get("name"):
        LOOK_UPS.count(address(), clock.now())
    answer = answer_for(db.session, token, clock.now())
    typed = normal_name(request.args.get("name", ""))[:100]
    return render_template("credentials/verify.html", answer=answer, typed=typed), 200 if answer else 404


@bp.get("/verify")
@needs(PUBLIC)
def verify_by_number():
    """Number and name together lead to the same answer; a number alone shows nothing."""
    number, name = request.args.get("number", "").strip().upper(), normal_name(request.args.get("name", ""))
    if number or name:
        LOOK_UPS.count(address(), clock.now())
    token = queries.token_for(db.session, number, name) if number and name else None
    if token:
        return redirect(url_for("credentials.verify", token=token))
    return render_template("credentials/verify_form.html", number=number, name=name, asked=bool(number or name))
