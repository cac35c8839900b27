"""Signing in: the code flow, what is refused, and what a browser holds afterwards (K11, ASVS 7.2, 10.1-10.4)."""

import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from services.portal.sign_in import safe_next
from tests.integration.portal.portal_under_test import OTHER_TRUST, TRUST, PortalUnderTest


def test_signing_in_leads_to_the_page_that_was_asked_for(portal: PortalUnderTest) -> None:
    portal.person(TRUST)

    answer = portal.browser().sign_in("/note")

    assert answer.status_code == 303
    assert answer.location == "/note"


def test_the_request_asks_for_every_scope_a_strong_sign_in_and_pkce_and_nothing_that_repeats_the_password(
    portal: PortalUnderTest,
) -> None:
    portal.person(TRUST)

    portal.browser().sign_in()

    asked = portal.issuer.auth_requests[-1]
    assert asked["scope"].split() == [
        "openid", "organization:*", "directory-api", "assessment-api", "action-plan-api", "competency-api",
        "notification-api", "insight-api",
    ]  # fmt: skip
    assert asked["acr_values"] == "strong"
    assert asked["code_challenge_method"] == "S256"
    assert asked["nonce"]
    assert asked["state"]
    assert not {"prompt", "max_age"} & asked.keys()


def test_the_session_id_changes_at_sign_in_and_is_hashed_in_the_database(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    browser = portal.browser()
    browser.get("/sign-in")
    before = browser.session_id

    browser.sign_in()

    assert browser.session_id not in (None, before)
    stored = portal.rows("select encode(id_hash, 'escape') from browser_session")
    assert all(browser.session_id not in row[0] for row in stored)
    assert browser.get("/home").status_code == 200


def test_a_copy_of_the_old_id_signs_nobody_in(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    browser = portal.browser()
    browser.get("/sign-in")
    before = browser.session_id or ""
    browser.sign_in()
    thief = portal.browser()
    thief.client.set_cookie("portal-session", before, domain="localhost")

    answer = thief.get("/home")

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_no_token_reaches_the_browser_or_lies_readable_in_the_database(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()

    page = browser.get("/home")

    assert "eyJhbGciO" not in page.text
    assert "eyJhbGciO" not in (browser.session_id or "")
    assert not portal.rows(
        "select 1 from browser_session where position('eyJhbGciO' in encode(refresh_token, 'escape')) > 0"
    )
    assert not portal.rows(
        "select 1 from browser_session where position('eyJhbGciO' in encode(id_token, 'escape')) > 0"
    )
    assert not portal.rows("select 1 from browser_session where position('Lena' in encode(content, 'escape')) > 0")


def test_the_cookie_cannot_be_read_by_script_or_sent_from_elsewhere(portal: PortalUnderTest) -> None:
    answer = portal.browser().get("/sign-in")

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_callback_that_this_browser_did_not_begin_is_refused(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    attacker, victim = portal.browser(), portal.browser()
    there = requests.get(attacker.get("/sign-in").location, allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])

    answer = victim.get(f"{back.path}?{back.query}")

    assert answer.status_code == 400
    assert victim.get("/home").status_code == 303


@pytest.mark.parametrize("name", ["state", "iss"])
@pytest.mark.parametrize("value", ["https://elsewhere.example/realms/impact", "", None])
def test_a_callback_with_another_state_or_issuer_or_none_is_refused(
    portal: PortalUnderTest, name: str, value: str | None
) -> None:
    portal.person(TRUST)
    browser = portal.browser()
    there = requests.get(browser.get("/sign-in").location, allow_redirects=False, timeout=5)
    query = {key: values[0] for key, values in parse_qs(urlsplit(there.headers["Location"]).query).items()}

    changed = {key: text for key, text in (query | {name: value}).items() if text is not None}
    answer = browser.get("/auth/callback", query_string=changed)

    assert answer.status_code == 400
    assert browser.get("/home").location.startswith("/sign-in")


def test_a_code_works_once(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    browser = portal.browser()
    there = requests.get(browser.get("/sign-in").location, allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])
    browser.get(f"{back.path}?{back.query}")

    again = browser.get(f"{back.path}?{back.query}")

    assert again.status_code == 400


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 600},
    ],
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    portal: PortalUnderTest, claims: dict[str, object]
) -> None:
    portal.person(TRUST)
    browser, honest = portal.browser(), portal.issuer._tokens
    portal.issuer._tokens = lambda extra: honest(extra | claims)  # type: ignore[method-assign]

    answer = browser.sign_in()

    portal.issuer._tokens = honest  # type: ignore[method-assign]
    assert answer.status_code == 400
    assert browser.get("/home").status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        None,
        "/a\r\nSet-Cookie: x",
    ],
)
def test_nobody_is_sent_elsewhere_by_a_link(path: str | None) -> None:
    assert safe_next(path) == "/home"


def test_a_person_without_any_role_is_told_whom_to_ask(portal: PortalUnderTest) -> None:
    portal.person()

    answer = portal.browser().sign_in()

    assert answer.status_code == 403
    assert "no organisation has given you a role" in answer.text


