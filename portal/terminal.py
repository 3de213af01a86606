"""What every command shares: refusals as sentences, and the configured database."""

from __future__ import annotations

from contextlib import contextmanager

import click
from sqlalchemy.exc import NoResultFound

from portal.ground import i18n
from portal.ground.config import load_config
from portal.ground.crypto import keys
from portal.ground.db import db
from portal.ground.errors import Refused, SettingMissing
from portal.ground.import_files import store


class Sentence(click.Group):
    """A group whose refusals are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingMissing as missing:
            raise click.ClickException(str(missing)) from missing
        except Refused as refusal:
            sentence = i18n.gettext(refusal.message, **refusal.values)
            raise click.ClickException(sentence) from refusal
        except NoResultFound as nothing:
            raise click.ClickException("There is no such thing in the database.") from nothing


@contextmanager
def opened():
    """The configured database, with its keys."""
    config = load_config()
    keys.open_from(config)
    db.open(config.database_url)
    store.open(config.files_dir)
    yield config
