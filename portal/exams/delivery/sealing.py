"""Sealed forms: what devices fetch before the hour, and the key that alone the start gives out."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.bank.writing.models import QuestionPicture
from portal.exams.delivery import reading
from portal.exams.models import Delivery, Exam, ExamForm, FormSeal
from portal.ground.crypto import keys
from portal.ground.errors import Refused
from portal.ground.rules import N_

LARGEST = 8 * 1024 * 1024  # bytes of a sealed form: a hall fetches it over one line
NONCE, KEY = 12, 32
SEEN_OF_ITEM = ("item", "kind", "points", "stem", "options", "matches", "case")
Plain = dict[str, Any]


class FormTooLarge(Refused):
    """The pictures of a form make it too large to be fetched before the hour."""

    status = 422
    code = "form_too_large"


def seal_form(session: Session, form: ExamForm, now: datetime) -> FormSeal:
    """The form's seal, made now if there is none: under a key of its own, with texts and pictures inside.

    Raises FormTooLarge.
    """
    if made := session.get(FormSeal, form.id):
        return made
    session.execute(select(ExamForm.id).where(ExamForm.id == form.id).with_for_update())  # two at once make one
    if made := session.get(FormSeal, form.id, populate_existing=True):
        return made
    key = os.urandom(KEY)
    closed = _close(key, form.id, plain_form(session, form.paper))
    if len(closed) > LARGEST:
        raise FormTooLarge(
            N_("Form %(number)s is %(size)s MB with its pictures; %(most)s MB is the most. Make its pictures smaller."),
            number=form.number, size=-(-len(closed) // 1024**2), most=LARGEST // 1024**2,
        )  # fmt: skip
    made = FormSeal(
        form_id=form.id, sealed=closed, sha256=hashlib.sha256(closed).hexdigest(),
        wrapped_key=keys.seal(key.hex(), _bound(form.id)), sealed_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def plain_form(session: Session, paper: Mapping[str, Any], shown: Mapping[str, Any] | None = None) -> Plain:
    """What a page needs to show a paper: it, its texts as trees, its pictures. Nothing of its key.

    `shown`: the trees of a pool this paper is part of, where they were read before.
    """
    return {
        "paper": seen_of(paper),
        "shown": reading.read_paper(paper) if shown is None else _shown_of(shown, paper),
        "pictures": _pictures(session, reading.pictures_of(paper)),
    }


def _shown_of(shown: Mapping[str, Any], paper: Mapping[str, Any]) -> Plain:
    items = {item["item"] for item in paper["items"]}
    return {
        "items": {item: trees for item, trees in shown["items"].items() if item in items},
        "cases": {case: tree for case, tree in shown["cases"].items() if case in paper["cases"]},
    }


def prepare_form(session: Session, exam: Exam, form: ExamForm, now: datetime) -> None:
    """At publication: seal the form; of a pool see that any paper drawn from it can be sent. Raises FormTooLarge."""
    if exam.delivery == Delivery.SEALED:
        seal_form(session, form, now)
    else:
        _pictures(session, reading.pictures_of(form.paper))


def seen_of(paper: Mapping[str, Any]) -> Plain:
    """Only what a candidate may see of each item, whatever else it may hold one day."""
    items = [{name: item[name] for name in SEEN_OF_ITEM if name in item} for item in paper["items"]]
    return {"items": items, "cases": dict(paper["cases"])}


def _pictures(session: Session, wanted: Collection[str]) -> dict[str, list[str]]:
    """SHA-256 -> [media type, base64]; the same content is the same picture, whichever bank keeps it."""
    if not wanted:
        return {}
    size = select(func.sum(func.length(QuestionPicture.content))).where(QuestionPicture.id.in_(_one_of_each(wanted)))
    if (session.scalar(size) or 0) > LARGEST:  # not read at all
        raise FormTooLarge(
            N_("The pictures of a form come to more than %(most)s MB. Make them smaller."), most=LARGEST // 1024**2
        )
    rows = select(QuestionPicture).where(QuestionPicture.id.in_(_one_of_each(wanted))).order_by(QuestionPicture.sha256)
    return {
        row.sha256: [row.media_type, base64.b64encode(row.content).decode("ascii")] for row in session.scalars(rows)
    }


def _one_of_each(wanted: Collection[str]) -> Any:
    return select(func.min(QuestionPicture.id)).where(QuestionPicture.sha256.in_(wanted)).group_by(
        QuestionPicture.sha256
    )  # fmt: skip


def _close(key: bytes, form_id: int, plain: Plain) -> bytes:
    nonce = os.urandom(NONCE)
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return nonce + AESGCM(key).encrypt(nonce, text, associated(form_id))


def open_sealed(key: bytes, form_id: int, closed: bytes) -> Plain:
    """What the page does: the form again. Raises InvalidTag."""
    return json.loads(AESGCM(key).decrypt(closed[:NONCE], closed[NONCE:], associated(form_id)))


def associated(form_id: int) -> bytes:
    """What the cipher binds a form to."""
    return b"mingfa form %d" % form_id


def form_key(session: Session, form_id: int) -> bytes:
    """The key of a sealed form. Only the start and a page that takes a running attempt over ask for it."""
    wrapped = session.scalars(select(FormSeal.wrapped_key).where(FormSeal.form_id == form_id)).one()
    return bytes.fromhex(keys.unseal(wrapped, _bound(form_id)))


def _bound(form_id: int) -> str:
    return f"form_seal|wrapped_key|{form_id}"
