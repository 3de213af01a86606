"""May this officer be recorded as eligible? Twelve rules, each with reason, remedy, source and evidence."""

from __future__ import annotations

from typing import Any

from portal.credentials.case import Case, Pass
from portal.ground.rules import N_, Finding, State

EDUCATION = ("secondary", "college", "bachelor", "master", "doctor")


def _met(rule: str, because: str, source: str, *evidence: tuple[str, str], **values: Any) -> Finding:
    return Finding(rule, State.MET, because, values, "", source, tuple(evidence))


def _no(rule: str, because: str, remedy: str, source: str, *evidence: tuple[str, str], **values: Any) -> Finding:
    return Finding(rule, State.NOT_MET, because, values, remedy, source, tuple(evidence))


def _open(rule: str, because: str, remedy: str, source: str, **values: Any) -> Finding:
    return Finding(rule, State.NEEDS_EVIDENCE, because, values, remedy, source)


CARD_RULES = N_("Provincial rules on enforcement credentials, conditions for applying")
POLICY = N_("Eligibility policy in force")


def identity(case: Case) -> Finding:
    if not case.id_number_valid:
        return _no(
            "identity",
            N_("The ID number does not check."),
            N_("Compare with the ID card and correct the roster."),
            CARD_RULES,
        )
    if case.identity_checked is None or not case.photo_meets_standard:
        return _open(
            "identity",
            N_("The ID number checks; identity and photo have not been compared yet."),
            N_("The unit compares ID card, person and photo and records it."),
            CARD_RULES,
        )
    day, reference = case.identity_checked
    return _met(
        "identity",
        N_("The ID number checks, nobody stands twice, identity and photo compared on %(day)s."),
        CARD_RULES,
        (N_("Identity check"), reference),
        day=day.isoformat(),
    )


def body(case: Case) -> Finding:
    source = N_("Administrative Penalty Law, Articles 17 to 21 and 24")
    if not case.has_post:
        return _no("body", N_("There is no current post."), N_("The unit enters the post."), source)
    if case.body_confirmed is None:
        return _open(
            "body",
            N_("It is not on record that %(body)s may enforce."),
            N_("The bureau confirms the unit's standing with its list or document."),
            source,
            body=case.body,
        )
    if not case.body_enforces_field:
        return _no(
            "body",
            N_("%(body)s does not enforce in this field."),
            N_("Apply for a field in which the unit enforces."),
            source,
            body=case.body,
        )
    day, reference = case.body_confirmed
    return _met(
        "body",
        N_("%(body)s, confirmed on %(day)s."),
        source,
        (N_("List of bodies"), reference),
        body=case.body,
        day=day.isoformat(),
    )


def establishment(case: Case) -> Finding:
    if case.staffing_type not in case.thresholds.allowed_staffing or not case.on_establishment:
        return _no(
            "establishment",
            N_("This staffing type may not hold a credential, whatever the post."),
            N_("Correct the staffing type if it is wrong; otherwise the application ends here."),
            CARD_RULES,
        )
    if case.establishment_checked is None:
        return _open(
            "establishment",
            N_("The post has not been compared with the establishment office's list."),
            N_("Send the posts list and record the answer."),
            CARD_RULES,
        )
    day, agrees, reference = case.establishment_checked
    if not agrees:
        return _no(
            "establishment",
            N_("The establishment office's list of %(day)s does not agree."),
            N_("Clear the difference with the establishment office."),
            CARD_RULES,
            (N_("Posts check"), reference),
            day=day.isoformat(),
        )
    if (case.today - day).days > case.thresholds.establishment_check_days:
        return _open(
            "establishment",
            N_("The posts check of %(day)s is too old."),
            N_("Send the posts list again."),
            CARD_RULES,
            day=day.isoformat(),
        )
    return _met(
        "establishment",
        N_("On the establishment of %(body)s, agreed on %(day)s. Part-time makes no difference."),
        CARD_RULES,
        (N_("Posts check"), reference),
        body=case.establishment_body,
        day=day.isoformat(),
    )


def in_post(case: Case) -> Finding:
    t = case.thresholds
    if not case.in_post:
        return _no("in_post", N_("Not in post."), N_("Apply when back in an enforcement post."), CARD_RULES)
    if not t.min_age <= case.age < t.retirement_age[case.sex]:
        return _no("in_post", N_("Age %(age)s lies outside the limits."), "", CARD_RULES, age=case.age)
    if EDUCATION.index(case.education) < EDUCATION.index(t.min_education):
        return _no(
            "in_post",
            N_("The education on record is less than the post asks for."),
            N_("Record a later degree if there is one."),
            CARD_RULES,
        )
    return _met("in_post", N_("In post, age %(age)s, education fits the post."), CARD_RULES, age=case.age)


