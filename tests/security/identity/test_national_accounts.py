"""National accounts: made by the server's administrator, out of the directory's reach."""

from uuid import uuid4

import pytest

from infra.keycloak.national_accounts import NationalPerson, NotANationalRole, appoint
from shared.identity_admin import AddressTaken, IdentityAdmin
from shared.testing.sign_in import claims_of
from tests.security.identity.people import PASSWORD, set_up
from tests.security.identity.realm_under_test import RealmUnderTest


def _somebody(role: str) -> NationalPerson:
    person_id = str(uuid4())
    return NationalPerson(person_id, f"{person_id[:8]}@national.example", "Nadia", "National", role)


def test_an_appointed_person_sets_the_account_up_and_signs_in_without_a_tenant(realm: RealmUnderTest) -> None:
    person = _somebody("national-administrator")
    appoint(realm.admin, realm.settings, person)

    otp_secret = set_up(realm.mailbox.link_to(person.email))

    claims = claims_of(realm.portal.sign_in(person.email, PASSWORD, otp_secret).token("directory-api"))
    assert claims["realm_access"] == {"roles": ["national-administrator"]}
    assert claims["person_id"] == person.person_id
    assert "organization" not in claims


def test_the_directory_neither_sees_nor_overwrites_the_account(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person = _somebody("national-analyst")
    appoint(realm.admin, realm.settings, person)

    assert provisioner.find_account(person.person_id) is None
    with pytest.raises(AddressTaken):
        provisioner.create_account(person.person_id, person.email, "Nadia", "National")


def test_appointing_twice_makes_one_account(realm: RealmUnderTest) -> None:
    person = _somebody("operator")

    accounts = {appoint(realm.admin, realm.settings, person) for _ in range(2)}

    assert len(accounts) == 1


def test_a_role_inside_organisations_is_not_given_here(realm: RealmUnderTest) -> None:
    with pytest.raises(NotANationalRole):
        appoint(realm.admin, realm.settings, _somebody("chair"))
