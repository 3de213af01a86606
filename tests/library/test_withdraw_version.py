"""A version that came in wrongly: withdrawn while nobody cites it; a failed import leaves nothing half done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.bank.following import holding
from portal.bank.models import Question
from portal.ground.db import db
from portal.ground.models import AuditLine, AuditPersonal
from portal.library.matters.rules import Basis
from portal.library.models import LawUpload, LawVersion
from portal.reports.law_imports.impact import withdrawal
from tests.library.shelf_world import a_matter
from tests.library.test_guides import a_guide, said
from tests.library.test_import_law import take_in
from tests.library.test_import_pages import FACTS, bring, keeper  # noqa: F401
from tests.library.texts import BRIDGES_2020, BRIDGES_2024

LABEL = "2024 修订"


def labels() -> set[str]:
    with db.reading() as session:
        return set(session.scalars(select(LawVersion.label)))


def test_an_import_whose_holds_fail_stores_nothing_and_can_be_done_again(keeper, monkeypatch):  # noqa: F811
    place = bring(keeper)

    def breaks(*_given: object) -> int:
        raise RuntimeError("no holds today")

    with monkeypatch.context() as patched:
        patched.setattr(holding, "put_holds", breaks)
        keeper.application.config["PROPAGATE_EXCEPTIONS"] = False
        assert keeper.post(place, data={**FACTS, "do": "commit"}).status_code == 500
    assert LABEL not in labels()
    with db.reading() as session:
        assert session.scalars(select(LawUpload)).one()

    assert keeper.post(place, data={**FACTS, "do": "commit"}).status_code == 303
    assert LABEL in labels()
    with db.reading() as session:
        assert len(session.scalars(select(Question.id).where(Question.held)).all()) == 2


def test_withdrawing_is_written_down_with_its_reason(keeper):  # noqa: F811
    keeper.post(bring(keeper), data={**FACTS, "do": "commit"})
    with db.reading() as session:
        version_id = session.scalars(select(LawVersion.id).where(LawVersion.label == LABEL)).one()
    keeper.post(f"/library/import/undo/{version_id}", data={"reason": "导入了征求意见稿"})
    assert LABEL not in labels()
    with db.reading() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.act == "law_import_undone")).one()
        assert line.object_id == str(version_id)
        assert session.scalars(select(AuditPersonal).where(AuditPersonal.line_id == line.id)).one()  # the reason


def test_matters_and_guides_that_name_a_version_keep_it(county, session):
    from portal.library.guides import operations as guides
    from tests.library.shelf_world import editor

    take_in(session, BRIDGES_2020)
    version = take_in(session, BRIDGES_2024)
    assert withdrawal(session, version.id).cited == 0
    assert withdrawal(session, version.id).before.label == "2020"
    basis = Basis("示例桥梁管理条例", LABEL, "第二条")
    a_matter(county, "FQ-1", bases=(basis,))
    guides.write_version(session, a_guide(county), said(citations=(basis,)), account=editor(county), now=county.now)
    found = withdrawal(session, version.id)
    assert (found.questions, found.matters, found.guides, found.cited) == (0, 1, 1, 2)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_version_is_not_withdrawn_without_a_word_why(session, reason: str):
    from portal.library import operations

    version = take_in(session, BRIDGES_2020)
    with pytest.raises(operations.NoReason):
        operations.take_back(session, version, cited=0, reason=reason, account_id=None, now=version.imported_at)