def conduct(case: Case) -> Finding:
    last_year = case.today.year - 1
    if case.conduct is not None and not case.conduct[1]:
        return _no(
            "conduct",
            N_("The unit states a penalty, an investigation or a sentence that is still in effect."),
            N_("Apply again when it has ended."),
            CARD_RULES,
            (N_("Unit's statement"), case.conduct[2]),
        )
    if case.appraisal is None or case.appraisal[0] < last_year:
        return _open(
            "conduct",
            N_("The appraisal of %(year)s is missing."),
            N_("The unit uploads the appraisal form of that year."),
            CARD_RULES,
            year=last_year,
        )
    if case.conduct is None or (case.today - case.conduct[0]).days > case.thresholds.conduct_days:
        return _open(
            "conduct",
            N_("The unit's statement on discipline is missing or too old."),
            N_("The unit states it anew."),
            CARD_RULES,
        )
    year, grade, reference = case.appraisal
    if grade not in case.thresholds.appraisal_grades:
        return _no(
            "conduct",
            N_("The appraisal of %(year)s is not competent."),
            N_("Apply again after a competent year."),
            CARD_RULES,
            (N_("Appraisal"), reference),
            year=year,
        )
    return _met(
        "conduct",
        N_("Appraisal of %(year)s is in order; the unit states that nothing is in effect."),
        CARD_RULES,
        (N_("Appraisal"), reference),
        (N_("Unit's statement"), case.conduct[2]),
        year=year,
    )


def hours(case: Case) -> Finding:
    need, have = case.thresholds.min_minutes, case.minutes
    figures = {
        "legal": f"{have.get('legal', 0) / 60:.1f}",
        "legal_need": f"{need['legal'] / 60:.0f}",
        "professional": f"{have.get('professional', 0) / 60:.1f}",
        "professional_need": f"{need['professional'] / 60:.0f}",
    }
    because = N_(
        "Legal %(legal)s of %(legal_need)s hours, professional in this field "
        "%(professional)s of %(professional_need)s hours."
    )
    if all(have.get(kind, 0) >= minutes for kind, minutes in need.items()):
        return _met("hours", because, POLICY, (N_("Hours ledger"), "hours"), **figures)
    return _no("hours", because, N_("Complete the missing hours; courses are open online."), POLICY, **figures)


def _best(case: Case, subject: str, field: str | None) -> Pass | None:
    fitting = [p for p in case.passes if p.subject == subject and p.field == field]
    return max(fitting, key=lambda p: (p.stands, p.released, p.enough, p.valid_until, p.mark), default=None)


def _exempt(case: Case, subject: str) -> tuple[str, str] | None:
    return next(((kind, ref) for s, kind, ref, good in case.exemptions if s == subject and good), None)


def _pass_finding(rule: str, case: Case, subject: str, field: str | None) -> Finding:
    if exempt := _exempt(case, subject):
        return _met(rule, N_("Exempt by document."), CARD_RULES, (N_("Exemption"), exempt[1]))
    best = _best(case, subject, field)
    enter = N_("Sit the qualification exam of this subject: the one that is open, or the next.")
    if best is None:
        return _no(rule, N_("There is no result of this subject. A monthly exam never counts."), enter, CARD_RULES)
    values = {
        "mark": f"{best.mark / 100:g}",
        "need": f"{best.needed / 100:g}",
        "day": best.sat_on.isoformat(),
        "until": best.valid_until.isoformat(),
    }
    proof = (N_("Result"), f"{best.exam} · {best.result_id}")
    if not best.released:  # a provisional mark is told to nobody
        told, wait = N_("The result of %(day)s is not published yet."), N_("Wait until the results are published.")
        return _open(rule, told, wait, CARD_RULES, day=values["day"])
    if best.voided:
        return _no(rule, N_("The result of %(day)s was voided."), enter, CARD_RULES, proof, **values)
    if best.mark < best.needed:
        return _no(rule, N_("%(mark)s on %(day)s; %(need)s was needed."), enter, CARD_RULES, proof, **values)
    if case.today > best.valid_until:
        return _no(
            rule,
            N_("%(mark)s on %(day)s; the pass was valid until %(until)s."),
            enter,
            CARD_RULES,
            proof,
            **values,
        )
    if not best.identity_confirmed:
        return _open(
            rule,
            N_("%(mark)s on %(day)s; nobody has confirmed who sat it."),
            N_("The exam administrator confirms the identity from the seat list."),
            CARD_RULES,
            **values,
        )
    return _met(
        rule,
        N_("%(mark)s on %(day)s, line %(need)s on that day; valid until %(until)s."),
        CARD_RULES,
        proof,
        **values,
    )


