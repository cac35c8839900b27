"""The two mails of a changed address: what they say, to whom, and how long the old address is kept."""

import re
from datetime import datetime

import pytest
from sqlalchemy import insert

from services.directory.commands.address_changes import TELL
from services.directory.models import former_address
from shared import due_work
from shared.clock import LONDON
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.addresses_of_people import Addresses
from tests.integration.directory.conftest import Register


def _member(register: Register) -> Person:
    return register.person(register.trust(), Role.BOARD_MEMBER, name="Bola Adeyemi")


def _moment(told: str) -> str:
    moment = datetime.fromisoformat(told).astimezone(LONDON)
    return f"{moment:%H:%M} on {moment.day} {moment:%B %Y}"


def test_the_new_address_is_told_what_to_do_by_when_and_not_who_asks(
    register: Register, addresses: Addresses, new_address: str
) -> None:
    person = _member(register)
    asked = addresses.ask(person, new_address).json

    (mail,) = addresses.deliver().to(new_address)

    greeting, why, how, link, otherwise = [line for line in mail.body.splitlines() if line]
    assert (mail.subject, greeting) == ("Confirm your new e-mail address", "Hello")
    assert why.startswith("Somebody who is signed in to Improve Together asks for mails to come to this address")
    assert f"open this link by {_moment(asked['expires_at'])}, sign in and press the button" in how
    assert link == f"http://localhost:8000/account/address/{addresses.link_to(new_address)}"
    assert otherwise.startswith("If it was not you, do nothing.")
    assert not re.search(f"Bola|{person.person_id}|{person.org_id}|{addresses.of(person)}", f"{mail}")


def test_the_secret_lies_nowhere_in_the_clear(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, new_address: str
) -> None:
    person = _member(register)
    secret = addresses.asked(person, new_address)

    (row,) = addresses.waiting(person)

    assert len(secret) >= 43, "256 bits"
    assert secret not in f"{row}"
    assert row.secret_hash not in f"{directory.client(person).get('/v1/me/account').json}"


def test_the_old_address_is_told_once_whom_to_ask_and_forgotten(
    register: Register, addresses: Addresses, new_address: str
) -> None:
    person = _member(register)
    register.person(person.org_id, Role.ACCESS_MANAGER)
    old, secret = addresses.of(person), addresses.asked(person, new_address)
    addresses.confirm(person, secret)
    assert addresses.former(person) == [old]

    addresses.deliver()
    addresses.deliver()

    (mail,) = addresses.mails.to(old)
    assert mail.subject == "Your e-mail address was changed"
    assert f"tell the access manager of {person.org_id} (fictional) today" in mail.body
    assert "Do not ask them to reset how you sign in" in mail.body
    assert not re.search(f"Bola|{person.person_id}|{new_address}", f"{mail.subject}{mail.body}")
    assert addresses.former(person) == []


@pytest.mark.parametrize(
    ("region", "role", "whom"),
    [
        (False, Role.ACCESS_MANAGER, "tell the operator of this service today"),
        (False, Role.BOARD_MEMBER, "tell the operator of this service today"),
        (True, Role.REGIONAL_LEAD, "tell a national administrator, or the operator of this service, today"),
    ],
)
def test_whoever_took_an_account_over_is_not_named_as_whom_to_ask(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, role: Role, whom: str, *, region: bool
) -> None:
    """Asked of the due work itself: the access check of these tests knows no region."""
    person = register.person("Y60" if region else register.trust(), role)
    row = {"id": new_id(), "person_id": person.person_id, "email": f"{new_id()}@old.example"}
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(insert(former_address).values(**row, changed_at=uow.now))
        due_work.add(uow, TELL, str(row["id"]), uow.now)
        uow.commit()

    (mail,) = addresses.deliver().to(str(row["email"]))

    assert whom in mail.body
    assert "access manager" not in mail.body


def test_while_the_mail_service_is_away_the_old_address_waits_for_its_mail(
    register: Register, addresses: Addresses, new_address: str
) -> None:
    person = _member(register)
    old, secret = addresses.of(person), addresses.asked(person, new_address)
    addresses.confirm(person, secret)
    addresses.mails.away = True

    addresses.deliver()

    assert addresses.former(person) == [old]
    addresses.mails.away = False
    addresses.make_due()
    assert len(addresses.deliver().to(old)) == 1
    assert addresses.former(person) == []


def test_an_old_address_that_takes_no_mail_is_forgotten_all_the_same(
    register: Register, addresses: Addresses, new_address: str
) -> None:
    person = _member(register)
    secret = addresses.asked(person, new_address)
    addresses.confirm(person, secret)
    addresses.mails.refuse = True

    addresses.deliver()

    assert addresses.former(person) == []


def test_a_change_stopped_before_its_mail_sends_none(
    register: Register, addresses: Addresses, new_address: str
) -> None:
    person = _member(register)
    addresses.ask(person, new_address)
    addresses.stop(person)

    assert addresses.deliver().to(new_address) == []
