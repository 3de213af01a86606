"""What every room stands on: pragmas, moments, keys, settings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.exams.delivery.journal import SqliteJournal
from portal.ground import db as ground_db
from portal.ground import i18n
from portal.ground.config import load_config
from portal.ground.crypto import WillNotOpen, keys
from portal.ground.db import UtcDateTime, db, open_engine
from portal.ground.errors import SettingMissing
from portal.ground.markdown import safe_html

GOOD = {
    "MINGFA_DATABASE_URL": "sqlite:////nowhere.db", "MINGFA_SECRET_KEY": "s" * 40, "MINGFA_DATA_KEY": "aa" * 32,
    "MINGFA_INDEX_KEY": "bb" * 32,
    "MINGFA_AUDIT_KEY": "cc" * 32,
}  # fmt: skip


def test_every_connection_of_ours_is_durable(sqlite_url: str):
    db.open(sqlite_url)
    journal = SqliteJournal(db.engine)
    with db.engine.connect() as connection:
        ours = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("synchronous", "journal_mode")}
    own = {name: journal.writer.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ours}
    journal.close()
    db.engine.dispose()
    assert ours == own == {"synchronous": 2, "journal_mode": "wal"}


def test_an_affected_sqlite_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ground_db, "SAFE_SQLITE", (99, 0, 0))
    with pytest.raises(SettingMissing, match="can corrupt"):
        open_engine("sqlite:///x.db")


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)


def test_a_cell_moved_to_another_row_does_not_open():
    sealed = keys.seal("220581199005060000", "person|id_number|a")
    assert keys.unseal(sealed, "person|id_number|a") == "220581199005060000"
    with pytest.raises(WillNotOpen):
        keys.unseal(sealed, "person|id_number|b")


@pytest.mark.parametrize("missing", list(GOOD))
def test_a_missing_setting_stops_the_start_with_a_sentence(missing: str):
    with pytest.raises(SettingMissing, match=missing):
        load_config({name: value for name, value in GOOD.items() if name != missing})


def test_settings_come_from_a_file_and_the_environment_wins(tmp_path: Path):
    file = tmp_path / "mingfa.toml"
    file.write_text('port = 8100\nhost = "0.0.0.0"\n', encoding="utf-8")
    config = load_config({**GOOD, "MINGFA_CONFIG": str(file), "MINGFA_PORT": "8200"})
    assert (config.port, config.host) == (8200, "0.0.0.0")


def test_a_file_with_an_unknown_setting_is_refused(tmp_path: Path):
    file = tmp_path / "mingfa.toml"
    file.write_text("colour = 1\n", encoding="utf-8")
    with pytest.raises(SettingMissing, match="colour"):
        load_config({**GOOD, "MINGFA_CONFIG": str(file)})


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](data:text/html,1)", "<img src=x onerror=y>",
     '<p style="color:red">x</p>'],
)  # fmt: skip
def test_markdown_does_no_harm(hostile: str):
    html = str(safe_html(hostile)).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "<p style" not in html


def test_a_mark_is_shown_without_false_zeros():
    assert [i18n.show_mark(m) for m in (6000, 8650, 8333, 10_000)] == ["60", "86.5", "83.33", "100"]
