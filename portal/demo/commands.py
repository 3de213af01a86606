"""mingfa demo: load, serve and list the accounts of the demo province."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from portal import serving
from portal.demo import accounts, halls, province
from portal.ground import clock, migrate
from portal.ground.config import load_config
from portal.ground.crypto import keys
from portal.ground.db import Database, db
from portal.terminal import opened

ROOT = Path(__file__).resolve().parents[2]
DEMO_BYTES = 400 << 20
HEARD_EVERY = 60.0  # seconds


@click.group()
def demo() -> None:
    """The demo province: invented people, real divisions, questions written for this project."""


def _demo_folder() -> Path:
    return Path(os.environ.get("MINGFA_DEMO_DIR", ROOT / ".demo")).resolve()


def _demo_settings(folder: Path, port: int | None = None) -> None:
    """Point the settings at the demo's own file, made with fresh secrets the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mingfa.toml"
    if not file.exists():
        lines = [
            f'database_url = "sqlite:///{folder / "mingfa.db"}"',
            f'files_dir = "{folder / "files"}"',
            f'secret_key = "{secrets.token_urlsafe(48)}"',
            f'data_key = "{secrets.token_hex(32)}"',
            f'index_key = "{secrets.token_hex(32)}"',
            'demo = "1"',
        ]
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if "audit_key" not in file.read_text(encoding="utf-8"):  # a demo folder from before the audit trail was a chain
        with file.open("a", encoding="utf-8") as more:
            more.write(f'audit_key = "{secrets.token_hex(32)}"\n')
    os.environ["MINGFA_CONFIG"] = str(file)
    os.environ.setdefault("MINGFA_PASSWORD_PROFILE", "nist")  # the printed password never grows old
    if port is not None:
        os.environ["MINGFA_PORT"] = str(port)
        os.environ["MINGFA_BASE_URL"] = f"http://127.0.0.1:{port}"


def _demo_load(folder: Path) -> None:
    """Load into a file of its own and put it in place when complete, so that a broken load leaves nothing."""
    target, part = folder / "mingfa.db", folder / "loading.db"
    if target.exists():
        with opened():
            migrate.upgrade(db.engine)
            db.engine.dispose()
        return
    if shutil.disk_usage(folder).free < DEMO_BYTES:
        raise click.ClickException(f"The disk of {folder} is nearly full; the demo needs {DEMO_BYTES >> 20} MB.")
    for left in folder.glob("loading.db*"):
        left.unlink()
    config = load_config()
    keys.open_from(config)
    db.open(f"sqlite:///{part}")
    migrate.upgrade(db.engine)
    province.load(db, now=clock.now(), files_dir=config.files_dir, say=click.echo)
    with db.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    os.replace(part, target)


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@demo.command("serve")
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Throw the demo's data away and start afresh.")
def demo_serve(port: int, reset: bool) -> None:
    """Load the demo province where it is missing, serve it, and print address and accounts."""
    if not _port_is_free(port):
        raise click.ClickException(f"Port {port} is taken by another program. Choose another: make demo PORT=8001")
    folder = _demo_folder()
    if reset:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        _demo_settings(folder, port)
        _demo_load(folder)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise click.ClickException("The disk is full. Make room and run the command again.") from error
    _print_accounts(False)
    threading.Thread(target=_keep_hall_alive, daemon=True).start()
    click.echo(f"\nMingfa 明法 is at http://127.0.0.1:{port} — stop it with Ctrl-C.")
    sys.exit(serving.run(load_config()))


def _keep_hall_alive() -> None:
    """Nobody sits behind the pages of the exam that is being sat; the board hears of them all the same."""
    keys.open_from(load_config())
    database = Database()
    database.open(load_config().database_url)
    there = True
    while there:
        try:
            with database.writing() as session:
                there = bool(halls.hear(session, clock.now()))
                session.commit()
        except OperationalError:  # somebody writes for long; the next time it is heard
            there = True
        time.sleep(HEARD_EVERY)


def _print_accounts(as_json: bool) -> None:
    with opened(), db.reading() as session:
        rows = accounts.accounts(session)
    db.engine.dispose()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['role']:16} {row['username']:10} {row['password']:14} {row['name']}  {row['note']}")


@demo.command("accounts")
@click.option("--json", "as_json", is_flag=True)
def demo_accounts_command(as_json: bool) -> None:
    """One account for every role."""
    folder = _demo_folder()
    if not (folder / "mingfa.db").exists():
        raise click.ClickException("The demo is not loaded yet; run make demo first.")
    _demo_settings(folder)
    _print_accounts(as_json)
