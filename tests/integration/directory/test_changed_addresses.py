"""An e-mail address is changed by its owner alone, by a link to the new one that works for nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import Provisioning
from tests.integration.directory.addresses_of_people import Addresses
from tests.integration.directory.conftest import Register, change_roles


@pytest.fixture
def person(register: Register) -> Person:
    return register.person(register.trust(), Role.BOARD_MEMBER, name="Bola Adeyemi")


def test_nothing_changes_before_the_link_is_confirmed_and_then_the_account_follows(
    directory: ServiceUnderTest, addresses: Addresses, person: Person, new_address: str, provisioning: Provisioning
) -> None:
    provisioning.run()
    old = addresses.of(person)
    secret = addresses.asked(person, new_address)

    shown = addresses.look(person, secret)

    assert (shown.status_code, shown.json["email"]) == (200, new_address)
    assert addresses.of(person) == old
    assert directory.client(person).get("/v1/me/account").json["address_change"] == shown.json
    confirmed = addresses.confirm(person, secret)
    assert (confirmed.status_code, confirmed.json) == (200, {"email": new_address})
    assert addresses.of(person) == directory.client(person).get("/v1/me").json["email"] == new_address
    assert directory.client(person).get("/v1/me/account").json["address_change"] is None
    assert (addresses.waiting(person), addresses.due(person)) == ([], [])
    provisioning.run()
    account = provisioning.accounts.find_account(person.person_id)
    assert account is not None
    assert account.email == new_address


def test_it_is_told_by_an_event_of_the_organisation_acted_for_longest_and_audited_without_an_address(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, person: Person, new_address: str
) -> None:
    small = register.person(register.trust(), Role.ACTION_OWNER, person_id=person.person_id)
    change_roles(directory, person.person_id, person.org_id, valid_from=func.now() - timedelta(days=365))
    manager = directory.client(register.person(small.org_id, Role.ACCESS_MANAGER))

    addresses.confirm(small, addresses.asked(small, new_address))

    (told,) = directory.events(event_types.PERSON_ADDRESS_CHANGED, key=person.person_id)
    lines = manager.get("/v1/audit").json["items"]
    assert (told.org_id, told.tenant_id, told.actor) == (person.org_id, person.tenant_id, person.person_id)
    assert set(told.data) == {"person_id", "org_id", "changed_at"}
    assert {"account.address-change-asked", "account.address-changed"} <= {line["action"] for line in lines}
    assert "new.example" not in f"{told}{lines}"


def test_a_link_lives_24_hours_and_then_the_new_address_is_forgotten(
    directory: ServiceUnderTest, addresses: Addresses, person: Person, new_address: str
) -> None:
    secret = addresses.asked(person, new_address)
    addresses.age(person, timedelta(hours=23, minutes=59))
    addresses.deliver()
    assert addresses.look(person, secret).status_code == 200

    addresses.age(person, timedelta(minutes=1))

    assert addresses.look(person, secret).status_code == 404
    assert addresses.confirm(person, secret).status_code == 404
    assert directory.client(person).get("/v1/me/account").json["address_change"] is None
    addresses.deliver()
    assert (addresses.waiting(person), addresses.due(person)) == ([], [])


def test_a_newer_request_ends_the_older_link(addresses: Addresses, person: Person, new_address: str) -> None:
    newer = f"{new_id()}@new.example"
    older_secret = addresses.asked(person, new_address)

    addresses.ask(person, newer)
    before_sending = addresses.confirm(person, older_secret).status_code
    addresses.deliver()

    assert (before_sending, addresses.confirm(person, older_secret).status_code) == (404, 404)
    assert addresses.confirm(person, addresses.link_to(newer)).json == {"email": newer}


def test_a_link_that_is_being_sent_never_confirms_an_address_asked_for_meanwhile(
    directory: ServiceUnderTest, addresses: Addresses, person: Person, new_address: str
) -> None:
    mistyped, handlers = f"{new_id()}@wrong.example", addresses.handlers()
    addresses.ask(person, mistyped)
    send, sent = addresses.mails.send, []

    def while_sending(mail: object) -> str:
        if not sent:
            sent.append(addresses.ask(person, new_address).status_code)
        return send(mail)  # type: ignore[arg-type]

    addresses.mails.send = while_sending  # type: ignore[method-assign]
    assert handlers
    addresses.deliver()

    assert sent == [200]
    assert addresses.confirm(person, addresses.link_to(mistyped)).status_code == 404
    addresses.deliver()
    assert addresses.confirm(person, addresses.link_to(new_address)).json == {"email": new_address}


def test_a_stopped_change_leaves_nothing(addresses: Addresses, person: Person, new_address: str) -> None:
    old, secret = addresses.of(person), addresses.asked(person, new_address)

    assert addresses.stop(person).status_code == 200

    assert addresses.confirm(person, secret).status_code == 404
    assert (addresses.waiting(person), addresses.due(person), addresses.of(person)) == ([], [], old)
    assert addresses.stop(person).status_code == 200


def test_a_link_works_once_also_when_pressed_four_times_at_once(
    directory: ServiceUnderTest, addresses: Addresses, person: Person, new_address: str
) -> None:
    secret = addresses.asked(person, new_address)

    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(addresses.confirm, person, secret) for _ in range(4)]
        answered = sorted(one.result().status_code for one in tries)

    assert answered == [200, 404, 404, 404]
    assert len(directory.events(event_types.PERSON_ADDRESS_CHANGED, key=person.person_id)) == 1


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=23, minutes=59)])
def test_three_links_a_day_are_enough_stopped_ones_included(
    addresses: Addresses, person: Person, new_address: str, after: timedelta
) -> None:
    assert addresses.ask(person, new_address).status_code == 200
    addresses.age(person, after)
    assert [addresses.ask(person, new_address).status_code, addresses.stop(person).status_code] == [200, 200]
    assert addresses.ask(person, new_address).status_code == 200

    refused = addresses.ask(person, new_address)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/address-change-too-often")
    addresses.age(person, timedelta(hours=24) - after)
    assert addresses.ask(person, new_address).status_code == 200


def test_pressed_twice_one_link_is_sent(addresses: Addresses, person: Person, new_address: str) -> None:
    answers = [addresses.ask(person, new_address, key="one-press") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(addresses.deliver().to(new_address)) == 1


def test_it_needs_a_fresh_second_factor(addresses: Addresses, person: Person, new_address: str) -> None:
    assert addresses.ask(person, new_address, strong=False).status_code == 401
    assert addresses.waiting(person) == []


@pytest.mark.parametrize("email", ["", "bola", "bola@", "b ö@trust.example", "a@b.example\nBcc: c@d.example"])
def test_what_is_no_address_is_refused(addresses: Addresses, person: Person, email: str) -> None:
    refused = addresses.ask(person, email)

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "email")


def test_the_present_address_is_not_asked_for(addresses: Addresses, person: Person) -> None:
    refused = addresses.ask(person, addresses.of(person).upper())

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/address-is-yours")
