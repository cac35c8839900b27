"""One's own e-mail address: asked for, stopped, and confirmed behind a link that does nothing by being opened."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

PAGE, ROUTE = "/account/address", "/me/address"
SECRET = "Zk3vQ9xw7LmNq2RtYp0aBcDeFgHiJkLmNoPqRsTuVw"
LINK, BEHIND = f"{PAGE}/{SECRET}", f"{ROUTE}/by-token/{SECRET}"
WAITING = {"email": "lena@new.example", "expires_at": "2026-12-01T09:00:00Z"}


def _holds(portal: PortalUnderTest, **values: Any) -> None:
    held = {"name": "Lena Lead", "email": "lena@example.org", "address_kept_here": True, "address_change": None}
    held["name_kept_nationally"] = False
    portal.services.on("GET", "/me/account", held | {"roles": [], "work_accounts": []} | values)
    portal.services.on("GET", "/me/ways-in", {"kept_here": True, "items": []})


@pytest.fixture
def browser(portal: PortalUnderTest) -> Browser:
    """Return the browser of somebody who signed in."""
    _holds(portal)
    return portal.signed_in()


def test_the_account_page_leads_there_and_the_page_says_what_happens(browser: Browser) -> None:
    account, page = browser.get("/account").text, browser.get(PAGE).text

    assert f'href="{PAGE}"' in account
    assert "Your e-mail address is changed by you alone." in account
    assert "lena@example.org" in page
    assert "It works for 24 hours, and for you alone." in page
    assert 'type="email"' in page
    assert 'href="/account"' in page


@pytest.mark.parametrize(
    ("nationally", "whom"), [(False, "the access manager of your organisation"), (True, "a national administrator")]
)
def test_the_account_page_says_who_corrects_the_name(portal: PortalUnderTest, *, nationally: bool, whom: str) -> None:
    _holds(portal, name_kept_nationally=nationally)

    account = portal.signed_in().get("/account").text

    assert f"Is your name wrong? Ask {whom}" in account
    assert "Your e-mail address is changed by you alone." in account


@pytest.mark.parametrize(
    ("held", "whom"),
    [
        ({}, "the access manager of your organisation"),
        ({"name_kept_nationally": True}, "the operator of this service"),
        ({"address_kept_here": False}, "the operator of this service"),
    ],
    ids=["of a trust", "regional lead", "of the national team"],
)
def test_the_account_page_says_who_resets_how_one_signs_in(
    portal: PortalUnderTest, held: dict[str, Any], whom: str
) -> None:
    _holds(portal, **held)

    account = portal.signed_in().get("/account").text

    assert f"A new phone, or one that is lost? Ask {whom}" in account


def test_what_was_typed_is_sent_and_said_to_be_on_its_way(portal: PortalUnderTest, browser: Browser) -> None:
    portal.services.on("POST", ROUTE, WAITING)

    done = browser.fill(PAGE, {"email": " lena@new.example "})

    assert [one.body for one in portal.services.asked("POST", ROUTE)] == [{"email": "lena@new.example"}]
    assert done.location == "/account"
    assert "We have sent a link to lena@new.example." in browser.get("/account").text


@pytest.mark.parametrize("slug", ["address-change-too-often", "address-is-yours", "national-account"])
def test_a_refusal_comes_back_with_what_was_typed(portal: PortalUnderTest, browser: Browser, slug: str) -> None:
    portal.services.problem("POST", ROUTE, 409, slug, detail="You have asked for 3 links within 24 hours.")

    refused = browser.fill(PAGE, {"email": "lena@new.example"})

    assert refused.status_code == 422
    assert "You have asked for 3 links within 24 hours." in refused.text
    assert 'value="lena@new.example"' in refused.text


def test_nothing_is_sent_without_an_address(portal: PortalUnderTest, browser: Browser) -> None:
    refused = browser.fill(PAGE, {"email": " "})

    assert "Enter your new e-mail address." in refused.text
    assert portal.services.asked("POST", ROUTE) == []


def test_after_confirming_who_one_is_what_was_typed_stands_there_again(
    portal: PortalUnderTest, browser: Browser
) -> None:
    portal.services.problem("POST", ROUTE, 401, "step-up-required")

    asked = browser.fill(PAGE, {"email": "lena@new.example"})
    back = browser.sign_in(asked.location)

    assert asked.location.startswith("/step-up")
    assert 'value="lena@new.example"' in browser.get(back.location).text


def test_while_it_waits_the_account_page_says_so_and_stops_it(portal: PortalUnderTest, browser: Browser) -> None:
    _holds(portal, address_change=WAITING)
    portal.services.on("POST", f"{ROUTE}/stop", {"stopped": True})

    page = browser.get("/account")
    done = browser.post("/account/address/stop", browser.hidden(page))

    assert "lena@new.example, not confirmed yet." in page.text
    assert "Stop this change" in page.text
    assert done.location == "/account"
    assert len(portal.services.asked("POST", f"{ROUTE}/stop")) == 1
    assert "The change is stopped." in browser.get("/account").text


def test_where_nothing_waits_nothing_is_to_be_stopped(browser: Browser) -> None:
    assert "Stop this change" not in browser.get("/account").text


def test_of_the_national_team_it_is_said_that_an_operator_changes_it(portal: PortalUnderTest) -> None:
    _holds(portal, address_kept_here=False)
    portal.person(national=("national-analyst",))
    browser = portal.browser()
    browser.sign_in()

    account, page = browser.get("/account").text, browser.get(PAGE).text

    assert f'href="{PAGE}"' not in account
    assert "looked after by the operator of this service" in account
    assert "Ask the operator of this service to change it." in page
    assert 'name="email"' not in page


def test_opening_the_link_changes_nothing_and_pressing_the_button_does(
    portal: PortalUnderTest, browser: Browser
) -> None:
    portal.services.on("GET", BEHIND, WAITING)
    portal.services.on("POST", f"{BEHIND}/confirm", {"email": "lena@new.example"})

    page = browser.get(LINK)
    asked_before = len(portal.services.asked("POST", f"{BEHIND}/confirm"))
    done = browser.fill(LINK, {})

    assert "lena@new.example" in page.text
    assert "Confirm this address" in page.text
    assert (asked_before, len(portal.services.asked("POST", f"{BEHIND}/confirm"))) == (0, 1)
    assert done.location == "/account"
    assert "Your address is lena@new.example now." in browser.get("/account").text


def test_the_new_address_stands_in_the_portal_at_once(portal: PortalUnderTest, browser: Browser) -> None:
    portal.services.on("GET", BEHIND, WAITING)
    portal.services.on("POST", f"{BEHIND}/confirm", {"email": "lena@new.example"})
    asked = len(portal.services.asked("GET", "/me"))

    browser.fill(LINK, {})
    browser.get("/account")

    assert len(portal.services.asked("GET", "/me")) == asked + 1


def test_a_name_corrected_meanwhile_stands_in_the_portal_at_once(portal: PortalUnderTest, browser: Browser) -> None:
    asked = len(portal.services.asked("GET", "/me"))
    _holds(portal, name="Lena Leed-Ross")

    page = browser.get("/account").text
    browser.get("/account")

    assert "Lena Leed-Ross" in page
    assert len(portal.services.asked("GET", "/me")) == asked + 1


@pytest.mark.parametrize("pressed", [False, True])
def test_a_link_that_does_not_work_for_whoever_signed_in_has_a_plain_page(
    portal: PortalUnderTest, browser: Browser, *, pressed: bool
) -> None:
    portal.services.on("GET", BEHIND, WAITING)
    form = browser.hidden(browser.get(LINK))
    portal.services.problem("GET", BEHIND, 404, "not-found")
    portal.services.problem("POST", f"{BEHIND}/confirm", 404, "not-found")

    page = browser.post(LINK, form) if pressed else browser.get(LINK)

    assert page.status_code == 404
    assert "This link does not work for you" in page.text
    assert "sign in as that person" in page.text


def test_an_address_that_is_anothers_is_refused_where_the_button_is(portal: PortalUnderTest, browser: Browser) -> None:
    portal.services.on("GET", BEHIND, WAITING)
    said = "Another person here has this address, so nothing was changed."
    portal.services.problem("POST", f"{BEHIND}/confirm", 409, "address-in-use", detail=said)

    assert said in browser.fill(LINK, {}).text


def test_signing_in_first_comes_back_to_the_link(portal: PortalUnderTest) -> None:
    _holds(portal)
    portal.services.on("GET", BEHIND, WAITING)
    portal.person(TRUST)
    browser = portal.browser()

    back = browser.sign_in(LINK)

    assert back.location == LINK
    assert "Confirm this address" in browser.get(back.location).text


def test_the_secret_leaves_the_portal_in_no_referrer_and_in_no_cache(portal: PortalUnderTest, browser: Browser) -> None:
    portal.services.on("GET", BEHIND, WAITING)

    headers = browser.get(LINK).headers

    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("same-origin", "no-store")
