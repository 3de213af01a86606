"""What a password must be, how often may be guessed, what a code looks like, and how a device is called."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from portal.ground.rules import N_
from portal.people.access.blocklist import too_common
from portal.people.access.hashing import normal_password
from portal.people.rules import FULL_WIDTH

MOST_CHARACTERS = 128  # nothing is cut off: a longer one is refused


@dataclass(frozen=True)
class PasswordPolicy:
    """What one standard asks of passwords. `days` None: they do not grow old."""

    name: str
    least: int
    classes: int  # of small letters, capitals, digits, everything else
    days: int | None
    not_again: int  # how many former passwords may not come back
    free_tries: int  # wrong ones before strange devices wait


# The two disagree: SP 800-63B forbids composition rules and periodic change, GB/T 22239-2019 level 3 asks for both.
# Eight characters where the password is the only factor is revision 3 of 63B; revision 4 asks for fifteen.
PROFILES = {
    "nist": PasswordPolicy("nist", least=8, classes=0, days=None, not_again=0, free_tries=10),
    "djbh3": PasswordPolicy("djbh3", least=8, classes=3, days=90, not_again=5, free_tries=5),
}


def classes_in(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit)
    named = sum(any(c.isascii() and kind(c) for c in password) for kind in kinds)
    return named + any(not (c.isascii() and c.isalnum()) for c in password)


def password_problem(
    policy: PasswordPolicy, typed: str, facts: Iterable[str] = ()
) -> tuple[str, dict[str, object]] | None:
    """A gettext id and its values saying what is wrong with a new password, or None."""
    password = normal_password(typed)
    if len(password) < policy.least:
        return N_("A password has at least %(n)s characters."), {"n": policy.least}
    if len(password) > MOST_CHARACTERS:
        return N_("A password has at most %(n)s characters."), {"n": MOST_CHARACTERS}
    if classes_in(password) < policy.classes:
        return N_("A password holds three of these four: small letters, capital letters, digits, other signs."), {}
    if too_common(password, facts):
        return N_("This password is guessed first: it is made of common words, rows of keys or your own data."), {}
    return None


# ---------- guessing ----------
WINDOW = timedelta(minutes=10)
HERE = 8  # wrong ones for one account from one place, or from a device it knows, in WINDOW
FROM_ONE_PLACE = 100  # wrong ones in WINDOW for accounts that never succeeded there: an office shares one address
SITE_CALM, SITE_A_MINUTE = 300, 30  # on the whole site: above so many in WINDOW, strange devices get so many a minute
DAY = timedelta(hours=24)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


def wait_after(wrong: int, policy: PasswordPolicy) -> timedelta:
    """How long strange devices wait after the last of so many wrong ones for an account in a day."""
    over = wrong - policy.free_tries
    return timedelta(0) if over < 0 else min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


def most_guesses(policy: PasswordPolicy) -> int:
    """The policy count: so many wrong passwords for one account are looked at in a day, whoever sends them."""
    spent, wrong = timedelta(0), 0
    while spent <= DAY:
        wrong += 1
        spent += wait_after(wrong, policy)
    return wrong


# ---------- one-time codes ----------
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none of 0 O, 1 I L is taken for another
CODE_LENGTH, GROUP = 12, 4
MOST_CODE_TRIES = 60
LIVES = {"activation": timedelta(days=30), "reset": timedelta(hours=24)}


def new_code() -> str:
    """Twelve signs, 59 bits, in three groups: 7K3M-PQ9X-2BTA."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(CODE_LENGTH))
    return "-".join(signs[at : at + GROUP] for at in range(0, CODE_LENGTH, GROUP))


def normal_code(typed: str) -> str:
    """A code as meant: groups, spaces and small letters do not matter."""
    return "".join(c for c in normal_password(typed).upper() if c.isalnum())


def normal_phone(typed: str) -> str:
    """Eleven digits of a mobile number, or an empty text."""
    digits = re.sub(r"[\s\-()]", "", typed.translate(FULL_WIDTH).replace("＋", "+"))
    digits = re.sub(r"^(\+86|0086)", "", digits)
    return digits if re.fullmatch(r"1\d{10}", digits, re.ASCII) else ""


# ---------- devices ----------
SHARED_IDLE = timedelta(minutes=10)
LASTS = timedelta(hours=12)
_BROWSERS = (
    ("MicroMessenger", N_("WeChat")), ("wxwork", N_("WeCom")), ("DingTalk", N_("DingTalk")),
    ("QQBrowser", N_("QQ Browser")), ("UCBrowser", N_("UC Browser")), ("HuaweiBrowser", N_("Huawei Browser")),
    ("MiuiBrowser", N_("Mi Browser")), ("QIHU|360SE|360EE", N_("360 Browser")), ("SLBrowser", N_("Lenovo Browser")),
    ("SafeExamBrowser|SEB/", N_("Safe Exam Browser")), ("Edg", "Edge"), ("OPR/|Opera", "Opera"),
    ("Firefox/", "Firefox"), ("Chrome/|CriOS", "Chrome"), ("Safari/", "Safari"), ("Trident|MSIE", "Internet Explorer"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS|OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("iPhone|iPod", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X|Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("UOS|Kylin|Linux|X11", "Linux"),
)  # fmt: skip


def device_words(user_agent: str) -> str:
    """Browser and system without versions, so that an update stays the same device: "Chrome · Windows"."""
    browser = next((name for sign, name in _BROWSERS if re.search(sign, user_agent)), "")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, user_agent)), "")
    return " · ".join(part for part in (browser, system) if part) or user_agent.split("/")[0].strip()[:40] or "?"
