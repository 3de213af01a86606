"""The doors of finding questions: lists, the look at one while it is written, acts on many."""

from __future__ import annotations

from tests.matrix.doors import Door

WRITES, READS = {"trainer"}, {"trainer", "reviewer"}
EDITED = {"topic": "回避", "difficulty": "2", "level": "apply", "tags": "", "version": "1"}

FINDING: dict[str, Door] = {
    "bank_finding.check": Door(WRITES, "bank"),
    "bank_finding.edit": Door(WRITES, "question_number", form=EDITED),
    "bank_finding.every": Door(READS, shows="bank"),
    # without picked questions the answer is a refusal in words, open to whoever may pick
    "bank_many.do": Door(WRITES, form={"act": "send", "ids": ""}),
    "bank_many.many": Door(WRITES, form={"act": "send"}),
}