def test_whoever_has_several_memberships_is_asked_once_and_then_remembered(portal: PortalUnderTest) -> None:
    portal.person(TRUST, OTHER_TRUST)
    browser = portal.browser()
    first = browser.sign_in("/note")
    browser.fill("/acting-as?next=/note", {"organisation": "DEMO02"})

    second = portal.browser().sign_in("/note")

    assert first.location == "/acting-as?next=/note"
    assert second.location == "/note"


def test_changing_whom_to_act_for_changes_the_session_id_and_says_so(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})
    before = browser.session_id

    browser.fill("/acting-as", {"organisation": "DEMO02"})

    page = browser.get("/home")
    assert browser.session_id != before
    assert "Acting as board member, Bramcote NHS Trust (fictional), in NHS Northvale ICB (fictional)." in page.text


def test_a_link_that_belongs_to_another_membership_switches_by_itself_and_says_so(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})

    answer = browser.get("/home?for=DEMO02&x=1")

    assert answer.location == "/home?x=1"
    assert "You now act as board member, Bramcote NHS Trust (fictional)" in browser.get("/home").text


def test_nobody_acts_for_an_organisation_they_do_not_belong_to(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})

    refused = browser.fill("/acting-as", {"organisation": "DEMO09"})
    browser.get("/home?for=DEMO09")

    assert refused.status_code == 422
    assert re.search(r"<title>\s*Error: ", refused.text)
    assert "Aldermere NHS Trust" in browser.get("/home").text


def test_whose_role_ended_acts_for_the_other_organisation_and_is_told(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})
    person = portal.issuer.claims["person_id"]
    left = {"person_id": person, "name": "L", "email": "", "memberships": [OTHER_TRUST], "national_roles": []}
    portal.services.on("GET", "/me", left)
    portal.clock.advance(timedelta(minutes=6))

    answer = browser.get("/home")

    assert answer.location == "/home"
    assert "You now act as board member, Bramcote NHS Trust" in browser.get("/home").text


def test_a_person_with_one_membership_sees_no_change_link(portal: PortalUnderTest) -> None:
    page = portal.signed_in().get("/home")

    assert "Acting as improvement lead, Aldermere NHS Trust (fictional)" in page.text
    assert "/acting-as" not in page.text


def test_a_national_person_asks_for_tokens_that_name_no_tenant(portal: PortalUnderTest) -> None:
    portal.person(national=("national-analyst",))
    browser = portal.browser()
    browser.sign_in()

    page = browser.get("/home")

    assert "Acting as national analyst, National improvement team." in page.text
    assert all("organization" not in scope for scope in portal.issuer.refreshes)


def test_a_work_account_goes_straight_to_its_issuer(portal: PortalUnderTest) -> None:
    portal.person(TRUST)

    portal.browser().sign_in("/sign-in?with=work")

    asked = portal.issuer.auth_requests[-1]
    assert asked["kc_idp_hint"] == "work-account"
    assert "acr_values" not in asked


def test_after_a_work_account_our_own_second_factor_is_a_request_of_its_own(portal: PortalUnderTest) -> None:
    portal.person(TRUST, acr="password", identity_provider="work-account")
    browser = portal.browser()

    first = browser.sign_in("/sign-in?with=work&next=/note")
    before = browser.get("/home")
    portal.issuer.claims |= {"acr": "strong"}
    second = browser.come_back(first.location)

    asked = portal.issuer.auth_requests[-1]
    assert "kc_idp_hint" not in asked
    assert "prompt" not in asked
    assert asked["acr_values"] == "strong"
    assert before.location.startswith("/sign-in")
    assert second.location == "/note"
    assert browser.get("/note").status_code == 200


def test_without_the_second_factor_nobody_is_let_in(portal: PortalUnderTest) -> None:
    portal.person(TRUST, acr="password")
    browser = portal.browser()

    refused = browser.come_back(browser.sign_in().location)

    assert refused.status_code == 403
    assert browser.get("/home").location.startswith("/sign-in")


def test_a_sign_in_that_claims_to_happen_in_the_future_is_refused(portal: PortalUnderTest) -> None:
    portal.person(TRUST, auth_time=int(time.time()) + 60)
    browser = portal.browser()

    refused = browser.sign_in()

    assert refused.status_code == 400
    assert browser.get("/home").location.startswith("/sign-in")


def test_of_many_who_begin_within_seconds_only_the_first_asks_whether_keycloak_answers(
    portal: PortalUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = portal.app.extensions["portal"].identity
    monkeypatch.setattr(identity, "_answered_at", None)
    asked: list[str] = []
    ask = identity._ask

    def ask_and_note(method: str, place: str) -> requests.Response:
        asked.append(place)
        answer: requests.Response = ask(method, place)
        return answer

    monkeypatch.setattr(identity, "_ask", ask_and_note)

    for _ in range(3):
        portal.browser().get("/sign-in")
    at_once = list(asked)
    monkeypatch.setattr(identity, "_answered_at", time.monotonic() - 6)
    portal.browser().get("/sign-in")

    assert at_once == ["certs"]
    assert asked == ["certs"] * 2


def test_while_keycloak_is_away_a_clear_page_says_so_and_nobody_is_sent_there(
    portal: PortalUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> requests.Response:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", away)
    monkeypatch.setattr(portal.app.extensions["portal"].identity, "_answered_at", None)

    answer = portal.app.test_client().get("/sign-in")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Signing in is not available" in answer.text
    assert "Location" not in answer.headers
