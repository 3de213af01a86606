"""The doors of exams: making, sites and sittings, entry, delivery, running, marking."""

from __future__ import annotations

from tests.matrix.doors import (
    ANYWHERE,
    AWAY,
    OPEN,
    REFUSED,
    SIGN_IN,
    WITHIN,
    WITHOUT,
    Door,
    everywhere,
    own,
    public,
)

STEPS = ("batch", "choose", "columns", "commit", "discard", "parked", "progress", "undo")  # of a cockpit
BY_TOKEN = {("*", relation): SIGN_IN for relation in ANYWHERE}
MANAGED = Door({"exam_admin"}, "exam")
CALENDAR = {"exam_admin", "sysadmin"}  # read wherever granted, kept for the whole province and every field
AT_THE_TOP = everywhere(REFUSED, CALENDAR) | {(role, "above"): OPEN for role in CALENDAR}

DELIVERY: dict[str, Door] = {
    "delivery.open_page": own("attempt"),
    "delivery.picture": own("attempt_picture"),
    "delivery.player": own("attempt"),
    "exams.mine": Door({"officer"}),
    "exams.notice": own("open_exam"),
    "exams.outcome": Door({"officer"}, "others_outcome", {("officer", "own"): AWAY, ("officer", "other"): OPEN}),
    "exams.start": own("open_exam"),
    "health.health": public(),
    "receipts.answers": own("attempt"),
    "receipts.keep_rescue_file": own("attempt"),
    "saving.form": Door(set(), "sealed_form", BY_TOKEN),
    "saving.hand_in": Door(set(), "attempt_id", BY_TOKEN),
    "saving.left": Door(set(), "attempt_id", BY_TOKEN),
    "saving.pulse": Door(set(), "attempt_id", BY_TOKEN),
    "saving.save": Door(set(), "attempt_id", BY_TOKEN),
    "saving.start": Door(set(), "check_in_id", BY_TOKEN),
}
MAKING: dict[str, Door] = {
    "exams.confirm_identity": Door({"exam_admin"}, "exam", form={"attempt": "@exam_attempt"}),
    "exams.manage": Door({"exam_admin"}, shows="exam"),
    "exams.manage_one": MANAGED,
    "exams.release": MANAGED,
    "exams_making.approve": MANAGED,
    "exams_making.bring_back": MANAGED,
    "exams_making.bring_in": MANAGED,
    "exams_making.copy": MANAGED,
    "exams_making.create": Door({"exam_admin"}, form={"kind": "monthly", "title": "x"}),
    "exams_making.draft": Door({"exam_admin"}, "exam_draft"),
    "exams_making.fits": Door({"exam_admin"}, "exam_draft"),
    "exams_making.give_back": MANAGED,
    "exams_making.new": Door({"exam_admin"}),
    "exams_making.progress": MANAGED,
    "exams_making.publish": Door({"exam_admin"}, "exam_draft"),
    "exams_making.put_away": Door({"exam_admin"}, "exam_draft"),
    "exams_making.rehearse": MANAGED,
    "exams_making.resit": MANAGED,
    "exams_making.save": Door({"exam_admin"}, "exam_draft"),
    "exams_results.desk": MANAGED,
    "exams_results.paper": MANAGED,
    "exams_results.review": MANAGED,
    "cycle.days": Door(CALENDAR),
    "cycle.enter": Door(CALENDAR, None, AT_THE_TOP, form={"day": "2027-01-01", "works": "0", "label": "元旦"}),
    "cycle.forget": Door(CALENDAR, "working_day", AT_THE_TOP),
}
# a site is of no field: whoever holds exams at its body, in whatever field, plans there
SITE = {("exam_admin", "other_field"): OPEN}
ENTERS = {"exam_admin", "unit_admin"}
IN_SITTING = {"sitting": "@sitting", "room": "@test_room"}
ENTRY = Door(ENTERS, "exam")
# a file with people in it: only who brought it sees it, the exam administrator of the county
BROUGHT = {(role, where): AWAY for role in ENTERS for where in (*WITHIN, *WITHOUT)} | {("exam_admin", "here"): OPEN}
SITTINGS: dict[str, Door] = {
    "sittings.sites": Door({"exam_admin"}),
    "sittings.open_site": Door({"exam_admin"}),
    "sittings.site": Door({"exam_admin"}, "test_site", SITE),
    "sittings.site_state": Door({"exam_admin"}, "test_site", SITE),
    "sittings.add_room": Door({"exam_admin"}, "test_site", SITE, form={"name": "第九考场", "seats": "30"}),
    "sittings.change_room": Door({"exam_admin"}, "test_room", SITE, form={"seats": "31"}),
    "sittings.plan": MANAGED,
    "sittings.add": MANAGED,
    "sittings.change": Door({"exam_admin"}, "exam", form=IN_SITTING),
    "sittings.take_rooms": Door({"exam_admin"}, "exam", form=IN_SITTING),
    "sittings.cancel": Door({"exam_admin"}, "exam", form=IN_SITTING),
    "sittings.policies": Door(ENTERS),
    **{f"entry_imports.{step}": Door(ENTERS, "entries_file", BROUGHT) for step in STEPS},
    **{f"entry_imports.{step}": ENTRY for step in ("receive", "start", "template")},
    "exam_entries.exams": Door(ENTERS, shows="exam"),
    "exam_entries.choose": ENTRY,
    "exam_entries.find": ENTRY,
    "exam_entries.look": ENTRY,
    "exam_entries.enter": ENTRY,
    "exam_entries.entries": ENTRY,
    "exam_entries.find_listed": ENTRY,
    "exam_entries.export": ENTRY,
    "exam_entries.one": Door(ENTERS, "entry"),
    "exam_entries.withdraw": Door(ENTERS, "entry", form={"reason": "x"}),
    "exam_entries.extra_time": Door({"exam_admin"}, "entry", form={"minutes": "5", "ground": "sight", "evidence": "x"}),
    "exam_entries.move": Door({"exam_admin"}, "entry", form={"place": "@sitting_room", "seat": "2"}),
    "exam_seats.plan": MANAGED,
    "exam_seats.give": MANAGED,
    "exam_seats.room": Door({"exam_admin"}, "sitting_room"),
    "exam_prints.room": Door({"exam_admin"}, "exam", form=IN_SITTING),
    "exam_prints.door": Door({"exam_admin"}, "exam", form=IN_SITTING),
    "exam_prints.unit_slips": ENTRY,
    "exam_prints.own_slip": own("open_exam"),
}
HALL = {"exam_admin", "invigilator"}
WATCHED = Door(HALL, "exam")
OF_MANAGERS = {("invigilator", where): REFUSED for where in WITHIN}
RUNNING: dict[str, Door] = {
    "running.approve": Door({"exam_admin"}, "extension"),
    "running.board": WATCHED,
    "running.candidate": Door(HALL, "entry"),
    "running.end_attempt": Door({"exam_admin"}, "entry", form={"reason": "使用手机"}),
    "running.export": WATCHED,
    "running.incident": Door(HALL, "incident"),
    "running.incidents": WATCHED,
    "running.new_incident": WATCHED,
    "running.refuse": Door(HALL, "extension", OF_MANAGERS, form={"reason": "无需"}),
    "running.report": WATCHED,
    "running.restore": Door(HALL, "incident", form={"at": "2026-11-23T11:55:00"}),
    "running.resume": Door(HALL, "pause"),
    "running.rows": WATCHED,
    "running.take_back": Door(HALL, "given_time", form={"reason": "输错"}),
    "running.today": Door(HALL, shows="exam"),
}
QUESTION = Door({"exam_admin"}, "exam_question")
REGRADE = Door({"exam_admin"}, "regrade")
MARKING: dict[str, Door] = {
    "marking.count": MANAGED,
    "marking.draft": QUESTION,
    "marking.keys": MANAGED,
    "marking.picture": Door({"exam_admin"}, "exam_question_picture"),
    "marking.question": QUESTION,
    "regrading.approve": REGRADE,
    "regrading.count_again": REGRADE,
    "regrading.export": REGRADE,
    "regrading.one": REGRADE,
    "regrading.progress": REGRADE,
    "regrading.propose": REGRADE,
    "regrading.refuse": REGRADE,
    "regrading.withdraw": REGRADE,
}
SEB: dict[str, Door] = {
    "hall.authority": public(answer=404),  # a site without an authority of its own
    "hall.certificate": public(answer=404),
    "hall.sheet": public(answer=404),
    "seb.browser_keys": MANAGED,
    "seb.desk": MANAGED,
    "seb.file": MANAGED,
    "seb.leave": own("open_exam"),
    "seb.lift": MANAGED,
    "seb.own_file": Door({"officer"}, "open_exam", {("officer", "own"): AWAY, ("officer", "other"): AWAY}),
    "seb.switch_off": MANAGED,
    "seb.switch_on": MANAGED,
}

