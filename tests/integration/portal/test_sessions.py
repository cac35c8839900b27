"""How long a session lives, what ends it, and what a form needs to be believed (ASVS 7.3, 7.4, 3.5; K10)."""

from datetime import timedelta

import pytest

from services.portal.sessions import hash_of
from tests.integration.portal.portal_under_test import BASE, TRUST, Browser, PortalUnderTest


def is_signed_in(browser: Browser) -> bool:
    """Tell whether the browser may open a page."""
    return browser.get("/home").status_code == 200


def test_a_session_ends_after_thirty_idle_minutes(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.clock.advance(timedelta(minutes=29))
    still = is_signed_in(browser)

    portal.clock.advance(timedelta(minutes=31))

    assert still
    assert not is_signed_in(browser)


def test_a_session_ends_twelve_hours_after_sign_in_however_busy(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    for _ in range(28):
        portal.clock.advance(timedelta(minutes=25))
        assert is_signed_in(browser)

    portal.clock.advance(timedelta(minutes=25))

    assert not is_signed_in(browser)


def test_a_session_that_has_ended_stays_so_when_the_clock_is_put_back(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    old = browser.session_id or ""
    portal.clock.advance(timedelta(minutes=31))
    ended = not is_signed_in(browser)

    portal.clock.advance(timedelta(minutes=-31))
    browser.client.set_cookie("portal-session", old, domain="localhost")

    assert ended
    assert not is_signed_in(browser)


def test_background_saves_do_not_keep_a_session_alive(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 1, "saved_at": "2026-11-24T14:30:00Z"})
    form = Browser.hidden(browser.get("/note"))
    for _ in range(3):
        portal.clock.advance(timedelta(minutes=11))
        answer = browser.post("/note", form | {"why": "x"}, headers={"X-Background": "1"})

    assert answer.status_code == 401
    assert not is_signed_in(browser)


def test_a_background_save_says_when_it_was_saved_and_the_new_version(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.on("PUT", "/note", {"version": 4, "saved_at": "2026-11-24T14:30:00Z"})

    answer = browser.post("/note", Browser.hidden(browser.get("/note")) | {"why": "x"}, headers={"X-Background": "1"})

    saved = answer.get_json()
    assert (saved["message"], saved["version"]) == ("Saved at 2:30pm", 4)


def test_the_stay_button_keeps_a_session_alive(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    token = Browser.hidden(browser.get("/note"))["csrf_token"]
    portal.clock.advance(timedelta(minutes=26))

    stayed = browser.post("/session/stay", {}, headers={"X-CSRFToken": token})
    portal.clock.advance(timedelta(minutes=26))

    assert stayed.status_code == 204
    assert is_signed_in(browser)


def test_signing_out_ends_the_session_here_and_at_the_identity_provider(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    old = browser.session_id or ""

    answer = browser.post("/sign-out", Browser.hidden(browser.get("/home")))

    assert answer.location.startswith(f"{portal.issuer.issuer}/protocol/openid-connect/logout?id_token_hint=")
    browser.client.set_cookie("portal-session", old, domain="localhost")
    assert not is_signed_in(browser)
    assert not portal.rows("select 1 from browser_session where id_hash = %s", hash_of(old))


def test_a_form_without_its_token_changes_nothing(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()

    answer = browser.post("/note", {"why": "planted"}, origin="https://evil.example")

    assert answer.status_code == 400
    assert not portal.services.asked("PUT", "/note")


@pytest.mark.parametrize("path", ["/sign-out", "/note", "/acting-as", "/session/stay", "/kept-text/forget"])
def test_every_form_of_the_frame_needs_its_token(portal: PortalUnderTest, path: str) -> None:
    browser = portal.signed_in()

    browser.post(path, {}, origin=None)

    assert is_signed_in(browser)


def test_a_logout_token_ends_the_session_it_names_and_no_other(portal: PortalUnderTest) -> None:
    other = portal.signed_in()
    browser = portal.signed_in()

    answer = portal.browser().post("/auth/backchannel-logout", {"logout_token": portal.issuer.logout_token()})

    assert answer.status_code == 200
    assert not is_signed_in(browser)
    assert is_signed_in(other)


def test_a_logout_token_without_a_session_ends_all_of_that_person(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    first, second = portal.browser(), portal.browser()
    first.sign_in()
    second.sign_in()

    portal.browser().post("/auth/backchannel-logout", {"logout_token": portal.issuer.logout_token(drop=("sid",))})

    assert not is_signed_in(first)
    assert not is_signed_in(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"drop": ("events",)},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"aud": "somebody-else"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000},
        {"drop": ("jti",)},
        {"drop": ("sid", "sub")},
    ],
)
def test_a_forged_logout_token_ends_nothing(portal: PortalUnderTest, changes: dict[str, object]) -> None:
    browser = portal.signed_in()

    token = portal.issuer.logout_token(**changes)  # type: ignore[arg-type]
    answer = portal.browser().post("/auth/backchannel-logout", {"logout_token": token})

    assert answer.status_code == 400
    assert is_signed_in(browser)


def test_a_logout_token_works_once(portal: PortalUnderTest) -> None:
    portal.person(TRUST)
    browser = portal.browser()
    browser.sign_in()
    token = portal.issuer.logout_token()
    portal.browser().post("/auth/backchannel-logout", {"logout_token": token})
    browser.sign_in()

    again = portal.browser().post("/auth/backchannel-logout", {"logout_token": token})

    assert again.status_code == 400
    assert is_signed_in(browser)


def test_signing_in_over_https_uses_a_cookie_bound_to_the_host(portal: PortalUnderTest) -> None:
    from services.portal.sessions import Sessions

    parts = portal.app.extensions["portal"]
    sessions = Sessions(parts.store, parts.kept._vault, over_https=True)

    assert sessions.cookie_name == "__Host-session"


def test_ids_of_sessions_are_long_and_never_repeat(portal: PortalUnderTest) -> None:
    ids = {portal.browser().get("/sign-in").headers["Set-Cookie"].split(";")[0].split("=", 1)[1] for _ in range(40)}

    assert len(ids) == 40
    assert all(len(one) >= 43 for one in ids), "43 characters of base64 are 256 bits"


def test_pages_of_a_session_are_never_stored_by_the_browser(portal: PortalUnderTest) -> None:
    assert portal.signed_in().get("/home").headers["Cache-Control"] == "no-store"


def test_a_session_survives_in_a_second_process(portal: PortalUnderTest) -> None:
    from services.portal.app import create_app
    from services.portal.pages import page_sets

    browser = portal.signed_in()
    config = portal.app.extensions["portal"].config
    second = create_app(config, clock=portal.clock, pages=page_sets())

    client = second.test_client()
    client.set_cookie("portal-session", browser.session_id or "", domain="localhost")
    answer = client.get("/home", base_url=BASE)
    second.extensions["portal"].close()

    assert answer.status_code == 200


def test_a_session_elsewhere_is_ended_by_its_owner_and_by_nobody_else(portal: PortalUnderTest) -> None:
    stranger, here, there = portal.signed_in(), portal.signed_in(), portal.browser()
    there.sign_in()
    path = f"/account/sessions/{hash_of(there.session_id or '').hex()}/end"

    stranger.post(path, stranger.hidden(stranger.get("/account")))
    still = is_signed_in(there)
    here.post(path, here.hidden(here.get("/account")))

    assert still
    assert not is_signed_in(there)
    assert is_signed_in(here)
