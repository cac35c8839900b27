"""A passkey from the first mail to the last phone, in a browser whose device is made of software (CDP, WebAuthn)."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import CDPSession, Page

from infra.keycloak import passkeys
from infra.keycloak.admin_api import RealmAdmin
from tests.browser.conftest import PagesOfSystem
from tests.browser.frame.inviting import invited
from tests.browser.personas import AsPersona, Persona, SignedInPeople
from tests.security.identity.realm_under_test import Mailbox

COVERS = ["/account/passkeys/<passkey_id>/remove"]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
MAIL_WITHIN = 60.0
READY = "Your passkey is ready. From now on you can sign in with it alone."
NONE_MADE = "No passkey was set up. You sign in as before."
NOT_ANY_MORE = "This passkey does not work here any more."
NOTHING_BY_ITSELF = "PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)"
"""The sign-in page offers passkeys under the name as well; a person picks one there, a device of software at once."""


class Device:
    """What keeps the passkeys of one tab, and whose owner shows a face or a finger whenever it asks."""

    def __init__(self, page: Page) -> None:
        page.add_init_script(NOTHING_BY_ITSELF)
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = added["authenticatorId"]

    def holds(self) -> int:
        """Return how many passkeys it keeps."""
        kept = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return len(kept["credentials"])


@pytest.fixture
def mails(system: PagesOfSystem) -> Mailbox:
    """Return where the identity provider's own mails arrive."""
    return Mailbox(Path(system.running.servers.settings.smtp.folder))


@pytest.fixture
def realm(system: PagesOfSystem) -> RealmAdmin:
    keycloak = system.running.servers.settings.keycloak
    return RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password)


def _set_up_from_mail(
    as_persona: AsPersona, anybody: Persona, system: PagesOfSystem, mails: Mailbox
) -> tuple[Page, str, str]:
    """Let somebody new be invited, choose a passkey and set it up; return tab, name and address."""
    unique = uuid4().hex[:8]
    name, address = f"Paz {unique}", f"paz.{unique}@trust.example"
    page = anybody.open(invited(as_persona, system, name, address, role="Access manager", check=False))
    anybody.press(page, "Continue with a passkey")
    anybody.check(page)
    device = Device(page)
    page.goto(mails.link_to(address, within=MAIL_WITHIN))
    page.get_by_role("link", name="Continue").click()
    page.locator("#registerWebAuthn").wait_for()
    assert page.inner_text("h1") == "Set up a passkey"
    anybody.check(page)
    page.get_by_role("button", name="Set up the passkey").click()
    page.locator("#kc-info-message").wait_for()
    anybody.check(page)
    assert device.holds() == 1
    return page, name, address


def _sign_in(page: Page, system: PagesOfSystem) -> None:
    """Sign in with the passkey alone."""
    page.goto(f"{system.portal_url}/sign-in")
    page.get_by_role("button", name="Use a passkey").click()


def test_somebody_new_sets_up_a_passkey_signs_in_with_it_alone_and_does_what_needs_a_second_factor(
    as_persona: AsPersona, anybody: Persona, system: PagesOfSystem, mails: Mailbox
) -> None:
    page, _, _ = _set_up_from_mail(as_persona, anybody, system, mails)
    page.goto(f"{system.portal_url}/sign-in")
    anybody.check(page)

    _sign_in(page, system)
    page.wait_for_url(f"{system.portal_url}/**")
    assert "Acting as access manager" in page.inner_text(".app-acting")
    page.goto(f"{system.portal_url}/people/invite")
    page.fill("#name", "Nia Next")
    page.fill("#email", f"next.{uuid4().hex[:8]}@trust.example")
    page.get_by_role("radio", name="Board member").check()
    page.get_by_role("button", name="Send the invitation").click()
    page.wait_for_load_state()

    assert "We have sent an invitation to Nia Next" in page.inner_text("main")


