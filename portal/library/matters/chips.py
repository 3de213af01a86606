"""Where an article that a matter or a guide rests on can be read, and whether it is in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.library.articles import article_ids, in_force_on
from portal.library.models import Law, LawVersion
from portal.library.queries import versions_for


class Cited(Protocol):
    law: str
    label: str
    article: str


@dataclass(frozen=True)
class Chip:
    """An article with the version it is read in; ids are None for what the library does not have."""

    law: str
    label: str
    article: str
    article_id: int | None
    in_force: bool | None


Key = tuple[str, str, str]


def key_of(cited: Cited) -> Key:
    return cited.law, cited.label, cited.article


def chips(session: Session, cited: Iterable[Cited], on: date) -> dict[Key, Chip]:
    """(law, label, article) as written → its chip; without a label the version in force on the day is meant."""
    keys = {key_of(each) for each in cited}
    labels = _labels_now(session, {law for law, label, _ in keys if not label}, on)
    meant = {key: (key[0], key[1] or labels.get(key[0], ""), key[2]) for key in keys}
    plain = [{"law": law, "label": label, "article": article} for law, label, article in meant.values()]
    known, ids = versions_for(session, plain, on), article_ids(session, plain)
    made = {}
    for key, (law, label, article) in meant.items():
        version = known.get((law, label))
        made[key] = Chip(law, label, article, ids.get((law, label, article)), version.in_force if version else None)
    return made


def _labels_now(session: Session, laws: set[str], on: date) -> dict[str, str]:
    """Law → the label of its version in force on a day."""
    if not laws:
        return {}
    found = select(Law.title, LawVersion.label).join(LawVersion, LawVersion.law_id == Law.id)
    return dict(session.execute(found.where(Law.title.in_(laws), in_force_on(on))).all())
