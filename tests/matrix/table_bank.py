"""The doors of the question banks: reading, writing, reviewing, keeping, bringing in and taking out."""

from __future__ import annotations

from tests.matrix.doors import AWAY, OPEN, WITHIN, Door, everywhere

WRITES, READS = {"trainer"}, {"trainer", "reviewer"}
BANK, BANK_FILE = Door(WRITES, "bank"), Door(WRITES, "bank_file")
QUESTION, READ_QUESTION = Door(WRITES, "question"), Door(READS, "question")
REVIEWED = Door({"reviewer"}, "reviewed")
# a draft is its writer's alone, whoever else may write in the bank
OWN_DRAFT = Door(WRITES, "draft", everywhere(AWAY, WRITES) | {("trainer", "here"): OPEN})

BANKS: dict[str, Door] = {
    "bank.banks": Door(READS, shows="bank"),
    "bank.compare": Door(READS, "question", query={"old": "1", "new": "1"}),
    "bank.one": Door(READS, "bank"),
    "bank.question": READ_QUESTION,
    "bank_imports.batch": BANK_FILE,
    "bank_imports.choose": BANK_FILE,
    "bank_imports.columns": BANK_FILE,
    "bank_imports.commit": BANK_FILE,
    "bank_imports.discard": BANK_FILE,
    "bank_imports.parked": BANK_FILE,
    "bank_imports.progress": BANK_FILE,
    "bank_imports.receive": BANK,
    "bank_imports.start": BANK,
    "bank_imports.template": BANK,
    "bank_imports.undo": BANK_FILE,
    "bank_keeping.change": BANK,
    "bank_keeping.create": Door(
        WRITES, "bank_body", everywhere(AWAY, WRITES) | {("trainer", where): OPEN for where in WITHIN},
        form={"code": "NEW-1", "title": "新题库", "field": "transport", "body": "@bank_body"},
    ),
    "bank_keeping.new": Door(WRITES),
    "bank_keeping.settings": BANK,
    "bank_mine.mine": Door(WRITES),
    "bank_pictures.add": BANK,
    "bank_pictures.shown": Door(READS, "question_picture"),
    "bank_pictures.start": BANK,
    "bank_review.approve": REVIEWED,
    "bank_review.close": Door({"reviewer"}, "remark"),
    "bank_review.comment": REVIEWED,
    "bank_review.one": REVIEWED,
    "bank_review.queue": Door({"reviewer"}, shows="reviewed"),
    "bank_review.send_back": REVIEWED,
    "bank_writing.answer": OWN_DRAFT,
    "bank_writing.begin": QUESTION,
    "bank_writing.begin_new": BANK,
    "bank_writing.choose": BANK,
    "bank_writing.compare": OWN_DRAFT,
    "bank_writing.discard": OWN_DRAFT,
    "bank_writing.draft": OWN_DRAFT,
    "bank_writing.follow": OWN_DRAFT,
    "bank_writing.restore": OWN_DRAFT,
    "bank_writing.save": OWN_DRAFT,
    "bank_writing.settle": Door(WRITES, "remark"),
    "bank_writing.submit": QUESTION,
    "bank_writing.take_back": QUESTION,
}
