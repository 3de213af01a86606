"""What every door answers to whom; `doors.py` says how a line is read. A door without a line fails the test."""

from __future__ import annotations

from tests.matrix.doors import (
    ANYWHERE,
    AWAY,
    EVERYBODY,
    FILES,
    OPEN,
    SIGN_IN,
    Door,
    everywhere,
    own,
    public,
)
from tests.matrix.table_bank import BANKS
from tests.matrix.table_exchange import EXCHANGE
from tests.matrix.table_finding import FINDING
from tests.matrix.table_library import LIBRARY
from tests.matrix.table_matters import MATTERS
from tests.matrix.table_people import PEOPLE

SAME_LEVEL = {("bureau_checker", "above"): AWAY, ("bureau_checker", "same_field"): AWAY}
# whoever sees no application at all does not learn that this one is there
BLIND = {
    "trainer", "reviewer", "marker", "exam_admin", "invigilator", "leader", "sysadmin", "secadmin", "auditor",
    "law_editor",
}  # fmt: skip
UNSEEN = {("*", "own"): AWAY, ("*", "other"): AWAY} | everywhere(AWAY, BLIND)
MANAGED = Door({"exam_admin"}, "exam")
STUDIED = {("officer", "other"): OPEN}
BY_TOKEN = {("*", relation): SIGN_IN for relation in ANYWHERE}

DOORS: dict[str, Door] = PEOPLE | BANKS | FINDING | EXCHANGE | LIBRARY | MATTERS | {
    "credentials.apply": Door({"officer"}),
    "credentials.decide": Door({"bureau_checker"}, "application", SAME_LEVEL, form={"outcome": "eligible"}),
    "credentials.file": Door(FILES | {"unit_admin"}, "application", UNSEEN),
    "credentials.mine": Door({"officer"}),
    "credentials.notice": Door(EVERYBODY, "application", {("*", where): AWAY for where in ANYWHERE[1:]}),
    "credentials.queue": Door(FILES | {"unit_admin"}, shows="person"),
    "credentials.send_back": Door({"bureau_checker"}, "application", SAME_LEVEL),
    "credentials.unit_agree": Door({"unit_admin"}, "application"),
    "credentials.verify": public("no_token", AWAY),
    "credentials.verify_by_number": public(),
    "credentials_api.decide": Door({"bureau_checker"}, "application", SAME_LEVEL, form={"outcome": "eligible"}),
    "credentials_api.findings": Door(FILES, "application"),
    "delivery.hand_in": own("attempt"),
    "delivery.left": own("attempt"),
    "delivery.open_page": own("attempt"),
    "delivery.picture": own("attempt_picture"),
    "delivery.player": own("attempt"),
    "exams.confirm_identity": Door({"exam_admin"}, "exam", form={"attempt": "@exam_attempt"}),
    "exams.manage": Door({"exam_admin"}, shows="exam"),
    "exams.manage_one": MANAGED,
    "exams.mine": Door({"officer"}),
    "exams.notice": own("open_exam"),
    "exams.outcome": Door({"officer"}, "others_outcome", {("officer", "own"): AWAY, ("officer", "other"): OPEN}),
    "exams.release": MANAGED,
    "exams.start": own("open_exam"),
    "reports.figures": Door({"exam_admin", "supervisor", "leader"}),
    "reports.home": Door(EVERYBODY),
    "saving.pulse": Door(set(), "attempt_id", BY_TOKEN),
    "saving.save": Door(set(), "attempt_id", BY_TOKEN),
    "static": public("file"),
    "training.course": Door({"officer"}, "course", STUDIED),
    "training.courses": Door({"officer"}),
    "training.finished": Door({"officer"}, "lesson", STUDIED),
    "training.hours": Door({"officer"}),
    "training.lesson": Door({"officer"}, "lesson", STUDIED),
}
