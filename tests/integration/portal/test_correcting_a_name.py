"""An access manager corrects somebody's name: what is said beforehand, sent, told, and kept when it is refused."""

import html

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

PAGE, ROUTE = "/people/p1/name", "/people/p1"
SINCE = "2026-01-05T09:00:00Z"
MANAGER = TRUST | {"roles": ["access-manager"]}


@pytest.fixture
def browser(portal: PortalUnderTest) -> Browser:
    """Return the browser of an access manager who looks after one person."""
    person = {"person_id": "p1", "name": "Bryn Madox", "email": "b@example.org", "roles": []}
    portal.services.on("GET", "/people", {"items": [person], "next": None})
    return portal.signed_in(MANAGER)


def _corrected(portal: PortalUnderTest, **values: object) -> None:
    answer = {"person_id": "p1", "name": "Bryn Maddox", "changed": True, "account_kept_by_operator": False}
    portal.services.on("PATCH", ROUTE, answer | values)


def test_the_list_of_people_leads_there_and_the_page_says_what_happens_and_who_is_told(browser: Browser) -> None:
    listed, page = browser.get("/people").text, browser.get(PAGE).text

    assert f'href="{PAGE}"' in listed
    assert ">Correct the name of Bryn Madox</h1>" in page
    assert 'value="Bryn Madox"' in page
    assert "The new name stands at once wherever the old one stood" in page
    assert "The person, by mail and in the inbox." in page
    assert "The organisation for which they have acted longest corrects it" in page
    assert 'href="/people"' in page


def test_what_was_typed_is_sent_once_and_said_to_be_done(portal: PortalUnderTest, browser: Browser) -> None:
    _corrected(portal)

    done = browser.fill(PAGE, {"name": "  Bryn Maddox "})

    assert [one.body for one in portal.services.asked("PATCH", ROUTE)] == [{"name": "Bryn Maddox"}]
    assert done.location == "/people"
    assert "The name is Bryn Maddox now. We have told the person." in browser.get("/people").text


def test_the_present_name_changes_nothing_and_it_is_said(portal: PortalUnderTest, browser: Browser) -> None:
    _corrected(portal, changed=False)

    browser.fill(PAGE, {"name": "Bryn Maddox"})

    assert "Nothing was changed." in browser.get("/people").text


def test_of_the_national_team_it_is_said_that_an_operator_looks_after_the_account(portal: PortalUnderTest) -> None:
    person = {"person_id": "p1", "name": "Bryn Madox", "email": "b@example.org", "roles": []}
    portal.services.on("GET", "/people", {"items": [person], "next": None})
    portal.person(national=("national-administrator",))
    browser = portal.browser()
    browser.sign_in()
    _corrected(portal, account_kept_by_operator=True)

    page = browser.get(PAGE).text
    browser.fill(PAGE, {"name": "Bryn Maddox"})

    assert "The sign-in account of the national team is looked after by an operator: tell them as well." in page
    assert "is changed by an operator: tell them." in browser.get("/people").text


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Enter the person&#39;s name."), ("x" * 101, "Use 100 characters or fewer.")]
)
def test_what_cannot_be_a_name_comes_back_as_it_was_typed(
    portal: PortalUnderTest, browser: Browser, typed: str, said: str
) -> None:
    before = len(portal.services.asked("PATCH", ROUTE))

    refused = browser.fill(PAGE, {"name": typed})

    assert refused.status_code == 422
    assert said in refused.text
    assert f'name="name" type="text" value="{typed}"' in refused.text
    assert len(portal.services.asked("PATCH", ROUTE)) == before


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        (
            "name-of-another-organisation",
            "This person has acted longest for Bramcote. Ask the access manager there.",
        ),
        ("name-corrected-often", "This person&#39;s name was corrected 3 times in the last 24 hours."),
    ],
)
def test_a_refusal_comes_back_with_what_was_typed_and_why(
    portal: PortalUnderTest, browser: Browser, slug: str, said: str
) -> None:
    portal.services.problem("PATCH", ROUTE, 409, slug, detail=html.unescape(said))

    refused = browser.fill(PAGE, {"name": "Bryn Maddox"})

    assert refused.status_code == 422
    assert said in refused.text
    assert 'value="Bryn Maddox"' in refused.text


def test_after_confirming_who_one_is_what_was_typed_stands_there_again(
    portal: PortalUnderTest, browser: Browser
) -> None:
    portal.services.problem("PATCH", ROUTE, 401, "step-up-required")

    asked = browser.fill(PAGE, {"name": "Bryn Maddox"})
    back = browser.sign_in(asked.location)

    assert asked.location.startswith("/step-up")
    assert 'value="Bryn Maddox"' in browser.get(back.location).text


def test_a_national_administrator_finds_a_regional_lead_in_the_region(portal: PortalUnderTest) -> None:
    roles = [{"membership_id": "m1", "role": "regional-lead", "title": "Regional lead", "since": SINCE, "until": None}]
    lead = {"person_id": "p1", "name": "Rita Regoin", "email": "r@example.org", "roles": roles}
    where = {"code": "Y60", "name": "Midlands", "kind": "region", "tenant": "NATIONAL"}
    portal.services.on("GET", "/organisations/Y60", where)
    portal.services.on("GET", "/people", {"items": [lead], "next": None})
    portal.person(national=("national-administrator",))
    browser = portal.browser()
    browser.sign_in()

    listed, page = browser.get("/people?organisation=Y60").text, browser.get(f"{PAGE}?organisation=Y60").text

    assert f'href="{PAGE}?organisation=Y60"' in listed
    assert "The sign-in account follows within a minute." in page
    assert portal.services.asked("GET", "/people")[-1].query["organisation"] == "Y60"


def test_ones_own_name_has_no_form(portal: PortalUnderTest) -> None:
    person_id = portal.person(MANAGER)
    oneself = {"person_id": person_id, "name": "Lena Lead", "email": "lena@example.org", "roles": []}
    portal.services.on("GET", "/people", {"items": [oneself], "next": None})
    browser = portal.browser()
    browser.sign_in()

    page = browser.get(f"/people/{person_id}/name").text

    assert "Nobody corrects their own name." in page
    assert 'name="name"' not in page
    assert "Correct name" not in browser.get("/people").text


def test_whoever_is_not_of_the_organisation_has_no_page(browser: Browser) -> None:
    assert browser.get("/people/p9/name").status_code == 404
