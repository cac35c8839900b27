"""Passkeys on the real server: set up, added, cancelled, taken away. The device is software_passkey.py."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from shared.config import PASSKEY_ACTION
from shared.identity_admin import IdentityAdmin
from shared.testing.sign_in import Browser, claims_of
from tests.security.identity.conftest import STEP_UP_SECONDS
from tests.security.identity.forms import fields_of, fill_in
from tests.security.identity.passkey_holders import (
    LEAD,
    added_by,
    ask,
    ask_for_action,
    claims_at,
    device,
    follow,
    kinds,
    new_account,
    new_holder,
    sign_in_with,
    told_by,
)
from tests.security.identity.people import INVITATION_SECONDS, PASSWORD, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest
from tests.security.identity.software_passkey import setting_of

SETS_UP_PASSKEY = "attestationObject"


def test_a_new_person_sets_up_a_passkey_and_nothing_else(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person_id, email = new_account(realm, provisioner)
    passkey, browser = device(realm), Browser()
    page = follow(browser, realm.mailbox.link_to(email))

    after = fill_in(browser, page, **passkey.made_for(page))

    assert SETS_UP_PASSKEY in fields_of(page)
    assert not {"password-new", "totp"} & fields_of(after)
    assert kinds(realm, email) == ["webauthn-passwordless"]
    account = provisioner.find_account(person_id)
    assert account is not None
    assert account.ready


def test_the_mail_names_what_is_to_be_set_up(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    _, email = new_account(realm, provisioner)
    realm.mailbox.link_to(email)

    (text,) = realm.mailbox.texts_to(email)

    assert "follow the steps: set up a passkey on this device." in " ".join(text.split())
    assert "choose a password" not in text


def test_who_has_a_password_and_a_code_adds_a_passkey_and_keeps_both(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person = somebody_new(realm, provisioner, LEAD)

    passkey = added_by(realm, person)

    assert kinds(realm, person.email) == ["otp", "password", "webauthn-passwordless"]
    assert claims_at(realm, sign_in_with(realm, passkey))["acr"] == "strong"
    assert claims_of(person.sign_in().access_token)["acr"] == "strong"


def test_a_password_alone_never_sets_a_passkey_up(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person, browser = somebody_new(realm, provisioner, LEAD), Browser()

    page = fill_in(browser, ask(realm, browser, kc_action=PASSKEY_ACTION), username=person.email, password=PASSWORD)

    assert "otp" in fields_of(page)


def test_setting_one_up_in_an_open_browser_asks_for_the_second_factor_first(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    session = somebody_new(realm, provisioner, LEAD).sign_in()
    time.sleep(STEP_UP_SECONDS + 1)

    page = ask(realm, session.browser, kc_action=PASSKEY_ACTION)

    assert "otp" in fields_of(page)


def test_who_cancels_has_no_passkey_and_stays_signed_in(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    session = person.sign_in()
    page = ask_for_action(realm, session.browser, PASSKEY_ACTION, person.otp_secret)

    answer = fill_in(session.browser, page, **{"cancel-aia": "true"})

    assert told_by(answer)["kc_action_status"] == "cancelled"
    assert claims_at(realm, answer)["acr"] == "strong"
    assert kinds(realm, person.email) == ["otp", "password"]


@pytest.mark.parametrize("action", ["UPDATE_PROFILE", "UPDATE_EMAIL", "delete_account", "webauthn-register"])
def test_nothing_else_can_be_changed_at_the_identity_provider(realm: RealmUnderTest, action: str) -> None:
    session = realm.sign_in("petra.across")

    page = ask_for_action(realm, session.browser, action, realm.credentials("petra.across")[1])

    assert page.is_redirect
    assert told_by(page).get("kc_action_status") != "success"


def test_one_of_several_passkeys_goes_and_the_others_stay(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    before = datetime.now(UTC) - timedelta(minutes=5)
    lost, kept, open_browser = added_by(realm, person), added_by(realm, person), Browser()
    assert sign_in_with(realm, kept, open_browser).is_redirect
    held = provisioner.sign_in_of(person.person_id)
    assert held is not None
    passkeys = [one for one in held.second_factors if one.is_passkey]

    provisioner.remove_passkey(person.person_id, passkeys[0].id)

    refused, in_the_open_browser = sign_in_with(realm, lost), ask(realm, open_browser)
    assert (held.has_password, held.has_work_account) == (True, False)
    assert sorted(one.is_passkey for one in held.second_factors) == [False, True, True]
    assert all(before < one.added_at < datetime.now(UTC) + timedelta(minutes=5) for one in held.second_factors)
    assert kinds(realm, person.email) == ["otp", "password", "webauthn-passwordless"]
    assert not refused.is_redirect
    assert "does not work here any more" in refused.text
    assert not in_the_open_browser.is_redirect
    assert claims_at(realm, sign_in_with(realm, kept))["acr"] == "strong"


def test_a_second_passkey_is_proposed_a_name_of_its_own_and_one_name_for_two_is_refused_in_words(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person, proposed = somebody_new(realm, provisioner, LEAD), []

    for _ in range(2):
        passkey, session = device(realm), person.sign_in()
        page = ask_for_action(realm, session.browser, PASSKEY_ACTION, person.otp_secret)
        passkey.name = setting_of(page, "initLabel")
        proposed.append(passkey.name)
        time.sleep(1)  # a name tells the second; people take longer
        assert told_by(fill_in(session.browser, page, **passkey.made_for(page)))["kc_action_status"] == "success"
    again, session = device(realm), person.sign_in()
    again.name = proposed[0]
    page = ask_for_action(realm, session.browser, PASSKEY_ACTION, person.otp_secret)
    refused = fill_in(session.browser, page, **again.made_for(page))

    held = provisioner.sign_in_of(person.person_id)
    assert held is not None
    assert [one.label for one in held.second_factors if one.is_passkey] == proposed
    assert all(name.startswith("My device, ") for name in proposed)
    assert "If you have one with this name already, give the new one another name." in refused.text


def test_nothing_but_ones_own_passkey_goes_and_a_repeat_does_no_harm(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person, other = somebody_new(realm, provisioner, LEAD), new_holder(realm, provisioner)
    theirs, own = provisioner.sign_in_of(other.person_id), provisioner.sign_in_of(person.person_id)
    assert theirs is not None
    assert own is not None
    (code,), (passkey,) = own.second_factors, theirs.second_factors

    for _ in range(2):
        provisioner.remove_passkey(person.person_id, passkey.id)
        provisioner.remove_passkey(person.person_id, code.id)

    assert kinds(realm, person.email) == ["otp", "password"]
    assert kinds(realm, other.email) == ["webauthn-passwordless"]


def test_how_a_national_account_signs_in_is_not_told(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    account = realm.admin.get("/users", username="nora.analyst", exact="true")[0]

    assert provisioner.sign_in_of(account["attributes"]["person_id"][0]) is None


def test_a_new_phone_takes_passkeys_away_and_the_old_one_opens_nothing(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    holder, browser = new_holder(realm, provisioner), Browser()
    assert sign_in_with(realm, holder.passkey, browser).is_redirect

    needs_link = provisioner.reset_second_factor(holder.person_id)
    refused, in_the_open_browser = sign_in_with(realm, holder.passkey), ask(realm, browser)

    assert needs_link
    assert kinds(realm, holder.email) == []
    assert not refused.is_redirect
    assert "does not work here any more" in refused.text
    assert not in_the_open_browser.is_redirect


def test_a_new_phone_may_be_given_a_passkey(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    passkey, browser = device(realm), Browser()

    provisioner.reset_second_factor(person.person_id, passkey=True)
    provisioner.send_setup_mail(person.person_id, INVITATION_SECONDS)
    page = follow(browser, realm.mailbox.link_to(person.email, after=1))
    fill_in(browser, page, **passkey.made_for(page))

    assert kinds(realm, person.email) == ["webauthn-passwordless"]
    assert claims_at(realm, sign_in_with(realm, passkey))["acr"] == "strong"
    assert person.is_refused()


def test_a_link_is_mailed_to_nobody_who_has_set_up_everything(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    holder = new_holder(realm, provisioner)

    provisioner.send_setup_mail(holder.person_id, INVITATION_SECONDS, passkey=False)

    assert len(realm.mailbox.links_to(holder.email)) == 1
    assert kinds(realm, holder.email) == ["webauthn-passwordless"]
    assert claims_at(realm, sign_in_with(realm, holder.passkey))["acr"] == "strong"
