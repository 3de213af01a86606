"""The command line: mingfa."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import click

from portal import rounds
from portal.ground import clock, migrate
from portal.ground.config import SETTINGS, load_config, read_settings
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.errors import Refused, SettingMissing


class Sentence(click.Group):
    """A group whose refusals are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingMissing as missing:
            raise click.ClickException(str(missing)) from missing
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal


@click.group(cls=Sentence)
def main() -> None:
    """Mingfa 明法: training, exams and credential eligibility for enforcement officers."""


@contextmanager
def opened():
    """The configured database, with its keys."""
    config = load_config()
    keys.open(config.data_key, config.index_key)
    db.open(config.database_url)
    yield config


@main.group()
def config() -> None:
    """Settings and where they come from."""


@config.command("show")
def config_show() -> None:
    """Every setting: its variable, meaning, value (secrets hidden) and origin."""
    values = read_settings()
    for setting in SETTINGS:
        value, origin = values[setting.name]
        shown = "(not set)" if value is None else "(set, hidden)" if setting.secret else value
        click.echo(f"{setting.variable}\n    {setting.meaning}\n    {shown}  [{origin}]")


@config.command("new")
def config_new() -> None:
    """Print a settings file with fresh secrets, to be kept outside the database and its backups."""
    click.echo('database_url = "sqlite:////var/lib/mingfa/mingfa.db"')
    click.echo(f'secret_key = "{secrets.token_urlsafe(48)}"')
    click.echo(f'data_key = "{secrets.token_hex(32)}"')
    click.echo(f'index_key = "{secrets.token_hex(32)}"')


@main.command()
def init() -> None:
    """Create the tables, or bring them to today's shape."""
    with opened():
        migrate.upgrade(db.engine)
    click.echo("The database is ready.")


@main.command()
@click.option("--worker/--no-worker", default=True, help="Also run the worker beside the server.")
def serve(worker: bool) -> None:
    """Answer requests until stopped."""
    with opened() as settings:
        migrate.upgrade(db.engine)
        db.engine.dispose()
    server = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1",
        "--blocking-threads", str(settings.threads), "--host", settings.host, "--port", str(settings.port),
        "--no-ws", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip
    root = Path(__file__).resolve().parents[1]
    environ = {**os.environ, "PYTHONPATH": str(root)}
    children = [subprocess.Popen(server, env=environ, cwd=root)]
    if worker:
        children.append(subprocess.Popen([sys.executable, "-m", "portal.cli", "worker"], env=environ, cwd=root))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: [child.terminate() for child in children])
    code = children[0].wait()
    for child in children[1:]:
        child.terminate()
        child.wait()
    sys.exit(0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code)


@main.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
def worker(once: bool) -> None:
    """Close what is over, mark what is handed in, re-check what has changed."""
    with opened():
        if once:
            click.echo(f"{rounds.one_round(clock.now())} things done.")
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        rounds.work(stop)
