"""A cited article as plain values for the panel beside a page: title, facts, paragraphs, links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for

from portal.ground.i18n import gettext, show_date
from portal.ground.rules import N_
from portal.library.articles import Step
from portal.library.models import Article, LawVersion


def days(version: LawVersion, on: date) -> str:
    """When a version is in force, in words."""
    first, last = show_date(version.in_force_from), version.in_force_until
    if last:
        return gettext(N_("in force %(a)s to %(b)s"), a=first, b=show_date(last))
    said = N_("in force since %(day)s") if version.in_force_from <= on else N_("in force from %(day)s")
    return gettext(said, day=first)


def of_article(article: Article, steps: Sequence[Step], on: date) -> dict[str, Any]:
    version = article.version
    others = [
        {
            "text": f"{step.version.label} {step.article.label} · {days(step.version, on)}",
            "href": url_for("library.article", article_id=step.article.id),
        }
        for step in reversed(steps) if step.article is not None and step.article.id != article.id
    ]  # fmt: skip
    return {
        "title": f"{version.law.title} {article.label}",
        "facts": [f"{version.label} · {days(version, on)}", " › ".join(article.heading.splitlines())],
        "paragraphs": article.text.splitlines(),
        "others": {"title": gettext(N_("Course through the versions")), "links": others},
        "whole": {
            "text": gettext(N_("In the whole law")),
            "href": url_for("library.version", version_id=version.id, _anchor=f"art-{article.label}"),
        },
    }


def of_untexted(cited: dict[str, str], known: bool, summary: str | None) -> dict[str, Any]:
    """A citation whose text the library does not have."""
    missing = N_("The library does not have the text of this article yet.")
    unknown = N_("The library does not know this version of the law.")
    return {
        "title": f"{cited['law']} {cited['article']}",
        "facts": [cited["label"]],
        "paragraphs": [gettext(missing if known else unknown), *([summary] if summary else [])],
        "others": {"title": "", "links": []},
        "whole": {"text": gettext(N_("Look in the library")), "href": url_for("library.laws", q=cited["law"])},
    }
