"""What a request may do: no form without its token, no change by GET, no kind of method mixed with another."""

from __future__ import annotations

import re

from sqlalchemy import event

from portal.ground.db import db
from tests.security.conftest import SITE, Site, doors

# Doors that take a token in a header instead of the cookie, so that no other site can make a browser use them.
BY_HEADER = {"saving.hand_in", "saving.left", "saving.save", "saving.start"}
API = "/api/"


def test_every_form_without_its_token_is_refused(site: Site):
    passed = {}
    for client in (site.visitor(), *site.insiders()):
        for rule in doors(site.app, "POST"):
            if rule.endpoint in BY_HEADER or rule.rule.startswith(API):
                continue
            for body in ({"data": {}}, {"json": {}}, {"data": {"csrf_token": "forged"}}):
                answer = client.post(site.path(rule), base_url=SITE, **body)
                if answer.status_code not in (400, 403):
                    passed[rule.rule] = answer.status_code
    assert passed == {}


def test_doors_without_a_form_token_do_not_open_to_a_cookie(site: Site):
    client = site.insider()
    exempt = [r for r in doors(site.app, "POST") if r.endpoint in BY_HEADER or r.rule.startswith(API)]
    assert exempt
    for rule in exempt:
        assert client.post(site.path(rule), json={}, base_url=SITE).status_code in (401, 403), rule


def test_a_form_token_of_another_browser_is_refused(site: Site):
    page = site.insider().get("/verify", base_url=SITE).text
    stolen = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    client = site.insider()
    client.get("/verify", base_url=SITE)
    answer = client.post("/sign-out", data={"csrf_token": stolen}, base_url=SITE)
    assert answer.status_code == 400
    page = client.get("/verify", base_url=SITE).text
    own = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    headers = {"Referer": f"{SITE}/verify"}
    assert client.post("/sign-out", data={"csrf_token": own}, headers=headers, base_url=SITE).status_code == 302


WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|BEGIN IMMEDIATE)", re.I)


def test_a_get_writes_nothing_whoever_asks(site: Site):
    clients = site.insiders()
    rows: list[str] = []
    written: dict[str, list[str]] = {}
    opened: set[int] = set()

    def note(_connection, _cursor, statement, *_rest) -> None:
        if WRITES.match(statement):
            rows.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for rule in doors(site.app, "GET"):
            for client in clients:
                rows.clear()
                opened.add(client.get(site.path(rule), base_url=SITE).status_code)
                if rows:
                    written[rule.rule] = list(rows)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert written == {}
    assert 200 in opened


def test_the_readers_of_this_walk_really_open_the_pages(site: Site):
    """The walk above is worth nothing if every door is shut to it."""
    clients = site.insiders()
    answers = {
        rule.rule: {client.get(site.path(rule), base_url=SITE).status_code for client in clients}
        for rule in doors(site.app, "GET")
    }
    broken = {path: seen for path, seen in answers.items() if max(seen) >= 500 or 429 in seen}
    shut = {path for path, seen in answers.items() if seen <= {401, 403}}
    assert broken == {}
    by_token = {"/exams/attempts/<int:attempt_id>/pulse", "/exams/forms/<int:form_id>/<sha256>"}
    assert shut <= by_token | {path for path in shut if path.startswith(API)}
    assert sum(200 in seen for seen in answers.values()) >= len(answers) // 2


def test_a_view_reads_or_writes_and_never_both(site: Site):
    views: dict[str, set[str]] = {}
    for rule in site.app.url_map.iter_rules():
        methods = rule.methods - {"OPTIONS", "HEAD"}
        assert methods in ({"GET"}, {"POST"}), rule
        views.setdefault(rule.endpoint, set()).update(methods)
    assert {name for name, methods in views.items() if len(methods) > 1} == set()


def test_other_methods_are_refused_everywhere(site: Site):
    client = site.insider()
    for rule in site.app.url_map.iter_rules():
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            answer = client.open(site.path(rule), method=method, base_url=SITE)
            assert answer.status_code in (400, 405), (method, rule)
