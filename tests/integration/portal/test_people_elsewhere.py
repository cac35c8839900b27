"""Whoever appoints in other organisations finds there whom they appointed, and ends the role."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

ICB = TRUST | {"org_id": "XNV01", "org_name": "NHS Northvale ICB", "org_kind": "icb", "roles": ["icb-access-manager"]}
HELD: dict[str, Any] = {
    "membership_id": "0190c0de-0000-7000-8000-000000000001",
    "role": "place-convenor",
    "title": "Place convenor",
    "since": "2026-04-01T09:00:00Z",
    "until": None,
}
PERSON = {"person_id": "p1", "name": "Cara Drake", "email": None, "roles": [HELD]}
REGISTER = {
    "XNV01P1": ("Northvale Place", "place", "XNV01"),
    "DEMO02": ("Bramcote", "trust", "XNV01"),
    "DEMO13": ("Elmhurst", "trust", "XSM01"),
    "Y60": ("Midlands", "region", "NATIONAL"),
}
PATH = f"/people/roles/{HELD['membership_id']}/end"


@pytest.fixture
def icb(portal: PortalUnderTest) -> Browser:
    """Return an ICB's access manager, with a place whose convenor can be seen."""
    where = {"organisation": "XNV01P1", "organisation_name": "Northvale Place"}
    for code, (name, kind, tenant) in REGISTER.items():
        found = {"code": code, "name": name, "kind": kind, "tenant": tenant}
        portal.services.on("GET", f"/organisations/{code}", found)
    for path in ("/invitations", "/people/leavers"):
        portal.services.on("GET", path, {"items": [], "next": None, "count": 0})
    portal.services.on("GET", "/people", {"items": [PERSON], "next": None, "count": 1})
    portal.services.on(
        "GET", f"/memberships/{HELD['membership_id']}", HELD | where | {"person_id": "p1", "name": "Cara Drake"}
    )
    return portal.signed_in(ICB)


def test_the_convenor_of_a_place_is_listed_with_a_way_to_end_the_role(icb: Browser) -> None:
    page = icb.get("/people?organisation=xnv01p1")

    assert page.status_code == 200
    assert PATH in page.text
    assert "Who holds the roles you give at Northvale Place?" in page.text
    assert "Those who look after access in your organisation, and people of Northvale Place." in page.text
    assert 'href="/people/invite?organisation=XNV01P1"' in page.text
    assert 'value="XNV01P1"' in icb.get("/people/invite?organisation=XNV01P1").text


def test_nobody_of_a_trust_is_ended_from_above(icb: Browser) -> None:
    page = icb.get("/people?organisation=DEMO02")

    assert "Cara Drake" in page.text
    assert PATH not in page.text
    assert "Invite somebody to a role here" not in page.text


def test_ending_a_role_elsewhere_says_whose_chair_is_told_and_goes_back_there(
    portal: PortalUnderTest, icb: Browser
) -> None:
    ended = {"id": HELD["membership_id"], "org_id": "XNV01P1", "role": "place-convenor", "ended": True}
    portal.services.on("POST", f"/memberships/{HELD['membership_id']}/end", ended)

    asked = icb.get(PATH)
    gone_to = icb.fill(PATH, {"reason": "Left on 31 March."})

    assert "the chair, the improvement lead and the secretary of Northvale Place." in asked.text
    assert "Back to people of Northvale Place" in asked.text
    assert (gone_to.status_code, gone_to.location) == (303, "/people?organisation=XNV01P1")
    assert "The role place convenor has ended." in icb.get(gone_to.location).text


@pytest.mark.parametrize("code", ["DEMO13", "Y60"])
def test_where_an_icb_gives_no_role_it_is_told_so_and_nobody_is_asked_who_is_there(
    portal: PortalUnderTest, icb: Browser, code: str
) -> None:
    page = icb.get(f"/people?organisation={code}")

    assert "You give no role here." in page.text
    assert portal.services.asked("GET", "/people") == []


def test_the_national_team_gives_roles_in_regions_and_none_in_trusts(portal: PortalUnderTest, icb: Browser) -> None:
    portal.person(national=("national-administrator",))
    noor = portal.browser()
    assert noor.sign_in().status_code == 303

    assert "Cara Drake" in noor.get("/people?organisation=Y60").text
    assert "You give no role here." in noor.get("/people?organisation=DEMO02").text


def test_a_code_that_nobody_has_comes_back_as_typed_with_what_is_wrong(portal: PortalUnderTest, icb: Browser) -> None:
    portal.services.problem("GET", "/organisations/XNV99", 404, "not-found")

    page = icb.get("/people?organisation=xnv99")

    assert page.status_code == 422
    assert "We do not know this code." in page.text
    assert 'value="XNV99"' in page.text


def test_ones_own_code_shows_ones_own_people(icb: Browser) -> None:
    assert "Who may do what?" in icb.get("/people?organisation=XNV01").text


def test_a_trust_looks_at_its_own_people_alone(portal: PortalUnderTest, icb: Browser) -> None:
    trust = portal.signed_in(TRUST | {"roles": ["access-manager"]})

    page = trust.get("/people?organisation=XNV01P1")

    assert "Who may do what?" in page.text
    assert portal.services.asked("GET", "/organisations/XNV01P1") == []


@pytest.mark.parametrize("code", ["../me", "a b", "%00"])
def test_what_is_no_code_is_asked_of_nobody(portal: PortalUnderTest, icb: Browser, code: str) -> None:
    assert icb.get("/people", query_string={"organisation": code}).status_code == 422
    assert not [one for one in portal.services.received if one.path.startswith("/organisations/")]
