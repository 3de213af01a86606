"""The site with its protection off: commits are acknowledged before they are on the disk. For negative controls."""

from typing import Any

from portal.ground import db

_careful = db.prepare_sqlite


def prepare(connection: Any) -> None:
    _careful(connection)
    connection.execute("PRAGMA synchronous=NORMAL")


db.prepare_sqlite = prepare

from wsgi import app  # noqa: E402, F401
