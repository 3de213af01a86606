"""Our own search: runs of characters as overlapping pairs, the same on both engines.

Every kind of thing has one index of its own: an FTS5 table on SQLite, a tsvector under GIN on PostgreSQL.
An index is derived from rows and can be built anew at any time; it belongs to no model and no migration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Boolean, Connection, Select, bindparam, column, false, select, table, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String, TypeDecorator

KINDS = ("question", "law", "article", "matter", "guide")
PREFIX = "search_"  # of every table that belongs to an index, for migrations to pass over
CHUNK = 500
LONGEST_TOKEN = 40
MOST_WORDS = 8
MOST_TOKENS, MOST_PLACES = 16_000, 255  # of a text, of one token in it: more a tsvector does not keep
# Han, kana, hangul and their numerals: written without spaces between words
WIDE = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
RUNS = re.compile(f"[{WIDE}]+|[^\\W_{WIDE}]+")


def folded(words: str) -> str:
    """Full width as half width, small letters."""
    return unicodedata.normalize("NFKC", words).lower()


def grams(words: str) -> list[str]:
    """The tokens of a text in order: pairs of wide characters, the last of a run alone, and other words whole."""
    found: list[str] = []
    for run in RUNS.findall(folded(words)):
        if _is_wide(run):
            found += [run[at : at + 2] for at in range(len(run))]
        else:
            found.append(run[:LONGEST_TOKEN])
    return found


def _is_wide(run: str) -> bool:
    return run[0] >= "\u2e80" and not run[0].isascii() and bool(re.match(f"[{WIDE}]", run))


def index(session: Session, kind: str, object_id: int, words: str) -> None:
    """From now on this text is what the thing is found by."""
    put(session, kind, [(object_id, grams(words))])


def index_many(session: Session, kind: str, texts: Iterable[tuple[int, str]]) -> None:
    put(session, kind, ((object_id, grams(words)) for object_id, words in texts))


def put(session: Session, kind: str, things: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Index things by tokens made by the caller; each takes the place of what stood there."""
    name, value = _name(kind), _value(session)
    insert = text(f"INSERT INTO {name} (rowid, grams) VALUES (:id, {value})")  # noqa: S608
    for chunk in _chunks(things):
        last = dict(chunk)
        unindex(session, kind, list(last))
        session.execute(insert, [{"id": number, "grams": _document(session, said)} for number, said in last.items()])


def unindex(session: Session, kind: str, object_ids: Sequence[int]) -> None:
    """These things are found no more."""
    if object_ids:
        gone = text(f"DELETE FROM {_name(kind)} WHERE rowid = :id")  # noqa: S608
        session.execute(gone, [{"id": number} for number in object_ids])


def matches(kind: str, words: str) -> Select[Any]:
    """A selection of the ids of the things in which all the words occur, for WHERE id IN (…)."""
    here = table(_name(kind), column("rowid"), column("grams"))
    condition = _Matching(here.c.grams, bindparam(None, words, type_=_Asked())) if asked(words) else false()
    return select(here.c.rowid).where(condition)


def asked(words: str) -> list[tuple[list[str], bool]]:
    """What somebody typed: per word the tokens that must follow each other, and whether the last is a beginning."""
    found = []
    for word in folded(words).split()[:MOST_WORDS]:
        runs = RUNS.findall(word)
        tokens: list[str] = []
        for place, run in enumerate(runs):
            if not _is_wide(run):
                tokens.append(run[:LONGEST_TOKEN])
            else:  # inside a word a run ends here; at its end the text may go on
                tokens += [run[at : at + 2] for at in range(len(run) - (place == len(runs) - 1 and len(run) > 1))]
        if tokens:
            last = runs[-1]
            found.append((tokens, not _is_wide(last) or len(last) == 1))
    return found


class _Asked(TypeDecorator):
    """Typed words as the engine's own query; only letters and digits are left in them, so nothing is syntax."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str:
        if dialect.name == "sqlite":
            return " AND ".join(f'"{" ".join(tokens)}"{" *" if open_ else ""}' for tokens, open_ in asked(value or ""))
        return " & ".join(
            "(" + " <-> ".join([*(f"'{t}'" for t in tokens[:-1]), f"'{tokens[-1]}'{':*' if open_ else ''}"]) + ")"
            for tokens, open_ in asked(value or "")
        )


class _Matching(FunctionElement):
    """An index's column agrees with a query."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # SQLite allows no "= 1" behind MATCH
    name = "matching"


