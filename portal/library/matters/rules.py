"""What a matter must say to stand in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.ground.rules import N_
from portal.library.matters.models import MatterKind, MatterVersion
from portal.people.models import Field
from question_bank.laws.numbers import article_of, label_of

MOST_BASES = 20


@dataclass(frozen=True)
class Basis:
    """An article by the law's short title, the label of its version (may be empty) and 第N条."""

    law: str
    label: str
    article: str

    @property
    def base(self) -> str:
        """The article alone: 第六十三条 of 第六十三条第一款第（二）项."""
        number = article_of(self.article)
        return label_of(*number) if number else self.article[:30]


@dataclass(frozen=True)
class MatterFacts:
    """A matter as somebody writes it."""

    code: str
    title: str
    field: str
    kind: str
    document: str
    document_number: str
    document_on: date | None
    in_force_from: date | None
    in_force_until: date | None
    bases: tuple[Basis, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one of the facts, named by its attribute."""

    fact: str
    message: str
    remedy: str = ""


LENGTHS = {"code": 40, "title": 200, "document": 200, "document_number": 80}


def faults(facts: MatterFacts) -> Iterator[Fault]:
    """Everything wrong with a matter, so that its writer mends it in one go."""
    for name in ("code", "title", "document"):
        if not getattr(facts, name):
            yield Fault(name, N_("This is empty."), N_("Every matter has a code, a title and a conferring document."))
    for name, most in LENGTHS.items():
        if len(getattr(facts, name)) > most:
            yield Fault(name, N_("This is too long."), N_("Shorten it."))
    if facts.field not in set(Field):
        yield Fault("field", N_("This is not an enforcement field."), N_("Write one of the fields of the template."))
    if facts.kind not in set(MatterKind):
        yield Fault("kind", N_("A matter is a penalty, a compulsory measure or an inspection."))
    if facts.in_force_from is None:
        yield Fault("in_force_from", N_("The first day is missing."), N_("Write it like 2024-03-01."))
    elif facts.in_force_until is not None and facts.in_force_until < facts.in_force_from:
        yield Fault("in_force_until", N_("The last day lies before the first."))
    yield from _bases(facts.bases)


def _bases(bases: tuple[Basis, ...]) -> Iterator[Fault]:
    if not bases:
        yield Fault("bases", N_("A matter rests on at least one article."))
    if len(bases) > MOST_BASES:
        yield Fault("bases", N_("A matter rests on at most 20 articles."))
    for basis in bases:
        if not basis.law or len(basis.law) > 80 or len(basis.label) > 30 or len(basis.article) > 60:
            yield Fault("bases", N_("Name law and article briefly."))
        elif article_of(basis.article) is None:
            yield Fault("bases", N_("An article is written like 第五十一条."))


def facts_of(version: MatterVersion) -> MatterFacts:
    return MatterFacts(
        version.matter.code, version.title, version.field, version.kind, version.document, version.document_number,
        version.document_on, version.in_force_from, version.in_force_until,
        tuple(Basis(b.law, b.label, b.article) for b in version.bases),
    )  # fmt: skip


def bases_in(text: str) -> tuple[Basis, ...]:
    """Articles typed one a line: law, version in brackets or none, article: 行政处罚法（2021 修订） 第五十一条."""
    found = []
    for line in text.splitlines():
        words = line.strip().strip("《").replace("》", " ")
        if not words:
            continue
        law, _, article = words.partition("第")
        law, _, label = law.strip().replace("(", "（").partition("（")
        found.append(Basis(law.strip(), label.strip(" ）)"), f"第{article.strip()}" if article else ""))
    return tuple(found)


def bases_as_text(bases: tuple[Basis, ...]) -> str:
    return "\n".join(f"{b.law}（{b.label}） {b.article}" if b.label else f"{b.law} {b.article}" for b in bases)
