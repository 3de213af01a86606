"""The doors of the editor: begin, go on, save, answer it oneself, submit, discard."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from portal.bank import operations as bank_operations
from portal.bank import queries as banks
from portal.bank.following.models import ViewedBy
from portal.bank.following.operations import note_views
from portal.bank.following.showing import before_showing
from portal.bank.models import Question as Row
from portal.bank.models import QuestionBank
from portal.bank.writing import forms, operations, pages, queries
from portal.bank.writing.answering import answered
from portal.bank.writing.models import QuestionDraft
from portal.bank.writing.stale import Stale
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Malformed, Refused
from portal.ground.rules import N_
from portal.ground.web import needs, own_path, wants_json
from portal.people.rules import Permission
from question_bank.questions import Kind, Question
from question_bank.wording import differences

bp = Blueprint("bank_writing", __name__, template_folder="templates", url_prefix="/banks")
SUBMIT = "submit"


def _draft(code: str, draft_id: int) -> tuple[QuestionBank, QuestionDraft]:
    bank = banks.bank_in_scope(db.session, current_user, code)
    return bank, queries.own_draft(db.session, current_user, bank, draft_id)


def _to(bank: QuestionBank, draft: QuestionDraft, anchor: str | None = None) -> Any:
    return redirect(url_for(".draft", code=bank.code, draft_id=draft.id, _anchor=anchor), 303)


@bp.get("/<code>/write")
@needs(Permission.MANAGE_BANK)
def choose(code: str):
    bank = banks.bank_in_scope(db.session, current_user, code)
    return render_template("bank/writing/choose.html", bank=bank, kinds=list(Kind))


@bp.post("/<code>/write")
@needs(Permission.MANAGE_BANK)
def begin_new(code: str):
    bank = banks.bank_in_scope(db.session, current_user, code)
    try:
        kind = Kind(request.form.get("kind", ""))
    except ValueError as error:
        raise Malformed(N_("This cannot be read.")) from error
    draft = operations.begin_new(db.session, bank, kind, account=current_user, now=clock.now())
    db.session.commit()
    return _to(bank, draft)


@bp.post("/<code>/questions/<question_code>/edit")
@needs(Permission.MANAGE_BANK)
def begin(code: str, question_code: str):
    """Go on with one's draft of a question, or begin one; `version` begins it from an older version."""
    bank = banks.bank_in_scope(db.session, current_user, code)
    row = banks.question(db.session, bank, question_code)
    number = request.form.get("version", None, int)
    source = queries.version(db.session, row, number) if number is not None else None
    draft = operations.begin(db.session, row, account=current_user, version=source, now=clock.now())
    note_views(db.session, current_user, [(source or row.current).id], ViewedBy.EDITOR, clock.now())
    db.session.commit()
    return _to(bank, draft)


@bp.get("/<code>/drafts/<int:draft_id>")
@needs(Permission.MANAGE_BANK)
def draft(code: str, draft_id: int):
    """The editor; of a draft that was discarded, the way back."""
    bank = banks.bank_in_scope(db.session, current_user, code)
    found = queries.own_draft(db.session, current_user, bank, draft_id, discarded=True)
    if found.discarded_at is not None:
        return _discarded(bank, found)
    _note(found)
    return _page(bank, found)


def _discarded(bank: QuestionBank, found: QuestionDraft, refusal: str = "") -> str:
    row = db.session.get(Row, found.question_id) if found.question_id else None
    return render_template("bank/writing/discarded.html", bank=bank, draft=found, row=row, refusal=refusal)


def _note(found: QuestionDraft) -> None:
    if found.base_version_id:
        before_showing(current_user, [found.base_version_id], ViewedBy.EDITOR, clock.now())


def _note_by_post(found: QuestionDraft) -> None:
    """A door that writes notes the view in its own transaction."""
    if found.base_version_id:
        note_views(db.session, current_user, [found.base_version_id], ViewedBy.EDITOR, clock.now())


def _page(bank: QuestionBank, found: QuestionDraft, **told: Any) -> str:
    around = pages.page(db.session, found, bank, current_user)
    return render_template("bank/writing/editor.html", **{"stale": None, "refusal": "", **around, **told})


