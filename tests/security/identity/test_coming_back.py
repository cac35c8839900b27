"""Who comes back, and who gets a leaver's mailbox: what opened the old account opens nothing, on the real server.

Accounts are brought in line as the directory does it, from what it holds.
"""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.directory.account_work import ProvisionAccount, Wanted
from services.directory.second_factor_work import Reset, ResetSecondFactor
from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import Browser, TokenRefused, claims_of
from tests.security.identity.passkey_holders import LEAD, added_by, kinds, sign_in_with
from tests.security.identity.people import NewPerson, set_up, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest
from tests.security.identity.work_realm_under_test import WorkRealm

CHAIR = Place("XNV01", "DEMO02", "chair")


@pytest.fixture
def provisioning(provisioner: IdentityAdmin, realm: RealmUnderTest) -> ProvisionAccount:
    """Return the scheduler's part."""
    return ProvisionAccount(provisioner, realm.issuer, "https://work.example")


def _wanted(who: NewPerson, *places: Place) -> Wanted:
    return Wanted(
        person_id=who.person_id,
        email=who.email,
        first_name="Jo",
        last_name="Smith",
        places=frozenset(places),
        tenant_names={"XNV01": "Northvale"},
        national=False,
        mail_wanted=False,
        work=None,
        passkey=None,
        anew=False,
        gives_up=None,
    )


@pytest.mark.parametrize("closed", [True, False])
def test_who_comes_back_is_let_in_by_nothing_that_opened_the_account_before(
    realm: RealmUnderTest, work: WorkRealm, provisioner: IdentityAdmin, provisioning: ProvisionAccount, *, closed: bool
) -> None:
    person, worker = somebody_new(realm, provisioner, LEAD), work.somebody()
    passkey, session = added_by(realm, person), person.sign_in()
    provisioner.link_work_account(person.person_id, worker.subject, worker.username)

    if closed:
        provisioning.act(_wanted(person))
    provisioning.act(replace(_wanted(person, CHAIR), anew=not closed))

    assert person.is_refused()
    assert not sign_in_with(realm, passkey).is_redirect
    assert work.come_in(Browser(), worker.username).status_code == 401
    assert kinds(realm, person.email) == []
    with pytest.raises(TokenRefused):
        session.refresh()
    again = replace(person, otp_secret=set_up(realm.mailbox.link_to(person.email, after=1)))
    claims = claims_of(again.sign_in().token("directory-api", "XNV01"))
    assert (claims["acr"], claims["person_id"]) == ("strong", person.person_id)
    assert claims["organization"]["xnv01"]["groups"] == ["/DEMO02/chair"]  # type: ignore[index]


def test_the_link_to_a_work_account_ends_with_the_last_role(
    realm: RealmUnderTest, work: WorkRealm, provisioner: IdentityAdmin, provisioning: ProvisionAccount
) -> None:
    person, worker, successor = somebody_new(realm, provisioner, LEAD), work.somebody(), str(uuid4())
    provisioner.link_work_account(person.person_id, worker.subject, worker.username)

    for _ in range(2):
        provisioning.act(_wanted(person))

    provisioner.create_account(successor, f"{successor[:8]}@demo.example", "Sam", "Successor")
    provisioner.link_work_account(successor, worker.subject, worker.username)


def test_a_reissued_address_is_taken_by_a_new_account_and_the_leavers_opens_no_more(
    realm: RealmUnderTest, work: WorkRealm, provisioner: IdentityAdmin, provisioning: ProvisionAccount
) -> None:
    left, worker, person_id = somebody_new(realm, provisioner, LEAD), work.somebody(), str(uuid4())
    provisioner.link_work_account(left.person_id, worker.subject, worker.username)
    provisioning.act(_wanted(left))
    newcomer = replace(_wanted(left, CHAIR), person_id=person_id, gives_up=left.person_id, mail_wanted=True)

    made = [provisioning.act(newcomer) for _ in range(2)]

    assert made[0] == made[1]
    assert provisioner.find_account(left.person_id) is None
    assert left.is_refused()
    assert work.come_in(Browser(), worker.username).status_code == 401
    new = replace(left, otp_secret=set_up(realm.mailbox.link_to(left.email, after=2)))
    claims = claims_of(new.sign_in().token("directory-api", "XNV01"))
    assert claims["person_id"] == person_id
    assert provisioner.places_of(person_id) == {CHAIR}


def test_without_the_work_account_everything_is_set_up_anew_from_a_mail(
    realm: RealmUnderTest, work: WorkRealm, provisioner: IdentityAdmin
) -> None:
    person, worker = somebody_new(realm, provisioner, LEAD), work.somebody()
    provisioner.link_work_account(person.person_id, worker.subject, worker.username)

    ResetSecondFactor(provisioner).act(Reset(person.person_id, passkey=False, unlink=True))

    assert work.come_in(Browser(), worker.username).status_code == 401
    assert person.is_refused()
    again = replace(person, otp_secret=set_up(realm.mailbox.link_to(person.email, after=1)))
    assert again.sign_in().tenants == ["XNV01"]
