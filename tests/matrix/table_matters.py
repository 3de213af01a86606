"""The doors of topics, conferred matters, towns' lists, their evaluation, and guides."""

from __future__ import annotations

from portal.people.models import Role
from tests.matrix.doors import AWAY, EVERYBODY, OPEN, REFUSED, WITHIN, WITHOUT, Door, everywhere

EDITOR = {"law_editor"}
OVERLOOKERS = {
    "law_editor", "unit_admin", "bureau_checker", "bureau_approver", "supervisor", "sysadmin", "secadmin", "exam_admin",
    "leader",
}  # fmt: skip
READERS = {"law_editor", "trainer", "reviewer"}
BLIND = {str(role) for role in Role} - OVERLOOKERS
WIDER = {("law_editor", "same_field"): AWAY}  # a list has every field, so the grant must
# the tree and the catalogue are the province's: an editor of a county, or of another field, changes nothing
PROVINCE = {("law_editor", where): REFUSED for where in ("here", "there", "other_field", "same_field")}
PROVINCE_OF_FIELD = {key: answer for key, answer in PROVINCE.items() if key[1] != "same_field"}
TOWN = Door(EVERYBODY, "town", everywhere(AWAY, BLIND))
LIST = Door(EVERYBODY, "town_list", everywhere(AWAY, BLIND))
DESK = Door(EDITOR, "town", WIDER)
BROUGHT = {("law_editor", where): AWAY for where in (*WITHIN, *WITHOUT)} | {("law_editor", "here"): OPEN}
# a guide of the county is read there and below; from the province it is seen by whoever keeps the library
BELOW = {("*", "above"): AWAY, ("*", "same_field"): AWAY, ("*", "other_field"): OPEN, ("*", "other"): OPEN}
KEPT = {("law_editor", "above"): OPEN, ("law_editor", "same_field"): OPEN}
GUIDE = Door(EVERYBODY, "guide", BELOW | KEPT)
STEPS = ("batch", "choose", "columns", "commit", "discard", "parked", "progress", "undo")


def cockpit(room: str, thing: str) -> dict[str, Door]:
    """The doors of one cockpit: only who brought a file sees it."""
    doors = {f"{room}.{step}": Door(EDITOR, thing, BROUGHT) for step in STEPS}
    return doors | {f"{room}.{step}": Door(EDITOR) for step in ("receive", "start", "template")}


MATTERS: dict[str, Door] = {
    **cockpit("matter_imports", "matters_file"),
    **cockpit("town_list_imports", "lists_file"),
    "bank_shelf.fields": Door(READERS),
    "bank_shelf.guide_questions": Door(
        {"trainer"}, "guide",
        {("trainer", "above"): AWAY, ("trainer", "same_field"): AWAY, ("trainer", "other_field"): OPEN},
    ),
    "bank_shelf.topic": Door(READERS, "topic", everywhere(OPEN, READERS)),
    "bank_shelf.topics": Door(READERS),
    "library_evaluations.begin": Door(
        EDITOR, "town_list", WIDER, form={"period_from": "2026-11-01", "period_until": "2026-11-20"}
    ),
    "library_evaluations.close": Door(EDITOR, "evaluation", WIDER),
    "library_evaluations.export": Door(OVERLOOKERS, "evaluation"),
    "library_evaluations.note": Door(EDITOR, "evaluation", WIDER),
    "library_evaluations.one": Door(OVERLOOKERS, "evaluation"),
    "library_evaluations.rounds": Door(OVERLOOKERS, shows="town"),
    "library_guide_desk.add": Door(EDITOR),
    "library_guide_desk.edit": Door(EDITOR, "guide"),
    "library_guide_desk.new": Door(EDITOR),
    "library_guide_desk.publish": Door(EDITOR, "guide_draft"),
    "library_guide_desk.write": Door(EDITOR, "guide"),
    "library_guides.against": Door(
        EVERYBODY, "guide_draft", everywhere(AWAY) | {("law_editor", where): OPEN for where in WITHIN}
    ),
    "library_guides.file": Door(EVERYBODY, "guide_draft", everywhere(AWAY)),
    "library_guides.guide": GUIDE,
    "library_guides.guides": Door(EVERYBODY),
    "library_guides.pick": Door(EVERYBODY),
    "library_list_desk.begin": DESK,
    "library_list_desk.discard": DESK,
    "library_list_desk.edit": DESK,
    "library_list_desk.publish": DESK,
    "library_list_desk.save": DESK,
    "library_lists.export": LIST,
    "library_lists.glance": Door(OVERLOOKERS, shows="town"),
    "library_lists.mine": Door(EVERYBODY),
    "library_lists.town": TOWN,
    "library_lists.version": LIST,
    "library_matters.catalogue": Door(EVERYBODY),
    "library_matters.change": Door(EDITOR, "matter", everywhere(OPEN, EDITOR)),
    "library_matters.changed": Door(OVERLOOKERS),
    "library_matters.export": Door(EVERYBODY),
    "library_matters.new": Door(EDITOR),
    "library_matters.one": Door(EVERYBODY, "matter", everywhere(OPEN)),
    "library_matters.write": Door(
        EDITOR, but=PROVINCE_OF_FIELD,
        form={"seen": "0", "code": "MX-99", "title": "新事项", "field": "transport", "kind": "penalty",
              "bases": "测试法 第一条", "document": "决定", "in_force_from": "2026-01-01"},
    ),
    "library_topics.add": Door(EDITOR, but=PROVINCE, form={"title": "新知识点", "field": ""}),
    "library_topics.adopt": Door(EDITOR, but=PROVINCE, form={"title": "新知识点", "field": ""}),
    "library_topics.change": Door(EDITOR, "topic", everywhere(OPEN, EDITOR)),
    "library_topics.change_now": Door(EDITOR, "topic", PROVINCE, form={"version": "1", "title": "改名"}),
    "library_topics.new": Door(EDITOR),
    "library_topics.pick": Door(EVERYBODY),
    "library_topics.settle": Door(EDITOR, "topic_act", PROVINCE, form={"version": "1"}),
}  # fmt: skip
