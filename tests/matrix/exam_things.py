"""One thing of every kind the exam rooms know, of an exam the first county holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.exams.delivery.reading import pictures_of
from portal.exams.delivery.sealing import seal_form
from portal.exams.making.operations import make_draft
from portal.exams.marking.regrading.models import ChangeOfKey, Flips
from portal.exams.marking.regrading.operations import draft as draft_regrade
from portal.exams.models import Attempt, CheckIn, Exam, ExamKind
from portal.exams.running.giving import give
from portal.exams.running.models import Cause, Incident, IncidentKind
from portal.exams.running.operations import Report, Where, report
from portal.exams.sittings.models import TestRoom
from portal.people.models import Account
from tests.conftest import NOON
from tests.factories import County
from tests.matrix.things import file_of


def of_exams(
    county: County, exam: Exam, owner: Account, keeper: Account
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Address values by kind of thing, and values for forms; `keeper` manages the exam, `owner` is an officer."""
    waiting = county.session.scalars(select(CheckIn).where(CheckIn.person_id == owner.person_id)).first()
    seal = seal_form(county.session, waiting.form, NOON)
    things: dict[str, dict[str, Any]] = {
        "check_in_id": {"check_in_id": waiting.id},
        "sealed_form": {"form_id": seal.form_id, "sha256": seal.sha256},
    }
    draft = make_draft(
        county.session, ExamKind.MONTHLY, county.city, field="transport", title="梅河口交通月考", theme="交通",
        day=NOON.date(), account=keeper, now=NOON,
    )  # fmt: skip
    things |= {"exam_draft": {"exam_id": draft.id}, "working_day": {"day": "2026-10-01"}}
    sitting = county.sitting(exam, opens_at=NOON + timedelta(hours=20), minutes=120)
    entry = county.seat(owner, sitting)
    room = county.session.get_one(TestRoom, entry.room_id)
    things |= {
        "test_site": {"site_id": room.site_id},
        "test_room": {"site_id": room.site_id, "room_id": room.id},
        "sitting_room": {"exam_id": exam.id, "sitting_id": sitting.id, "room_id": room.id},
        "entry": {"exam_id": exam.id, "entry_id": entry.id},
    }
    brought = file_of(county.session, "exam_entries", str(exam.id), keeper)
    things["entries_file"] = {"exam_id": exam.id, "batch_id": brought.id}
    regrade = draft_regrade(
        county.session, exam, question="T-1", change=ChangeOfKey.VOID_FULL, reason="两项都对", source="测试法第一条",
        flips=Flips.HOLD, account=keeper, now=NOON,
    )  # fmt: skip
    things |= {
        "regrade": {"exam_id": exam.id, "regrade_id": regrade.id},
        "exam_question": {"exam_id": exam.id, "question": "T-1"},
        "exam_question_picture": {
            "exam_id": exam.id, "question": "T-1", "sha256": next(iter(pictures_of(exam.forms[0].paper))),
        },
    }
    things |= of_running(county, exam, owner, keeper)
    values: dict[str, Any] = {
        "sitting": sitting.id, "test_room": room.id, "sitting_room": f"{sitting.id}-{room.id}",
    }  # fmt: skip
    return things, values


def of_running(county: County, exam: Exam, owner: Account, keeper: Account) -> dict[str, dict[str, Any]]:
    """An incident of each kind that waits, and one the keeper approved; reported by the officer himself."""
    attempt = county.session.scalars(select(Attempt).where(Attempt.exam_id == exam.id)).first()
    where = Where(attempt_id=attempt.id)

    def told(kind: IncidentKind, **more: Any) -> Incident:
        told = Report(kind, Cause.POWER, "停电", **more)
        return report(county.session, exam, where, told, account=owner, now=NOON)

    given = told(IncidentKind.EXTENSION, minutes=5)
    give(county.session, given, above=False, account=keeper, now=NOON)
    kept = {
        "incident": told(IncidentKind.OUTAGE, reported_at=NOON - timedelta(minutes=9)),
        "extension": told(IncidentKind.EXTENSION, minutes=5), "given_time": given, "pause": told(IncidentKind.PAUSE),
    }  # fmt: skip
    return {name: {"exam_id": exam.id, "incident_id": one.id} for name, one in kept.items()}
