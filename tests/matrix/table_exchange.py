"""The doors through which questions go out of a bank, and the examples beside those through which they come in."""

from __future__ import annotations

from tests.matrix.doors import Door

WRITES = {"trainer"}

EXCHANGE: dict[str, Door] = {
    "bank_exchange.choose": Door(WRITES, "bank"),
    "bank_exchange.take": Door(WRITES, "bank", form={"format": "csv"}),
    "bank_imports.example": Door(WRITES, "bank", query={"form": "aiken"}),
}