def test_a_binding_act_is_confirmed_with_the_passkey_alone(
    as_persona: AsPersona, anybody: Persona, system: PagesOfSystem, mails: Mailbox
) -> None:
    page, _, _ = _set_up_from_mail(as_persona, anybody, system, mails)
    _sign_in(page, system)
    page.wait_for_url(f"{system.portal_url}/**")

    asked = page.context.request.get(f"{system.portal_url}/step-up?next=/people", max_redirects=0)
    # So that the identity provider asks at once, and not only when the last confirmation is nine minutes old.
    page.goto(f"{asked.headers['location']}&prompt=login")
    anybody.check(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{system.portal_url}/people")

    assert "Thank you, we know that it is you." in page.inner_text("main")


def test_after_a_reset_the_old_passkey_opens_nothing(
    as_persona: AsPersona, anybody: Persona, system: PagesOfSystem, mails: Mailbox
) -> None:
    page, name, address = _set_up_from_mail(as_persona, anybody, system, mails)
    amir = as_persona("amir.access")
    people = amir.open("/people", check=False)
    people.get_by_role("link", name=f"New phone of {name}").click()
    people.get_by_role("checkbox", name="I have spoken to").check()
    people.get_by_role("radio", name="A passkey").check()
    amir.check(people)
    amir.press(people, "Reset the second factor", check=False)
    assert "The second factor is reset." in people.inner_text("main")
    link = mails.link_to(address, after=1, within=MAIL_WITHIN)

    _sign_in(page, system)

    page.get_by_text(NOT_ANY_MORE).wait_for()
    anybody.check(page)
    page.goto(link)
    page.get_by_role("link", name="Continue").click()
    page.locator("#registerWebAuthn").wait_for()
    assert page.inner_text("h1") == "Set up a passkey"


def test_the_only_passkey_stays_and_of_two_one_is_removed(
    as_persona: AsPersona, anybody: Persona, system: PagesOfSystem, mails: Mailbox
) -> None:
    old, _, _ = _set_up_from_mail(as_persona, anybody, system, mails)
    _sign_in(old, system)
    old.wait_for_url(f"{system.portal_url}/**")
    old.goto(f"{system.portal_url}/account")
    anybody.check(old)
    old.get_by_role("link", name="Remove the passkey").click()
    assert "it is the only way you can sign in" in old.inner_text("main")
    assert old.get_by_role("button", name="Remove this passkey").count() == 0
    anybody.check(old)

    new = anybody.page()
    Device(new)
    new.goto(f"{system.portal_url}/account")
    new.get_by_role("button", name="Set up a passkey", exact=True).click()
    new.get_by_role("button", name="Set up the passkey").click()
    new.wait_for_url(f"{system.portal_url}/account")
    assert new.get_by_role("link", name="Remove the passkey").count() == 2
    new.get_by_role("link", name="Remove the passkey").first.click()
    anybody.check(new)
    new.get_by_role("button", name="Remove this passkey").click()
    new.wait_for_url(f"{system.portal_url}/account")

    assert "The passkey is being removed." in new.inner_text("main")
    anybody.check(new)
    _until_signed_out(new, system)
    _sign_in(old, system)
    old.get_by_text(NOT_ANY_MORE).wait_for()
    _sign_in(new, system)
    new.wait_for_url(f"{system.portal_url}/**")
    new.goto(f"{system.portal_url}/account")
    assert new.get_by_role("link", name="Remove the passkey").count() == 1


def test_who_has_a_code_adds_a_passkey_on_the_account_page_or_thinks_better_of_it(
    as_persona: AsPersona, signed_in_people: SignedInPeople, system: PagesOfSystem, realm: RealmAdmin
) -> None:
    persona = as_persona("bilal.member")
    page = persona.open("/account")
    Device(page)
    try:
        _ask_for_one(persona, page)
        persona.check(page)
        page.get_by_role("button", name="Cancel").click()
        page.wait_for_url(f"{system.portal_url}/account")
        assert NONE_MADE in page.inner_text("main")
        persona.check(page)
        _ask_for_one(persona, page)
        page.get_by_role("button", name="Set up the passkey").click()
        page.wait_for_url(f"{system.portal_url}/account")

        assert READY in page.inner_text("main")
        persona.check(page)
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.wait_for_load_state()
        _sign_in(page, system)
        page.wait_for_url(f"{system.portal_url}/**")
        assert "Acting as board member" in page.inner_text(".app-acting")
    finally:
        _take_away(realm, "bilal.member")
        signed_in_people.forget("bilal.member")


def test_a_device_that_does_not_answer_is_said_in_words(as_persona: AsPersona, system: PagesOfSystem) -> None:
    persona = as_persona("basil.member")
    page = persona.open("/account", check=False)
    page.add_init_script(
        "navigator.credentials.create = () => Promise.reject(new DOMException('stopped', 'NotAllowedError'))"
    )

    _ask_for_one(persona, page)
    page.get_by_role("button", name="Set up the passkey").click()
    page.get_by_role("button", name="Try again").wait_for()

    assert page.inner_text("h1") == "The passkey did not work"
    assert "NotAllowedError" not in page.inner_text("main")
    persona.check(page)
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url(f"{system.portal_url}/account")
    assert NONE_MADE in page.inner_text("main")


def _ask_for_one(persona: Persona, page: Page) -> None:
    """Press the button, confirm with a code where that is asked for, and stand on the page that sets it up."""
    page.get_by_role("button", name="Set up a passkey", exact=True).click()
    page.locator("#otp, #registerWebAuthn").wait_for()
    if page.locator("#otp").count():
        page.fill("#otp", persona.one_time_code())
        page.click("#kc-login")
        page.locator("#registerWebAuthn").wait_for()
    assert page.inner_text("h1") == "Set up a passkey"


def _until_signed_out(page: Page, system: PagesOfSystem) -> None:
    """Open the account page until it asks who is there; raises when that takes a minute."""
    for _ in range(60):
        page.goto(f"{system.portal_url}/account")
        if not page.url.startswith(f"{system.portal_url}/account"):
            return
        page.wait_for_timeout(1_000)
    pytest.fail("The session outlived the passkey.")


def _take_away(realm: RealmAdmin, username: str) -> None:
    account = realm.get("/users", username=username, exact="true")[0]["id"]
    for credential in realm.get(f"/users/{account}/credentials"):
        if credential["type"] == passkeys.CREDENTIAL:
            realm.delete(f"/users/{account}/credentials/{credential['id']}")
