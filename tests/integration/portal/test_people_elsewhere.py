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
PATH = f"/people/roles/{HELD['membership_id']}/end"


@pytest.fixture
def icb(portal: PortalUnderTest) -> Browser:
    """Return an ICB's access manager, with a place whose convenor can be seen."""
    where = {"organisation": "XNV01P1", "organisation_name": "Northvale Place"}
    portal.services.on("GET", "/organisations/XNV01P1", {"code": "XNV01P1", "name": "Northvale Place", "kind": "place"})
    portal.services.on("GET", "/organisations/DEMO02", {"code": "DEMO02", "name": "Bramcote", "kind": "trust"})
    portal.services.on("GET", "/people", {"items": [PERSON], "next": None, "count": 1})
    portal.services.on(
        "GET", f"/memberships/{HELD['membership_id']}", HELD | where | {"person_id": "p1", "name": "Cara Drake"}
    )
    return portal.signed_in(ICB)


def test_the_convenor_of_a_place_is_listed_with_a_way_to_end_the_role(icb: Browser) -> None:
    page = icb.get("/people?organisation=xnv01p1")

    assert page.status_code == 200
    assert PATH in page.text
    assert "Who looks after Northvale Place?" in page.text
    assert "Northvale Place" in icb.get(PATH).text


def test_nobody_of_a_trust_is_ended_from_above(icb: Browser) -> None:
    page = icb.get("/people?organisation=DEMO02")

    assert "Cara Drake" in page.text
    assert PATH not in page.text


def test_a_trust_looks_at_its_own_people_alone(portal: PortalUnderTest, icb: Browser) -> None:
    trust = portal.signed_in(TRUST | {"roles": ["access-manager"]})

    page = trust.get("/people?organisation=XNV01P1")

    assert "Who may do what?" in page.text
    assert portal.services.asked("GET", "/organisations/XNV01P1") == []


@pytest.mark.parametrize("code", ["../me", "a b", "%00"])
def test_what_is_no_code_is_asked_of_nobody(icb: Browser, code: str) -> None:
    assert icb.get("/people", query_string={"organisation": code}).status_code == 404
