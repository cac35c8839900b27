"""A real browser on the real system; see personas.py for what a page test looks like."""

import email
import os
import time
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright

from deploy.local.demo import play
from deploy.local.demo.people import demo_secret
from deploy.local.doctor import find_browser
from deploy.local.environment import portal_url
from deploy.local.system import System
from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.demo_people import credentials_of, load
from shared.testing.sign_in import Account
from tests.browser.personas import AsPersona, Persona, RunningSystem, SignedInPeople

SERVICE_NAME = "Improve Together"
WORK_PASSWORD = "work horse battery"
NO_SURFACE = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)
"""What a whole Chromium is not to do: draw the pages of its address bar again for each window, which takes as much of
the processor as ours do. The others are Playwright's own list, which a second one replaces."""
BROWSER_OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", f"--disable-features={','.join(NO_SURFACE)}"]
MAIL_WITHIN = 30.0
"""Seconds in which a mail must have gone out."""


class PagesOfSystem:
    """The running system as somebody with a browser and a mailbox meets it."""

    def __init__(self, system: System) -> None:
        self.running = system
        self.portal_url = portal_url(system.profile)
        self._secret = demo_secret(system.profile)
        self._keycloak = system.servers.settings.keycloak
        self._mails = Path(system.servers.settings.ses.folder)

    def account(self, username: str) -> Account:
        """Return what this person types to sign in."""
        return Account(
            username, *credentials_of(username, self._secret), work_account=load().person(username).work_account
        )

    def new_work_account(self, email: str) -> Account:
        """Make an account at the issuer that plays a trust's own; nobody here knows it."""
        keycloak, username = self._keycloak, f"worker-{uuid4().hex[:8]}"
        admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, "work")
        names = {"firstName": "Wanda", "lastName": "Work", "email": email, "emailVerified": True}
        password = {"type": "password", "value": WORK_PASSWORD, "temporary": False}
        admin.post("/users", {"username": username, "enabled": True, "credentials": [password], **names})
        return Account(username, WORK_PASSWORD, work_account=True)

    def last_mail_to(self, address: str) -> str:
        """Return the text of the newest mail to `address`; waits for it; raises LookupError."""
        give_up = time.monotonic() + MAIL_WITHIN
        while time.monotonic() < give_up:
            if (text := self._find_mail(address)) is not None:
                return text
            time.sleep(0.2)
        raise LookupError(f"no mail to {address}")

    def _find_mail(self, address: str) -> str | None:
        for file in sorted(self._mails.glob("*.eml"), key=lambda one: one.stat().st_mtime, reverse=True):
            message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            if isinstance(message, EmailMessage) and address in str(message["To"]):
                body = message.get_body(("plain",))
                return str(body.get_content()) if body else None
        return None


@pytest.fixture(scope="session")
def system() -> PagesOfSystem:
    """Return the system with the demonstration's story played, so that pages have something to show."""
    running = System(os.environ.get("IMPACT_TEST_PROFILE", "test"))
    running.up()
    play.ensure_played(running)
    return PagesOfSystem(running)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the browser; each test gets contexts of its own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_OPTIONS, timeout=60_000)
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
