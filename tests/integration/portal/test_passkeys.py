"""Setting up a passkey from *Your account*: confirm first, set it up at the identity provider, come back with words."""

import time

import pytest
import requests
from werkzeug.test import TestResponse

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

PASSKEY = "webauthn-register-passwordless"


def _begin(browser: Browser) -> TestResponse:
    """Press the button on the account page."""
    page = browser.get("/account")
    assert "Set up a passkey" in page.text
    return browser.post("/account/passkey", browser.hidden(page))


def _come_back(browser: Browser, to_identity_provider: str, status: str) -> TestResponse:
    """Come back from the identity provider, which says how it went."""
    there = requests.get(to_identity_provider, allow_redirects=False, timeout=5)
    back = there.headers["Location"].partition("/auth/callback")[2]
    return browser.get(f"/auth/callback{back}&kc_action={PASSKEY}&kc_action_status={status}")


def test_the_second_factor_is_asked_for_before_anything_is_set_up(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()

    first = _begin(browser)
    second = browser.come_back(first.location)
    requests.get(second.location, allow_redirects=False, timeout=5)

    confirm, set_up = portal.issuer.auth_requests[-2:]
    assert "kc_action" not in confirm
    assert set_up["kc_action"] == PASSKEY
    assert confirm["acr_values"] == set_up["acr_values"] == "strong"
    assert not {"prompt", "max_age"} & set_up.keys()


@pytest.mark.parametrize(
    ("status", "heading", "words"),
    [
        ("success", "Done", "Your passkey is ready. From now on you can sign in with it alone."),
        ("cancelled", "Not done", "No passkey was set up. You sign in as before."),
        ("error", "Not done", "No passkey was set up. You sign in as before."),
    ],
)
def test_the_account_page_says_once_how_it_went(portal: PortalUnderTest, status: str, heading: str, words: str) -> None:
    browser = portal.signed_in()
    second = browser.come_back(_begin(browser).location)

    answer = _come_back(browser, second.location, status)
    page, again = browser.get(answer.location), browser.get(answer.location)

    assert answer.location == "/account"
    assert words in page.text
    assert f">{heading}</h2>" in page.text
    assert words not in again.text


def test_without_a_fresh_second_factor_nobody_is_sent_to_set_one_up(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(auth_time=int(time.time()) - 3600)

    refused = browser.come_back(_begin(browser).location)

    assert refused.status_code == 403
    assert "We could not confirm that it is you" in refused.text
    assert "kc_action" not in portal.issuer.auth_requests[-1]


def test_somebody_else_who_comes_back_is_not_sent_to_set_one_up(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    first = _begin(browser)
    portal.person(TRUST)

    refused = browser.come_back(first.location)

    assert refused.status_code == 403
    assert "kc_action" not in portal.issuer.auth_requests[-1]


def test_nobody_is_sent_there_by_a_link_or_a_form_of_another_site(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()

    forged = browser.post("/account/passkey", {})

    assert browser.get("/account/passkey").status_code == 404
    assert not forged.location.startswith(portal.issuer.issuer)


def test_an_invitation_asks_how_one_wants_to_sign_in(portal: PortalUnderTest) -> None:
    invited = {"state": "sent", "can_be_renewed": False, "name": "Nell", "role": "board-member"}
    shown = {"role_meaning": "Answers.", "organisation_name": "Aldermere", "invited_by": "Amir"}
    portal.services.on(
        "GET", "/invitations/by-token/a-secret", invited | shown | {"expires_at": "2026-12-14T10:00:00+00:00"}
    )
    taken = {"organisation": "Aldermere", "org_id": "DEMO01", "role": "board-member", "account_known": False}
    portal.services.on("POST", "/invitations/by-token/a-secret/accept", taken)
    pages = {}

    for how in ("passkey", "code"):
        pages[how] = portal.browser().fill("/invitation/a-secret", {"how": how}).text

    asked = portal.services.asked("POST", "/invitations/by-token/a-secret/accept")[-2:]
    assert [one.body for one in asked] == [{"passkey": True}, {"passkey": False}]
    assert "the passkey is set up there" in pages["passkey"]
    assert "choose a password and set up a code" in pages["code"]


def test_a_reset_says_what_takes_the_place_of_the_old_second_factor(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST | {"roles": ["access-manager"]})
    person = {"person_id": "p1", "name": "Bryn Maddox", "email": "b@example.org", "roles": []}
    portal.services.on("GET", "/people", {"items": [person], "next": None})
    portal.services.on("POST", "/people/p1/second-factor/reset", {"person_id": "p1"})

    unsaid = browser.fill("/people/p1/new-phone", {"sure": "yes"})
    browser.fill("/people/p1/new-phone", {"sure": "yes", "new": "passkey"})

    assert unsaid.status_code == 422
    assert "Say what they will use from now on." in unsaid.text
    assert [one.body for one in portal.services.asked("POST", "/people/p1/second-factor/reset")] == [{"passkey": True}]
