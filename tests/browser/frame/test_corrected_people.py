"""What is held about a person is put right: the name by an access manager, the address by the person alone."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from shared.testing.sign_in import Account
from tests.browser.conftest import PagesOfSystem
from tests.browser.frame.inviting import invited
from tests.browser.personas import AsPersona, Persona, SignedInPeople
from tests.browser.signing_in import sign_in
from tests.security.identity.people import PASSWORD, set_up
from tests.security.identity.realm_under_test import Mailbox

COVERS = ["/people/<person_id>/name", "/account/address", "/account/address/<token>"]
MAIL_WITHIN = 60.0


@pytest.fixture
def unique() -> str:
    """Return what tells this run's people from those of an earlier one."""
    return uuid4().hex[:8]


@pytest.fixture
def newcomer(
    as_persona: AsPersona, signed_in_people: SignedInPeople, anybody: Persona, system: PagesOfSystem, unique: str
) -> tuple[Persona, Account]:
    """Return the browser of somebody who was invited and has just set up how to sign in, and what they type for it."""
    address = f"mae.{unique}@trust.example"
    page = anybody.open(invited(as_persona, system, f"Mae {unique}", address, check=False), check=False)
    anybody.press(page, "Continue with a password and a code", check=False)
    mails = Mailbox(Path(system.running.servers.settings.smtp.folder))
    account = Account(address, PASSWORD, set_up(mails.link_to(address, within=MAIL_WITHIN)))
    mae = signed_in_people.nobody()
    sign_in(mae.context, system.portal_url, account, signed_in_people.codes)
    mae.one_time_code = lambda: signed_in_people.codes.next(account.otp_secret or "")
    return mae, account


def _ask_for(mae: Persona, address: str) -> Page:
    page = mae.open("/account/address")
    page.fill("#email", address)
    mae.press(page, "Send me the link")
    assert f"We have sent a link to {address}." in page.inner_text("main")
    mae.check(page)
    return page


def test_a_person_changes_the_address_by_a_link_to_the_new_one_and_signs_in_with_it(
    newcomer: tuple[Persona, Account], system: PagesOfSystem, signed_in_people: SignedInPeople, unique: str
) -> None:
    (mae, account), address = newcomer, f"mae.ross.{unique}@trust.example"
    page = _ask_for(mae, address)
    assert "not confirmed yet" in page.inner_text("main")
    mail = system.last_mail_to(address)

    link = next(word for word in mail.split() if "/account/address/" in word)
    behind = mae.open(link.removeprefix(system.portal_url))
    mae.press(behind, "Confirm this address")

    assert f"Your address is {address} now." in behind.inner_text("main")
    mae.check(behind)
    assert "Your e-mail address was changed" in mae.open("/inbox").inner_text("main")
    assert "The account that had this address" in system.last_mail_to(account.username)
    again = mae.open(link.removeprefix(system.portal_url), status=404)
    assert again.inner_text("h1") == "This link does not work for you"
    moved = Account(address, PASSWORD, account.otp_secret)
    sign_in(signed_in_people.nobody().context, system.portal_url, moved, signed_in_people.codes)


def test_a_change_that_waits_is_stopped_and_its_link_does_not_work_any_more(
    newcomer: tuple[Persona, Account], system: PagesOfSystem, unique: str
) -> None:
    (mae, account), address = newcomer, f"mae.wrong.{unique}@trust.example"
    page = _ask_for(mae, address)
    link = next(word for word in system.last_mail_to(address).split() if "/account/address/" in word)

    mae.press(page, "Stop this change")

    assert "The change is stopped." in page.inner_text("main")
    assert account.username in page.inner_text("main")
    assert address not in page.inner_text("main")
    mae.open(link.removeprefix(system.portal_url), status=404)


def test_a_name_is_corrected_by_the_access_manager_and_the_person_is_told(
    newcomer: tuple[Persona, Account], as_persona: AsPersona, unique: str
) -> None:
    mae, _ = newcomer
    amir = as_persona("amir.access")
    page = amir.open("/people", check=False)
    page.get_by_role("link", name=f"Correct name of Mae {unique}").click()
    amir.check(page)

    page.fill("#name", "<Mae>")
    amir.press(page, "Correct the name")
    assert page.locator(".nhsuk-error-summary a").first.get_attribute("href") == "#name"
    assert page.input_value("#name") == "<Mae>"
    amir.check(page)
    page.fill("#name", f"Mae Ross {unique}")
    amir.press(page, "Correct the name")

    assert f"The name is Mae Ross {unique} now. We have told the person." in page.inner_text("main")
    assert f"Mae Ross {unique}" in page.inner_text("tbody")
    assert f"Mae Ross {unique}" in mae.open("/account").inner_text("main dl")
