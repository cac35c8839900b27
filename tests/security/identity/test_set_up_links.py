"""The link with which a person sets up the sign-in: once, as it was sent, in time, and by nobody else (K12)."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import requests

from shared.identity_admin import Account, IdentityAdmin, Place
from shared.testing.sign_in import Browser
from tests.security.identity.forms import fields_of, open_page
from tests.security.identity.people import INVITATION_SECONDS, NewPerson, set_up, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest

LEAD = Place("XNV01", "DEMO01", "improvement-lead")
Claims = dict[str, Any]


@pytest.fixture
def invited(realm: RealmUnderTest, provisioner: IdentityAdmin) -> tuple[Account, str]:
    """Return the account of somebody who has not set it up, and the link that was mailed."""
    account = _made(provisioner)
    provisioner.send_setup_mail(account.person_id, INVITATION_SECONDS)
    return account, realm.mailbox.link_to(account.email)


def _made(provisioner: IdentityAdmin) -> Account:
    person_id = str(uuid4())
    account = provisioner.create_account(person_id, f"{person_id[:13]}@demo.example", "Nell", "Newcomer")
    provisioner.add_to_organization(person_id, LEAD)
    return account


def _is_refused(page: requests.Response) -> bool:
    """Say whether a page offers nothing to set up and no way on to it."""
    offered = {"password-new", "totp", "totpSecret"} & fields_of(page)
    return page.status_code == 400 and not offered and "action-token" not in page.text


def _is_ready(provisioner: IdentityAdmin, person_id: str) -> bool:
    account = provisioner.find_account(person_id)
    return account is not None and account.ready


def _read(part: str) -> Claims:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _written(claims: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).decode().rstrip("=")


def _edited(link: str, change: Callable[[Claims, Claims], None]) -> str:
    """Return the link with another head and content under the old signature."""
    before, _, rest = link.partition("key=")
    token, separator, after = rest.partition("&")
    head, body, signature = token.split(".")
    told, said = _read(head), _read(body)
    change(told, said)
    # Keycloak writes the head with spaces: as it was, unless it is what was edited.
    head = head if told == _read(head) else _written(told)
    return f"{before}key={head}.{_written(said)}.{signature if told['alg'] != 'none' else ''}{separator}{after}"


def _for_somebody_else(_: Claims, said: Claims) -> None:
    said["sub"] = str(uuid4())


def _for_longer(_: Claims, said: Claims) -> None:
    said["exp"] += 3600


def _without_second_factor(_: Claims, said: Claims) -> None:
    said["rqac"] = ["UPDATE_PASSWORD"]


def _to_another_address(_: Claims, said: Claims) -> None:
    said["reduri"] = "https://evil.example/"


def _unsigned(told: Claims, _: Claims) -> None:
    told["alg"] = "none"


EDITS = (_for_somebody_else, _for_longer, _without_second_factor, _to_another_address, _unsigned)


def test_a_link_works_once(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person = somebody_new(realm, provisioner, LEAD)

    again = open_page(Browser(), realm.mailbox.link_to(person.email))

    assert _is_refused(again)
    assert person.sign_in().tenants == ["XNV01"]


def test_opening_a_link_does_not_use_it_up(invited: tuple[Account, str], provisioner: IdentityAdmin) -> None:
    """Scanners of mail open every link there is."""
    account, link = invited

    for _ in range(2):
        open_page(Browser(), link)

    set_up(link)
    assert _is_ready(provisioner, account.person_id)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_an_edited_link_opens_nothing(
    invited: tuple[Account, str], provisioner: IdentityAdmin, edit: Callable[[Claims, Claims], None]
) -> None:
    account, link = invited

    page = open_page(Browser(), _edited(link, edit))

    assert _is_refused(page)
    assert not _is_ready(provisioner, account.person_id)


def test_the_way_of_editing_leaves_a_link_that_is_not_edited_as_good_as_it_was(invited: tuple[Account, str]) -> None:
    assert not _is_refused(open_page(Browser(), _edited(invited[1], lambda told, said: None)))


def test_a_link_that_has_run_out_opens_nothing_and_a_new_one_does(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    account = _made(provisioner)
    provisioner.send_setup_mail(account.person_id, 1)
    link = realm.mailbox.link_to(account.email)
    time.sleep(2)

    page = open_page(Browser(), link)

    assert _is_refused(page)
    assert not _is_ready(provisioner, account.person_id)
    provisioner.send_setup_mail(account.person_id, INVITATION_SECONDS)
    set_up(realm.mailbox.link_to(account.email, after=1))
    assert _is_ready(provisioner, account.person_id)


def test_somebody_else_who_is_signed_in_cannot_use_it(
    realm: RealmUnderTest, provisioner: IdentityAdmin, invited: tuple[Account, str]
) -> None:
    other: NewPerson = somebody_new(realm, provisioner, LEAD)
    account, link = invited
    theirs = other.sign_in().browser

    page = open_page(theirs, link)

    assert {"password-new", "totp"} & fields_of(page) == set()
    assert not _is_ready(provisioner, account.person_id)
    assert other.sign_in().tenants == ["XNV01"]