@bp.post("/<code>/drafts/<int:draft_id>")
@needs(Permission.MANAGE_BANK)
def save(code: str, draft_id: int):
    """What was typed, as it is typed or by a button; a button of the form may ask for more rows or to submit."""
    bank, found = _draft(code, draft_id)
    body, change = forms.body_of(request.form), request.form.get("change", "")
    try:
        number = request.form.get("number", 0, int)
        _note_by_post(found)
        operations.save_draft(db.session, found, body, number=number, change=change, now=clock.now())
    except operations.StaleDraft as refusal:
        db.session.rollback()
        return _stale(bank, found, body, refusal)
    db.session.commit()
    wish = request.form.get("do", "")
    if wish == SUBMIT:
        return _submit(bank, found)
    return _saved(bank, found) if _by_script() else _to(bank, found, _place_of(wish))


def _by_script() -> bool:
    return "pieces" in request.form or wants_json()


def _place_of(wish: str) -> str | None:
    """Where the page should stand after a button changed the form."""
    parts = wish.partition(":")[2].split("/")
    if parts[0] == "items":
        return f"item-{parts[1]}" if len(parts) > 1 else "editor"
    return parts[0] if parts[0] in ("options", "matches", "citations") else None


def _saved(bank: QuestionBank, found: QuestionDraft) -> Any:
    """What the script puts in place: number, time, preview, self-check, faults, and the form when it asks for it."""
    parts = {"preview": "_preview", "check": "_check"} | ({"form": "_form"} if request.form.get("form") else {})
    with db.reading() as reading:  # it is on the disk: no other writer waits while the answer is made
        row = reading.get_one(Row, found.question_id) if found.question_id else None
        around = pages.fields(reading, found, bank, row)
        made = {name: render_template(f"bank/writing/{file}.html", **around) for name, file in parts.items()}
    facts = {
        "number": found.number, "saved": pages.saved_time(found), "question": around["question"].plain(),
        "step": around["check"].step, "faults": around["lines"].faults,
    }  # fmt: skip
    return _told(facts, made)


def _told(facts: dict[str, Any], parts: dict[str, str]) -> Any:
    """As JSON, or as a page of pieces: a browser that trusts no text as HTML parses them itself."""
    if wants_json():
        return facts | parts
    return render_template("bank/writing/_pieces.html", told=facts, **{n: Markup(h) for n, h in parts.items()})


def _stale(bank: QuestionBank, found: QuestionDraft, body: dict[str, Any], refusal: Refused) -> Any:
    """Both texts: what stands saved, and what was sent now."""
    kept = db.session.get_one(QuestionDraft, found.id, populate_existing=True)
    mine = {"question": body | {"code": kept.body["question"]["code"]}, "change": kept.body.get("change", "")}
    old, new = Question.from_plain(kept.body["question"]), Question.from_plain(mine["question"])
    stale = Stale(pages.saved_time(kept), differences(old, new))
    if _by_script():
        shown = render_template("bank/writing/_stale.html", stale=stale, draft=kept, bank=bank)
        message = i18n.gettext(refusal.message)
        return _told({"error": refusal.code, "message": message, "number": kept.number}, {"both": shown}), 409
    sent = QuestionDraft(
        id=kept.id, bank_id=kept.bank_id, question_id=kept.question_id, base_version_id=kept.base_version_id,
        account_id=kept.account_id, number=kept.number, body=mine, saved_at=kept.saved_at,
    )  # fmt: skip
    return _page(bank, sent, stale=stale), 409


def _submit(bank: QuestionBank, found: QuestionDraft) -> Any:
    try:
        row = operations.submit(db.session, found, account=current_user, now=clock.now())
    except Refused as refusal:
        db.session.rollback()
        kept = queries.own_draft(db.session, current_user, bank, found.id)
        sentence = i18n.gettext(refusal.message, **refusal.values)
        if wants_json():
            raise
        return _page(bank, kept, refusal=sentence), refusal.status
    db.session.commit()
    flash(i18n.gettext(N_("%(code)s is under review now; somebody else looks at it."), code=row.code))
    return redirect(url_for("bank.question", code=bank.code, question_code=row.code), 303)


