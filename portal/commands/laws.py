"""mingfa import law: a version of a law from its files, compared and counted before anything is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from portal.bank.following.holding import hold_laws
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.rules import N_
from portal.library import operations, queries
from portal.library.models import LawKind
from portal.terminal import opened
from question_bank.laws.comparing import ChangeKind
from question_bank.laws.texts import LawText, Source, Unreadable, decoded, read_law, short

MOST_BYTES = 4 * 1024 * 1024
NOTHING_READ = 2


@click.command("law")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--title", default="", help="The law's title, where the files do not say it.")
@click.option("--label", default="", help="A name for the version, such as '2023 修订'; by default from its history.")
@click.option("--kind", type=click.Choice([str(k) for k in LawKind]), default=None, help="Its rank; else by its name.")
@click.option("--in-force-from", type=click.DateTime(["%Y-%m-%d"]), help="The day it comes in force.")
@click.option("--ends", multiple=True, help="A law it ends, instead of those its last article names.")
@click.option("--dry-run", is_flag=True, help="Look and compare only; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def law(
    files: Sequence[Path], title: str, label: str, kind: str | None, in_force_from: datetime | None,
    ends: Sequence[str], dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """One version of a law from one or several .md or .txt files. Exit 2 when it cannot be taken in."""
    given = {"title": title, "label": label, "kind": kind or "", "ends": list(ends) or None,
             "in_force_from": in_force_from.date() if in_force_from else None}  # fmt: skip
    with opened():
        report: dict[str, Any] = {"problems": []}
        try:
            sources = _sources(files)
            text = read_law(sources, title=title)
            report["problems"] = _problems(text)
            report |= _take_in(text, sources, given, dry_run=dry_run)
        except (Unreadable, Refused) as refusal:
            report["error"] = i18n.gettext(refusal.message, **refusal.values)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else _told(report))
    if "error" in report:
        sys.exit(NOTHING_READ)


def _sources(files: Sequence[Path]) -> list[Source]:
    if sum(file.stat().st_size for file in files) > MOST_BYTES:
        raise Unreadable(N_("The text is longer than any law."))
    return [decoded(file.read_bytes(), file.name) for file in files]


def _take_in(text: LawText, sources: Sequence[Source], given: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    with db.reading() as session:
        known = queries.untexted(session, short(given["title"] or text.title))
        facts = operations.settle(text, **given, known=known)
        beside = operations.compared(session, text, facts)
        waiting = {version.label: version.in_force_from.isoformat() for version in known}
    found: dict[str, Any] = {
        "law": facts.title, "kind": str(facts.kind), "label": facts.label, "articles": len(text.articles),
        "adopted_on": facts.adopted_on and facts.adopted_on.isoformat(),
        "in_force_from": facts.in_force_from.isoformat(), "ends": list(facts.ends),
        "joins": facts.label in waiting,
        "without_text": [{"label": k, "in_force_from": v} for k, v in waiting.items() if k != facts.label],
        "compared": [
            {"with": o.label, "older": o.before, **{str(k): sum(c.kind == k for c in o.changes) for k in ChangeKind}}
            for o in beside
        ],
        "stored": False,
    }  # fmt: skip
    if not dry_run:
        with db.writing() as session:
            version = operations.import_version(
                session, text, facts, beside, sources=sources, account_id=None, now=clock.now()
            )
            held = hold_laws(session, [facts.title, *facts.ends], clock.now())
            session.commit()
        found |= {"stored": True, "version": version.id, "held": held}
    return found


def _problems(text: LawText) -> list[dict[str, Any]]:
    return [
        {"file": f.file, "line": f.line, "problem": i18n.gettext(f.message, **f.values), "stops": not f.warning}
        for f in text.faults
    ]


def _told(report: dict[str, Any]) -> str:
    lines = [f"{p['file']}:{p['line']}: {p['problem']}" for p in report["problems"]]
    if "error" in report:
        return "\n".join([*lines, report["error"]])
    lines.append(f"{report['law']} ({report['label']}): {report['articles']} articles, from {report['in_force_from']}")
    if report["joins"]:
        lines.append(f"This is the text of the version that is cited as {report['label']} already.")
    for other in report["without_text"]:
        lines.append(
            f"The library has {other['label']} (from {other['in_force_from']}) without a text; "
            f"if this is it: --label '{other['label']}'"
        )
    if report["ends"]:
        lines.append(f"ends: {'、'.join(report['ends'])}")
    for other in report["compared"]:
        told = ", ".join(f"{other[k]} {k}" for k in map(str, ChangeKind) if other[k])
        lines.append(f"beside {other['with']}: {told}")
    stored = f"Stored; {report['held']} questions held back." if report["stored"] else "Nothing was stored."
    return "\n".join([*lines, stored])
