"""One thing of every kind the banks know, all of the first county's bank."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.bank import operations as banks
from portal.bank.models import Question, QuestionBank
from portal.bank.writing import operations as writing
from portal.ground.pictures import Illustration
from portal.people.models import Account
from tests.conftest import NOON
from tests.factories import County, questions


def of_bank(county: County, bank: QuestionBank, writer: Account) -> dict[str, dict[str, Any]]:
    """Address values by kind of thing; `writer` is the trainer of the county whose draft there is."""
    session = county.session
    value = replace(questions()[2], code="MATRIX-R")
    version = banks.add_version(session, bank, value, now=NOON)
    row = session.get_one(Question, version.question_id)
    banks.send_to_review(session, row, account_id=None, now=NOON)
    remark = writing.comment(session, row, "stem", "改", account=writer, now=NOON)
    draft = writing.begin(session, row, account=writer, now=NOON)
    picture = writing.add_picture(
        session, bank, Illustration(b"not shown here", 9, 9, "image/png"), account=writer, now=NOON
    )  # fmt: skip
    reviewed = {"code": bank.code, "question_code": row.code}
    return {
        "reviewed": reviewed,
        "question_number": {"question_id": row.id},
        "remark": reviewed | {"comment_id": remark.id},
        "draft": {"code": bank.code, "draft_id": draft.id},
        "question_picture": {"code": bank.code, "sha256": picture.sha256},
        "bank_body": {},
    }
