"""The doors of the law library: read by everybody signed in, kept by the province's editor."""

from __future__ import annotations

from tests.matrix.doors import EVERYBODY, OPEN, REFUSED, Door, everywhere

# laws are one for all: where a reader's grant lies makes no difference
READ = everywhere(OPEN)
KEEPER = {"law_editor"}
# the editor is one of the whole province, and for every field
AT_THE_TOP = everywhere(REFUSED, KEEPER) | {("law_editor", "above"): OPEN}
WATCHERS = {"trainer", "law_editor", "exam_admin", "supervisor", "leader"}
WATCHED = everywhere(OPEN, WATCHERS)
OWN_FILES = Door(KEEPER, "law_upload", AT_THE_TOP, form={"do": "look"})
HELD = Door({"trainer"}, "held_question", form={"version": "@held_version"})

LAWS: dict[str, Door] = {
    "law_changes.changes": Door(WATCHERS),
    "law_changes.confirm": HELD,
    "law_changes.export": Door(WATCHERS, "law_version", WATCHED),
    "law_changes.held": Door({"trainer"}, shows="held"),
    "law_changes.hit": Door(WATCHERS, "law_list", WATCHED),
    "law_changes.one": Door(WATCHERS, "law_version", WATCHED),
    "law_changes.retire": HELD,
    "law_changes.same": Door({"trainer"}, "law_version", everywhere(OPEN, {"trainer"})),
    "law_imports.decide": OWN_FILES,
    "law_imports.look": OWN_FILES,
    "law_imports.receive": Door(KEEPER, None, AT_THE_TOP, form={"text": "第一条 为了示例，制定本法。"}),
    "law_imports.start": Door(KEEPER, None, AT_THE_TOP),
    "law_imports.undo": Door(KEEPER, "law_version", AT_THE_TOP, form={"reason": "导入了错误文本"}),
    "law_imports.withdraw": Door(KEEPER, "law_version", AT_THE_TOP),
    "library.article": Door(EVERYBODY, "law_article", READ),
    "library.articles_json": Door(EVERYBODY),
    "library.cited": Door(EVERYBODY, query={"law": "示例桥梁管理条例", "label": "2020", "article": "第二条"}),
    "library.compare": Door(EVERYBODY, "law_pair", READ),
    "library.laws": Door(EVERYBODY),
    "library.version": Door(EVERYBODY, "law_version", READ),
}
LIBRARY = LAWS
