"""Two versions of an invented law, files that wait to become a third, and a question held by the change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from portal.bank import operations as bank
from portal.bank.following.holding import cited_articles, hold_for
from portal.bank.models import Question, QuestionBank
from portal.library import operations
from portal.library.fates import fates
from portal.library.models import Article
from portal.people.models import Account
from question_bank.laws.texts import read_law
from question_bank.questions import Citation
from tests.conftest import NOON
from tests.factories import County, questions
from tests.library.texts import BRIDGES_2020, BRIDGES_2024, source


def of_laws(county: County, shelf: QuestionBank, keeper: Account) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Address values by kind of thing, and values for forms; `keeper` brought the files that wait."""
    session, versions = county.session, []
    for text in (BRIDGES_2020, BRIDGES_2024):
        law = read_law([source(text)])
        facts = operations.settle(law)
        beside = operations.compared(session, law, facts)
        versions.append(operations.import_version(
            session, law, facts, beside, sources=[source(text)], account_id=None, now=NOON
        ))  # fmt: skip
    cited = Citation("示例桥梁管理条例", "2020", "第二条")
    question = replace(questions()[0], code="M-HELD", citations=(cited,))
    version = bank.add_version(session, shelf, question, now=NOON)
    hold_for(session, fates(session, cited_articles(session), NOON.date()), NOON)
    upload = operations.keep_upload(session, [source(BRIDGES_2024)], account_id=keeper.id, now=NOON)
    article = session.scalars(select(Article.id).where(Article.law_version_id == versions[0].id)).first()
    old, new = versions
    return {
        "law_version": {"version_id": new.id},
        "law_pair": {"old_id": old.id, "new_id": new.id},
        "law_article": {"article_id": article},
        "law_list": {"version_id": new.id, "what": "questions"},
        "law_upload": {"upload_id": upload.id},
        "held_question": {"question_code": session.get_one(Question, version.question_id).code},
    }, {"held_version": version.id}
