"""An access manager resets somebody's second factor: what is said beforehand, sent, and answered when it is refused."""

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

PAGE, ROUTE = "/people/p1/new-phone", "/people/p1/second-factor/reset"


@pytest.fixture
def browser(portal: PortalUnderTest) -> Browser:
    """Return the browser of an access manager who looks after one person."""
    person = {"person_id": "p1", "name": "Bryn Maddox", "email": "b@example.org", "roles": []}
    portal.services.on("GET", "/people", {"items": [person], "next": None})
    portal.services.on("POST", ROUTE, {"person_id": "p1"})
    return portal.signed_in(TRUST | {"roles": ["access-manager"]})


@pytest.mark.parametrize(("ticked", "sent"), [({"unlink": "yes"}, {"unlink_work_account": True}), ({}, {})])
def test_the_work_account_goes_only_when_it_is_ticked(
    portal: PortalUnderTest, browser: Browser, ticked: dict[str, str], sent: dict[str, bool]
) -> None:
    browser.fill(PAGE, {"sure": "yes", "new": "code"} | ticked)

    assert [one.body for one in portal.services.asked("POST", ROUTE)] == [{"passkey": False} | sent]


def test_the_page_says_beforehand_who_resets_it_and_how_often(browser: Browser) -> None:
    page = browser.get(PAGE).text

    assert "The one for which they have acted longest resets it" in page
    assert "not be done again for 24 hours" in page


@pytest.mark.parametrize("slug", ["second-factor-of-another-organisation", "second-factor-reset-today"])
def test_a_refusal_comes_back_on_the_page_in_the_words_that_say_whom_to_ask(
    portal: PortalUnderTest, browser: Browser, slug: str
) -> None:
    said = "This person has acted longest for Bramcote. Ask the access manager there."
    portal.services.problem("POST", ROUTE, 409, slug, detail=said)

    refused = browser.fill(PAGE, {"sure": "yes", "new": "code"})

    assert said in refused.text
    assert "Reset the second factor" in refused.text
