"""Signing in with a passkey alone, and confirming an act with it. The device is software_passkey.py."""

import re
import time

import pytest

from shared.identity_admin import IdentityAdmin
from shared.testing.sign_in import Browser
from tests.security.identity.conftest import STEP_UP_SECONDS
from tests.security.identity.forms import fields_of, fill_in, open_page
from tests.security.identity.passkey_holders import (
    LEAD,
    added_by,
    ask,
    claims_at,
    device,
    follow,
    kinds,
    new_account,
    new_holder,
    sign_in_with,
)
from tests.security.identity.people import PASSWORD, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest

ASKS_FOR_PASSKEY = "authenticatorData"


def test_a_passkey_alone_signs_in_at_the_strong_level(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    holder = new_holder(realm, provisioner)
    before = int(time.time())

    claims = claims_at(realm, sign_in_with(realm, holder.passkey))

    assert claims["acr"] == "strong"
    assert int(str(claims["auth_time"])) >= before
    assert claims["person_id"] == holder.person_id


def test_a_passkey_of_an_earlier_sign_in_confirms_nothing_and_given_again_it_does(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    holder, browser = new_holder(realm, provisioner), Browser()
    first = claims_at(realm, sign_in_with(realm, holder.passkey, browser))
    time.sleep(STEP_UP_SECONDS + 1)

    asked = ask(realm, browser)
    later = claims_at(realm, fill_in(browser, asked, **holder.passkey.used_at(asked)))

    assert ASKS_FOR_PASSKEY in fields_of(asked)
    assert "password" not in fields_of(asked)
    assert later["acr"] == "strong"
    assert int(str(later["auth_time"])) >= int(str(first["auth_time"])) + STEP_UP_SECONDS
    assert later["sid"] == first["sid"]


@pytest.mark.parametrize("at", ["set up", "sign-in"])
def test_a_device_that_does_not_check_who_holds_it_is_refused(
    realm: RealmUnderTest, provisioner: IdentityAdmin, at: str
) -> None:
    _, email = new_account(realm, provisioner)
    passkey, browser = device(realm, verifies=at != "set up"), Browser()
    page = follow(browser, realm.mailbox.link_to(email))
    fill_in(browser, page, **passkey.made_for(page))
    assert kinds(realm, email) == ([] if at == "set up" else ["webauthn-passwordless"])

    passkey.verifies = False
    refused = sign_in_with(realm, passkey)

    assert not refused.is_redirect


def test_an_answer_to_another_challenge_or_from_another_site_is_refused(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    holder = new_holder(realm, provisioner)
    earlier, browser = ask(realm, Browser()), Browser()
    page = ask(realm, browser)
    replayed = fill_in(browser, page, **holder.passkey.used_at(earlier))

    holder.passkey.origin = "http://sign-in.elsewhere.example"
    elsewhere = sign_in_with(realm, holder.passkey)

    assert not replayed.is_redirect
    assert not elsewhere.is_redirect


def test_beside_a_password_a_passkey_takes_the_place_of_the_code(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    passkey, browser = added_by(realm, person), Browser()
    page = fill_in(browser, ask(realm, browser), username=person.email, password=PASSWORD)

    choice = fill_in(browser, page, tryAnotherWay="on")
    ways = re.findall(
        r'name="authenticationExecution" value="([^"]+)".*?<div[^>]*>\s*(A \w+)\s*</div>', choice.text, re.S
    )
    (wanted,) = [way for way, words in ways if words == "A passkey"]
    asked = fill_in(browser, choice, authenticationExecution=wanted)
    claims = claims_at(realm, fill_in(browser, asked, **passkey.used_at(asked)))

    assert [words for _, words in ways] == ["A code", "A passkey"]
    assert claims["acr"] == "strong"


def test_somebody_elses_passkey_confirms_nothing(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    holder, other = new_holder(realm, provisioner), new_holder(realm, provisioner)
    browser = Browser()
    sign_in_with(realm, holder.passkey, browser)
    time.sleep(STEP_UP_SECONDS + 1)

    page = ask(realm, browser)
    refused = fill_in(browser, page, **other.passkey.used_at(page))

    assert not refused.is_redirect


def test_whoever_reads_the_mails_gets_a_password_but_not_in(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    holder, browser = new_holder(realm, provisioner), Browser()
    page = ask(realm, browser)
    forgotten = re.search(r'href="([^"]*reset-credentials[^"]*)"', page.text)
    assert forgotten is not None
    page = open_page(browser, realm.base_url + forgotten.group(1).replace("&amp;", "&"))
    fill_in(browser, page, username=holder.email)
    page = open_page(browser, realm.mailbox.link_to(holder.email, after=1))
    fill_in(browser, page, **{"password-new": PASSWORD, "password-confirm": PASSWORD})
    intruder = Browser()

    page = fill_in(intruder, ask(realm, intruder), username=holder.email, password=PASSWORD)

    assert ASKS_FOR_PASSKEY in fields_of(page)
