"""The operator's dead letters, page after page, with services that answer as they do."""

import re
from typing import Any

import pytest

from tests.integration.portal.outside import Answer, Received
from tests.integration.portal.portal_under_test import Browser, PortalUnderTest

AT = "2026-11-01T09:00:00Z"
LETTER: dict[str, Any] = {
    "consumer": "notification",
    "topic": "impact.measure",
    "partition": 0,
    "offset": 7,
    "event_id": "e1",
    "event_type": "impact.action-plan.measure.defined.v1",
    "reason": "unexpected",
    "attempts": 6,
    "first_seen": AT,
    "last_seen": AT,
}
IDS = [f"01a22d3b-0000-7000-8000-{number:012}" for number in range(120)]
IN_NOTIFICATION = IDS[::2]
"""Every other letter; the rest are in insight, so that a page has letters of both."""
LINK = re.compile(r'href="/operations/(\w+)/dead-letters/([0-9a-f-]{36})"')
NEXT = re.compile(r'href="(/operations\?[^"]*cursor=[^"]*)"')


def _held_by(service: str) -> list[str]:
    return {"notification": IN_NOTIFICATION, "insight": IDS[1::2]}.get(service, [])


def _books(received: Received) -> Answer:
    held = _held_by(received.service)
    by_reason = [{"consumer": received.service, "reason": "unexpected", "open": len(held)}] if held else []
    rest = {"due_work": 0, "due_work_failed": 0, "parked": 0, "positions": 0, "processes": []}
    return Answer(body={"service": received.service, "dead_letters": by_reason, **rest})


def _letters(received: Received) -> Answer:
    after = [one for one in _held_by(received.service) if one > received.query.get("cursor", "")]
    return Answer(body={"items": [LETTER | {"id": one} for one in after[: int(received.query["limit"])]]})


@pytest.fixture
def operator(portal: PortalUnderTest) -> Browser:
    """Return an operator's browser, with 120 dead letters in two services."""
    portal.services.answers["GET", "/operations"] = _books
    portal.services.answers["GET", "/operations/dead-letters"] = _letters
    portal.services.on("GET", "/operations/traces", {"items": []})
    portal.services.on("GET", f"/operations/dead-letters/{IDS[-1]}", LETTER | {"id": IDS[-1]})
    portal.person(national=("operator",))
    browser = portal.browser()
    browser.sign_in()
    return browser


def test_an_operator_comes_to_every_dead_letter_once_and_oldest_first(operator: Browser) -> None:
    seen: list[tuple[str, str]] = []
    address = "/operations?id=0190c0de-0000"
    pages = 0

    while True:
        page = operator.get(address)
        seen += LINK.findall(page.text)
        pages += 1
        if not (following := NEXT.search(page.text)):
            break
        address = following.group(1).replace("&amp;", "&")
        assert "id=0190c0de-0000" in address, "what was looked for stays in the address"

    assert pages == 3
    assert [found for _, found in seen] == IDS
    assert {found for service, found in seen if service == "notification"} == set(IN_NOTIFICATION)
    assert "20 of 120 dead letters, oldest first" in page.text


def test_a_letter_that_is_on_no_first_page_can_be_opened(portal: PortalUnderTest, operator: Browser) -> None:
    page = operator.get(f"/operations/insight/dead-letters/{IDS[-1]}")

    assert page.status_code == 200
    assert "Handle it again" in page.text
    assert portal.services.asked("GET", "/operations/dead-letters") == []


@pytest.mark.parametrize(
    "address", ["insight/dead-letters/..", "insight/dead-letters/1", f"other/dead-letters/{IDS[0]}"]
)
def test_what_is_no_letter_is_not_there(operator: Browser, address: str) -> None:
    assert operator.get(f"/operations/{address}").status_code == 404


def test_a_strange_cursor_begins_anew_and_one_behind_the_last_says_so(operator: Browser) -> None:
    strange = operator.get("/operations?cursor=nonsense").text
    behind = operator.get(f"/operations?cursor={IDS[-1]}").text

    assert LINK.findall(strange)[0][1] == IDS[0]
    assert "No more dead letters." in behind
    assert "every event was handled" not in behind
