"""Setting up a passkey from *Your account*: confirm first, set it up at the identity provider, come back with words."""

import time
from typing import Any

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


def _way(name: str, kind: str = "passkey", *, label: str = "", removable: bool = True) -> dict[str, Any]:
    way = {"id": name, "kind": kind, "label": label, "added_at": "2026-05-03T09:00:00Z"}
    return way | {"removable": removable}


def _holds(portal: PortalUnderTest, *ways: dict[str, Any]) -> None:
    """Let directory say with what one signs in."""
    portal.services.on("GET", "/me/ways-in", {"kept_here": True, "items": list(ways)})
    portal.services.on("GET", "/me/account", {"roles": [], "work_accounts": []})


def test_the_account_page_lists_codes_and_passkeys_and_lets_a_passkey_go(portal: PortalUnderTest) -> None:
    _holds(portal, _way("c1", "code"), _way("p1", label="<b>My phone</b>"))

    page = portal.signed_in().get("/account").text

    assert "Code from an app" in page
    assert "&lt;b&gt;My phone&lt;/b&gt;" in page
    assert "<b>My phone" not in page
    assert page.count("added on 3 May 2026") == 3
    assert 'href="/account/passkeys/p1/remove"' in page
    assert "/account/passkeys/c1/remove" not in page


def test_a_passkey_is_removed_by_a_button_after_a_page_that_says_what_happens(portal: PortalUnderTest) -> None:
    _holds(portal, _way("p1", label="My phone"), _way("p2"))
    portal.services.on("POST", "/me/passkeys/p1/remove", {"asked_at": "2026-11-30T09:00:00Z"})
    browser = portal.signed_in()

    page = browser.get("/account/passkeys/p1/remove")
    asked_before = len(portal.services.asked("POST", "/me/passkeys/p1/remove"))
    done = browser.fill("/account/passkeys/p1/remove", {})

    assert "My phone" in page.text
    assert "you are signed out everywhere, here too" in page.text
    assert asked_before == 0
    assert len(portal.services.asked("POST", "/me/passkeys/p1/remove")) == 1
    assert done.location == "/account"
    assert "The passkey is being removed." in browser.get("/account").text


def test_the_only_way_to_sign_in_stays_and_it_is_said_what_to_do(portal: PortalUnderTest) -> None:
    _holds(portal, _way("p1", removable=False))

    page = portal.signed_in().get("/account/passkeys/p1/remove").text

    assert "it is the only way you can sign in" in page
    assert "set up a passkey on it first" in page
    assert "nhsuk-button--warning" not in page


def test_what_is_none_of_ones_own_passkeys_has_no_page(portal: PortalUnderTest) -> None:
    _holds(portal, _way("p1"), _way("c1", "code"))
    browser = portal.signed_in()

    assert [browser.get(f"/account/passkeys/{one}/remove").status_code for one in ("c1", "p9")] == [404, 404]


def test_removing_needs_the_form_of_ones_own_page_and_a_fresh_second_factor(portal: PortalUnderTest) -> None:
    _holds(portal, _way("p1"), _way("p2"))
    portal.services.problem("POST", "/me/passkeys/p1/remove", 401, "step-up-required")
    browser = portal.signed_in()
    before = len(portal.services.asked("POST", "/me/passkeys/p1/remove"))

    browser.post("/account/passkeys/p1/remove", {})
    forged = len(portal.services.asked("POST", "/me/passkeys/p1/remove")) - before
    asked = browser.fill("/account/passkeys/p1/remove", {})

    assert forged == 0
    assert asked.location.startswith("/step-up")


def test_while_it_is_not_known_how_one_signs_in_the_rest_of_the_page_is_there(portal: PortalUnderTest) -> None:
    portal.services.problem("GET", "/me/ways-in", 503, "sign-in-service-away")

    page = portal.signed_in().get("/account")

    assert page.status_code == 200
    assert "Set up a passkey" in page.text
    assert "Where you are signed in" in page.text


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
