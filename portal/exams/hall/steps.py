"""Installing the authority's certificate, step by step: the same words on the page and on the printed sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from portal.ground import i18n
from portal.ground.rules import N_
from portal.ground.site_tls import SiteTls, fingerprint, names_of_ca

CA_PATH, PAGE_PATH = "/tls/ca.crt", "/tls"

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Windows with Chrome, Edge or another Chromium browser"),
        (
            N_("Fetch the certificate from the address above, on a computer whose network you trust."),
            N_("Open the file, choose “Install certificate”, “Local machine”, “Place all certificates in the following store”, “Trusted Root Certification Authorities”."),  # noqa: E501
            N_("Before the last step compare the fingerprint (Details, SHA-256) with this sheet, group by group."),
            N_("Close every browser window and open the address of the site."),
        ),
    ),
    (
        N_("Many Windows computers"),
        (
            N_("As administrator, on each: certutil -addstore -f Root ca.crt. In a domain, give it out by group policy."),  # noqa: E501
        ),
    ),
    (
        N_("Linux (Kylin, UOS) with Chromium"),
        (
            N_("For the user of the browser: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n mingfa -i ca.crt"),
        ),
    ),
    (
        N_("Android phones and WeChat"),
        (
            N_("Settings, Security, Install a certificate, CA certificate. Chrome then takes it; WeChat and many built-in browsers do not."),  # noqa: E501
            N_("Do not plan an exam in WeChat with this certificate: use Chrome, the computers of the hall, or a certificate of a public authority."),  # noqa: E501
        ),
    ),
)  # fmt: skip
CHECK = (
    N_("The address begins with https:// and the browser shows no warning."),
    N_("The certificate's issuer has the fingerprint of this sheet."),
    N_("On the notice of an exam, “Opening the sealed paper on this device” says that it works."),
)
AFTER = N_("Take the certificate away again when the hall no longer serves: it is trusted for these names only, but until the day named.")  # noqa: E501


@dataclass(frozen=True)
class Sheet:
    """What stands on it, besides the steps."""

    address: str
    ca_address: str
    fingerprint: str
    names: str
    until: datetime


def sheet_of(tls: SiteTls, base_url: str) -> Sheet | None:
    """None where this site has no authority of its own."""
    ca = tls.authority()
    return None if ca is None else _sheet(ca, base_url.rstrip("/"))


def _sheet(ca: x509.Certificate, site: str) -> Sheet:
    return Sheet(site, site + CA_PATH, fingerprint(ca), "、".join(names_of_ca(ca)), ca.not_valid_after_utc)


def said(sentences: tuple[str, ...]) -> list[str]:
    return [i18n.gettext(sentence) for sentence in sentences]
