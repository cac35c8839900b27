"""People made for one test: provisioned as the directory would, then set up by their own hand from the mail."""

import base64
import html
import re
import time
from dataclasses import dataclass
from urllib.parse import urljoin
from uuid import uuid4

import requests

from infra.keycloak.demo_people import one_time_code
from shared.identity_admin import IdentityAdmin, IdentityAdminConfig, Place
from shared.testing.sign_in import Browser, Session, SignInStopped
from tests.security.identity.forms import fields_of, fill_in, open_page, value_of
from tests.security.identity.realm_under_test import RealmUnderTest

PASSWORD = "a passphrase of my own"
INVITATION_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody with an account, a password and a second factor."""

    realm: RealmUnderTest
    person_id: str
    email: str
    otp_secret: str

    def sign_in(self) -> Session:
        """Sign in by address, as a person would."""
        return self.realm.portal.sign_in(self.email, PASSWORD, self.otp_secret)

    def is_refused(self) -> bool:
        """Say whether the sign-in pages keep this person out."""
        try:
            self.sign_in()
        except SignInStopped:
            return True
        return False


def new_provisioner(realm: RealmUnderTest) -> IdentityAdmin:
    """Return an adapter as a process of the directory has it."""
    config = IdentityAdminConfig(
        server_url=realm.base_url,
        realm=realm.settings.realm,
        client_id="directory-provisioner",
        client_secret=realm.settings.provisioner_secret,
        portal_client="portal",
        redirect_uri=realm.callback,
        # These tests share their two processors with many others.
        timeout=20,
    )
    return IdentityAdmin(config)


def somebody_new(realm: RealmUnderTest, provisioner: IdentityAdmin, *places: Place) -> NewPerson:
    """Make an account with these roles, send the set-up mail and follow its link."""
    person_id = str(uuid4())
    email = f"{person_id[:8]}@demo.example"
    provisioner.create_account(person_id, email, "Nell", "Newcomer")
    for place in places:
        provisioner.add_to_organization(person_id, place)
    provisioner.send_setup_mail(person_id, INVITATION_SECONDS)
    return NewPerson(realm, person_id, email, set_up(realm.mailbox.link_to(email)))


def set_up(link: str) -> str:
    """Open a set-up link, set password and second factor; return the second factor's secret."""
    browser = Browser()
    page = open_page(browser, link)
    if not fields_of(page):
        # The first page only says what is to be done: links that mail scanners open must not do it.
        page = open_page(browser, way_on(page))
    otp_secret = ""
    while {"totp", "password-new"} & fields_of(page):
        if "totp" in fields_of(page):
            raw = value_of(page, "totpSecret")
            otp_secret = as_apps_take_it(raw)
            code = one_time_code(otp_secret, time.time())
            page = fill_in(browser, page, totp=code, totpSecret=raw, userLabel="test", mode="manual")
        else:
            page = fill_in(browser, page, **{"password-new": PASSWORD, "password-confirm": PASSWORD})
    assert otp_secret, page.text[:2000]
    return otp_secret


def way_on(page: requests.Response) -> str:
    """Return where the first page behind a set-up link leads on to."""
    found = re.search(r'href="([^"]*action-token[^"]*)"', page.text)
    assert found is not None, page.text[:2000]
    return urljoin(page.url, html.unescape(found.group(1)))


def as_apps_take_it(raw: str) -> str:
    """Return the secret as authenticator apps take it: the page's key is the letters themselves."""
    return base64.b32encode(raw.encode()).decode()
