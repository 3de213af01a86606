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
    Setting("base_url", "The address people see; printed in notices and QR codes.", "http://127.0.0.1:8000"),
    Setting("host", "The address the server listens on.", "127.0.0.1"),
    Setting("port", "The port the server listens on.", "8000"),
    Setting("threads", "Threads that answer requests.", "8"),
    Setting("files_dir", "Where uploaded files and converted fonts are kept.", ".mingfa-files"),
    Setting("demo", "1 in the demo province: shows a banner and the list of demo accounts.", "0"),
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
        if not values[setting.name]:
            raise SettingMissing(
                f"{setting.variable} is not set. {setting.meaning} "
                f"Set it in the environment, or {setting.name} in the file that {PREFIX}CONFIG names."
            )
    for name in ("data_key", "index_key"):
        if len(values[name]) != 64 or set(values[name].lower()) - set("0123456789abcdef"):
            raise SettingMissing(f"{PREFIX}{name.upper()} must be 64 hexadecimal digits.")
    if values["data_key"].lower() == values["index_key"].lower():
        raise SettingMissing("MINGFA_DATA_KEY and MINGFA_INDEX_KEY must differ.")
    if len(values["secret_key"]) < 32:
        raise SettingMissing("MINGFA_SECRET_KEY must have at least 32 characters.")
    kinds = {f.name: f.type for f in fields(Config)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        match kinds[name]:
            case "int":
                made[name] = int(value)
            case "bool":
                made[name] = value.lower() in ("1", "true", "yes")
            case "Path":
                made[name] = Path(value)
            case _:
                made[name] = value
    return Config(**made)
