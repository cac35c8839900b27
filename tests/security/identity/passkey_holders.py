"""People with passkeys on the realm under test, and what they do with them."""

import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import requests

from infra.keycloak.demo_people import one_time_code
from shared.config import PASSKEY_ACTION
from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import FULL_SCOPE, Browser, challenge_of, claims_of
from tests.security.identity.forms import fields_of, fill_in, open_page
from tests.security.identity.people import INVITATION_SECONDS, NewPerson, way_on
from tests.security.identity.realm_under_test import RealmUnderTest
from tests.security.identity.software_passkey import Passkey

LEAD = Place("XNV01", "DEMO02", "improvement-lead")
VERIFIER = "x" * 43


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a passkey."""

    person_id: str
    email: str
    passkey: Passkey


def ask(realm: RealmUnderTest, browser: Browser, **params: str) -> requests.Response:
    """Ask for a strong sign-in; return the first page, or the redirect back to the portal."""
    page = realm.portal.authorize(
        browser, scope=FULL_SCOPE, code_challenge=challenge_of(VERIFIER), acr_values="strong", **params
    )
    if page.is_redirect and "/realms/" in page.headers["Location"]:
        return open_page(browser, page.headers["Location"])
    return page


def claims_at(realm: RealmUnderTest, page: requests.Response) -> dict[str, object]:
    """Return what the token says that the redirect in `page` leads to."""
    answer = realm.portal_endpoint.ask(
        grant_type="authorization_code",
        code=told_by(page)["code"],
        redirect_uri=realm.callback,
        code_verifier=VERIFIER,
    )
    return claims_of(answer["access_token"])


def told_by(page: requests.Response) -> dict[str, str]:
    """Return the parameters of the redirect back to the portal."""
    assert page.is_redirect, page.text[:3000]
    return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["Location"]).query).items()}


def device(realm: RealmUnderTest, *, verifies: bool = True) -> Passkey:
    """Return a device that has no passkey yet."""
    return Passkey(realm.base_url, verifies=verifies)


def new_account(realm: RealmUnderTest, provisioner: IdentityAdmin) -> tuple[str, str]:
    """Make an account that is to be set up with a passkey, and send the mail."""
    person_id = str(uuid4())
    email = f"{person_id[:8]}@demo.example"
    provisioner.create_account(person_id, email, "Nell", "Newcomer")
    provisioner.add_to_organization(person_id, LEAD)
    provisioner.send_setup_mail(person_id, INVITATION_SECONDS, passkey=True)
    return person_id, email


def follow(browser: Browser, link: str) -> requests.Response:
    """Open a mailed link, go past the page that only says what is to be done, and return the next one."""
    page = open_page(browser, link)
    return page if fields_of(page) else open_page(browser, way_on(page))


def new_holder(realm: RealmUnderTest, provisioner: IdentityAdmin) -> Holder:
    """Return somebody who has set up a passkey and nothing else."""
    person_id, email = new_account(realm, provisioner)
    passkey, browser = device(realm), Browser()
    page = follow(browser, realm.mailbox.link_to(email))
    fill_in(browser, page, **passkey.made_for(page))
    return Holder(person_id, email, passkey)


def ask_for_action(realm: RealmUnderTest, browser: Browser, action: str, otp_secret: str) -> requests.Response:
    """Ask to set something up, and give the code when the last one was too long ago; return the page that follows."""
    page = ask(realm, browser, kc_action=action)
    return fill_in(browser, page, otp=one_time_code(otp_secret, time.time())) if "otp" in fields_of(page) else page


def added_by(realm: RealmUnderTest, person: NewPerson) -> Passkey:
    """Let somebody who has a password and a code set a passkey up as well."""
    passkey, session = device(realm), person.sign_in()
    page = ask_for_action(realm, session.browser, PASSKEY_ACTION, person.otp_secret)
    answer = fill_in(session.browser, page, **passkey.made_for(page))
    assert told_by(answer)["kc_action_status"] == "success"
    return passkey


def sign_in_with(realm: RealmUnderTest, passkey: Passkey, browser: Browser | None = None) -> requests.Response:
    """Sign in with a passkey; return the redirect back to the portal, or the page that says why not."""
    browser = browser or Browser()
    page = ask(realm, browser)
    return fill_in(browser, page, **passkey.used_at(page))


def kinds(realm: RealmUnderTest, email: str) -> list[str]:
    """Return the kinds of what somebody has to sign in with."""
    account = realm.admin.get("/users", email=email, exact="true")[0]
    return sorted(credential["type"] for credential in realm.admin.get(f"/users/{account['id']}/credentials"))
