"""Settings: from the environment or one TOML file, each with its meaning."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from portal.ground.errors import SettingMissing

PREFIX = "MINGFA_"
SHORTEST_AUDIT_YEARS = 0.5  # Cybersecurity Law Art 21: logs are kept for six months at least


@dataclass(frozen=True)
class Setting:
    """One setting: its name, what it means, its default (None: must be given), whether it is secret."""

    name: str
    meaning: str
    default: str | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting("database_url", "Where the data is: sqlite:////path/file.db or postgresql+psycopg://…"),
    Setting("secret_key", "Signs cookies and attempt tokens; 32 random characters or more.", secret=True),
    Setting("data_key", "Encrypts ID numbers at rest; 64 hexadecimal digits.", secret=True),
    Setting("index_key", "Finds an ID number again without decrypting; 64 other hexadecimal digits.", secret=True),
    Setting("audit_key", "Signs where the audit trail was cut; 64 other hexadecimal digits.", secret=True),
    Setting("data_keys_old", "Earlier data keys that still open values, with commas between.", "", secret=True),
    Setting("index_keys_old", "Earlier index keys that still find values, with commas between.", "", secret=True),
    Setting("audit_keys_old", "Public halves of earlier audit keys, with commas between.", ""),
    Setting("cipher_suite", "What values are encrypted with from now on: aes or sm4.", "aes"),
    Setting("audit_years", "Years the audit trail is kept before it may be cut; at least 0.5.", "3"),
    Setting("base_url", "The address people see; printed in notices and QR codes.", "http://127.0.0.1:8000"),
    Setting("host", "The address the server listens on.", "127.0.0.1"),
    Setting("port", "The port the server listens on.", "8000"),
    Setting("threads", "Threads that answer requests.", "8"),
    Setting("files_dir", "Where uploaded files and converted fonts are kept.", ".mingfa-files"),
    Setting("tls_dir", "Where the site's own certificate authority is kept, with its key.", ".mingfa-tls"),
    Setting("demo", "1 in the demo province: shows a banner and the list of demo accounts.", "0"),
    Setting("hash_workers", "Passwords checked at the same time; 1 on two cores.", "1"),
    Setting("password_profile", "djbh3 (MLPS level 3: composition, 90 days) or nist (SP 800-63B: neither).", "djbh3"),
    Setting("idle_minutes", "Minutes without a page after which a sign-in falls asleep; a running exam goes on.", "30"),
    Setting("one_device", "1 ends a person's other sign-ins when he signs in.", "0"),
    Setting("sms_url", "Address one-time codes are posted to as JSON, to go out by SMS; empty: none.", ""),
    Setting("sms_key", "What this site shows the SMS gateway.", "", secret=True),
    Setting("trusted_proxies", "How many proxies of ours stand before the server; 0 ignores X-Forwarded-*.", "0"),
    Setting("second_factor", "For staff: offered, or required (only enrolling opens without one).", "offered"),
    Setting("oidc_issuer", "Address of the OpenID Connect provider people may sign in with; empty: none.", ""),
    Setting("oidc_client_id", "The name under which the provider knows this site.", ""),
    Setting("oidc_client_secret", "The password this site shows the provider.", "", secret=True),
    Setting("oidc_label", "What the provider is called on the sign-in page.", ""),
    Setting("oidc_claim", "The claim that carries the personnel number; empty: link by hand only.", ""),
    Setting("marking_inline", "1 marks in the request that hands in; for tests and very small sites.", "0"),
)


@dataclass(frozen=True)
class Config:
    """The settings as the program uses them."""

    database_url: str
    secret_key: str
    data_key: str
    index_key: str
    base_url: str
    host: str
    port: int
    threads: int
    files_dir: Path
    demo: bool
    marking_inline: bool
    audit_key: str
    data_keys_old: str = ""
    index_keys_old: str = ""
    audit_keys_old: str = ""
    cipher_suite: str = "aes"
    audit_years: float = 3
    trusted_proxies: int = 0
    second_factor: str = "offered"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_label: str = ""
    oidc_claim: str = ""
    hash_workers: int = 1
    password_profile: str = "djbh3"
    idle_minutes: int = 30
    one_device: bool = False
    sms_url: str = ""
    sms_key: str = ""
    tls_dir: Path = Path(".mingfa-tls")

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> dict[str, tuple[str | None, str]]:
    """Every setting's value and where it came from: environment, file or default."""
    environ = os.environ if environ is None else environ
    named = environ.get(PREFIX + "CONFIG")
    written: dict[str, Any] = {}
    if named:
        try:
            written = tomllib.loads(Path(named).read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingMissing(f"The settings file {named} cannot be read: {error}") from error
        unknown = set(written) - {s.name for s in SETTINGS}
        if unknown:
            raise SettingMissing(f"{named} names settings that do not exist: {', '.join(sorted(unknown))}")
    found: dict[str, tuple[str | None, str]] = {}
    for setting in SETTINGS:
        if setting.variable in environ:
            found[setting.name] = (environ[setting.variable], "environment")
        elif setting.name in written:
            found[setting.name] = (str(written[setting.name]), "file")
        else:
            found[setting.name] = (setting.default, "default")
    return found


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """The complete settings, or SettingMissing with a sentence that says what to set."""
    values = {name: value for name, (value, _) in read_settings(environ).items()}
    for setting in SETTINGS:
        if not values[setting.name] and setting.default != "":
            raise SettingMissing(
                f"{setting.variable} is not set. {setting.meaning} "
                f"Set it in the environment, or {setting.name} in the file that {PREFIX}CONFIG names."
            )
    _check_keys(values)
    _check_choices(values)
    kinds = {f.name: f.type for f in fields(Config)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        match kinds[name]:
            case "int":
                made[name] = int(value)
            case "float":
                made[name] = float(value)
            case "bool":
                made[name] = value.lower() in ("1", "true", "yes")
            case "Path":
                made[name] = Path(value)
            case _:
                made[name] = value
    return Config(**made)


def listed(setting: str) -> list[str]:
    """The values of a setting that holds several, with commas between."""
    return [part.strip() for part in setting.split(",") if part.strip()]


def _check_keys(values: Mapping[str, Any]) -> None:
    for name in ("data_key", "index_key", "audit_key", "data_keys_old", "index_keys_old", "audit_keys_old"):
        for key in listed(values[name]) or ([""] if not name.endswith("_old") else []):
            if len(key) != 64 or set(key.lower()) - set("0123456789abcdef"):
                raise SettingMissing(f"{PREFIX}{name.upper()} must be 64 hexadecimal digits.")
    if len({values[name].lower() for name in ("data_key", "index_key", "audit_key")}) < 3:
        raise SettingMissing("MINGFA_DATA_KEY, MINGFA_INDEX_KEY and MINGFA_AUDIT_KEY must differ.")


def _check_choices(values: Mapping[str, Any]) -> None:
    if len(values["secret_key"]) < 32:
        raise SettingMissing("MINGFA_SECRET_KEY must have at least 32 characters.")
    if values["password_profile"] not in ("djbh3", "nist"):
        raise SettingMissing("MINGFA_PASSWORD_PROFILE is djbh3 or nist.")
    if values["second_factor"] not in ("offered", "required"):
        raise SettingMissing("MINGFA_SECOND_FACTOR is offered or required.")
    if values["oidc_issuer"] and not values["oidc_client_id"]:
        raise SettingMissing("MINGFA_OIDC_ISSUER needs MINGFA_OIDC_CLIENT_ID beside it.")
    if values["cipher_suite"] not in ("aes", "sm4"):
        raise SettingMissing("MINGFA_CIPHER_SUITE is aes or sm4.")
    try:
        long_enough = float(values["audit_years"]) >= SHORTEST_AUDIT_YEARS
    except ValueError:
        long_enough = False
    if not long_enough:
        raise SettingMissing("MINGFA_AUDIT_YEARS is a number, 0.5 at least: the law has logs kept for six months.")
