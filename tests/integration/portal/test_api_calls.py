"""Calling services: what goes along, tokens narrowed and shared, and pages when a service says no or nothing."""

import threading
from datetime import timedelta

import pytest

from tests.integration.portal.outside import Answer, Received
from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest


def test_a_call_carries_token_organisation_trace_and_reference(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("POST", "/act", {})

    browser.fill("/act", {"why": "x"})

    (call,) = portal.services.asked("POST", "/act")
    assert call.headers["Authorization"].startswith("Bearer ")
    assert call.headers["Acting-For"] == "DEMO01"
    assert call.headers["traceparent"].startswith("00-")
    assert call.headers["X-Request-Id"]


def test_a_token_is_looked_up_once_a_page(portal: PortalUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1})
    browser.fill("/note", {"why": "x"})
    broker, asked = portal.app.extensions["portal"].tokens, []
    real = broker.token
    monkeypatch.setattr(broker, "token", lambda *args: asked.append(args[1:]) or real(*args))

    browser.get("/home")

    assert asked
    assert len(asked) == len(set(asked))


def test_a_token_is_narrowed_to_one_tenant_and_one_service_and_used_again(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1})

    for _ in range(3):
        browser.fill("/note", {"why": "x"})

    asked = [scope for scope in portal.issuer.refreshes if "assessment-api" in scope]
    assert asked == ["openid organization:xnv01 assessment-api"]


def test_a_token_is_renewed_half_a_minute_before_it_ends(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1})
    browser.fill("/note", {"why": "x"})

    portal.clock.advance(timedelta(seconds=271))
    browser.fill("/note", {"why": "x"})

    assert len([scope for scope in portal.issuer.refreshes if "assessment-api" in scope]) == 2


def test_requests_at_the_same_moment_ask_the_identity_provider_once(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1})
    form = Browser.hidden(browser.get("/note"))
    portal.issuer.slow = 0.3
    answers: list[int] = []

    def save() -> None:
        tab = portal.browser()
        tab.client.set_cookie("portal-session", browser.session_id or "", domain="localhost")
        answers.append(tab.post("/note", form | {"why": "x"}).status_code)

    threads = [threading.Thread(target=save) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * 6
    assert len([scope for scope in portal.issuer.refreshes if "assessment-api" in scope]) == 1


def test_a_lease_that_was_never_given_back_is_taken_over_when_it_ends(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1})
    form = Browser.hidden(browser.get("/note"))
    with portal.app.extensions["portal"].store.transaction() as db:
        from sqlalchemy import update

        from services.portal.models import browser_session

        db.execute(
            update(browser_session).values(lease_by="dead", lease_until=portal.clock.now() - timedelta(seconds=1))
        )

    assert browser.post("/note", form | {"why": "x"}).status_code == 303


def test_a_token_that_a_service_refuses_is_replaced_once(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    seen: list[str] = []

    def refuse_the_first(received: Received) -> Answer:
        seen.append(received.headers["Authorization"])
        return Answer(401, {"type": "/problems/not-signed-in", "status": 401}) if len(seen) == 1 else Answer(200, {})

    portal.services.answers["POST", "/act"] = refuse_the_first

    assert browser.fill("/act", {"why": "x"}).status_code == 303
    assert len(set(seen)) == 2


def test_a_second_press_carries_the_same_key_and_a_new_form_another(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("POST", "/act", {})
    form = Browser.hidden(browser.get("/act"))

    browser.post("/act", form | {"why": "x"})
    browser.post("/act", form | {"why": "x"})
    browser.fill("/act", {"why": "x"})

    keys = [one.headers["Idempotency-Key"] for one in portal.services.asked("POST", "/act")]
    assert keys[0] == keys[1] != keys[2]


def test_a_refusal_brings_the_form_back_with_the_message_at_its_field(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    errors = [{"field": "why", "message": "Say it in fewer words."}]
    portal.services.problem("PUT", "/note", 422, "invalid-input", errors=errors)

    answer = browser.fill("/note", {"why": "my long text"})

    assert answer.status_code == 422
    assert "<title>Error: A note - Improve Together</title>" in answer.text
    assert 'href="#why"' in answer.text
    assert "my long text" in answer.text


@pytest.mark.parametrize(
    ("status", "slug", "heading"),
    [
        (404, "not-found", "Page not found"),
        (403, "forbidden", "You cannot do this"),
        (429, "too-many", "Too many requests"),
    ],
)
def test_each_refusal_has_its_page(portal: PortalUnderTest, status: int, slug: str, heading: str) -> None:
    browser = portal.signed_in()
    portal.services.problem("POST", "/act", status, slug)

    answer = browser.fill("/act", {"why": "x"})

    assert heading in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_broken_answer_of_a_service_is_a_page_and_not_a_trace(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.answers["POST", "/act"] = lambda _: Answer(200, None, {"Content-Type": "text/html", "X": "y"})
    portal.services.answers["PUT", "/note"] = lambda _: Answer(400, ["not", "a", "problem"])

    assert browser.fill("/act", {"why": "x"}).status_code == 303
    answer = browser.fill("/note", {"why": "x"})

    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_home_still_shows_when_a_service_is_away_and_says_which_part_is_missing(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("GET", "/plans", 503, "temporarily-unavailable")
    portal.services.on("GET", "/rounds", {"items": []})

    page = browser.get("/home")

    assert page.status_code == 200
    assert "We cannot show the plan at the moment" in page.text


def test_signing_in_while_directory_is_away_says_so(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    portal.services.problem("GET", "/me", 503, "temporarily-unavailable")

    answer = portal.browser().sign_in()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_an_identity_provider_that_is_away_leaves_those_signed_in_working_until_their_tokens_end(
    portal: PortalUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1})
    browser.fill("/note", {"why": "x"})
    portal.issuer.refresh_status = 502

    works = browser.fill("/note", {"why": "x"})
    portal.clock.advance(timedelta(seconds=280))
    stops = browser.fill("/note", {"why": "my text"})

    assert works.status_code == 303
    assert stops.status_code == 503
    assert "What you typed is kept for 30 minutes" in stops.text
    (logged,) = [each for each in caplog.records if "sign-in service" in each.getMessage()]
    assert logged.__dict__["reason"] == "Keycloak answered 502."


def test_membership_that_changed_is_seen_after_five_minutes(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    person = portal.issuer.claims["person_id"]
    moved = TRUST | {"roles": ["chair"]}
    portal.services.on("GET", "/me", {"person_id": person, "name": "L", "email": "", "memberships": [moved]})

    before = browser.get("/home").text
    portal.clock.advance(timedelta(minutes=6))

    assert "Acting as improvement lead" in before
    assert "Acting as chair" in browser.get("/home").text


def test_somebody_without_the_role_is_told_and_nothing_is_asked_of_a_service(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST | {"roles": ["board-member"]})
    portal.services.received.clear()

    answer = browser.get("/people/invite")

    assert answer.status_code == 403
    assert not portal.services.asked("GET", "/invitations")
