"""One thing of every kind the people's rooms know, all of the first county's transport body."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.ground.crypto import keys
from portal.ground.models import BatchState, ImportBatch
from portal.ground.pictures import Photo
from portal.people.duplicates import operations as duplicates
from portal.people.models import Account
from portal.people.records.corrections import operations as corrections
from portal.people.records.models import CorrectedFact, RequestedFact
from portal.people.records.photos import operations as photos
from portal.people.records.photos.models import PhotoBatch
from portal.people.registers import operations as registers
from portal.people.registers.operations import Outsider, Qualification
from portal.people.rules import check_digit
from portal.people.transfers import operations as transfers
from portal.people.transfers.rules import Handover, NewPost
from tests.conftest import NOON
from tests.factories import County

TODAY = NOON.date()


def of_people(
    county: County, owner: Account, other: Account, keeper: Account, folder: Path
) -> dict[str, dict[str, Any]]:
    """Address values by kind of thing; `keeper` is the unit administrator who brought what needs bringing."""
    session, person = county.session, owner.person
    correction = corrections.propose_correction(
        session, person, CorrectedFact.NAME, "周雅勤", document="身份证", area_compared=True, account=keeper, now=NOON
    )
    request = corrections.ask_correction(
        session, owner, next(iter(RequestedFact)), wrong="本科", right="硕士", document="学位证", now=NOON
    )
    pair = duplicates.pair_by_hand(session, person, other.person, now=NOON)
    to_reviewer = Qualification(TODAY - timedelta(days=9), "任命文件", False, "", None, "")
    reviewer = registers.enter_reviewer(session, person, county.transport, to_reviewer, account=keeper, now=NOON)
    number = "22010219700101901"
    outside = Outsider("钱律师", number + check_digit(number), "bachelor", "某律师事务所", "12201200110000001")
    assignment = registers.assign_adviser(
        session, outside, county.transport, document="聘书", started_on=TODAY, account=keeper, now=NOON
    )
    photo = photos.add_photo(
        session, person.id, Photo(b"not shown here", 358, 441), files_dir=folder / "files", account=keeper, now=NOON
    )
    return {
        "correction": {"correction_id": correction.id},
        "request": {"request_id": request.id},
        "pair": {"pair_id": pair.id},
        "reviewer": {"reviewer_id": reviewer.id},
        "assignment": {"assignment_id": assignment.id},
        "transfer": {"transfer_id": _transfer(county, keeper).id},
        "photo": {"person_id": person.id, "photo_id": photo.id},
        "own_photo": {"photo_id": photo.id},
        "photo_batch": {"batch_id": _photo_batch(session, keeper).id},
        "officers_file": {"batch_id": file_of(session, "officers", None, keeper).id},
        "grant": {"grant_id": owner.grants[0].id},
        "body_change": {"body_id": county.transport.id, "act": "renamed"},
    }


def _transfer(county: County, keeper: Account) -> Any:
    """From the first county's transport body to the other county's."""
    moving = county.person("迁调人", born=date(1988, 8, 8))
    post = county.post(moving)
    proposed = NewPost("transport", False, "执法员", county.other_transport.id, "civil", True)
    transfer = transfers.open_transfer(
        county.session, post, county.other_transport, proposed,
        effective_on=TODAY, document="调令", account=keeper, now=NOON,
    )  # fmt: skip
    transfers.release(county.session, transfer, done=set(Handover), account=keeper, now=NOON)
    return transfer


def file_of(session: Session, kind: str, target: str | None, keeper: Account) -> ImportBatch:
    """A checked file that waits for its commit."""
    batch = ImportBatch(
        kind=kind, target=target, file_name="名册.xlsx", file_sha256="0" * 64, account_id=keeper.id, created_at=NOON,
        state=BatchState.PREVIEW, header=[], report={"created": 0, "changed": 0, "unchanged": 0, "parked": 0},
        sealed_rows=b"",
    )  # fmt: skip
    session.add(batch)
    session.flush()
    empty = '{"titles": {}, "rows": [], "notes": [], "problems": [], "outcomes": []}'
    batch.sealed_rows = keys.seal(empty, f"import_batch|sealed_rows|{batch.id}")
    return batch


def _photo_batch(session: Session, keeper: Account) -> PhotoBatch:
    batch = PhotoBatch(
        public_id=secrets.token_urlsafe(16), account_id=keeper.id, at=NOON, file_name="照片.zip", file_sha256="0" * 64,
        counts={"added": 0, "unchanged": 0, "parked": 0}, sealed=b"",
    )  # fmt: skip
    batch.sealed = keys.seal("[]", batch.bound_to)
    session.add(batch)
    session.flush()
    return batch
