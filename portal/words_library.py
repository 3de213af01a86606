"""The words of the law library: laws and what becomes of articles, held questions, matters and guides."""

from portal.ground.rules import N_

LAW_WORDS: dict[str, dict[str, str]] = {
    "law_kind": {
        "law": N_("Law of the state"),
        "regulation": N_("Administrative regulation"),
        "local": N_("Local regulation"),
        "rule": N_("Rule of a ministry"),
        "local_rule": N_("Rule of a local government"),
        "other": N_("Other normative document"),
    },
    "law_change": {
        "same": N_("Reads the same"),
        "changed": N_("Text changed"),
        "moved": N_("Renumbered"),
        "moved_changed": N_("Renumbered and changed"),
        "new": N_("New article"),
        "gone": N_("Article gone"),
        "ended": N_("Law ended"),
        "uncompared": N_("Texts not compared"),
    },
    "hold_outcome": {
        "confirmed": N_("Key confirmed"),
        "rewritten": N_("Rewritten"),
        "retired": N_("Retired"),
        "lifted": N_("No longer in question"),
    },
    "law_touched": {
        "questions": N_("Questions"),
        "papers": N_("Papers"),
        "lessons": N_("Lessons"),
        "matters": N_("Conferred matters"),
        "guides": N_("Guides"),
        "officers": N_("Officers last tested on the old text"),
    },
    "matter_kind": {
        "penalty": N_("Administrative penalty"),
        "compulsion": N_("Compulsory measure"),
        "inspection": N_("Inspection"),
    },
    "guide_kind": {
        "work_guide": N_("Work guide"),
        "flow_chart": N_("Flow chart"),
        "file_template": N_("Case file template"),
        "negative_list": N_("Negative list"),
        "discretion": N_("Discretion standard"),
        "evidence": N_("Evidence guide"),
        "procedure": N_("Operating procedure"),
    },
}
