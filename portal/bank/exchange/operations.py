"""Taking questions out of a bank: what a form cannot carry is named, who took them is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from portal.bank.exchange import queries
from portal.bank.exchange.booklet import Mark, draw_booklet
from portal.bank.following.models import ViewedBy
from portal.bank.following.operations import note_views
from portal.bank.models import QuestionBank
from portal.ground import audit
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.ground.sheet_stream import write_long
from portal.ground.sheets import MOST_IN_CELL, XLSX
from portal.people.models import Account
from question_bank.formats import writing
from question_bank.formats.found import Loss
from question_bank.formats.gift.writing import NO_PICTURES
from question_bank.questions import LETTERS
from question_bank.sheet_format import TITLES, USUAL_OPTIONS, to_rows

MOST = {"pdf": 2_000}
MOST_OF_ANY = 20_000
WIDTH = 18  # characters of a column
TOO_LONG = N_("A text is longer than a cell of a spreadsheet holds; the rest of it stays behind.")
SHEET, BOOKLET = "xlsx", "pdf"
EXAMPLES = 5  # codes named of each loss


class TooManyQuestions(Refused):
    """More than one file of this form should hold."""

    code = "too_many_questions"


class NothingChosen(Refused):
    """No question is left to go out."""

    code = "nothing_chosen"


class NotPublished(Refused):
    """The bank is not published: only who writes it takes questions out."""

    status = 403
    code = "not_published"


@dataclass(frozen=True)
class Exported:
    """A file that was written; whoever takes it closes it."""

    file: BinaryIO
    ending: str
    media_type: str
    losses: tuple[Loss, ...]
    count: int

    def __enter__(self) -> Exported:
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()


@dataclass(frozen=True)
class Lost:
    """One thing a form cannot carry: the sentence, how many questions it concerns, some of their codes."""

    message: str
    values: dict[str, Any]
    count: int
    codes: tuple[str, ...]


def forms() -> dict[str, str]:
    """Every form there is, by its code: its words on screen."""
    others = {code: target.title for code, target in writing.FORMATS.items()}
    return {SHEET: N_("Question sheet (.xlsx)"), **others, BOOKLET: N_("PDF booklet with answer sheet and key")}


def form_of(word: str) -> str:
    """The form a word of the command line means: qti3 is what we write of QTI. Raises KeyError."""
    code = word if word in forms() else {"qti3": "qti", "qti": "qti3"}.get(word, word)
    forms()[code]
    return code


def check_amount(count: int, form: str) -> None:
    """Raises TooManyQuestions and NothingChosen."""
    most = MOST.get(form, MOST_OF_ANY)
    if count > most:
        raise TooManyQuestions(
            N_("These are %(n)s questions; a file of this form takes %(most)s. Choose fewer, by topic or kind."),
            n=f"{count:,}", most=f"{most:,}",
        )  # fmt: skip
    if not count:
        raise NothingChosen(N_("No question is chosen. Change what is asked for."))


def note_export(
    session: Session, account: Account | None, bank: QuestionBank, version_ids: Sequence[int], form: str, *,
    now: datetime,
) -> None:  # fmt: skip
    """Write down who takes which questions out, before the file is made; None is the command line."""
    if account is not None:
        note_views(session, account, version_ids, ViewedBy.EXPORT, now)
    audit.record(
        session, "questions_exported", "question_bank", bank.id, now=now,
        account_id=account.id if account else None, body_id=bank.body_id, format=form, count=len(version_ids),
    )  # fmt: skip


def write_out(
    session: Session, bank: QuestionBank, version_ids: Sequence[int], form: str, *, mark: Mark
) -> Exported:
    """The questions as a file of one form. Raises TooManyQuestions, NothingChosen and ExportBusy."""
    check_amount(len(version_ids), form)
    if form == SHEET:
        return _sheet(session, bank, version_ids)
    asked = list(queries.questions(session, version_ids))
    shown = queries.pictures(session, bank, {key for question in asked for _alt, key in question.pictures()})
    if form == BOOKLET:
        content, losses = draw_booklet(asked, shown, bank.title, mark)
        return Exported(_kept(content), "pdf", "application/pdf", losses, len(asked))
    written = writing.write(asked, form, pictures=shown, title=bank.title)
    return Exported(
        _kept(written.data), written.file_name_extension, written.media_type, written.losses, len(asked)
    )


def _kept(content: bytes) -> BinaryIO:
    file = TemporaryFile()
    file.write(content)
    file.seek(0)
    return file  # type: ignore[return-value]


def _sheet(session: Session, bank: QuestionBank, version_ids: Sequence[int]) -> Exported:
    """Row after row through a process of its own: little memory, however many there are."""
    losses: list[Loss] = []
    most = max((len(leaf.options) for q in queries.questions(session, version_ids) for leaf in q.leaves()), default=0)
    at = TITLES.index("F") + 1
    titles = [*TITLES[:at], *LETTERS[len(USUAL_OPTIONS) : most], *TITLES[at:]]

    def chunks() -> Iterator[list[list[str]]]:
        some: list[list[str]] = []
        for question in queries.questions(session, version_ids):
            if question.pictures():
                losses.append(Loss(question.code, "pictures", NO_PICTURES))
            rows = to_rows(question)
            if any(len(cell) >= MOST_IN_CELL for row in rows for cell in row.values()):
                losses.append(Loss(question.code, "length", TOO_LONG))
            some += [[row.get(title, "") for title in titles] for row in rows]
            if len(some) >= queries.PORTION:
                yield some
                some = []
        yield some

    with NamedTemporaryFile(suffix=".xlsx") as file:
        write_long(Path(file.name), "试题", titles, [WIDTH] * len(titles), chunks())
        kept = Path(file.name).open("rb")  # noqa: SIM115 — stays readable when its name is gone
    return Exported(kept, "xlsx", XLSX, tuple(losses), len(version_ids))


def told(losses: Sequence[Loss]) -> list[Lost]:
    """The losses, each sentence once, the most frequent first."""
    counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
    codes: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for loss in losses:
        key = loss.message, tuple(sorted(loss.values.items()))
        counts[key] += 1
        named = codes.setdefault(key, [])
        if len(named) < EXAMPLES and loss.code and loss.code not in named:
            named.append(loss.code)
    return [
        Lost(message, dict(values), count, tuple(codes[message, values]))
        for (message, values), count in counts.most_common()
    ]
