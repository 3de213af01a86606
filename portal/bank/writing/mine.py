"""What a writer's own questions ask of him: drafts, returned, under review, hit by a law, poor figures."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user

from portal.bank import queries as banks
from portal.bank.models import QuestionStatus
from portal.bank.writing import queries
from portal.ground.db import db
from portal.ground.web import needs
from portal.people.rules import Permission

bp = Blueprint("bank_mine", __name__, url_prefix="/banks")


@bp.get("/mine")
@needs(Permission.MANAGE_BANK)
def mine():
    session, account = db.session, current_user
    drafts = queries.own_drafts(session, account)
    begun = {row.id for _draft, _bank, row in drafts if row is not None}
    returned = queries.own_rows(session, account, QuestionStatus.DRAFT, returned=True)
    return render_template(
        "bank/writing/mine.html",
        drafts=[one for one in drafts if one[2] is None or one[2] not in returned],
        returned=returned,
        notes=queries.return_notes(session, returned),
        remarks=queries.open_remarks(session, [row.id for row in returned]),
        unsent=[row for row in queries.own_rows(session, account, QuestionStatus.DRAFT) if row.id not in begun],
        waiting=queries.own_rows(session, account, QuestionStatus.REVIEW),
        discarded=queries.own_discarded(session, account),
        held=queries.own_held(session, account),
        poor=queries.own_with_poor_figures(session, account),
        banks=[opened.bank for opened in banks.banks_readable(session, account) if opened.writable],
    )
