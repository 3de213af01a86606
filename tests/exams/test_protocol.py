"""The protocol of an attempt as it is published: every door of it is there, and no token door is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

from flask import Flask

from portal.ground.web import TOKEN

FILE = Path(__file__).resolve().parents[2] / "portal/static/exam-protocol.json"


def doors(app: Flask) -> dict[tuple[str, str], object]:
    """(method, path as OpenAPI writes it) → what the door asks for."""
    found = {}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods or ():
            found[method.lower(), path] = getattr(app.view_functions[rule.endpoint], "needs", None)
    return found


def test_every_published_path_is_a_door_and_every_token_door_is_published(app: Flask):
    document, found = json.loads(FILE.read_text(encoding="utf-8")), doors(app)
    published = {(method, path): told for path, acts in document["paths"].items() for method, told in acts.items()}
    assert not set(published) - set(found)
    by_token = {door for door, asks in found.items() if TOKEN in (asks or ()) and door[0] in ("get", "post")}
    assert by_token == {door for door, told in published.items() if told["security"] == [{"attemptToken": []}]}


def test_the_document_is_whole():
    document = json.loads(FILE.read_text(encoding="utf-8"))
    referred = set(re.findall(r"#/components/schemas/(\w+)", FILE.read_text(encoding="utf-8")))
    assert referred == set(document["components"]["schemas"])
    names = [told["operationId"] for acts in document["paths"].values() for told in acts.values()]
    assert len(names) == len(set(names))


def test_the_page_gets_what_is_published(app: Flask, web_county):
    """Opening, beginning and handing in answer with the fields the document names."""
    from tests.exams.sitter import Sitter

    schemas = json.loads(FILE.read_text(encoding="utf-8"))["components"]["schemas"]
    sitter = Sitter(app, web_county, web_county.exam()).ready()
    assert set(schemas["Opened"]["required"]) <= set(sitter.page) <= set(schemas["Opened"]["properties"])
    begun = sitter.start().json
    assert set(begun) == set(schemas["Begun"]["properties"])
    closed = app.test_client().post(
        f"/exams/attempts/{begun['attempt']}/hand-in", headers=sitter.headers(begun["token"]), json={}
    )
    assert set(closed.json) == set(schemas["Receipt"]["properties"])
