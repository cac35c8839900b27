"""The mails that Keycloak sends in our name are in our words: why it comes, what to do, how long that takes."""

import email
import re
import time
from email.message import EmailMessage
from email.policy import default
from uuid import uuid4

import pytest

from infra.keycloak.realm import SERVICE_NAME
from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import Browser, challenge_of
from tests.security.identity.forms import fill_in, open_page
from tests.security.identity.people import INVITATION_SECONDS, somebody_new
from tests.security.identity.realm_under_test import MAIL_SECONDS, RealmUnderTest

LINK = re.compile(r"https?://\S+")
SET_UP = [
    f"This lets you sign in to {SERVICE_NAME}. It comes because you accepted an invitation or were appointed, or"
    " because the access manager of your organisation has reset how you sign in.",
    "Open this link, press Continue, and follow the steps: set up a code on your phone, choose a password. It takes"
    " about five minutes, once:",
    "LINK",
    "The link works for 14 days. When it has run out, ask the access manager of your organisation for a new one.",
    "We never ask for a password or a code by mail or telephone. If you expected nothing of the kind, do nothing and"
    " tell your organisation.",
]
NEW_PASSWORD = [
    "Somebody, we hope you, asked for a new password for your account.",
    "Open this link to choose one. Your second factor stays as it is:",
    "LINK",
    "The link works for 1 hour. If you did not ask, do nothing: your password stays as it is.",
]


def _newest_mail(realm: RealmUnderTest, address: str, *, after: int = 0) -> EmailMessage:
    end = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < end:
        mails = realm.mailbox.mails_to(address)
        if len(mails) > after:
            message = email.message_from_bytes(mails[-1], policy=default)
            assert isinstance(message, EmailMessage)
            return message
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address}")


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def _sentences(mail: EmailMessage) -> list[str]:
    lines = (line.strip() for line in _part(mail, "plain").splitlines())
    return [LINK.sub("LINK", line) for line in lines if line]


def _held_to(mail: EmailMessage, subject: str, sentences: list[str]) -> None:
    """Both parts say the same; the text part, which some people read alone, has a link that works as it stands."""
    plain, markup = _part(mail, "plain"), _part(mail, "html")
    assert mail["Subject"] == subject
    assert SERVICE_NAME in str(mail["From"])
    assert _sentences(mail) == sentences
    assert not re.search(r"\{\d\}|&#\d+;|&amp;|keycloak", plain, re.IGNORECASE)
    words = " ".join(re.sub(r"<[^>]+>", " ", markup).split())
    for sentence in sentences:
        assert sentence == "LINK" or sentence in words, sentence


@pytest.fixture
def address(provisioner: IdentityAdmin) -> str:
    """Return the address of somebody to whom the set-up link was just sent."""
    person_id = str(uuid4())
    account = provisioner.create_account(person_id, f"{person_id[:13]}@demo.example", "Nell", "Newcomer")
    provisioner.send_setup_mail(person_id, INVITATION_SECONDS)
    return account.email


def test_the_mail_that_sets_a_sign_in_up(realm: RealmUnderTest, address: str) -> None:
    _held_to(_newest_mail(realm, address), f"{SERVICE_NAME}: set up how you sign in", SET_UP)


def test_the_mail_of_a_forgotten_password(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person = somebody_new(realm, provisioner, Place("XNV01", "DEMO01", "improvement-lead"))
    browser = Browser()
    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43))
    forgotten = re.search(r'href="([^"]*reset-credentials[^"]*)"', page.text)
    assert forgotten is not None

    asked = open_page(browser, f"{realm.base_url}{forgotten[1].replace('&amp;', '&')}")
    fill_in(browser, asked, username=person.email)

    _held_to(_newest_mail(realm, person.email, after=1), f"{SERVICE_NAME}: choose a new password", NEW_PASSWORD)
