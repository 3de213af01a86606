"""The house keeps itself: floors, doors, sizes, guards, words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from importlinter.cli import lint_imports
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.ground import guards, search
from portal.ground.db import Base
from tests.factories import County

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for room in ("portal", "question_bank", "courses", "tests") for p in (ROOT / room).rglob("*.py"))
CODE = [p for p in SOURCES if "tests" not in p.parts]
TEMPLATES = sorted((ROOT / "portal/templates").rglob("*.html"))
STATIC = sorted(p for p in (ROOT / "portal/static").iterdir() if p.suffix in (".js", ".css"))
BANNED = {"utils", "helpers", "common", "manager", "service", "data", "info", "misc"}
PUBLIC_DOORS = {
    "static", "people.reading", "people_access.sign_in", "people_access.sign_in_now", "people_access.activate",
    "people_access.activate_now", "people_access.forgotten", "people_access.send_code",
    "credentials.verify", "credentials.verify_by_number", "people_privacy.notice", "health.health",
    "hall.authority", "hall.certificate", "hall.sheet",
    "people_proof.second", "people_proof.second_now", "people_proof.second_passkey_begin",
    "people_proof.second_passkey", "people_proof.passkey_begin", "people_proof.passkey_now",
    "people_proof.provider_depart", "people_proof.provider_back", "people_proof.provider_arrive",
}  # fmt: skip
TOKEN_DOORS = {"saving.form", "saving.hand_in", "saving.left", "saving.pulse", "saving.save", "saving.start"}
GIVEN_TOP = {
    "portal", "question_bank", "courses", "migrations", "tests", "wsgi.py", "pyproject.toml", "README.md",
    "Makefile", "requirements.lock",
}  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_nobody_imports_upstairs():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == 0


def test_every_room_with_furniture_is_under_the_contract():
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rooms = {p.parent for p in CODE if p.name in ("models.py", "queries.py", "operations.py", "views.py")}
    rooms.discard(ROOT / "portal/ground")
    missing = [r for r in rooms if f'"{".".join(r.relative_to(ROOT).parts)}"' not in written]
    assert not missing


def longer(paths: Iterable[Path], lines: int) -> list[str]:
    return [name_of(p) for p in paths if len(p.read_text(encoding="utf-8").splitlines()) > lines]


def test_no_file_outgrows_its_room():
    assert longer(SOURCES, 400) == []


def test_no_page_outgrows_its_sheet():
    assert longer(TEMPLATES, 120) == []
    assert longer(STATIC, 400) == []


def long_functions(tree: ast.AST) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [f.name for f in functions if f.end_lineno - f.lineno > 70]


def test_a_function_fits_on_a_screen_and_a_file_says_what_it_is():
    assert [name_of(p) for p in CODE if p.stem in BANNED] == []
    assert {name_of(p): found for p in CODE if (found := long_functions(parsed(p)))} == {}
    written = [p for p in CODE if p.name != "__init__.py" or p.read_text(encoding="utf-8").strip()]
    silent = [name_of(p) for p in written if not ast.get_docstring(parsed(p))]
    assert silent == [], "modules without a sentence of their own"


def imported_inside(tree: ast.AST) -> list[str]:
    found = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
                    "portal", "question_bank", "courses",
                ):  # fmt: skip
                    found.append(f"{function.name}: {node.module}")
    return found


def test_no_first_party_import_is_late():
    assert {name_of(p): found for p in CODE if (found := imported_inside(parsed(p)))} == {}


def test_operations_never_commit_and_nobody_opens_the_standard_sqlite():
    for path in CODE:
        source = path.read_text(encoding="utf-8")
        if path.name in ("operations.py", "queries.py", "rules.py", "models.py"):
            assert ".commit(" not in source, path
        assert not re.search(r"^\s*(import|from) sqlite3", source, re.M), path


def test_every_door_is_guarded(app):
    doors = {name: getattr(view, "needs", None) for name, view in app.view_functions.items()}
    assert {n for n, needed in doors.items() if needed is None} == set()
    assert {n for n, needed in doors.items() if needed == "public"} == PUBLIC_DOORS
    assert {n for n, needed in doors.items() if needed == "token"} == TOKEN_DOORS


def test_a_get_changes_nothing(app):
    """Doors that write are POST; the two kinds never share a view."""
    for rule in app.url_map.iter_rules():
        methods = rule.methods - {"OPTIONS", "HEAD"}
        assert methods in ({"GET"}, {"POST"}), rule


def test_a_page_has_no_inline_style_or_script_and_no_other_host():
    pages = {name_of(path): path.read_text(encoding="utf-8") for path in TEMPLATES}
    forbidden = re.compile(r'\sstyle="|<style|\son[a-z]+="|(src|href)="https?://')
    assert [name for name, page in pages.items() if forbidden.search(page)] == []
    scripts = [(name, tag) for name, page in pages.items() for tag in re.findall(r"<script[^>]*>", page)]
    assert [(n, tag) for n, tag in scripts if "src=" not in tag and 'type="application/json"' not in tag] == []


def messages_in_code() -> set[str]:
    keywords = {"_": None, "gettext": None, "N_": None}
    found: set[str] = set()
    for path in CODE:
        for _, message, _, _ in extract_from_file("python", str(path), keywords=keywords):
            found.add(message if isinstance(message, str) else message[0])
    for path in TEMPLATES:
        page = path.read_text(encoding="utf-8")
        for quoted in re.findall(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", page):
            found.add(ast.literal_eval(quoted))
    return {m for m in found if m}


def test_chinese_is_complete_and_keeps_every_placeholder():
    with (ROOT / "portal/translations/zh_Hans_CN/messages.po").open("rb") as file:
        catalogue = {m.id: m.string for m in read_po(file) if m.id}
    missing = sorted(m for m in messages_in_code() if not catalogue.get(m))
    assert not missing
    for message, chinese in catalogue.items():
        wanted = set(re.findall(r"%\(\w+\)s", message))
        assert set(re.findall(r"%\(\w+\)s", chinese)) <= wanted, message
        assert "\n" not in message


def test_the_top_level_is_what_was_asked_for():
    seen = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and not p.name.endswith(".egg-info")}
    assert seen - {"build", "__pycache__"} == GIVEN_TOP


def test_the_database_has_the_shape_the_models_describe(session: Session):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    connection = session.connection()
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": search.apart})
    assert compare_metadata(context, Base.metadata) == []
    assert guards.present(connection) == guards.declared()
    assert guards.faults(connection) == set()


ROWS = {
    "answer_change": "UPDATE answer_change SET answer = 'A'",
    "result": "UPDATE result SET mark = 10000",
    "decision": "UPDATE decision SET outcome = 'eligible'",
    "audit_line": "UPDATE audit_line SET act = 'nothing'",
    "hours_entry": "UPDATE hours_entry SET minutes = 6000",
    "form_key": "UPDATE form_key SET number = 9",
}


# a replacement under another id would push out the row it collides with
OTHER_ID = {
    "decision": "INSERT OR REPLACE INTO decision SELECT id + 900, application_id, person_id, kind, field, 'eligible',"
    " opinion, policy_id, facts, facts_sha256, decided_at, account_id, valid_from, valid_until FROM decision",
    "result": "INSERT OR REPLACE INTO result SELECT id + 900, attempt_id, number, key_id, 10000, points, full_points,"
    " 1, items, marked_at FROM result",
}


@pytest.mark.parametrize("table", sorted(ROWS))
def test_history_can_only_be_added_to(county: County, table: str):
    officer, application, checker = county.ready()
    county.decided(application, checker)
    tries = [ROWS[table], f"DELETE FROM {table}"]
    if county.session.bind.dialect.name == "sqlite":
        tries.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        tries += [OTHER_ID[table]] if table in OTHER_ID else []
    else:
        tries.append(f"TRUNCATE {table} CASCADE")
    for statement in tries:
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            if county.session.bind.dialect.name == "sqlite":  # as any other program would open the file
                county.session.execute(text("PRAGMA recursive_triggers=OFF"))
            county.session.execute(text(statement))


def test_a_handed_in_attempt_and_a_published_exam_stay_as_they_are(county: County):
    county.result(county.officer(), county.exam())
    for statement in (
        "UPDATE attempt SET state = 'in_progress'",
        "UPDATE attempt SET receipt = 'x'",
        "UPDATE attempt SET person_id = person_id + 1",
        "UPDATE attempt SET receipt = NULL, handed_in_at = NULL",
        "DELETE FROM attempt",
        "DELETE FROM exam",
        "INSERT INTO answer_change SELECT id, 99, 1, 1, 'A', started_at FROM attempt",
        "UPDATE exam SET pass_mark = 1",
    ):
        with pytest.raises(DBAPIError, match="guard"), county.session.begin_nested():
            county.session.execute(text(statement))
