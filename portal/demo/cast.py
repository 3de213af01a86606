"""Everybody in the demo province whom somebody looks for by name: the cases of a bureau's desk, and the staff."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.ground.rules import N_
from portal.people.models import Field, Role

COUNTY = "220581"  # Meihekou: every application lies on this bureau's desk
OTHER_COUNTY = "222403"
ABOVE = "GOV-220000"  # Meihekou is managed by the province itself
PASSWORD = "mingfa-demo"  # of every demo account; a demo province never runs with real people
TOWN_1, TOWN_2, TOWN_3, UNCONFIRMED = (f"TOWN-{COUNTY}-{number}" for number in (1, 2, 3, 4))


@dataclass(frozen=True)
class Case:
    """An applicant of Meihekou: personnel number, where they work, and the one rule that is not met."""

    key: str
    number: str
    name: str
    body: str  # body code
    field: str
    fails: str | None  # rule; None: all twelve are met
    note: str  # gettext id


@dataclass(frozen=True)
class Member:
    """A member of staff: personnel number (which is the username), role, and the bodies it reaches."""

    number: str
    name: str
    role: Role
    note: str  # gettext id
    scope: tuple[str, ...] = field(default=("GOV-220000",))  # body codes
    only: Field | None = None  # one enforcement field; None: all


CASES = (
    Case("eligible_after_exam", "MHK001", "沈若溪", TOWN_1, "market", "general_pass",
         N_("Everything is met except the general-law exam, which is open now.")),
    Case("eligible_ready", "MHK002", "韩松年", TOWN_2, "ecology", None,
         N_("All twelve rules are met; the bureau may record the eligibility.")),
    Case("contract", "MHK003", "罗嘉树", TOWN_1, "market", "establishment",
         N_("Works on a contract, so no credential is possible.")),
    Case("dispatch", "MHK004", "田雨桐", TOWN_2, "market", "establishment",
         N_("Sent by a labour agency, so no credential is possible.")),
    Case("not_in_post", "MHK005", "秦望舟", TOWN_3, "market", "in_post", N_("Is not in post at present.")),
    Case("banned", "MHK006", "雷怀岩", TOWN_1, "ecology", "no_bar", N_("Is barred after cheating in an exam.")),
    Case("expired_pass", "MHK007", "金·尚熙", TOWN_2, "market", "general_pass",
         N_("Passed the general-law exam six years ago; the pass has run out.")),
    Case("too_few_hours", "MHK008", "贺春霖", TOWN_3, "ecology", "hours",
         N_("Has too few professional training hours.")),
    Case("wrong_field", "MHK009", "邹知野", TOWN_1, "market", "professional_pass",
         N_("Passed the professional exam of another field.")),
    Case("open_review", "MHK010", "佟䶮安", TOWN_2, "market", "final",
         N_("Has asked for a score review that is still open.")),
    Case("unconfirmed_body", "MHK011", "史清屿", UNCONFIRMED, "market", "body",
         N_("Works for a town whose standing to enforce is not on record.")),
    Case("no_establishment_check", "MHK012", "顾云舒", TOWN_3, "market", "establishment",
         N_("The establishment office has not compared the post yet.")),
    Case("provisional_result", "MHK013", "白𠅤", TOWN_1, "market", "final",
         N_("Passed, but the result has not been released.")),
    Case("voided_result", "MHK014", "段书澜", TOWN_2, "ecology", "general_pass",
         N_("The general-law result was voided.")),
    Case("no_photo", "MHK015", "崔㛃岚", TOWN_3, "market", "identity",
         N_("The photo does not meet the standard.")),
    Case("missing_appraisal", "MHK016", "那拉·成荫", TOWN_1, "ecology", "conduct",
         N_("Last year's appraisal is missing.")),
    Case("monthly_only", "MHK017", "常予宁", TOWN_2, "market", "general_pass",
         N_("Excels in monthly exams, which never count as the qualification exam.")),
    Case("no_unit_opinion", "MHK018", "侯沐阳", TOWN_3, "market", "opinions",
         N_("Still waits for the unit's opinion.")),
    Case("own_case", "MHK019", "邵以棠", TOWN_1, "market", "opinions",
         N_("The unit's opinion was given by the bureau's own checker.")),
    Case("unclear_exemption", "MHK020", "万若帆", TOWN_2, "ecology", "exemption",
         N_("Claims an exemption without a document.")),
)
CASE = {case.key: case for case in CASES}

STAFF = (
    Member("trainer", "林知远", Role.TRAINER, N_("Writes questions for the province's banks."), ("JUS-220000",)),
    Member("reviewer", "唐晓岚", Role.REVIEWER, N_("Approves what somebody else wrote."), ("JUS-220000",)),
    Member("testadmin", "程立新", Role.EXAM_ADMIN,
           N_("Makes the province's exams, confirms identities, publishes results.")),
    Member("testadmin2", "葛文君", Role.EXAM_ADMIN,
           N_("Approves the exams the other administrator made, reviews their results.")),
    Member("unitadmin", "夏玉平", Role.UNIT_ADMIN, N_("Answers for the towns of Meihekou: roster and unit's opinion."),
           (TOWN_1, TOWN_2, TOWN_3, UNCONFIRMED)),
    Member("bureau", "高承志", Role.BUREAU_CHECKER, N_("Decides at the justice bureau of Meihekou."),
           (f"GOV-{COUNTY}",)),
    Member("bureau2", "姜永林", Role.BUREAU_CHECKER, N_("Decides at another county's bureau; sees nobody of Meihekou."),
           (f"GOV-{OTHER_COUNTY}",)),
    Member("supervisor", "卢明澜", Role.SUPERVISOR, N_("Supervises enforcement in the whole province.")),
    Member("leader", "苏景安", Role.LEADER, N_("Looks at the figures of the whole province.")),
    Member("sysadmin", "孔德森", Role.SYSADMIN, N_("Looks after rosters and accounts.")),
    Member("marker", "盛文谦", Role.MARKER, N_("Marks written answers of the province's exams."), ("JUS-220000",)),
    Member("invigilator", "袁世民", Role.INVIGILATOR, N_("Watches sittings in Meihekou."), (f"GOV-{COUNTY}",)),
    Member("approver", "戴云鹏", Role.BUREAU_APPROVER, N_("Approves at the justice bureau of Meihekou."),
           (f"GOV-{COUNTY}",)),
    Member("bureauup", "冯致远", Role.BUREAU_CHECKER,
           N_("Decides one level up where Meihekou's only checker may not: see the handed-up case."), (ABOVE,)),
    Member("transport", "于海波", Role.SUPERVISOR,
           N_("The province's transport department: sees transport officers everywhere and nobody else."),
           only=Field.TRANSPORT),
    Member("secadmin", "白若川", Role.SECADMIN, N_("Gives and ends roles; does nothing else.")),
    Member("laweditor", "谢文澜", Role.LAW_EDITOR, N_("Keeps the law library and the towns' lists of matters.")),
    Member("laweditor2", "宁书衡", Role.LAW_EDITOR,
           N_("Lays down the lists and publishes the guides that the other editor wrote.")),
    Member("auditor", "龚敬之", Role.AUDITOR, N_("Reads the audit trail and who holds which role.")),
)
