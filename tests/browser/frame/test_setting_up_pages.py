"""Pages of signing in that few people meet: setting up from a mail, links that are over, and what goes wrong there."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from infra.keycloak import passkeys
from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.demo_people import one_time_code
from tests.browser.conftest import PagesOfSystem
from tests.browser.frame.inviting import invited
from tests.browser.personas import AsPersona, Persona
from tests.security.identity.people import as_apps_take_it
from tests.security.identity.realm_under_test import Mailbox

COVERS: list[str] = []
PASSWORD = "a passphrase of my own"
OVER = "We could not sign you in"


@pytest.fixture
def realm(system: PagesOfSystem) -> RealmAdmin:
    keycloak = system.running.servers.settings.keycloak
    return RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password)


@pytest.fixture
def mails(system: PagesOfSystem) -> Mailbox:
    """Return where Keycloak's own mails arrive."""
    return Mailbox(Path(system.running.servers.settings.smtp.folder))


@pytest.fixture
def newcomer(realm: RealmAdmin) -> Iterator[tuple[str, str]]:
    """Return id and address of an account that nobody has set up."""
    address = f"{uuid4().hex[:12]}@demo.example"
    names = {"username": address, "email": address, "firstName": "Nell", "lastName": "Newcomer"}
    account = realm.post("/users", {**names, "enabled": True, "requiredActions": ["UPDATE_PASSWORD"]})
    yield account, address
    realm.delete(f"/users/{account}")


def _send(realm: RealmAdmin, system: PagesOfSystem, account: str, seconds: int) -> None:
    back = f"client_id=portal&redirect_uri={system.portal_url}/auth/callback&lifespan={seconds}"
    realm.put(f"/users/{account}/execute-actions-email?{back}", ["UPDATE_PASSWORD"])


def _heading(page: Page) -> str:
    page.wait_for_load_state()
    return page.inner_text("h1")


def _choose(page: Page, password: str) -> None:
    page.fill("#password-new", password)
    page.fill("#password-confirm", password)
    page.get_by_role("button", name="Continue").click()


def test_somebody_without_a_work_account_sets_up_the_sign_in_from_the_second_mail(
    as_persona: AsPersona, anybody: Persona, system: PagesOfSystem, mails: Mailbox
) -> None:
    address = f"nell.{uuid4().hex[:8]}@trust.example"
    page = anybody.open(invited(as_persona, system, "Nell Newcomer", address))
    anybody.press(page, "Continue with a password and a code")
    assert "second mail" in page.inner_text("main")

    page.goto(mails.link_to(address, within=60))
    assert _heading(page) == "Set up how you sign in"
    anybody.check(page)
    page.get_by_role("link", name="Continue").click()
    for _ in range(2):
        _set_up_one(anybody, page)

    assert page.locator("#totp, #password-new").count() == 0
    anybody.check(page)


def _set_up_one(anybody: Persona, page: Page) -> None:
    """Choose a password or set up a code, whichever is asked for first."""
    if _heading(page) == "Choose a password":
        anybody.check(page)
        _choose(page, PASSWORD)
    else:
        assert page.inner_text("h1") == "Set up your second factor"
        anybody.check(page)
        page.fill("#totp", one_time_code(as_apps_take_it(page.locator("#totpSecret").input_value()), time.time()))
        page.get_by_role("button", name="Continue").click()
        page.wait_for_load_state()


def test_a_password_that_is_too_short_is_refused_in_words(
    anybody: Persona, system: PagesOfSystem, realm: RealmAdmin, mails: Mailbox, newcomer: tuple[str, str]
) -> None:
    account, address = newcomer
    _send(realm, system, account, 3600)
    page = anybody.page()
    page.goto(mails.link_to(address))
    page.get_by_role("link", name="Continue").click()
    assert _heading(page) == "Choose a password"

    _choose(page, "short")

    assert "15" in page.inner_text("main")
    anybody.check(page)


