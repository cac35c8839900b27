"""A passkey, or a password and a code: chosen when the invitation is taken up, by whoever takes it up."""

from typing import Any

import pytest

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.account_stores import Provisioning
from tests.integration.directory.accounts_in_memory import AccountsInMemory
from tests.integration.directory.conftest import Post, Register
from tests.integration.directory.test_invitations import address, invitation


def _take_up(directory: ServiceUnderTest, register: Register, post: Post, body: dict[str, Any]) -> tuple[int, str]:
    """Be invited and accept; return the answer's status and the person's id."""
    trust, email = register.trust(), address()
    directory.client(register.person(trust, Role.ACCESS_MANAGER)).post("/v1/invitations", invitation(email))
    secret = post.deliver().secret_for(email)
    answer = directory.client_with(None).post(f"/v1/invitations/by-token/{secret}/accept", body)
    granted = directory.events(event_types.MEMBERSHIP_GRANTED, org=trust)[-1]
    return answer.status_code, str(granted.data["person_id"])


@pytest.mark.parametrize(("body", "asked_for"), [({"passkey": True}, True), ({"passkey": False}, False), ({}, None)])
def test_what_was_chosen_is_asked_for_and_a_later_role_changes_nothing(
    directory: ServiceUnderTest, register: Register, post: Post, body: dict[str, Any], *, asked_for: bool | None
) -> None:
    store = AccountsInMemory()
    provisioning = Provisioning(directory, store)

    status, person_id = _take_up(directory, register, post, body)
    provisioning.run()
    register.person(register.trust(), Role.CHAIR, person_id=person_id)
    provisioning.run()

    assert status == 200
    assert store.passkeys.get(person_id) is asked_for
    assert store.mails.count(store.accounts[person_id].email) == 1


def test_a_choice_that_is_none_is_refused(directory: ServiceUnderTest, register: Register, post: Post) -> None:
    trust, email = register.trust(), address()
    directory.client(register.person(trust, Role.ACCESS_MANAGER)).post("/v1/invitations", invitation(email))
    secret = post.deliver().secret_for(email)

    refused = directory.client_with(None).post(f"/v1/invitations/by-token/{secret}/accept", {"passkey": "perhaps"})

    assert refused.status_code == 422
