"""An invitation holds only while whoever sent it could send it again; a colleague who can makes it good."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Post, Register, age_invitation
from tests.integration.directory.test_memberships import end, membership_of

NOT_USABLE = (409, "/problems/invitation-not-usable")


@dataclass
class Leaving:
    """A trust with two access managers, of whom one invites somebody and is then removed by the other."""

    trust: str
    sent: str
    email: str
    secret: str
    leaving: Person
    stays: Client


def _invite(client: Client, email: str, role: str) -> str:
    sent = client.post("/v1/invitations", {"name": "Bola Adeyemi", "email": email, "role": role})
    assert sent.status_code == 201
    return str(sent.json["id"])


@pytest.fixture(params=["access-manager", "chair"])
def removed(directory: ServiceUnderTest, register: Register, post: Post, request: pytest.FixtureRequest) -> Leaving:
    trust, email = register.trust(), f"{new_id()}@trust.example"
    leaving = register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah")
    stays = directory.client(register.person(trust, Role.ACCESS_MANAGER))
    sent = _invite(directory.client(leaving), email, request.param)
    secret = post.deliver().secret_for(email)
    assert end(stays, membership_of(directory, leaving)) == 200
    return Leaving(trust, sent, email, secret, leaving, stays)


@pytest.fixture
def nobody(directory: ServiceUnderTest) -> Client:
    return directory.client_with(None)


def test_the_link_of_somebody_who_may_no_longer_invite_gives_nothing_and_says_whom_to_ask(
    directory: ServiceUnderTest, nobody: Client, removed: Leaving
) -> None:
    before = directory.events(event_types.MEMBERSHIP_GRANTED, org=removed.trust)

    refused = nobody.post(f"/v1/invitations/by-token/{removed.secret}/accept")

    assert (refused.status_code, refused.json["type"]) == NOT_USABLE
    assert f"looks after access at {removed.trust} (fictional)" in refused.json["detail"]
    assert directory.events(event_types.MEMBERSHIP_GRANTED, org=removed.trust) == before


def test_such_a_link_is_not_renewed_either(
    directory: ServiceUnderTest, nobody: Client, post: Post, removed: Leaving
) -> None:
    age_invitation(directory, removed.email, timedelta(days=15))

    refused = nobody.post(f"/v1/invitations/by-token/{removed.secret}/renew")

    assert (refused.status_code, refused.json["type"]) == NOT_USABLE
    assert len(post.deliver().to(removed.email)) == 1


def test_a_colleague_who_sends_it_again_makes_it_good(nobody: Client, post: Post, removed: Leaving) -> None:
    lapsed = removed.stays.get("/v1/invitations").json["items"][0]["lapsed"]

    assert removed.stays.post(f"/v1/invitations/{removed.sent}/resend").status_code == 200
    assert (lapsed, removed.stays.get("/v1/invitations").json["items"][0]["lapsed"]) == (True, False)
    secret = post.deliver().secret_for(removed.email)

    accepted = nobody.post(f"/v1/invitations/by-token/{secret}/accept")

    assert accepted.status_code == 200


def test_whoever_was_invited_does_not_make_it_good_for_oneself(
    directory: ServiceUnderTest, register: Register, removed: Leaving
) -> None:
    invited = register.person(removed.trust, Role.ACCESS_MANAGER)
    other = directory.client(register.person(removed.trust, Role.ACCESS_MANAGER))
    sent = _invite(other, f"{invited.person_id}@trust.example", "company-secretary")

    assert directory.client(invited).post(f"/v1/invitations/{sent}/resend").status_code == 409


def test_an_icb_sends_again_no_invitation_to_a_post_that_is_filled(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    body = {"name": "Bola Adeyemi", "email": f"{new_id()}@trust.example", "role": "access-manager"}
    sent = board.post("/v1/invitations", {**body, "organisation": trust}).json
    register.person(trust, Role.ACCESS_MANAGER)

    assert board.post(f"/v1/invitations/{sent['id']}/resend").status_code == 403
