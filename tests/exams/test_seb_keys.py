"""The Config Key of Safe Exam Browser: fixed vectors, a second implementation, and what a hash of an address is."""

from __future__ import annotations

import gzip
import hashlib
import json
import plistlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.exams.seb import config
from portal.exams.seb.keys import NotASetting, config_key, in_order, seb_json, shows_one, url_hash
from tests.exams.seb_other import config_key_of

VECTORS = [
    ({}, "{}"),
    ({"allowQuit": True, "exitKey1": 2}, '{"allowQuit":true,"exitKey1":2}'),
    ({"originatorVersion": "SEB_Win_3.7", "a": ""}, '{"a":""}'),
    ({"a": r"^.*?:\/\/safe\.ch$"}, '{"a":"^.*?:\\/\\/safe\\.ch$"}'),
    ({"a": 'he said "no"'}, '{"a":"he said "no""}'),
    ({"title": "吉林省考试"}, '{"title":"吉林省考试"}'),
    ({"zoom": 0.1}, '{"zoom":0.1}'),
    ({"zoom": 1.0, "far": 1e21, "low": -0.000001}, '{"far":1e+21,"low":-0.000001,"zoom":1}'),
    ({"near": 1.5e-7, "long": 6.259104721424833e16}, '{"long":62591047214248330,"near":1.5e-7}'),
    ({"b": {"z": 1, "A": {"y": [], "x": False}}, "a": 0}, '{"a":0,"b":{"A":{"x":false,"y":[]},"z":1}}'),
    ({"a": {}, "b": {"c": {}}, "d": [{}, 1, []]}, '{"d":[1,[]]}'),
    ({"salt": b"\x00\xff\x10"}, '{"salt":"AP8Q"}'),
    ({"when": datetime(2026, 11, 23, 4, 5, 6)}, '{"when":"2026-11-23T04:05:06Z"}'),
    ({"allowWLAN": 1, "allowWlan": 2, "AllowVoice": 3}, '{"AllowVoice":3,"allowWlan":2,"allowWLAN":1}'),
    ({"URLFilterRules": 1, "urlFilterRegex": 2, "startURL": 3}, '{"startURL":3,"urlFilterRegex":2,"URLFilterRules":1}'),
]  # fmt: skip


def xml_of(value: dict) -> str:
    return plistlib.dumps(value, sort_keys=False).decode()


@pytest.mark.parametrize(("value", "written"), VECTORS)
def test_each_rule_of_the_config_key(value: dict, written: str):
    assert config_key(value) == hashlib.sha256(written.encode()).hexdigest()
    assert config_key_of(xml_of(value)) == config_key(value)


def test_a_key_that_was_worked_out_elsewhere():
    """SHA-256 of nothing but braces and of one backslash, as any other program computes them."""
    assert config_key({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert config_key({"a": "\\"}) == hashlib.sha256(b'{"a":"\\"}').hexdigest()


def test_plain_json_would_be_wrong():
    value = {"b": r"a\b", "A": "吉林", "C": {}}
    told = json.dumps(value, sort_keys=True, separators=(",", ":"))
    assert config_key(value) != hashlib.sha256(told.encode()).hexdigest()


NAMES = st.text("abcdefgXYZ019_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
PLAIN = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXTS,
    st.binary(max_size=12), st.integers(0, 2**32).map(lambda s: datetime(1970, 1, 1) + timedelta(seconds=s)),
)  # fmt: skip
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_two_ways_of_writing_it_agree(value: dict):
    assert config_key(value) == config_key_of(xml_of(value))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6), st.randoms())
def test_the_order_of_the_file_and_its_program_do_not_matter(value: dict, random):
    pairs = list(value.items())
    random.shuffle(pairs)
    assert config_key({**dict(pairs), "originatorVersion": "x"}) == config_key(value)


@given(st.lists(NAMES, unique=True))
def test_names_are_sorted_whatever_their_case(names: list[str]):
    assert [n.lower() for n in in_order(names)] == sorted(n.lower() for n in names)


def test_what_is_no_number_is_refused():
    for value in (float("nan"), float("inf"), None, {1}):
        with pytest.raises(NotASetting):
            seb_json({"a": value})


def test_the_file_is_what_the_browser_reads():
    made = config.settings_for(
        "https://kaoshi.example:8443", 12, salt=b"s" * 32, quit_password="stiller Saal", sign_in_paths=("/sign-in",)
    )
    packed = config.as_file(config.as_xml(made))
    outer = gzip.decompress(packed)
    assert outer[:4] == b"plnd"
    read = plistlib.loads(gzip.decompress(outer[4:]))
    assert read == made
    assert read["startURL"] == "https://kaoshi.example:8443/exams/12"
    assert read["hashedQuitPassword"] == hashlib.sha256(b"stiller Saal").hexdigest()
    assert read["sebConfigPurpose"] == 0 and read["sendBrowserExamKey"] is True and read["browserWindowWebView"] == 3
    assert {rule["expression"] for rule in read["URLFilterRules"]} == {
        "kaoshi.example:8443/sign-in", "kaoshi.example:8443/exams/12", "kaoshi.example:8443/exams/12/*",
        "kaoshi.example:8443/exams/attempts/*",
    }  # fmt: skip
    assert config_key(read) == config_key_of(config.as_xml(made))
    assert packed == config.as_file(config.as_xml(made))
    assert b"stiller" not in outer


def test_the_hash_of_an_address_begins_with_the_address():
    key = "ab" * 32
    for address in ("https://a.example/q?x=%E4&y=1%20", "https://a.example:8443/", "https://a.example/吉林"):
        expected = hashlib.sha256((address + key).encode()).hexdigest()
        assert url_hash(address, key) == url_hash(address + "#q3", key) == expected
    assert not shows_one(url_hash("https://a.example/x", key), ["https://a.example/y"], [key])
    assert not shows_one(key, ["https://a.example/x"], [key])
    shown = url_hash("https://a.example/x", key).upper()
    assert shows_one(shown, ["https://b/", "https://a.example/x"], ["cd" * 32, key])
