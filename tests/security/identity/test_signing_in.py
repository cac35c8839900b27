"""How people get in: levels, stepping up, single sign-on, forgotten passwords."""

import html
import re
import time
from urllib.parse import urljoin
from uuid import uuid4

import jwt
import pytest

from shared.testing.sign_in import FULL_SCOPE, Browser, OneTimeCodes, Session, SignInStopped, challenge_of, claims_of
from tests.security.identity.conftest import STEP_UP_SECONDS
from tests.security.identity.forms import fields_of, fill_in, open_page
from tests.security.identity.realm_under_test import RealmUnderTest

NEW_PASSWORD = "a quite new passphrase"


def _level(session: Session) -> tuple[object, object]:
    claims = claims_of(session.access_token)
    return claims["acr"], claims["auth_time"]


def test_a_portal_that_forgets_to_ask_for_strong_gets_strong_all_the_same(realm: RealmUnderTest) -> None:
    session = realm.portal.sign_in("bert.member", *realm.credentials("bert.member"), strong=False)

    assert _level(session)[0] == "strong"


def test_asking_for_a_password_alone_does_not_lower_the_level(realm: RealmUnderTest) -> None:
    password, _ = realm.credentials("beth.member")
    browser = Browser()

    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43), acr_values="password")
    page = fill_in(browser, page, username="beth.member", password=password)

    assert "otp" in fields_of(page)


def test_somebody_without_a_second_factor_stays_outside(realm: RealmUnderTest) -> None:
    username = f"one-factor-{uuid4().hex[:8]}"
    credential = {"type": "password", "value": NEW_PASSWORD, "temporary": False}
    names = {"firstName": "One", "lastName": "Factor", "email": f"{username}@demo.example"}
    realm.admin.post("/users", {"username": username, "enabled": True, "credentials": [credential], **names})

    with pytest.raises(SignInStopped) as stopped:
        realm.portal.sign_in(username, NEW_PASSWORD)

    assert stopped.value.status == 400


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(realm: RealmUnderTest) -> None:
    with pytest.raises(SignInStopped, match="Invalid username or password"):
        realm.portal.sign_in("bilal.member", "not the right password")


def test_a_wrong_code_is_refused(realm: RealmUnderTest) -> None:
    password, _ = realm.credentials("brenda.member")
    browser = Browser()

    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43), acr_values="strong")
    page = fill_in(browser, page, username="brenda.member", password=password)
    page = fill_in(browser, page, otp="000000")

    assert "Invalid authenticator code" in page.text


def test_a_second_request_in_the_same_browser_needs_no_page(realm: RealmUnderTest) -> None:
    first = realm.sign_in("petra.across")

    page = realm.portal.authorize(
        first.browser, scope=FULL_SCOPE, code_challenge=challenge_of("x" * 43), acr_values="strong"
    )

    assert page.headers["Location"].startswith(realm.callback)
    assert "code=" in page.headers["Location"]


def test_stepping_up_asks_for_the_code_alone_and_renews_the_moment(realm: RealmUnderTest) -> None:
    first = realm.sign_in("chandra.chair")
    within = realm.portal.sign_in("nobody", "wrong", browser=first.browser)
    assert _level(within) == _level(first)
    time.sleep(STEP_UP_SECONDS + 1)

    _, otp_secret = realm.credentials("chandra.chair")
    later = realm.portal.sign_in("nobody", "a password page would refuse this", otp_secret, browser=first.browser)

    assert _level(later)[0] == "strong"
    assert int(str(_level(later)[1])) >= int(str(_level(first)[1])) + STEP_UP_SECONDS
    assert claims_of(later.access_token)["sid"] == claims_of(first.access_token)["sid"]


def test_after_the_time_for_stepping_up_a_refresh_keeps_the_old_moment(realm: RealmUnderTest) -> None:
    session = realm.sign_in("carl.chief")
    time.sleep(STEP_UP_SECONDS + 1)

    claims = claims_of(session.token("assessment-api", "XNV01"))

    assert (claims["acr"], claims["auth_time"]) == _level(session)


def test_a_forgotten_password_keeps_the_second_factor_and_signs_nobody_in(realm: RealmUnderTest) -> None:
    username = "basil.member"
    account = realm.admin.get("/users", username=username, exact="true")[0]
    before = _second_factors(realm, account["id"])
    browser = Browser()
    link = _ask_for_a_password_link(realm, username, browser)

    page = fill_in(
        browser, open_page(browser, link), **{"password-new": NEW_PASSWORD, "password-confirm": NEW_PASSWORD}
    )

    # Opened in the browser that asked, the link could have led on into the portal with a password alone.
    assert "Your account has been updated." in page.text
    silent = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43), prompt="none")
    assert "error=login_required" in silent.headers["Location"]
    assert _second_factors(realm, account["id"]) == before
    with pytest.raises(SignInStopped):
        realm.portal.sign_in(username, NEW_PASSWORD)
    _, otp_secret = realm.credentials(username)
    assert _level(realm.portal.sign_in(username, NEW_PASSWORD, otp_secret))[0] == "strong"


def test_a_password_link_lives_for_an_hour(realm: RealmUnderTest) -> None:
    link = _ask_for_a_password_link(realm, "bea.member", Browser())

    token = link.partition("key=")[2].partition("&")[0]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600


def test_a_common_password_is_refused(realm: RealmUnderTest) -> None:
    browser = Browser()
    page = open_page(browser, _ask_for_a_password_link(realm, "bryn.member", browser))

    word = "correct horse battery staple"
    page = fill_in(browser, page, **{"password-new": word, "password-confirm": word})

    assert "password-new" in fields_of(page)


def _second_factors(realm: RealmUnderTest, account_id: str) -> list[tuple[str, str]]:
    listed = realm.admin.get(f"/users/{account_id}/credentials")
    return [(credential["id"], credential["type"]) for credential in listed if credential["type"] != "password"]


def _ask_for_a_password_link(realm: RealmUnderTest, username: str, browser: Browser) -> str:
    address = f"{username}@demo.example"
    already = len(realm.mailbox.links_to(address))
    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43))
    forgotten = re.search(r'href="([^"]*reset-credentials[^"]*)"', page.text)
    assert forgotten is not None
    page = open_page(browser, urljoin(page.url, html.unescape(forgotten.group(1))))
    fill_in(browser, page, username=username)
    return realm.mailbox.link_to(address, after=already)


def test_a_code_is_handed_out_once() -> None:
    codes = OneTimeCodes()

    handed_out = [codes.next("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP") for _ in range(3)]

    assert len(set(handed_out)) == 3
