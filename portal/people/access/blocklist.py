"""Passwords everybody guesses first, as patterns: words, keyboard runs, repeats, years, and the person's own facts.

Whatever of these a password holds is taken away; what is left must be long enough to be a secret. No list of
leaked passwords is copied in: the patterns below make the head of any such list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

LEFT = 4  # characters that must remain
SHORTEST_FACT = 3
LOOKS = str.maketrans("@4301!$57", "aaeolisst")

# English, keyboard, pinyin, and words of this place and trade
WORDS = (
    "password", "passwort", "passwd", "passw0rd", "pass", "admin", "administrator", "root", "user", "guest", "test",
    "demo", "login", "welcome", "hello", "master", "secret", "letmein", "iloveyou", "love", "loveyou", "monkey",
    "dragon", "sunshine", "princess", "football", "baseball", "superman", "batman", "shadow", "michael", "jordan",
    "freedom", "whatever", "trustno", "starwars", "computer", "internet", "server", "system", "default", "change",
    "changeme", "temp", "abc", "abcd", "abcde", "aaa", "asd", "asdf", "asdfgh", "asdfghjkl", "zxc", "zxcvb", "zxcvbnm",
    "qwe", "qwer", "qwert", "qwerty", "qwertyuiop", "qaz", "wsx", "edc", "qazwsx", "qazwsxedc", "1q2w3e", "1q2w3e4r",
    "1q2w3e4r5t", "q1w2e3r4", "1qaz2wsx", "3edc", "zaq1", "xsw2", "woaini", "aini", "iloveu", "wodemima", "mima",
    "nihao", "zhongguo", "china", "beijing", "zhonghua", "woaizhongguo", "laopo", "laogong", "baobao", "mama", "baba",
    "wang", "zhang", "zhao", "chen", "yang", "huang", "xiao", "jilin", "changchun", "siping", "liaoyuan",
    "tonghua", "baishan", "songyuan", "baicheng", "yanbian", "yanji", "meihekou", "gongzhuling", "huadian", "dunhua",
    "dongbei", "mingfa", "zhifa", "sifa", "sifaju", "xingzheng", "xingzhengzhifa", "kaoshi", "peixun", "xuexi",
    "zhengfu", "jiaotong", "huanbao", "shichang", "nongye", "yingji", "chengguan", "zhifazheng", "lawyer", "law",
    "office", "taobao", "weixin", "wechat", "alipay", "baidu", "huawei", "xiaomi", "mobile", "unicom", "telecom",
    "521", "520", "1314", "5201314", "666", "888", "168", "518", "110", "119", "120", "12315", "12345", "12306",
)  # fmt: skip
ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "147258369", "159357", "741852963")  # fmt: skip
RUN = 4  # neighbours of a row that are one guess
YEAR = re.compile(r"(19[3-9]|20[0-4])\d")
REPEAT = re.compile(r"(.{1,4}?)\1{2,}")


@cache
def _runs() -> tuple[str, ...]:
    """Every stretch of a keyboard or alphabet row, both ways, the longest first."""
    found: set[str] = set()
    for row in (*ROWS, "01234567890123456789"):
        for line in (row, row[::-1]):
            found.update(line[a:b] for a in range(len(line)) for b in range(a + RUN, len(line) + 1))
    return tuple(sorted(found, key=len, reverse=True))


@cache
def _words() -> tuple[str, ...]:
    return tuple(sorted(WORDS, key=len, reverse=True))


def left_over(password: str, facts: Iterable[str] = ()) -> str:
    """The password without everything that is guessed first; `facts` are the person's own."""
    own = sorted({fact.lower() for fact in facts if len(fact) >= SHORTEST_FACT}, key=len, reverse=True)
    plain = password.lower()
    return min((_left(form, own) for form in {plain, plain.translate(LOOKS)}), key=len)


def _left(text: str, own: list[str]) -> str:
    for guess in own:  # a mark keeps the two sides from making a new word
        text = text.replace(guess, "\x00")
    text = REPEAT.sub(lambda found: found[1][0] + "\x00", text)
    text = YEAR.sub("\x00", text)
    for guess in (*_runs(), *_words()):
        if guess in text:
            text = text.replace(guess, "\x00")
    return "".join(dict.fromkeys(c for c in text if c.isalnum() or ord(c) > 127))


def too_common(password: str, facts: Iterable[str] = ()) -> bool:
    """Whether it is among what is guessed first; different characters that remain are counted once each."""
    return len(left_over(password, facts)) < LEFT
