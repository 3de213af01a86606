"""The register of reviewers as a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from portal.ground import i18n
from portal.ground.rules import N_, Finding
from portal.ground.sheets import XLSX, Page, write_workbook
from portal.people.registers.models import LegalReviewer
from portal.words import WORDS

__all__ = ["XLSX", "register_sheet"]

SAID = WORDS["state"]
TITLES = (
    N_("Unit"), N_("Name"), N_("Personnel number"), N_("Reviews penalty decisions"), N_("Took such review up on"),
    N_("Number of the legal-profession certificate"), N_("Day of the certificate"), N_("Copy of the certificate"),
    N_("Qualification"), N_("Reason"), N_("On the register since"), N_("Last day"),
)  # fmt: skip


def register_sheet(rows: Sequence[tuple[LegalReviewer, Finding]]) -> bytes:
    """The rows with the rule's answer in words; no ID numbers."""
    lines = [
        [
            row.body.name, row.person.name, row.person.personnel_number,
            i18n.gettext(N_("Yes") if row.penalties else N_("No")), row.first_on, row.qualification_number,
            row.qualification_on, row.qualification_document, i18n.gettext(SAID[finding.state]),
            i18n.gettext(finding.because, **finding.values), row.started_on, row.ended_on,
        ]
        for row, finding in rows
    ]  # fmt: skip
    head = [i18n.gettext(title) for title in TITLES]
    return write_workbook([Page(i18n.gettext(N_("Reviewers of decisions")), [head, *lines])])
