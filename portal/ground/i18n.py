"""Words on screen: English ids in the code, catalogues read from the .po files themselves."""

from __future__ import annotations

import gettext as std_gettext
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g, has_request_context, request

from portal.ground import clock

FOLDER = Path(__file__).resolve().parents[1] / "translations"
DEFAULT = "zh_Hans_CN"
LANGUAGES = {"zh_Hans_CN": "简体中文", "en": "English", "ko": "한국어"}
HTML_LANG = {"zh_Hans_CN": "zh-Hans-CN", "en": "en", "ko": "ko"}
COOKIE = "mingfa_lang"


@cache
def catalogue(locale: str) -> std_gettext.NullTranslations:
    """The catalogue of one language; Korean falls back to Chinese, English needs none."""
    if locale == "en":
        return std_gettext.NullTranslations()
    with (FOLDER / locale / "messages.po").open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    translations = std_gettext.GNUTranslations(compiled)
    if locale != DEFAULT:
        translations.add_fallback(catalogue(DEFAULT))
    return translations


def current() -> str:
    """The language of this request: the visitor's choice, else Chinese."""
    if not has_request_context():
        return DEFAULT
    if "locale" not in g:
        chosen = request.cookies.get(COOKIE, "")
        g.locale = chosen if chosen in LANGUAGES else DEFAULT
    return g.locale


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with its values filled in."""
    if not message:
        return ""
    text = catalogue(current()).gettext(message)
    return text % values if values else text


def pgettext(context: str, message: str, **values: object) -> str:
    text = catalogue(current()).pgettext(context, message)
    return text % values if values else text


def show_date(day: date | None) -> str:
    return day.isoformat() if day else "—"


def show_moment(moment: datetime | None) -> str:
    """As people in Jilin read it: 2026-11-23 09:10."""
    return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else "—"


def show_mark(hundredths: int) -> str:
    """A mark of 100 from hundredths of a percent: 8650 → 86.5."""
    whole, rest = divmod(hundredths, 100)
    return str(whole) if not rest else f"{whole}.{rest:02d}".rstrip("0")
