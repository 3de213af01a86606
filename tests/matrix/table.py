"""What every door answers to whom; `doors.py` says how a line is read. A door without a line fails the test."""

from __future__ import annotations

from tests.matrix.doors import (
    ANYWHERE,
    AWAY,
    EVERYBODY,
    FILES,
    OPEN,
    Door,
    everywhere,
    public,
)
from tests.matrix.table_bank import BANKS
from tests.matrix.table_exams import EXAMS
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
STUDIED = {("officer", "other"): OPEN}

DOORS: dict[str, Door] = PEOPLE | BANKS | FINDING | EXCHANGE | LIBRARY | MATTERS | EXAMS | {
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
    "reports.figures": Door({"exam_admin", "supervisor", "leader"}),
    "reports.home": Door(EVERYBODY),
    "static": public("file"),
    "training.course": Door({"officer"}, "course", STUDIED),
    "training.courses": Door({"officer"}),
    "training.finished": Door({"officer"}, "lesson", STUDIED),
    "training.hours": Door({"officer"}),
    "training.lesson": Door({"officer"}, "lesson", STUDIED),
}