@bp.post("/<code>/drafts/<int:draft_id>/answer")
@needs(Permission.MANAGE_BANK)
def answer(code: str, draft_id: int):
    """Mark the writer's own answer by the draft as it is saved."""
    bank, found = _draft(code, draft_id)
    question = pages.question_of(found)
    _note_by_post(found)
    db.session.commit()
    given = {at: request.form.getlist(f"answer-{at}") for at in range(len(question.leaves()))}
    marks = answered(question, given)
    if "pieces" in request.form:
        return render_template("bank/writing/_answered.html", marks=marks, bank=bank)
    return render_template("bank/writing/answered.html", marks=marks, bank=bank, draft=found, question=question)


@bp.get("/<code>/drafts/<int:draft_id>/compare")
@needs(Permission.MANAGE_BANK)
def compare(code: str, draft_id: int):
    """The draft beside the question's current version."""
    bank, found = _draft(code, draft_id)
    row = db.session.get_one(Row, found.question_id or 0)
    before_showing(current_user, [row.current_version_id], ViewedBy.EDITOR, clock.now())
    found_differences = differences(Question.from_plain(row.current.body), pages.question_of(found))
    return render_template(
        "bank/compare.html", bank=bank, row=row, differences=found_differences, draft=found,
        old_name=i18n.gettext(N_("version %(n)s"), n=row.current.number), new_name=i18n.gettext(N_("draft")),
    )  # fmt: skip


@bp.post("/<code>/drafts/<int:draft_id>/follow")
@needs(Permission.MANAGE_BANK)
def follow(code: str, draft_id: int):
    bank, found = _draft(code, draft_id)
    operations.follow_newer(db.session, found, now=clock.now())
    db.session.commit()
    return _to(bank, found)


@bp.post("/<code>/drafts/<int:draft_id>/discard")
@needs(Permission.MANAGE_BANK)
def discard(code: str, draft_id: int):
    bank, found = _draft(code, draft_id)
    operations.discard_draft(db.session, found, now=clock.now())
    db.session.commit()
    return _to(bank, found)


@bp.post("/<code>/drafts/<int:draft_id>/restore")
@needs(Permission.MANAGE_BANK)
def restore(code: str, draft_id: int):
    """A discarded draft is in the editor again."""
    bank = banks.bank_in_scope(db.session, current_user, code)
    found = queries.own_draft(db.session, current_user, bank, draft_id, discarded=True)
    try:
        operations.restore_draft(db.session, found)
    except operations.DraftThere as refusal:
        db.session.rollback()
        return _discarded(bank, found, i18n.gettext(refusal.message)), refusal.status
    db.session.commit()
    flash(i18n.gettext(N_("The draft is back, as it was saved last.")))
    return _to(bank, found)


@bp.post("/<code>/questions/<question_code>/submit")
@needs(Permission.MANAGE_BANK)
def submit(code: str, question_code: str):
    """Send a version that is a draft to review as it stands."""
    bank = banks.bank_in_scope(db.session, current_user, code)
    row = banks.question(db.session, bank, question_code)
    bank_operations.send_to_review(db.session, row, account_id=current_user.id, now=clock.now())
    db.session.commit()
    flash(i18n.gettext(N_("%(code)s is under review now; somebody else looks at it."), code=row.code))
    return redirect(url_for("bank.question", code=bank.code, question_code=row.code), 303)


@bp.post("/<code>/questions/<question_code>/take-back")
@needs(Permission.MANAGE_BANK)
def take_back(code: str, question_code: str):
    bank = banks.bank_in_scope(db.session, current_user, code)
    row = banks.question(db.session, bank, question_code)
    operations.take_back(db.session, row, account=current_user, now=clock.now())
    db.session.commit()
    return redirect(url_for("bank.question", code=bank.code, question_code=row.code), 303)


@bp.post("/<code>/questions/<question_code>/comments/<int:comment_id>/settle")
@needs(Permission.MANAGE_BANK)
def settle(code: str, question_code: str, comment_id: int):
    bank = banks.bank_in_scope(db.session, current_user, code)
    row = banks.question(db.session, bank, question_code)
    operations.settle(db.session, queries.remark(db.session, row, comment_id), account=current_user, now=clock.now())
    db.session.commit()
    there = url_for("bank.question", code=bank.code, question_code=row.code)
    return redirect(own_path(request.form.get("next")) or there, 303)
