"""Whoever reads a summary of a corrected result reads that it was corrected, and when the board signed."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import PortalUnderTest
from tests.integration.portal.test_answering_what_was_shown import QUESTIONS
from tests.integration.portal.test_what_places_are_told import CHAIR, ICB_LEAD, PLACE, SHOWN, STATUS, read
from tests.integration.portal.test_who_sees_what import ROUND, SHARING, SIGNED

CODE = str(STATUS["org_id"])
CORRECTED: dict[str, Any] = SHARING["preview"] | {"corrected_on": "2026-11-20"}
SIGNED_AND_CORRECTED = "signed off on 1 May 2026, corrected on 20 November 2026"
FOLLOWED = STATUS | {
    "progress": "shared",
    "stage": "signed_off",
    "stage_since": "2026-05-01",
    "assessment": None,
    "plan": None,
    "last_signed_off_on": "2026-05-01",
    "last_corrected_on": "2026-11-20",
}


@pytest.fixture
def correcting(portal: PortalUnderTest) -> PortalUnderTest:
    """Return the portal of an ICB that reads a corrected summary of one trust."""
    shown = SHOWN | {"org_id": CODE, "org_name": STATUS["name"], "content": CORRECTED}
    for path in ("/shared-summaries", f"/shared-summaries/{CODE}"):
        portal.services.on("GET", path, {"items": [shown], "next": None, "count": 1})
    portal.services.on("GET", f"/shared-plans/{CODE}", {"items": [], "next": None, "count": 0})
    portal.services.on("GET", "/trust-status", {"items": [FOLLOWED], "next": None, "count": 1})
    portal.services.on("GET", f"/trust-status/{CODE}", FOLLOWED)
    return portal


def test_an_icb_reads_of_one_trust_when_it_signed_and_when_it_corrected(correcting: PortalUnderTest) -> None:
    page = read(correcting.signed_in(ICB_LEAD), f"/our-trusts/{CODE}")

    assert f"Spring 2026, {SIGNED_AND_CORRECTED}, shared since" in page
    assert "Last signed off 1 May 2026, corrected on 20 November 2026" in page


def test_an_icb_reads_side_by_side_which_result_was_corrected(correcting: PortalUnderTest) -> None:
    page = read(correcting.signed_in(ICB_LEAD), "/our-trusts")

    assert "1 May 2026, corrected on 20 November 2026" in page


def test_a_summary_that_was_never_corrected_says_nothing_of_a_correction(correcting: PortalUnderTest) -> None:
    never = FOLLOWED | {"last_corrected_on": None}
    shown = SHOWN | {"org_id": CODE, "org_name": STATUS["name"]}
    correcting.services.on("GET", f"/trust-status/{CODE}", never)
    correcting.services.on("GET", f"/shared-summaries/{CODE}", {"items": [shown], "next": None, "count": 1})

    assert "corrected" not in read(correcting.signed_in(ICB_LEAD), f"/our-trusts/{CODE}")


def test_the_trust_is_shown_the_same_before_it_shares(correcting: PortalUnderTest) -> None:
    correcting.services.on("GET", f"/rounds/{ROUND}", SIGNED)
    correcting.services.on("GET", f"/rounds/{ROUND}/sharing", SHARING | {"preview": CORRECTED})
    correcting.services.on("GET", "/plans", {"items": [], "next": None})

    assert f"Spring 2026, {SIGNED_AND_CORRECTED}" in read(correcting.signed_in(CHAIR), f"/rounds/{ROUND}/sharing")


def test_whoever_corrects_is_told_that_the_icb_of_a_trust_sees_the_day_and_that_of_a_place_does_not(
    correcting: PortalUnderTest,
) -> None:
    result = {"practices": [{"practice_id": "p1", "title": "Purpose", "level": 3, "items": []}]}
    correcting.services.on("GET", f"/rounds/{ROUND}", SIGNED | {"question_set_id": "s1"})
    correcting.services.on("GET", f"/rounds/{ROUND}/result", {"revision": 1, "result": result})
    correcting.services.on("GET", "/question-sets/s1", QUESTIONS)

    pages = [read(correcting.signed_in(who), f"/rounds/{ROUND}/correct") for who in (CHAIR, PLACE)]

    assert ["Your ICB sees the day of the correction" in page for page in pages] == [True, False]
