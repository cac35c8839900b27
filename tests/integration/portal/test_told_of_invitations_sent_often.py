"""An address that has had its mails for today: whoever sends, sends again or asks for a new link reads why."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest
from tests.integration.portal.test_linking_a_work_account import INVITATION

WORDS = "We have sent 10 invitations to this address in the last 24 hours."
SENT: dict[str, Any] = {
    "id": "i-1",
    "name": "Zoltan New",
    "email": "zoltan@new.example",
    "role": "chair",
    "role_title": "Chair",
    "organisation": "DEMO01",
    "organisation_name": "Aldermere",
    "state": "sent",
    "sent_at": "2026-11-30T10:00:00Z",
    "expires_at": "2026-12-14T10:00:00Z",
    "until": None,
    "invited_by": "p1",
    "accepted_at": None,
    "lapsed": False,
}


def invite(portal: PortalUnderTest) -> TestResponse:
    typed = {"name": SENT["name"], "email": SENT["email"], "role": "chair"}
    return manager(portal).fill("/people/invite", typed)


def resend(portal: PortalUnderTest) -> TestResponse:
    browser = manager(portal)
    answer = browser.post("/people/invitations/i-1/resend", Browser.hidden(browser.get("/people")))
    assert answer.status_code == 303
    return browser.get(answer.location)


def renew(portal: PortalUnderTest) -> TestResponse:
    run_out = INVITATION | {"state": "expired", "can_be_renewed": True}
    portal.services.on("GET", "/invitations/by-token/a-secret", run_out)
    return portal.browser().fill("/invitation/a-secret", {"how": "renew"})


def manager(portal: PortalUnderTest) -> Browser:
    for path, items in (("/people", []), ("/people/leavers", []), ("/invitations", [SENT])):
        portal.services.on("GET", path, {"items": items, "next": None, "count": len(items)})
    return portal.signed_in(TRUST | {"roles": ["access-manager"]})


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (invite, "/invitations"),
        (resend, "/invitations/i-1/resend"),
        (renew, "/invitations/by-token/a-secret/renew"),
    ],
)
def test_the_page_says_why_nothing_was_sent(
    portal: PortalUnderTest, ask: Callable[[PortalUnderTest], TestResponse], path: str
) -> None:
    portal.services.problem("POST", path, 409, "invitation-sent-often", detail=WORDS)

    page = ask(portal)

    assert len(portal.services.asked("POST", path)) == 1
    assert WORDS in html.unescape(page.text)
