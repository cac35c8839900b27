"""Whose a new address is: nobody else changes it or follows its link, and one that is another's is not taken."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.work_accounts import WorkAccount
from services.directory.models import appointment
from services.directory.models import person as person_table
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import Provisioning
from tests.integration.directory.addresses_of_people import Addresses
from tests.integration.directory.conftest import Post, Register, change_roles

OUR_HAND = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)


@pytest.fixture
def person(register: Register) -> Person:
    return register.person(register.trust(), Role.BOARD_MEMBER, name="Bola Adeyemi")


def test_no_access_manager_can_change_it_or_follow_the_link(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person, new_address: str
) -> None:
    """Whoever could would reset the second factor afterwards, and be mailed the link that opens the account."""
    manager = register.person(person.org_id, Role.ACCESS_MANAGER)
    old, secret = addresses.of(person), addresses.asked(person, new_address)
    client = directory.client(manager)

    tries = [
        client.patch(f"/v1/people/{person.person_id}", {"name": "Bola Adeyemi", "email": new_address}),
        client.post("/v1/me/address", {"email": new_address, "person_id": person.person_id}),
    ]

    assert [one.status_code for one in tries] == [422, 422]
    assert [addresses.look(manager, secret).status_code, addresses.confirm(manager, secret).status_code] == [404, 404]
    assert addresses.of(person) == old
    assert addresses.confirm(person, secret).status_code == 200


def test_another_persons_link_does_not_exist_even_for_somebody_with_one_of_their_own(
    register: Register, addresses: Addresses, person: Person, new_address: str
) -> None:
    other = register.person(person.org_id, Role.CHAIR)
    theirs, mine = addresses.asked(other, f"{new_id()}@new.example"), addresses.asked(person, new_address)

    crossed = [addresses.confirm(person, theirs), addresses.confirm(other, mine)]

    assert [one.status_code for one in crossed] == [404, 404]
    assert [one.json["type"] for one in crossed] == ["/problems/not-found"] * 2


def test_nobody_who_has_not_signed_in_follows_a_link(
    directory: ServiceUnderTest, addresses: Addresses, person: Person, new_address: str
) -> None:
    path = f"/v1/me/address/by-token/{addresses.asked(person, new_address)}"

    nobody = directory.client_with(None)

    assert [nobody.get(path).status_code, nobody.post(f"{path}/confirm").status_code] == [401, 401]


def test_of_two_who_confirm_one_address_at_once_one_has_it_and_the_other_keeps_the_old_one(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person, new_address: str
) -> None:
    other = register.person(person.org_id, Role.CHAIR)
    before = {one.person_id: addresses.of(one) for one in (person, other)}
    links = [(one, addresses.asked(one, new_address)) for one in (person, other)]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda link: addresses.confirm(*link), links))

    assert sorted(one.status_code for one in answers) == [200, 409]
    loser = next(who for (who, _), answer in zip(links, answers, strict=True) if answer.status_code == 409)
    assert next(one.json["type"] for one in answers if one.status_code == 409) == "/problems/address-in-use"
    assert addresses.of(loser) == before[loser.person_id]
    assert directory.events(event_types.PERSON_ADDRESS_CHANGED, key=loser.person_id) == []


def test_whether_an_address_is_known_is_told_only_to_who_reads_its_mails(
    register: Register, addresses: Addresses, person: Person, new_address: str
) -> None:
    taken, old = addresses.of(register.person(register.trust(), Role.CHAIR)), addresses.of(person)

    known = addresses.ask(person, taken)
    addresses.deliver()
    refused = addresses.confirm(person, addresses.link_to(taken))
    unknown = addresses.ask(person, new_address)

    assert (known.status_code, known.json.keys()) == (unknown.status_code, unknown.json.keys())
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/address-in-use")
    assert (addresses.of(person), addresses.former(person)) == (old, [])


def test_a_mailbox_that_was_reissued_since_its_owner_left_is_the_new_owners(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person, provisioning: Provisioning
) -> None:
    left = register.person(person.org_id, Role.CHAIR)
    provisioning.run()
    reissued = addresses.of(left)
    change_roles(
        directory,
        left.person_id,
        valid_from=func.now() - timedelta(days=90),
        ended_at=func.now() - timedelta(days=31),
    )

    assert addresses.confirm(person, addresses.asked(person, reissued)).json == {"email": reissued}

    provisioning.run()
    account = provisioning.accounts.find_account(person.person_id)
    assert account is not None
    assert account.email == reissued
    assert provisioning.accounts.find_account(left.person_id) is None


def test_who_is_given_a_role_again_while_somebody_takes_their_address_keeps_it(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person
) -> None:
    left = register.person(person.org_id, Role.CHAIR)
    address, secret = addresses.of(left), addresses.asked(person, addresses.of(left))
    ago = [func.now() - timedelta(days=days) for days in (90, 31)]
    change_roles(directory, left.person_id, valid_from=ago[0], ended_at=ago[1])

    with ThreadPoolExecutor(1) as pool, directory.unit_of_work(OUR_HAND) as uow:
        uow.session.execute(select(person_table).where(person_table.c.person_id == left.person_id).with_for_update())
        taken = pool.submit(addresses.confirm, person, secret)
        waited = not wait([taken], timeout=1).done
        held = appointment.c.person_id == left.person_id
        uow.session.execute(update(appointment).where(held).values(ended_at=None))
        uow.commit()

    assert (waited, taken.result().status_code) == (True, 409)
    assert addresses.of(left) == address


def test_an_operator_looks_after_the_addresses_of_the_national_team(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person, new_address: str
) -> None:
    analyst = register.national(Role.NATIONAL_ANALYST)
    secret = addresses.asked(person, new_address)
    register.person(NATIONAL_TENANT, Role.NATIONAL_ANALYST, person_id=person.person_id)

    asked, confirmed = addresses.ask(analyst, f"{new_id()}@new.example"), addresses.confirm(person, secret)

    assert [one.json["type"] for one in (asked, confirmed)] == ["/problems/national-account"] * 2
    assert directory.client(analyst).get("/v1/me/account").json["address_kept_here"] is False


def test_who_signs_in_with_a_work_account_goes_on_doing_so(
    directory: ServiceUnderTest, addresses: Addresses, person: Person, new_address: str
) -> None:
    with directory.unit_of_work(Principal.service(person.tenant_id, person.org_id)) as uow:
        link_work_account(uow, person.person_id, WorkAccount("https://work.example", f"{new_id()}", None, "bola"))
        uow.commit()

    addresses.confirm(person, addresses.asked(person, new_address))

    held = directory.client(person).get("/v1/me/account").json
    assert ([one["shown_name"] for one in held["work_accounts"]], held["email"]) == (["bola"], new_address)


def test_an_invitation_to_the_old_address_is_one_to_that_mailbox(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person, new_address: str, post: Post
) -> None:
    old, trust = addresses.of(person), register.trust()
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))
    manager.post("/v1/invitations", {"name": "Whoever Reads", "email": old, "role": "chair"})
    secret = post.deliver().secret_for(old)

    addresses.confirm(person, addresses.asked(person, new_address))
    taken = directory.client_with(None).post(f"/v1/invitations/by-token/{secret}/accept")

    assert taken.status_code == 200
    (granted,) = [e for e in directory.events(event_types.MEMBERSHIP_GRANTED, org=trust) if e.data["role"] == "chair"]
    assert granted.data["person_id"] != person.person_id
    assert addresses.of(person) == new_address
