"""The export of who did or saw what is whole, or says what is missing, or is refused: never silently a part."""

from typing import Any

import pytest

from services.portal.config import APIS
from tests.integration.portal.outside import Answer, Received
from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

LINE = {
    "action": "round.signed-off", "object_type": "round", "object_id": "1", "outcome": "done", "person_id": None,
    "at": "2026-11-01T10:00:00Z", "request_id": None,
}  # fmt: skip


def trails(portal: PortalUnderTest, lines: int, *, away: tuple[str, int] | None = None) -> Browser:
    """Give every service a trail of this length; `away`: (service, page) does not answer."""

    def answer(asked: Received) -> Answer:
        before = int(asked.query.get("cursor", lines + 1))
        limit = int(asked.query["limit"])
        if away is not None and asked.service == away[0] and lines + 1 - before == (away[1] - 1) * limit:
            return Answer(503, {"type": "/problems/temporarily-unavailable", "status": 503})
        last = max(1, before - limit)
        items: list[dict[str, Any]] = [LINE | {"seq": seq} for seq in range(before - 1, last - 1, -1)]
        return Answer(200, {"items": items, "next": str(last) if last > 1 else None})

    portal.services.answers["GET", "/audit"] = answer
    portal.services.on("POST", "/names", {"names": {}})
    return portal.signed_in(TRUST | {"roles": ["access-manager"]})


def test_an_export_holds_every_line(portal: PortalUnderTest) -> None:
    answer = trails(portal, 450).get("/audit/export")

    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 1 + 450 * len(APIS)
    assert "Not everything" not in answer.text


@pytest.mark.parametrize("away", [("assessment", 1), ("action_plan", 4), ("insight", 2), ("directory", 1)])
def test_a_service_that_does_not_answer_on_any_page_leaves_no_export(
    portal: PortalUnderTest, away: tuple[str, int]
) -> None:
    answer = trails(portal, 900, away=away).get("/audit/export")

    assert answer.status_code == 503
    assert answer.content_type.startswith("text/html")
    assert "Content-Disposition" not in answer.headers


def test_names_that_cannot_be_had_leave_no_export(portal: PortalUnderTest) -> None:
    browser = trails(portal, 3)
    line = LINE | {"person_id": "0190aaaa-0000-7000-8000-000000000000", "seq": 1}
    portal.services.on("GET", "/audit", {"items": [line], "next": None})
    portal.services.problem("POST", "/names", 503, "temporarily-unavailable")

    assert browser.get("/audit/export").status_code == 503


def test_an_export_that_was_cut_says_so_in_its_last_lines(portal: PortalUnderTest) -> None:
    answer = trails(portal, 5_100).get("/audit/export")

    lines = answer.text.splitlines()
    assert len(lines) == 1 + 5_000 * len(APIS) + len(APIS)
    assert all(line.strip('"').startswith("Not everything: of ") for line in lines[-len(APIS) :])
