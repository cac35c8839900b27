"""K8: Keycloak itself is killed. Who signed in works on until the token ends, nobody gets in, no typed text is lost."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import Page

from deploy.local.demo.assessing import ASSESSMENT
from tests.browser.conftest import PagesOfSystem
from tests.browser.personas import AsPersona, Persona
from tests.browser.rounds.boards import TrustAtWork, choose, press

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(900)]
COVERS = ["/rounds/<round_id>/answers/<item_id>"]
WHY = "Why? (optional)"
BACK_WITHIN = 60.0
"""Seconds from Keycloak's return to the first sign-in."""
TOKENS_END = "update portal.api_token set expires_at = now()"
"""As five minutes later: the portal gives no token away that is about to end."""


@contextmanager
def keycloak_killed(system: PagesOfSystem) -> Iterator[None]:
    """Kill the sign-in service; it is back when the block ends."""
    servers = system.running.servers
    os.killpg(servers.pid_of("keycloak"), signal.SIGKILL)
    try:
        yield
    finally:
        servers.start()


def test_while_the_sign_in_service_is_away_people_work_on_and_lose_nothing(
    trust_at_work: Callable[..., TrustAtWork], system: PagesOfSystem, anybody: Persona, as_persona: AsPersona
) -> None:
    trust = trust_at_work("DEMO23")
    trust.script = False
    path = f"/rounds/{trust.open()}/answers/{trust.items()[0]}"
    page = trust.at_browser("member3").open(path, check=False)

    assert what_is_stored(trust, path) == ""
    with keycloak_killed(system):
        answer(page, "2", "Said before the token ended.")
        assert what_is_stored(trust, path) == "Said before the token ended."
        page.goto(system.portal_url + path)
        with psycopg.connect(system.running.servers.settings.postgres.superuser_dsn("impact")) as connection:
            connection.execute(TOKENS_END)
        answer(page, "3", "Typed while nobody could be asked who I am.")
        told = page.inner_text("main")
        anybody.open("/sign-in", status=503)
        anybody.open(path, status=503, check=False)
    returned = time.monotonic()

    as_persona("lena.lead").open("/home", check=False)
    newcomer = time.monotonic() - returned
    page.get_by_role("link", name="Go back to your text and try again").click()
    assert "What you typed is kept for 30 minutes." in told
    assert page.get_by_label(WHY).input_value() == "Typed while nobody could be asked who I am."
    press(page, "Save and continue")
    assert what_is_stored(trust, path) == "Typed while nobody could be asked who I am."
    assert newcomer < BACK_WITHIN


def answer(page: Page, level: str, why: str) -> None:
    """Answer the question and press the button."""
    choose(page, "level", level)
    page.get_by_label(WHY).fill(why)
    press(page, "Save and continue")


def what_is_stored(trust: TrustAtWork, path: str) -> str:
    """Return the reason that the service holds for the question of a page."""
    _, _, round_id, _, item = path.split("/")
    found = trust.actor("member3").get(ASSESSMENT, f"/rounds/{round_id}/my-answers")["items"]
    return next((str(one["why"]) for one in found if one["item_id"] == item), "")
