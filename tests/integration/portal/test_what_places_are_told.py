"""An ICB follows trusts alone: a place is promised nothing else, and what it chose to show is there to be read."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest
from tests.integration.portal.test_who_sees_what import LISTED, PLAN, PLAN_SHARING, ROUND, SHARING, SIGNED, words

PLACE_CODE = "XNV01P1"
PLACE = TRUST | {
    "org_id": PLACE_CODE,
    "org_name": "Northvale Coast (fictional)",
    "org_kind": "place",
    "roles": ["place-convenor"],
}
ICB_LEAD = TRUST | {
    "org_id": "XNV01",
    "org_name": "NHS Northvale ICB (fictional)",
    "org_kind": "icb",
    "roles": ["icb-lead"],
}
CHAIR = TRUST | {"roles": ["chair"]}
WAITING: dict[str, Any] = LISTED | {
    "state": "awaiting_approval",
    "aim": "Fewer long waits",
    "priorities": [],
    "actions": [],
    "approved_at": None,
    "agreed_on": "2026-05-01",
    "action_counts": {"done": 0, "under_way": 0, "overdue": 0},
    "priority_count": 0,
    "question_set_id": "s",
}
SHOWN: dict[str, Any] = {
    "sharing_id": "s1",
    "org_id": PLACE_CODE,
    "org_name": "Northvale Coast (fictional)",
    "content": SHARING["preview"],
    "shared_at": "2026-06-03T09:00:00Z",
    "valid_until": None,
}

STATUS: dict[str, Any] = {
    "org_id": TRUST["org_id"],
    "name": TRUST["org_name"],
    "sector": "acute",
    "member_since": "2024-04-01",
    "progress": "not_shared",
    "not_shared_since": None,
    "shared": [],
}


@pytest.fixture
def answering(portal: PortalUnderTest) -> PortalUnderTest:
    """Return the portal of an organisation with a signed self-assessment, an approved plan and one that waits."""
    portal.services.on("GET", f"/rounds/{ROUND}", SIGNED)
    portal.services.on("GET", f"/rounds/{ROUND}/sharing", SHARING)
    portal.services.on("GET", "/sharing", {"items": [], "progress_visible": True})
    portal.services.on("GET", "/plans", {"items": [LISTED], "next": None})
    portal.services.on("GET", f"/plans/{PLAN}", WAITING)
    portal.services.on("GET", f"/plans/{PLAN}/sharing", PLAN_SHARING | {"shared": False, "shown": None})
    portal.services.on("POST", "/names", {"names": {}})
    return portal


def read(browser: Browser, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, page.text
    return words(page.text)


def test_a_trust_is_told_that_its_icb_sees_progress_and_a_place_is_not(answering: PortalUnderTest) -> None:
    trust = answering.signed_in(CHAIR)
    told_to_a_trust = [read(trust, path) for path in (f"/rounds/{ROUND}/sharing", "/sharing", f"/plans/{PLAN}/approve")]
    place = answering.signed_in(PLACE)
    told_to_a_place = [read(place, path) for path in (f"/rounds/{ROUND}/sharing", "/sharing", f"/plans/{PLAN}/approve")]

    for trusts, places in zip(told_to_a_trust, told_to_a_place, strict=True):
        assert "three counts of its actions" in trusts
        assert "three counts of its actions" not in places
        assert "Turn progress off" not in places
    assert "sees nothing of this self-assessment, not even that there is one, unless" in told_to_a_place[0]
    assert "Nothing leaves it by approving." in told_to_a_place[2]


def test_a_place_is_asked_about_the_summary_alone(answering: PortalUnderTest) -> None:
    place = answering.signed_in(PLACE)

    sharing = read(place, f"/rounds/{ROUND}/sharing")

    assert "Show our ICB the five-practice summary?" in sharing
    assert "priorities" not in sharing
    assert "Nothing of this plan leaves your organisation." in read(place, f"/plans/{PLAN}/sharing")
    assert "What our ICB sees of the plan" not in read(place, f"/plans/{PLAN}")


def test_who_is_told_of_an_icb_by_the_public_pages_is_a_trust(answering: PortalUnderTest) -> None:
    page = read(answering.browser(), "/data-protection")

    assert "Your ICB, if you are a trust, from the start:" in page
    assert "Of an ICB or the national body itself: nobody outside it sees anything." in page


def test_an_icb_reads_the_summary_of_a_place_beside_those_of_its_trusts_and_no_progress(
    answering: PortalUnderTest,
) -> None:
    answering.services.on("GET", "/trust-status", {"items": [], "next": None, "count": 0})
    answering.services.problem("GET", f"/trust-status/{PLACE_CODE}", 404, "not-found")
    answering.services.on("GET", "/shared-summaries", {"items": [SHOWN], "next": None, "count": 1})
    answering.services.on("GET", f"/shared-summaries/{PLACE_CODE}", {"items": [SHOWN], "next": None, "count": 1})
    answering.services.problem("GET", f"/shared-plans/{PLACE_CODE}", 404, "not-found")
    lead = answering.signed_in(ICB_LEAD)

    listed, one = lead.get("/our-trusts").text, read(lead, f"/our-trusts/{PLACE_CODE}")

    assert "1 organisation shares its summary with you." in listed
    assert f'href="/our-trusts/{PLACE_CODE}"' in listed
    assert "It is not one of your trusts today, so you do not see how it is getting on." in one
    assert "Progressing (level 3 of 5)" in one
    assert "Last signed off" not in one


def test_opening_a_trusts_page_asks_for_what_that_trust_shares_and_for_nothing_else(answering: PortalUnderTest) -> None:
    """Whatever is asked for is marked as looked at, and its chair reads so."""
    code = str(TRUST["org_id"])
    answering.services.on("GET", f"/trust-status/{code}", STATUS)
    for what in ("summaries", "plans"):
        answering.services.on("GET", f"/shared-{what}/{code}", {"items": [], "next": None, "count": 0})
    lead = answering.signed_in(ICB_LEAD)
    before = len(answering.services.received)

    read(lead, f"/our-trusts/{code}")

    asked = {one.path for one in answering.services.received[before:] if one.path.startswith("/shared-")}
    assert asked == {f"/shared-summaries/{code}", f"/shared-plans/{code}"}


def test_the_list_asks_for_the_summaries_it_shows_alone(answering: PortalUnderTest) -> None:
    answering.services.on("GET", "/trust-status", {"items": [], "next": None, "count": 0})
    answering.services.on("GET", "/shared-summaries", {"items": [SHOWN], "next": None, "count": 1})

    read(answering.signed_in(ICB_LEAD), "/our-trusts")

    asked = [(one.path, one.query) for one in answering.services.received if one.path.startswith("/shared-")]
    assert asked[-1] == ("/shared-summaries", {"newest_alone": "true"})
    assert all(path == "/shared-summaries" for path, _ in asked)


def test_priorities_alone_of_a_trust_that_has_left_can_be_read(answering: PortalUnderTest) -> None:
    code = "DEMO77"
    plan = {"org_id": code, "org_name": "Gone Away NHS Trust (fictional)", "content": PLAN_SHARING["preview"]}
    shown = plan | {"shared_at": "2026-06-03T09:00:00Z"}
    answering.services.on("GET", f"/shared-plans/{code}", {"items": [shown], "next": None, "count": 1})

    page = read(answering.signed_in(ICB_LEAD), f"/our-trusts/{code}")

    assert "What has Gone Away NHS Trust (fictional) chosen to show us?" in page


def test_who_is_no_trust_of_ours_and_shares_nothing_has_no_page(answering: PortalUnderTest) -> None:
    for path in (f"/{what}/{PLACE_CODE}" for what in ("trust-status", "shared-summaries", "shared-plans")):
        answering.services.problem("GET", path, 404, "not-found")

    assert answering.signed_in(ICB_LEAD).get(f"/our-trusts/{PLACE_CODE}").status_code == 404
