"""A rescue file that comes after the end: opened with its attempt's key, checked, kept as evidence."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from portal.exams.delivery.journal import GRACE
from portal.exams.delivery.operations import Shape, store_evidence
from portal.exams.delivery.refusals import NotOnPaper, NotThisFile, StillRunning
from portal.exams.models import Attempt, AttemptState, LateSource
from portal.ground import audit
from portal.ground.errors import TooLarge
from portal.ground.rules import N_
from question_bank.papers import canonical_answer

LARGEST = 1024 * 1024  # bytes
NONCE = 12
LONGEST_BASE = 8192  # characters: an answer in its stored form, blanks included
DAMAGED = N_("This file is damaged or not one that the exam page made. Nothing was kept.")
FOREIGN = N_("This file belongs to another exam or another person. Nothing was kept.")


def keep_file(session: Session, attempt: Attempt, sent: bytes, *, key: bytes, shape: Shape, now: datetime) -> int:
    """Keep what a rescue file holds as evidence; it is not scored. Returns how many changes that were.

    Raises TooLarge, NotThisFile, NotOnPaper, StillRunning, EvidenceFull.
    """
    if len(sent) > LARGEST:
        raise TooLarge(N_("A rescue file holds 1 MB at most. Nothing was kept."))
    rows = [_row(change, shape) for change in _changes(open_file(sent, attempt.public_id, key))]
    if attempt.state == AttemptState.IN_PROGRESS and now <= attempt.deadline_at + GRACE:
        raise StillRunning(N_("This exam still runs. Open it and load the file there; its answers then count."))
    store_evidence(session, attempt.id, rows, source=LateSource.FILE, now=now)
    audit.record(
        session, "rescue_file_kept", "attempt", attempt.id, now=now, person_id=attempt.person_id,
        body_id=attempt.exam.body_id, changes=len(rows),
    )  # fmt: skip
    return len(rows)


def open_file(sent: bytes, public_id: str, key: bytes) -> Any:
    """The plain content of a file that this attempt's page sealed. Raises NotThisFile."""
    try:
        outer = json.loads(sent)
        if outer["v"] != 1:
            raise NotThisFile(DAMAGED)
        if outer["attempt"] != public_id:
            raise NotThisFile(FOREIGN)
        nonce, body = (base64.b64decode(outer[name], validate=True) for name in ("nonce", "body"))
        if len(nonce) != NONCE:
            raise NotThisFile(DAMAGED)
        return json.loads(AESGCM(key).decrypt(nonce, body, public_id.encode()))
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error, InvalidTag) as error:
        raise NotThisFile(DAMAGED) from error


def _changes(content: Any) -> list[Any]:
    changes = content.get("changes") if isinstance(content, dict) else None
    if not isinstance(changes, list) or not changes:
        raise NotThisFile(DAMAGED)
    return changes


def _row(change: Any, shape: Shape) -> list[Any]:
    """[base, nothing, item, answer, made]: the answer it was built on, and when the device says it was made."""
    if not isinstance(change, dict) or type(change.get("item")) is not int:
        raise NotThisFile(DAMAGED)
    item, base, made = change["item"], change.get("base"), change.get("made")
    answer = canonical_answer(shape[item], change.get("answer")) if item in shape else None
    if answer is None:
        raise NotOnPaper(N_("An answer in this file does not fit item %(item)s; nothing was kept."), item=item)
    plain = all(value is None or isinstance(value, int | float | str) for value in (base, made))
    if not plain or len(str(base)) > LONGEST_BASE or len(str(made)) > 40:
        raise NotThisFile(DAMAGED)
    return [base, None, item, answer, made]
