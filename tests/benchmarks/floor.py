"""The least that saving can cost: Flask, one fresh INSERT, one commit, the same engine and pragmas."""

from __future__ import annotations

import os
import threading

from flask import Flask, request

from portal.ground.db import prepare_sqlite, sqlite_module

TABLE = (
    "CREATE TABLE IF NOT EXISTS answer (attempt INTEGER, number INTEGER, item INTEGER, choice TEXT,"
    " PRIMARY KEY (attempt, number))"
)
app = Flask(__name__)
where = os.environ["FLOOR_DATABASE"]
if where.startswith("postgresql"):
    import psycopg

    local = threading.local()  # a connection for each thread: the engine's own group commit is at work

    def insert(*values: object) -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(where, autocommit=True)
        local.connection.execute("INSERT INTO answer VALUES (%s, %s, %s, %s)", values)

    with psycopg.connect(where) as making:
        making.execute(TABLE)
else:
    lock = threading.Lock()
    connection = sqlite_module().connect(where, check_same_thread=False)
    prepare_sqlite(connection)
    connection.execute(TABLE)

    def insert(*values: object) -> None:
        with lock:
            connection.execute("INSERT INTO answer VALUES (?, ?, ?, ?)", values)


@app.post("/save")
def save():
    body = request.get_json()
    insert(body["attempt"], body["number"], body["item"], body["choice"])
    return {"saved": body["number"]}
