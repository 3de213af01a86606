"""The player lays a paper out exactly as the server does, and opens what the server sealed."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.exams.delivery import sealing
from question_bank.papers import Chance, freeze, lay_out
from tests.factories import questions
from tests.journeys.test_sit_every_kind import every_kind

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser")]
ROOT = Path(__file__).resolve().parents[2]
HERE = "http://localhost/"  # answered below; a secure context, as https is
LAID = """async ([papers, seeds]) => {
  const { layOut } = await import("/player-paper.js");
  return seeds.map((seed, index) => layOut(papers[index % papers.length], seed));
}"""
DRAWN = """async (seeds) => {
  const { Chance } = await import("/player-paper.js");
  return seeds.map((seed) => {
    const chance = new Chance(seed);
    return [1, 2, 3, 7, 52, 1000, 2 ** 31 + 1].map((bound) => chance.below(bound));
  });
}"""
OPENED = """async ([sealed, key, form]) => {
  const { unseal, bytes } = await import("/player-paper.js");
  return unseal(bytes(sealed).buffer, key, form).catch((error) => error.name);
}"""


@pytest.fixture
def page(chromium):
    """A page that has the module and nothing else."""
    script = (ROOT / "portal/static/player-paper.js").read_text()
    opened = chromium.new_page()
    opened.route(HERE, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    opened.route(
        HERE + "player-paper.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    opened.goto(HERE)
    yield opened
    opened.close()


def seeds(count: int) -> list[int]:
    chance = random.Random(5)
    return [0, 1, 2**32 - 1, 2**32, 2**48 - 1, *(chance.getrandbits(48) for _ in range(count))]


def papers() -> list[dict]:
    many = [*every_kind(), *questions("甲"), *questions("乙"), *questions("丙")]
    return [freeze([(q, 200) for q in drawn])[0] for drawn in (questions(), every_kind(), many)]


def test_every_seed_gives_the_same_numbers_on_both_sides(page):
    bounds = (1, 2, 3, 7, 52, 1000, 2**31 + 1)
    wanted = [[chance.below(bound) for bound in bounds] for chance in map(Chance, seeds(300))]
    assert page.evaluate(DRAWN, seeds(300)) == wanted


def test_every_seed_gives_the_same_paper_on_both_sides(page):
    frozen, numbers = papers(), seeds(300)
    laid = page.evaluate(LAID, [frozen, numbers])
    wanted = [lay_out(frozen[index % len(frozen)], seed) for index, seed in enumerate(numbers)]
    assert laid == wanted
    assert len({str(paper) for paper in laid}) > 200


def test_the_page_opens_what_the_server_sealed_and_nothing_that_was_changed(page):
    key, nonce = bytes(range(32)), bytes(range(12))
    plain = '{"paper": {"items": [], "cases": {"1": "某镇"}}, "shown": {}, "pictures": {}}'.encode()
    sealed = nonce + AESGCM(key).encrypt(nonce, plain, sealing.associated(7))
    encoded = base64.b64encode(key).decode()

    def opened(content: bytes, form: int) -> object:
        return page.evaluate(OPENED, [base64.b64encode(content).decode(), encoded, form])

    assert opened(sealed, 7) == {"paper": {"items": [], "cases": {"1": "某镇"}}, "shown": {}, "pictures": {}}
    assert opened(sealed, 8) == "OperationError"  # another form's place
    assert opened(sealed[:-1] + bytes([sealed[-1] ^ 1]), 7) == "OperationError"