def test_a_link_that_was_used_or_has_run_out_says_so(
    anybody: Persona, system: PagesOfSystem, realm: RealmAdmin, mails: Mailbox, newcomer: tuple[str, str]
) -> None:
    account, address = newcomer
    _send(realm, system, account, 3600)
    page, link = anybody.page(), mails.link_to(address)
    page.goto(link)
    page.get_by_role("link", name="Continue").click()
    _choose(page, PASSWORD)
    page.wait_for_load_state()
    anybody.context.clear_cookies()

    page.goto(link)
    assert _heading(page) == OVER
    anybody.check(page)
    _send(realm, system, account, 1)
    run_out = mails.link_to(address, after=1)
    page.wait_for_timeout(2000)
    page.goto(run_out)
    assert _heading(page) == OVER
    anybody.check(page)


def test_a_request_that_is_not_ours_is_told_so(anybody: Persona, system: PagesOfSystem, realm: RealmAdmin) -> None:
    page = anybody.page()
    page.goto(f"{system.portal_url}/sign-in")
    asked = urlsplit(page.url)

    answer = page.goto(f"{asked.scheme}://{asked.netloc}/realms/impact/protocol/openid-connect/auth?client_id=portal")

    assert answer is not None
    assert answer.status == 400
    assert _heading(page) == OVER
    anybody.check(page)


def test_an_issuer_of_work_accounts_that_does_not_answer_rightly_is_not_the_persons_fault(
    anybody: Persona, system: PagesOfSystem
) -> None:
    page = anybody.page()
    page.goto(f"{system.portal_url}/sign-in?with=work")
    there = urlsplit(page.url)
    state = parse_qs(there.query)["state"][0]
    made_up = f"state={quote(state)}&code={secrets.token_hex(8)}.{secrets.token_hex(8)}.{secrets.token_hex(8)}"

    answer = page.goto(f"{there.scheme}://{there.netloc}/realms/impact/broker/work-account/endpoint?{made_up}")

    assert answer is not None
    assert answer.status == 502
    assert _heading(page) == OVER
    anybody.check(page)


def test_whoever_has_two_second_factors_may_use_another(
    anybody: Persona, system: PagesOfSystem, realm: RealmAdmin
) -> None:
    """A passkey that this browser does not hold, and a code: the page offers the one when the other is not at hand."""
    name, secret = f"{uuid4().hex[:12]}@demo.example", as_apps_take_it(secrets.token_hex(10))
    account = realm.post("/users", _with_two_factors(name, secret))
    try:
        page = anybody.page()
        page.goto(f"{system.portal_url}/sign-in")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        page.click("#kc-login")
        page.wait_for_load_state()
        anybody.check(page)
        page.click("#try-another-way")

        assert _heading(page) == "How do you want to confirm that it is you?"
        assert page.locator(".app-choice").count() == 2
        anybody.check(page)
    finally:
        realm.delete(f"/users/{account}")


def _with_two_factors(name: str, otp_secret: str) -> dict[str, object]:
    code = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    key = {"aaguid": "00000000-0000-0000-0000-000000000000", "credentialId": "AAAA", "counter": 0, "transports": []}
    return {
        "username": name,
        "email": name,
        "firstName": "Tuva",
        "lastName": "Two",
        "enabled": True,
        "credentials": [
            {"type": "password", "value": PASSWORD, "temporary": False},
            _credential("otp", {"value": otp_secret}, {**code, "secretEncoding": "BASE32"}),
            _credential(passkeys.CREDENTIAL, {}, {**key, "credentialPublicKey": "AAAA"}),
        ],
    }


def _credential(kind: str, secret: dict[str, str], data: dict[str, object]) -> dict[str, str]:
    return {
        "type": kind,
        "userLabel": "made up",
        "secretData": json.dumps(secret),
        "credentialData": json.dumps(data),
    }
