"""A real browser on the real system; see personas.py for what a page test looks like."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.personas import AsPersona, Persona, RunningSystem, SignedInPeople

CHROMIUM = "/usr/bin/chromium"
SERVICE_NAME = "Improve Together"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the browser; each test gets contexts of its own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=60_000
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in_people(chromium: Browser, system: RunningSystem) -> SignedInPeople:
    """Return everybody who signed in during this run."""
    return SignedInPeople(chromium, system.portal_url, SERVICE_NAME, system.account)


@pytest.fixture
def as_persona(signed_in_people: SignedInPeople) -> Iterator[AsPersona]:
    """Return a function that gives a persona's browser: `as_persona("lena.lead").open("/home")`."""
    yield signed_in_people.persona
    signed_in_people.close_tabs()


@pytest.fixture
def anybody(signed_in_people: SignedInPeople) -> Iterator[Persona]:
    """Return the browser of somebody who has not signed in."""
    yield signed_in_people.nobody()
    signed_in_people.close_tabs()