@compiles(_Matching, "sqlite")
def _on_sqlite(element: _Matching, compiler: Any, **kw: Any) -> str:
    here, wanted = (compiler.process(part, **kw) for part in element.clauses)
    return f"{here} MATCH {wanted}"


@compiles(_Matching)
def _on_postgres(element: _Matching, compiler: Any, **kw: Any) -> str:
    here, wanted = (compiler.process(part, **kw) for part in element.clauses)
    return f"{here} @@ CAST({wanted} AS tsquery)"


def _name(kind: str) -> str:
    if kind not in KINDS:
        raise KeyError(kind)
    return PREFIX + kind


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _value(session: Session) -> str:
    return ":grams" if _is_sqlite(session) else "CAST(:grams AS tsvector)"


def _document(session: Session, tokens: Sequence[str]) -> str:
    tokens = tokens[:MOST_TOKENS]
    if _is_sqlite(session):
        return " ".join(tokens)
    return " ".join(f"'{token}':{place}" for place, token in enumerate(tokens, 1))


def _chunks(things: Iterable[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for thing in things:
        chunk.append(thing)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def apart(name: str | None, type_: str, _parents: Any) -> bool:
    """Alembic's question whether a name in the database is the migrations' business; an index is not."""
    return not (type_ == "table" and name is not None and name.startswith(PREFIX))


def install(connection: Connection) -> None:
    """Make the indexes that are missing, empty."""
    for name in map(_name, KINDS):
        if connection.dialect.name == "sqlite":
            # the tokenizer `ascii` takes every other character as a letter, also those Unicode has added since
            connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5"
                "(grams, content='', contentless_delete=1, tokenize='ascii')"
            )
            continue
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} (rowid integer PRIMARY KEY, grams tsvector NOT NULL)"
        )
        connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS ix_{name} ON {name} USING gin (grams)")


def differing(session: Session, kind: str, things: Iterable[tuple[int, Sequence[str]]]) -> tuple[set[int], set[int]]:
    """The ids that are not indexed by just these tokens, and the ids that are indexed and should not be."""
    stored = _fingerprints(session, kind)
    wrong, expected = set(), set()
    for number, tokens in things:
        expected.add(number)
        if stored.get(number) != _fingerprint(session, tokens):
            wrong.add(number)
    return wrong, stored.keys() - expected


def _fingerprints(session: Session, kind: str) -> dict[int, int]:
    """What each thing is indexed by, boiled down to one number."""
    name, found = _name(kind), {}
    if not _is_sqlite(session):
        for number, vector in session.execute(text(f"SELECT rowid, grams::text FROM {name}")):  # noqa: S608
            found[number] = _sum(vector.split())
        return found
    raw = session.connection()
    found = dict.fromkeys(raw.exec_driver_sql(f"SELECT rowid FROM {name}").scalars(), 0)  # noqa: S608
    raw.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name}_said USING fts5vocab(main, {name}, instance)")
    for token, number, place in raw.exec_driver_sql(f"SELECT term, doc, offset FROM {name}_said"):  # noqa: S608
        if number in found:
            found[number] ^= _number(f"{token} {place}")
    return found


def _fingerprint(session: Session, tokens: Sequence[str]) -> int:
    tokens = tokens[:MOST_TOKENS]
    if _is_sqlite(session):
        return _sum(f"{token} {place}" for place, token in enumerate(tokens))
    at: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, 1):
        at.setdefault(token, []).append(place)
    return _sum(f"'{token}':{','.join(map(str, places[:MOST_PLACES]))}" for token, places in at.items())


def _sum(parts: Iterable[str]) -> int:
    total = 0
    for part in parts:
        total ^= _number(part)
    return total


def _number(part: str) -> int:
    return int.from_bytes(blake2b(part.encode(), digest_size=8).digest())
