"""The least that saving can cost: Flask, one fresh INSERT, one commit, the same SQLite and pragmas."""

from __future__ import annotations

import os
import threading

from flask import Flask, request

from portal.ground.db import prepare_sqlite, sqlite_module

app = Flask(__name__)
lock = threading.Lock()
connection = sqlite_module().connect(os.environ["FLOOR_DATABASE"], check_same_thread=False)
prepare_sqlite(connection)
connection.execute(
    "CREATE TABLE IF NOT EXISTS answer (attempt INTEGER, number INTEGER, item INTEGER, choice TEXT,"
    " PRIMARY KEY (attempt, number))"
)


@app.post("/save")
def save():
    body = request.get_json()
    with lock:
        connection.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?)", (body["attempt"], body["number"], body["item"], body["choice"])
        )
    return {"saved": body["number"]}
