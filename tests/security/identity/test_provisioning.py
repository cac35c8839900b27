"""The directory's adapter on a real server: a person's whole life, and every step again after a crash."""

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import jwt
import pytest

from shared.identity_admin import (
    Account,
    AccountMissing,
    AddressTaken,
    IdentityAdmin,
    IdentityAdminConfig,
    IdentityProviderRefused,
    IdentityProviderUnavailable,
    Place,
)
from shared.identity_admin.admin_api import AdminApi, Method
from shared.testing.sign_in import Browser, TokenRefused, claims_of
from tests.security.identity.forms import fields_of
from tests.security.identity.people import INVITATION_SECONDS, new_provisioner, set_up, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest
from tests.security.identity.work_realm_under_test import WorkRealm

LEAD = Place("XNV01", "DEMO02", "improvement-lead")


def test_a_persons_whole_life(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    claims = claims_of(person.sign_in().token("directory-api", "XNV01"))
    assert claims["person_id"] == person.person_id
    assert claims["acr"] == "strong"
    assert claims["organization"]["xnv01"]["groups"] == ["/DEMO02/improvement-lead"]  # type: ignore[index]

    provisioner.remove_role(person.person_id, LEAD)
    assert person.sign_in().tenants == []

    provisioner.disable_account(person.person_id)
    assert person.is_refused()


def test_every_step_may_be_repeated(provisioner: IdentityAdmin) -> None:
    person_id, tenant = str(uuid4()), f"X{uuid4().hex[:5].upper()}"
    place = Place(tenant, f"{tenant}T", "chair")

    accounts = [_made(provisioner, person_id) for _ in range(2)]
    organizations = {provisioner.ensure_organization(tenant, f"Tenant {tenant}") for _ in range(2)}
    groups = {provisioner.ensure_group(place) for _ in range(2)}
    for _ in range(2):
        provisioner.add_to_organization(person_id, place)

    assert accounts[0] == accounts[1]
    assert (len(organizations), len(groups)) == (1, 1)
    assert provisioner.places_of(person_id) == {place}
    for _ in range(2):
        provisioner.remove_role(person_id, place)
        provisioner.disable_account(person_id)
    assert provisioner.places_of(person_id) == set()


def test_several_processes_may_provision_the_same_new_tenant_at_once(realm: RealmUnderTest) -> None:
    tenant = f"X{uuid4().hex[:5].upper()}"
    place = Place(tenant, f"{tenant}T", "chair")

    def provision(person_id: str) -> set[Place]:
        own = new_provisioner(realm)
        own.ensure_organization(tenant, f"Tenant {tenant}")
        _made(own, person_id)
        own.add_to_organization(person_id, place)
        return own.places_of(person_id)

    with ThreadPoolExecutor(4) as pool:
        held = list(pool.map(provision, [str(uuid4()) for _ in range(4)]))

    assert held == [{place}] * 4


def test_the_same_person_may_be_provisioned_twice_at_once(realm: RealmUnderTest) -> None:
    person_id = str(uuid4())

    with ThreadPoolExecutor(3) as pool:
        accounts = list(pool.map(lambda _: _made(new_provisioner(realm), person_id), range(3)))

    assert len({account.id for account in accounts}) == 1


def test_the_last_role_in_a_tenant_takes_the_membership_along_and_no_other(provisioner: IdentityAdmin) -> None:
    person_id = str(uuid4())
    _made(provisioner, person_id)
    places = [LEAD, Place("XNV01", "DEMO01", "chair"), Place("XSM01", "DEMO13", "board-member")]
    for place in places:
        provisioner.add_to_organization(person_id, place)

    left = []
    for place in places:
        provisioner.remove_role(person_id, place)
        left.append(provisioner.places_of(person_id))

    assert left == [{places[1], places[2]}, {places[2]}, set()]


def test_a_changed_name_and_address_keep_everything_else(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person_id = str(uuid4())
    before = _made(provisioner, person_id)
    provisioner.add_to_organization(person_id, LEAD)

    after = provisioner.create_account(person_id, f"moved-{before.email}", "Married", "Name")

    stored = realm.admin.get(f"/users/{after.id}")
    assert (after.id, after.email) == (before.id, f"moved-{before.email}")
    assert (stored["firstName"], stored["lastName"]) == ("Married", "Name")
    assert stored["attributes"] == {"person_id": [person_id]}
    assert provisioner.places_of(person_id) == {LEAD}


def test_a_renamed_tenant_is_still_found(provisioner: IdentityAdmin) -> None:
    tenant = f"X{uuid4().hex[:5].upper()}"
    first = provisioner.ensure_organization(tenant, f"Old name {tenant}")

    renamed = provisioner.ensure_organization(tenant, f"New name {tenant}")

    assert renamed == first == provisioner.ensure_organization(tenant, f"New name {tenant}")


def test_an_address_belongs_to_one_account_even_to_one_we_cannot_see(provisioner: IdentityAdmin) -> None:
    taken = _made(provisioner, str(uuid4()))

    for address in (taken.email, taken.email.upper(), "noor.admin@demo.example"):
        with pytest.raises(AddressTaken):
            provisioner.create_account(str(uuid4()), address, "Some", "Body")


def test_an_account_is_ready_once_its_owner_has_set_it_up(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    made = _made(provisioner, str(uuid4()))
    person = somebody_new(realm, provisioner, LEAD)

    found = provisioner.find_account(person.person_id)

    assert not made.ready
    assert found is not None
    assert found.ready


def test_the_link_to_set_an_account_up_lives_as_long_as_asked(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    account = _made(provisioner, str(uuid4()))

    provisioner.send_setup_mail(account.person_id, INVITATION_SECONDS)

    token = realm.mailbox.link_to(account.email).partition("key=")[2].partition("&")[0]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == INVITATION_SECONDS


def test_nobody_is_found_by_an_id_that_is_not_theirs(provisioner: IdentityAdmin) -> None:
    nobody = str(uuid4())

    assert provisioner.find_account(nobody) is None
    provisioner.disable_account(nobody)
    for verb in (provisioner.end_sessions, provisioner.enable_account, provisioner.places_of):
        with pytest.raises(AccountMissing):
            verb(nobody)


def test_a_role_in_an_unknown_tenant_is_refused_for_good(provisioner: IdentityAdmin) -> None:
    account = _made(provisioner, str(uuid4()))

    with pytest.raises(IdentityProviderRefused, match="NOSUCH"):
        provisioner.add_to_organization(account.person_id, Place("NOSUCH", "DEMO01", "chair"))


def test_a_wrong_secret_is_refused_for_good_and_a_silent_server_is_worth_another_try(realm: RealmUnderTest) -> None:
    with pytest.raises(IdentityProviderRefused):
        _adapter(realm.base_url, realm.settings.realm).find_account("anybody")
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(IdentityProviderUnavailable):
        _adapter(f"http://127.0.0.1:{silent.getsockname()[1]}", realm.settings.realm).find_account("anybody")
    with pytest.raises(IdentityProviderUnavailable):
        _adapter("http://127.0.0.1:1", realm.settings.realm).find_account("anybody")


def test_a_new_phone_takes_factor_password_and_sessions_away_until_the_link_is_used(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    session = person.sign_in()

    needs_link = provisioner.reset_second_factor(person.person_id)

    assert needs_link
    assert person.is_refused()
    with pytest.raises(TokenRefused):
        session.refresh()
    provisioner.send_setup_mail(person.person_id, INVITATION_SECONDS)
    again = replace(person, otp_secret=set_up(realm.mailbox.link_to(person.email, after=1)))
    assert again.sign_in().tenants == ["XNV01"]


def test_with_a_work_account_a_new_phone_takes_the_factor_alone(
    realm: RealmUnderTest, work: WorkRealm, provisioner: IdentityAdmin
) -> None:
    person, worker = somebody_new(realm, provisioner, LEAD), work.somebody()
    provisioner.link_work_account(person.person_id, worker.subject, worker.username)

    needs_link = provisioner.reset_second_factor(person.person_id)

    assert not needs_link
    assert "totp" in fields_of(work.come_in(Browser(), worker.username))


def test_what_is_chosen_and_mailed_reads_the_account_once_and_keeps_what_it_does_not_change(
    provisioner: IdentityAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, calls, call = _made(provisioner, str(uuid4())), [], AdminApi.call

    def counted(api: AdminApi, method: Method, path: str, *args: Any, **options: Any) -> Any:
        calls.append((method, path.rpartition("/")[2]))
        return call(api, method, path, *args, **options)

    monkeypatch.setattr(AdminApi, "call", counted)
    provisioner.send_setup_mail(account.person_id, INVITATION_SECONDS, passkey=True)
    monkeypatch.undo()

    assert calls == [("get", "users"), ("put", account.id), ("put", "execute-actions-email")]
    assert provisioner.find_account(account.person_id) == account
    assert _made(provisioner, account.person_id) == account


def _made(provisioner: IdentityAdmin, person_id: str) -> Account:
    return provisioner.create_account(person_id, f"{person_id[:13]}@demo.example", "Nell", "Newcomer")


def _adapter(server_url: str, realm: str) -> IdentityAdmin:
    return IdentityAdmin(
        IdentityAdminConfig(
            server_url, realm, "directory-provisioner", "not the secret", "portal", "http://x", timeout=1
        )
    )
