"""Signing in and leaving, in a real browser."""

from __future__ import annotations

import re

import pytest

from tests.factories import PASSWORD
from tests.journeys.conftest import Candidate, Site, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("browser")]

OPENED = """
  const { Store } = await import("/static/player-store.js");
  const { Secret } = await import("/static/player-secret.js");
  const secret = await Secret.from(new Uint8Array(32).fill(7));
  const [running, done] = [await Store.open("running"), await Store.open("done")];
  running.unlock(secret);
  done.unlock(secret);
"""
FILL = f"""async () => {{{OPENED}
  localStorage.setItem("last", "周雅琴");
  await running.put({{ key: "a", item: 1, answer: "B", made: 1 }});
  for (const [store, mark] of [[running, 1], [done, 2]]) {{
    await store.keepDesk({{ marks: [mark] }});
    await store.keepForm("ab", new Uint8Array([mark]));
  }}
  running.base.close();
  done.base.close();
  await new Promise((go) => {{
    const ask = indexedDB.open("elsewhere", 1);
    ask.onsuccess = () => {{ ask.result.close(); go(); }};
  }});
}}"""
LEFT = f"""async () => {{{OPENED}
  const left = async (store) => [Boolean(await store.desk()), Boolean(await store.form("ab"))];
  const found = {{
    answers: (await running.changes()).map((c) => c.answer),
    running: await left(running), done: await left(done), local: localStorage.length,
    bases: (await indexedDB.databases()).map((b) => b.name),
  }};
  running.base.close();
  done.base.close();
  return found;
}}"""


def test_whoever_is_sent_to_wait_gets_in_by_himself_without_typing_again(site: Site, candidate):
    officer = site.county.officer()
    site.county.session.commit()
    her: Candidate = candidate(officer)
    sent: list[str] = []

    def crowded(route) -> None:
        """The server as it is while everybody signs in: twice busy, then free."""
        sent.append(route.request.post_data)
        if len(sent) > 2:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"}, content_type="application/json", body="{}")

    her.page.route(re.compile(r"/sign-in"), lambda r: crowded(r) if r.request.method == "POST" else r.continue_())
    her.page.goto(f"{site.address}/sign-in?next=/exams/")
    her.page.fill("[name=username]", officer.username)
    her.page.fill("[name=password]", PASSWORD)
    her.page.click(".ac-go")
    her.page.wait_for_selector("[data-turn]:not([hidden])")
    her.page.wait_for_url(f"{site.address}/exams/")
    assert len(sent) == 3
    assert len(set(sent)) == 1


def test_a_wrong_password_is_said_at_the_field_and_the_number_stays(site: Site, candidate):
    officer = site.county.officer()
    site.county.session.commit()
    her: Candidate = candidate(officer)
    her.page.goto(f"{site.address}/sign-in")
    her.page.fill("[name=username]", officer.username)
    her.page.fill("[name=password]", "wrong")
    her.page.click(".ac-go")
    her.page.wait_for_selector(".mf-errsum")
    assert her.page.evaluate("document.activeElement.className") == "mf-errsum"
    assert her.page.input_value("[name=username]") == officer.username
    her.page.fill("[name=password]", PASSWORD)
    her.page.click(".ac-go")
    her.page.wait_for_url(f"{site.address}/")


def test_a_shared_device_keeps_nothing_after_leaving_but_answers_not_sent_yet(site: Site, candidate):
    officer = site.county.officer()
    site.county.session.commit()
    her: Candidate = candidate(officer)
    her.page.goto(f"{site.address}/sign-in?next=/me")
    her.page.fill("[name=username]", officer.username)
    her.page.fill("[name=password]", PASSWORD)
    her.page.check("[name=shared]")
    her.page.click(".ac-go")
    her.page.wait_for_url(f"{site.address}/me")
    her.page.evaluate(FILL)
    her.page.click("main form[action='/sign-out'] button")
    her.page.wait_for_selector("html[data-forgot]")
    assert her.page.evaluate(LEFT) == {
        "answers": ["B"], "running": [True, True], "done": [False, False], "local": 0, "bases": ["mingfa-exam"],
    }  # fmt: skip
    names = {cookie["name"] for cookie in her.context.cookies()}
    wait_until(lambda: "mingfa-device" not in names)