DRAFTED = Door({"exam_admin"}, "contest")
JUDGED = Door({"trainer", "invigilator"}, "contest_judged")
PUBLISHED = Door({"officer", "exam_admin"}, "contest_published", {("officer", "other"): OPEN})
CONTESTS: dict[str, Door] = {
    "contests.index": Door({"officer", "exam_admin", "trainer", "invigilator"}),
    "contests.new": Door({"exam_admin"}),
    "contests.create": Door({"exam_admin"}),
    "contests.one": DRAFTED,
    "contests.change": DRAFTED,
    "contests.put_away": DRAFTED,
    "contests.start": DRAFTED,
    "contests.rounds": DRAFTED,
    "contests.add_round": DRAFTED,
    "contests.remove_round": Door({"exam_admin"}, "contest_round"),
    "contests.parties": DRAFTED,
    "contests.add_party": DRAFTED,
    "contests.remove_party": Door({"exam_admin"}, "contest_party"),
    "contests.withdraw": Door({"exam_admin"}, "contest_party", form={"reason": "伤病"}),
    "contests.name_judge": Door({"exam_admin"}, "contest_round", form={"number": "@number"}),
    "contests.relieve_judge": Door({"exam_admin"}, "contest_judge", form={"reason": "生病"}),
    "contests.enter": Door({"exam_admin"}, "contest_round"),
    "contests.close_round": Door({"exam_admin"}, "contest_round"),
    "contests.reopen_round": Door({"exam_admin"}, "contest_round", form={"reason": "误登"}),
    "contests.board": DRAFTED,
    "contests.export": DRAFTED,
    "contests.publish": Door({"exam_admin"}, "contest_published", form={"reason": "误登"}),
    "contests.ranking": PUBLISHED,
    "contests.ranking_sheet": PUBLISHED,
    "contests.judge": JUDGED,
    "contests.give_points": JUDGED,
    "contests.undo_points": Door({"trainer", "invigilator"}, "contest_judged", form={"score": "@contest_score"}),
    "contests.give_marks": JUDGED,
}

EXAMS = DELIVERY | MAKING | SITTINGS | RUNNING | MARKING | SEB | CONTESTS
