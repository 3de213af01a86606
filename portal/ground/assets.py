"""Addresses of static files that change when the file does, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import current_app, request

STATIC = Path(__file__).resolve().parents[1] / "static"


@cache
def fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """As url_for would say it; put together here, because a page has dozens."""
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={fingerprint(name)}"
