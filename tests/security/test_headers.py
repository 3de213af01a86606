"""Every answer, whatever it is, carries the headers; every cookie is ours alone."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.app import create_app
from portal.ground.db import db
from tests.conftest import settings
from tests.factories import PASSWORD
from tests.security.conftest import SITE, Site, doors

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'",
    "base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'",
    "require-trusted-types-for": "'script'", "trusted-types": "'none'",
}  # fmt: skip

ALL_METHODS = ("GET", "POST", "PUT", "OPTIONS")


def faults_in(answer) -> list[str]:
    """What is missing from the headers of one answer."""
    headers, found = answer.headers, []
    policies = headers.getlist("Content-Security-Policy")
    given = dict(part.strip().partition(" ")[::2] for part in ";".join(policies).split(";"))
    found += [name for name, value in POLICY.items() if given.get(name) != value]
    found += ["unsafe"] if len(policies) != 1 or "unsafe" in policies[0] or "*" in policies[0] else []
    for name, value in (
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):  # fmt: skip
        found += [name] if headers.getlist(name) != [value] else []
    found += ["Permissions-Policy"] if "camera=()" not in headers.get("Permissions-Policy", "") else []
    found += ["HSTS"] if "max-age=31536000" not in headers.get("Strict-Transport-Security", "") else []
    found += ["Cache-Control"] if "Cache-Control" not in headers else []
    return found


def test_every_rule_answers_every_method_with_all_headers(site: Site):
    """Pages, redirects, refusals, files and things that are not there, signed in and not."""
    faults, statuses = {}, set()
    everything, *others = site.insiders()
    knocking = [(site.visitor(), ALL_METHODS), (everything, ALL_METHODS)]
    knocking += [(other, ("GET", "POST")) for other in others]  # who it is plays no part in what is never allowed
    for client, methods in knocking:
        for rule in site.app.url_map.iter_rules():
            for method in methods:
                answer = client.open(site.path(rule), method=method, base_url=SITE)
                statuses.add(answer.status_code)
                missing = faults_in(answer)
                if missing:
                    faults[f"{method} {rule.rule} {answer.status_code}"] = missing
    assert faults == {}
    assert statuses >= {200, 302, 400, 404, 405}


def test_files_pdfs_errors_and_strange_requests_carry_them_too(site: Site):
    client = site.insider()
    notice = client.get(f"/eligibility/{site.parts['application_id']}/notice.pdf", base_url=SITE)
    assert notice.mimetype == "application/pdf"
    others = [
        client.get("/static/components.css?v=1", base_url=SITE),
        client.get("/static/nothing", base_url=SITE),
        client.get("/exams", base_url=SITE),
        client.post("/reading", data=b"x" * (11 * 1024 * 1024), base_url=SITE, content_type="text/plain"),
        client.head("/sign-in", base_url=SITE),
    ]
    assert {answer.status_code for answer in others} >= {200, 308, 404}
    assert [faults_in(answer) for answer in (notice, *others)] == [[]] * 6


def test_a_fault_of_ours_carries_them(site: Site):
    def broken():
        raise RuntimeError("broken on purpose")

    broken.needs = "public"
    site.app.view_functions["credentials.verify_by_number"] = broken
    answer = site.visitor().get("/verify", base_url=SITE)
    assert answer.status_code == 500
    assert faults_in(answer) == []
    assert "broken on purpose" not in answer.text


def cookies_of(answer) -> list[str]:
    return answer.headers.getlist("Set-Cookie")


def test_every_cookie_is_bound_to_host_path_and_https(site: Site):
    client = site.visitor()
    site.app.config["WTF_CSRF_ENABLED"] = False
    answers = [client.get("/sign-in", base_url=SITE)]
    data = {"username": site.mighty[0].username, "password": PASSWORD}
    answers.append(client.post("/sign-in", data=data, base_url=SITE))
    for name, value in (("mingfa_lang", "en"), ("mingfa_text", "large"), ("mingfa_contrast", "more")):
        answers.append(client.post("/reading", data={name: value, "next": "/verify"}, base_url=SITE))
    answers.append(client.post("/sign-out", base_url=SITE))
    cookies = [cookie for answer in answers for cookie in cookies_of(answer)]
    assert len({cookie.split("=")[0] for cookie in cookies}) >= 4
    for cookie in cookies:
        parts = [part.strip() for part in cookie.split(";")]
        assert parts[0].startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts), cookie
        assert "Domain" not in cookie, cookie


def test_a_choice_kept_under_its_own_name_is_read_again_and_one_planted_from_outside_is_not(site: Site):
    client = site.visitor()
    client.set_cookie("mingfa_lang", "en", domain="mingfa.example")
    assert 'lang="zh-Hans-CN"' in client.get("/verify", base_url=SITE).text
    client.set_cookie("__Host-mingfa_lang", "en", domain="mingfa.example")
    assert 'lang="en"' in client.get("/verify", base_url=SITE).text


@pytest.fixture
def plain(sqlite_url: str, tmp_path) -> Flask:
    """The same site without https, as in a room without a certificate."""
    app = create_app(settings(sqlite_url, tmp_path))
    yield app
    db.engine.dispose()


def test_without_https_the_cookies_are_plain_but_never_open_to_scripts(plain: Flask):
    plain.config["WTF_CSRF_ENABLED"] = False
    answer = plain.test_client().post("/reading", data={"mingfa_text": "large", "next": "/verify"})
    (cookie,) = [c for c in cookies_of(answer) if c.startswith("mingfa_text")]
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_static_files_may_be_kept_and_pages_may_not(site: Site):
    client = site.insider()
    assert "immutable" in client.get("/static/page.js?v=1", base_url=SITE).headers["Cache-Control"]
    for rule in doors(site.app, "GET"):
        if rule.endpoint != "static":
            kept = client.get(site.path(rule), base_url=SITE).headers["Cache-Control"]
            assert "no-store" in kept, rule
