"""https for a hall without a public name: serving it, its installation sheet, and what the doctor says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import func, select

from portal.exams.hall.sheet_pdf import sheet_pdf
from portal.exams.hall.steps import Sheet, sheet_of
from portal.ground import clock, site_tls
from portal.ground.config import SETTINGS, Config, load_config, read_settings
from portal.ground.db import db
from portal.ground.models import AuditLine
from portal.ground.site_tls import SiteTls, fingerprint, names_of_server
from portal.serving import Encrypted

HTTPS = 443
LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")
CLOCKS_APART = timedelta(minutes=2)


def encrypt(
    settings: Config, names: Sequence[str], *, port: int, http_port: int | None, new_ca: bool
) -> tuple[Config, Encrypted]:
    """The settings under which an encrypted site is served, with its certificates made or renewed."""
    named = list(names) or [urlsplit(settings.base_url).hostname or ""]
    tls = SiteTls(settings.tls_dir.resolve())
    made = site_tls.prepare(tls, named, clock.now(), new_ca=new_ca)
    first = site_tls.checked(named)[0]
    host = f"[{first}]" if ":" in first else first
    base_url = settings.base_url if _is_given("base_url") and settings.https else _address(host, port)
    listening = settings.host if _is_given("host") else "0.0.0.0"
    click.echo(f"{base_url}  ({'new certificate' if made else 'certificate'} for {', '.join(named)})")
    click.echo(f"authority's fingerprint: {fingerprint(tls.authority())}")
    click.echo("sheet for the hall: mingfa tls sheet FILE.pdf, or /tls on the site")
    changed = replace(settings, host=listening, port=port, base_url=base_url, tls_dir=tls.folder)
    return changed, Encrypted(tls, base_url, http_port)


def _address(host: str, port: int) -> str:
    return f"https://{host}" + ("" if port == HTTPS else f":{port}")


def _is_given(name: str) -> bool:
    default = next(setting.default for setting in SETTINGS if setting.name == name)
    value, _ = read_settings()[name]
    return value != default


@click.group()
def tls() -> None:
    """The site's own certificate authority, for halls without a public name."""


def _sheet(address: str | None) -> Sheet:
    settings = load_config()
    made = SiteTls(settings.tls_dir)
    certificate = made.certificate()
    host = names_of_server(certificate)[0] if certificate else ""
    found = sheet_of(made, address or (settings.base_url if settings.https else f"https://{host}"))
    if found is None:
        raise click.ClickException(f"there is no authority in {made.folder}; mingfa serve --tls --host NAME makes it")
    return found


@tls.command("show")
def tls_show() -> None:
    """Names, fingerprint and days left."""
    found = _sheet(None)
    click.echo(f"{found.address}\n{found.fingerprint}\ntrusted for {found.names} until {found.until:%Y-%m-%d}")


@tls.command("sheet")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--address", help="What the hall opens, with its port; else the certificate's first name.")
def tls_sheet(file: Path, address: str | None) -> None:
    """Write the installation sheet for the hall as a PDF."""
    file.write_bytes(sheet_pdf(_sheet(address)))
    click.echo(f"{file} is written.")


def say_tls(settings: Config) -> None:
    """What the doctor says of encryption, certificate and clock."""
    host = urlsplit(settings.base_url).hostname or ""
    if not settings.https and host not in LOCAL:
        click.echo(f"https: missing; {settings.base_url} is plain http")
        click.echo("    browsers there have no WebCrypto: sealed papers cannot be opened, answers are not encrypted")
        click.echo("    serve it with mingfa serve --tls --host NAME, or behind a proxy that has a certificate")
    else:
        click.echo(f"https: {'yes' if settings.https else 'not needed on this computer itself'}")
    for line in certificate_lines(SiteTls(settings.tls_dir)):
        click.echo(line)
    for line in clock_lines():
        click.echo(line)


def certificate_lines(tls: SiteTls) -> list[str]:
    """One for each certificate of ours, and one more where it is over or nearly."""
    said = []
    for name, found in (("authority", tls.authority()), ("server certificate", tls.certificate())):
        if found is None:
            continue
        days = (found.not_valid_after_utc - clock.now()).days
        said.append(f"{name}: {days} days left")
        if days < site_tls.RENEW_DAYS:
            said.append("    ends soon; start mingfa serve --tls again, it is renewed at the start")
        if found.not_valid_before_utc > clock.now():
            said.append("    begins in the future: the clock of this machine is behind")
    if tls.ca_key.exists() and tls.ca_key.stat().st_mode & 0o077:
        said.append(f"    {tls.ca_key} can be read by others: chmod 600")
    return said


def clock_lines() -> list[str]:
    """Whether this machine's clock fits what was written and, with PostgreSQL, the database's own."""
    said = []
    with db.reading() as session:
        newest = session.scalar(select(func.max(AuditLine.at)))
        if db.engine.dialect.name == "postgresql":
            apart = abs(session.scalar(select(func.clock_timestamp())) - clock.now())
            if apart > CLOCKS_APART:
                said.append(f"clock: {int(apart.total_seconds())} s beside the database's; deadlines go by this one")
    if newest is not None and newest > clock.now() + CLOCKS_APART:
        said.append(f"clock: behind; something was written at {newest:%Y-%m-%d %H:%M} UTC already")
    return said or ["clock: fits what was written"]
