"""What to do about a fault in the editor, where answers are ticked and chosen, not written as in a sheet."""

from __future__ import annotations

from portal.ground.rules import N_
from question_bank.questions import CHOICES, Kind

TICK = N_("Mark the right option.")
AT_THE_FIELD: dict[Kind, str] = {
    **dict.fromkeys(CHOICES, TICK),
    Kind.TRUE_FALSE: N_("Choose correct or incorrect."),
    Kind.FILL_BLANK: N_("Fill one line for each blank; other writings that count follow a slash."),
    Kind.ORDERING: N_("Give every step its own place: 1, 2, 3 …"),
    Kind.MATCHING: N_("Choose for each entry on the left the number of its counterpart on the right."),
    Kind.SHORT_ANSWER: N_("Write the reference answer and at least one marking point."),
    Kind.DRAFTING: N_("Write the reference document, and each criterion with a whole number as its weight."),
}
AS_WRITTEN = ("Write it, or remove it.", "Give it a whole number from 1 up, or remove the criterion.")
MORE = N_("Mark at least two options, or change the kind.")


def remedy(kind: Kind, column: str, written: str) -> str:
    """The remedy for a fault of a question of this kind; `written` is the one meant for a sheet."""
    if column == "case":
        return N_("Add a question to the case.")
    if column == "law":
        return N_("Cite law, version and article.")
    if column != "key" or kind not in AT_THE_FIELD or written in AS_WRITTEN:
        return written
    return MORE if written == "Add letters, or change the kind." else AT_THE_FIELD[kind]
