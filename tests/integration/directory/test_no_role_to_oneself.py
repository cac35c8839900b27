"""Nobody gives themself a role, whatever address an invitation of theirs went to."""

import pytest

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.addresses_of_people import Addresses
from tests.integration.directory.conftest import Post, Register


@pytest.fixture
def manager(register: Register) -> Person:
    return register.person(register.trust(), Role.ACCESS_MANAGER, name="Amir Shah")


@pytest.fixture
def colleague(register: Register, manager: Person) -> Person:
    return register.person(manager.org_id, Role.ACCESS_MANAGER, name="Ada Shaw")


def accepted(directory: ServiceUnderTest, secret: str) -> tuple[int, str]:
    answer = directory.client_with(None).post(f"/v1/invitations/by-token/{secret}/accept")
    return answer.status_code, answer.json.get("detail", "")


def chairs_of(directory: ServiceUnderTest, trust: str) -> list[str]:
    granted = directory.events(event_types.MEMBERSHIP_GRANTED, org=trust)
    return [event.data["person_id"] for event in granted if event.data["role"] == Role.CHAIR]


@pytest.mark.parametrize("sent_again", [False, True])
def test_not_by_inviting_a_mailbox_that_becomes_ones_own_address(
    directory: ServiceUnderTest,
    addresses: Addresses,
    manager: Person,
    colleague: Person,
    new_address: str,
    post: Post,
    *,
    sent_again: bool,
) -> None:
    first = colleague if sent_again else manager
    invited = {"name": "Chandra Rao", "email": new_address, "role": "chair"}
    sent = directory.client(first).post("/v1/invitations", invited).json
    if sent_again:
        directory.client(manager).post(f"/v1/invitations/{sent['id']}/resend")
    secret = post.deliver().secret_for(new_address)
    addresses.confirm(manager, addresses.asked(manager, new_address))

    refused = accepted(directory, secret)

    assert refused == (409, "You cannot give yourself a role. Ask a colleague.")
    assert chairs_of(directory, manager.org_id) == []


def test_a_colleagues_invitation_to_what_is_ones_own_address_by_now_is_taken_up(
    directory: ServiceUnderTest,
    addresses: Addresses,
    manager: Person,
    colleague: Person,
    new_address: str,
    post: Post,
) -> None:
    invited = {"name": "Amir Shah", "email": new_address, "role": "chair"}
    directory.client(colleague).post("/v1/invitations", invited)
    secret = post.deliver().secret_for(new_address)
    addresses.confirm(manager, addresses.asked(manager, new_address))

    assert accepted(directory, secret)[0] == 200
    assert chairs_of(directory, manager.org_id) == [manager.person_id]