def general_pass(case: Case) -> Finding:
    return _pass_finding("general_pass", case, "general_law", None)


def professional_pass(case: Case) -> Finding:
    finding = _pass_finding("professional_pass", case, "professional_law", case.field)
    if finding.met and case.thresholds.general_before_professional:
        own = _best(case, "professional_law", case.field)
        general = [p.sat_on for p in case.passes if p.subject == "general_law" and p.enough]
        if own and general and not _exempt(case, "general_law") and own.sat_on < min(general):
            return _no(
                "professional_pass",
                N_("The professional exam was sat before the general one was passed."),
                N_("Sit the professional exam again."),
                CARD_RULES,
            )
    others = [p for p in case.passes if p.subject == "professional_law" and p.field != case.field and p.enough]
    if not finding.met and others and _best(case, "professional_law", case.field) is None:
        return _no(
            "professional_pass",
            N_("There is a pass in another field, none in the field applied for."),
            N_("Enter the professional exam of this field, or let the unit change the field."),
            CARD_RULES,
            (N_("Result"), f"{others[0].exam} · {others[0].result_id}"),
        )
    return finding


def exemption(case: Case) -> Finding:
    if not case.exemptions:
        return _met("exemption", N_("No exemption is claimed."), POLICY)
    unclear = [(kind, ref) for _, kind, ref, good in case.exemptions if not good]
    if unclear:
        return _open(
            "exemption",
            N_("An exemption is claimed whose document is missing, unapproved or expired."),
            N_("Upload the document and have it approved, or withdraw the claim."),
            POLICY,
        )
    return _met(
        "exemption",
        N_("Exemption approved, document on file."),
        POLICY,
        *((N_("Exemption"), ref) for _, _, ref, _ in case.exemptions),
    )


def no_bar(case: Case) -> Finding:
    if not case.bans:
        return _met("no_bar", N_("No bar is in force."), CARD_RULES, (N_("Register of bars"), "bans"))
    _, since, until, reference = case.bans[0]
    because = N_("Barred from %(since)s until %(until)s.") if until else N_("Barred from %(since)s on.")
    return _no(
        "no_bar",
        because,
        N_("Apply again when the bar has ended."),
        CARD_RULES,
        (N_("Register of bars"), reference),
        since=since.isoformat(),
        until=until.isoformat() if until else "",
    )


def final(case: Case) -> Finding:
    relied = [
        p
        for p in (_best(case, "general_law", None), _best(case, "professional_law", case.field))
        if p is not None and not _exempt(case, p.subject)
    ]
    if any(p.review_open for p in relied):
        return _no(
            "final",
            N_("A score review of a result relied on is still open."),
            N_("Wait until the review is closed."),
            POLICY,
        )
    if any(not p.released for p in relied):
        return _no(
            "final",
            N_("A result relied on is provisional."),
            N_("Wait until the results are published."),
            POLICY,
        )
    if case.facts_in_recheck:
        return _open(
            "final",
            N_("A fact this rests on has changed and is being re-checked."),
            N_("Look again in a moment."),
            POLICY,
        )
    if not relied and not case.exemptions:
        return _no("final", N_("There is no result to rely on."), N_("Enter the qualification exams."), POLICY)
    return _met("final", N_("Every result relied on is published; no review is open."), POLICY)


def opinions(case: Case) -> Finding:
    if case.unit_opinion is None:
        return _open(
            "opinions",
            N_("The unit has not given its opinion."),
            N_("The unit reviews the application."),
            POLICY,
        )
    when, account, _ = case.unit_opinion
    if case.checker_account is None:
        yet = N_("The unit agreed on %(day)s; the bureau's checker has yet to look.")
        return _open("opinions", yet, N_("The bureau checks next."), POLICY, day=when.date().isoformat())
    if account == case.checker_account or case.applicant_account in (account, case.checker_account):
        return _no(
            "opinions",
            N_("Applicant, unit reviewer and bureau checker must be three persons."),
            N_("Hand the case to a colleague, or one level up."),
            POLICY,
        )
    return _met(
        "opinions",
        N_("The unit agreed on %(day)s; the checker is another person."),
        POLICY,
        (N_("Unit's opinion"), "steps"),
        day=when.date().isoformat(),
    )


RULES = (
    identity,
    body,
    establishment,
    in_post,
    conduct,
    hours,
    general_pass,
    professional_pass,
    exemption,
    no_bar,
    final,
    opinions,
)
