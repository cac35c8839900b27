"""Whoever changed the e-mail address signs in with the new one, and the old one opens nothing and is free."""

import json
from dataclasses import replace
from uuid import uuid4

from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import claims_of
from tests.security.identity.people import somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest

LEAD = Place("XNV01", "DEMO02", "improvement-lead")


def test_whoever_has_a_new_address_signs_in_with_it_and_the_old_one_is_free(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    moved = replace(person, email=f"moved-{person.email}")

    provisioner.create_account(person.person_id, moved.email, "Nell", "Newcomer")

    assert claims_of(moved.sign_in().token("directory-api", "XNV01"))["person_id"] == person.person_id
    assert person.is_refused(), "the old address opens the account no more"
    assert provisioner.create_account(str(uuid4()), person.email, "Jo", "Smith").email == person.email


def test_a_user_name_that_is_no_address_stays(realm: RealmUnderTest, provisioner: IdentityAdmin) -> None:
    person_id = str(uuid4())
    account = provisioner.create_account(person_id, f"{person_id[:13]}@demo.example", "Nell", "Newcomer")
    named = f"user-{account.person_id[:8]}"
    realm.admin.put(f"/users/{account.id}", {**realm.admin.get(f"/users/{account.id}"), "username": named})

    provisioner.create_account(account.person_id, f"moved-{account.email}", "Nell", "Newcomer")

    assert realm.admin.get(f"/users/{account.id}")["username"] == named


def test_a_user_name_that_is_an_address_of_before_follows_too(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    """The release before changes the e-mail alone, as long as pods of it run beside ours."""
    person = somebody_new(realm, provisioner, LEAD)
    account = realm.admin.get("/users", username=person.email, exact="true")[0]
    moved = replace(person, email=f"moved-{person.email}")
    realm.admin.put(f"/users/{account['id']}", {**account, "email": moved.email})

    provisioner.create_account(person.person_id, moved.email, "Nell", "Newcomer")

    assert realm.admin.get(f"/users/{account['id']}")["username"] == moved.email
    assert person.is_refused(), "the old address opens the account no more"


def test_nobody_changes_their_own_user_name(realm: RealmUnderTest) -> None:
    (profile,) = realm.admin.get("/components?type=org.keycloak.userprofile.UserProfileProvider")
    (told,) = profile["config"]["kc.user.profile.config"]

    (username,) = (one for one in json.loads(told)["attributes"] if one["name"] == "username")
    assert username["permissions"]["edit"] == ["admin"]
