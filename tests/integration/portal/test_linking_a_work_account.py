"""From an invitation to a linked work account: the person reads whose it is, presses a button, directory decides."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug.test import TestResponse

from tests.integration.portal.portal_under_test import Browser, PortalUnderTest

PATH = "/invitation/a-secret"
WORK = {"how": "work"}
INVITATION = {
    "name": "Wanda Work",
    "organisation_name": "Aldermere NHS Trust (fictional)",
    "fictional": True,
    "role": "board-member",
    "role_title": "Board member",
    "role_meaning": "Answers privately.",
    "invited_by": "Amir Shah",
    "state": "sent",
    "can_be_renewed": False,
    "expires_at": "2031-01-01T00:00:00Z",
}
TAKEN = {"organisation": "Aldermere", "org_id": "DEMO01", "role": "board-member", "account_known": False}


@pytest.fixture
def invited(portal: PortalUnderTest) -> Browser:
    """Return the browser of somebody who opened their invitation and has a work account."""
    portal.services.on("GET", "/invitations/by-token/a-secret", INVITATION)
    portal.services.on("POST", "/invitations/by-token/a-secret/accept", TAKEN)
    portal.work.claims = {"aud": "us", "azp": "us", "sub": "outside-7"}
    portal.work.claims |= {"name": "Wanda Work", "email": "wanda@trust.example"}
    portal.work.auth_requests.clear()
    return portal.browser()


def _to_the_issuer(browser: Browser) -> str:
    return browser.fill(PATH, WORK).location


def _accepted(portal: PortalUnderTest) -> list[dict[str, Any]]:
    return [one.body for one in portal.services.asked("POST", "/invitations/by-token/a-secret/accept")]


def _press(browser: Browser, page: TestResponse) -> TestResponse:
    return browser.post(f"{PATH}/work-account", browser.hidden(page))


def test_the_issuer_is_asked_afresh_with_pkce_and_nothing_is_taken_up(
    portal: PortalUnderTest, invited: Browser
) -> None:
    back = invited.come_back(_to_the_issuer(invited))

    asked = portal.work.auth_requests[-1]
    assert (asked["prompt"], asked["code_challenge_method"], asked["client_id"]) == ("login", "S256", "us")
    assert asked["nonce"]
    assert back.location == f"{PATH}/work-account"
    assert _accepted(portal) == []


def test_the_person_reads_whose_account_it_is_and_the_token_itself_goes_to_directory(
    portal: PortalUnderTest, invited: Browser
) -> None:
    invited.come_back(_to_the_issuer(invited))
    page = invited.get(f"{PATH}/work-account")

    done = _press(invited, page)

    assert re.search(r"Is this you\?", page.text)
    assert "wanda@trust.example" in page.text
    assert "eyJhbGciO" not in page.text
    assert "Your role is ready" in done.text
    assert "/sign-in?with=work" in done.text
    (body,) = _accepted(portal)
    assert body["work_account"].startswith("eyJhbGciO")


def test_what_directory_refuses_is_said_on_the_page(portal: PortalUnderTest, invited: Browser) -> None:
    path = "/invitations/by-token/a-secret/accept"
    portal.services.problem("POST", path, 409, "work-account-refused", detail="It is linked to somebody else.")
    invited.come_back(_to_the_issuer(invited))

    page = _press(invited, invited.get(f"{PATH}/work-account"))

    assert page.status_code == 422
    assert "It is linked to somebody else." in page.text


@pytest.mark.parametrize(
    "claims", [{"aud": "another"}, {"iss": "https://elsewhere.example"}, {"nonce": "another"}, {"exp": 1_700_000_000}]
)
def test_a_token_that_is_not_for_this_request_is_refused(
    portal: PortalUnderTest, invited: Browser, claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = portal.work._tokens
    monkeypatch.setattr(portal.work, "_tokens", lambda extra: honest(extra | claims))

    back = invited.come_back(_to_the_issuer(invited))

    assert back.status_code == 400
    assert invited.get(f"{PATH}/work-account").location == PATH


def test_a_way_back_that_this_browser_did_not_begin_is_refused(portal: PortalUnderTest, invited: Browser) -> None:
    there = _to_the_issuer(invited)

    assert portal.browser().come_back(there).status_code == 400


@pytest.mark.parametrize("state", ["another", "", None])
def test_a_way_back_with_another_state_or_none_is_refused(invited: Browser, state: str | None) -> None:
    there = requests.get(_to_the_issuer(invited), allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])
    query = {key: values[0] for key, values in parse_qs(back.query).items()} | {"state": state}

    answer = invited.get(back.path, query_string={key: text for key, text in query.items() if text is not None})

    assert answer.status_code == 400
    assert invited.get(f"{PATH}/work-account").location == PATH


def test_an_account_read_for_one_invitation_is_not_shown_for_another(portal: PortalUnderTest, invited: Browser) -> None:
    invited.come_back(_to_the_issuer(invited))
    portal.services.on("GET", "/invitations/by-token/another", INVITATION)

    assert invited.get("/invitation/another/work-account").location == "/invitation/another"


def test_without_a_work_account_the_invitation_is_taken_up_as_before(portal: PortalUnderTest, invited: Browser) -> None:
    page = invited.fill(PATH, {"how": "code"})

    assert "second mail" in page.text
    assert _accepted(portal) == [{"passkey": False}]


def test_the_role_is_named_as_people_write_it(portal: PortalUnderTest, invited: Browser) -> None:
    role = {"role": "icb-lead", "role_title": "ICB improvement lead"}
    portal.services.on("GET", "/invitations/by-token/a-secret", INVITATION | role)
    portal.services.on("POST", "/invitations/by-token/a-secret/accept", TAKEN | role | {"account_known": True})

    asked, taken_up = invited.get(PATH), invited.fill(PATH, {"how": "code"})

    assert "<strong>ICB improvement lead</strong>" in asked.text
    assert "Your new role is ICB improvement lead at Aldermere." in taken_up.text


def test_forms_may_end_at_the_issuer_of_work_accounts(portal: PortalUnderTest, invited: Browser) -> None:
    policy = invited.get(PATH).headers["Content-Security-Policy"]

    assert portal.work.base in policy.partition("form-action")[2]
