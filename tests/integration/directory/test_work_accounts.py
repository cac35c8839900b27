"""Linking a work account from an invitation: by issuer and subject, once, and never by address alone (K12, K16)."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.directory.models import external_identity
from services.directory.work_tokens import EXTENSION, WorkTokens
from shared.config import work_issuer
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.directory.conftest import Post, Register
from tests.integration.portal.outside import Issuer, serving


@dataclass
class Inviting:
    """An access manager who invites, and a mailbox that gets the links."""

    directory: ServiceUnderTest
    manager: Client
    post: Post

    def link_for(self, email: str, role: str = "board-member") -> str:
        """Invite somebody and return the secret of the link."""
        body = {"name": "Wanda Work", "email": email, "role": role}
        assert self.manager.post("/v1/invitations", body).status_code == 201
        return self.post.deliver().secret_for(email)

    def accept(self, secret: str, token: str) -> TestResponse:
        """Take an invitation up with a work account."""
        nobody = self.directory.client_with(None)
        return nobody.post(f"/v1/invitations/by-token/{secret}/accept", {"work_account": token})

    def links_of(self, subject: str) -> list[Any]:
        """Return who is written down as the owner of a work account."""
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            rows = external_identity.select().where(external_identity.c.subject == subject)
            return list(uow.session.execute(rows))


@pytest.fixture
def issuer(directory: ServiceUnderTest) -> Iterator[Issuer]:
    """Return a trust's own issuer, whose tokens the directory reads."""
    outside = Issuer()
    with serving(outside.handle) as base:
        outside.base = base
        work = work_issuer({"WORK_ISSUER": outside.issuer, "WORK_CLIENT_ID": "us"})
        assert work is not None
        directory.app.extensions[EXTENSION] = WorkTokens(work)
        yield outside
    del directory.app.extensions[EXTENSION]


@pytest.fixture
def inviting(directory: ServiceUnderTest, register: Register, post: Post) -> Inviting:
    """Return somebody who may invite."""
    manager = directory.client(register.person(register.trust(), Role.ACCESS_MANAGER, name="Amir Shah"))
    return Inviting(directory, manager, post)


def address() -> str:
    return f"{new_id()}@trust.example"


def token(issuer: Issuer, email: str, **changed: Any) -> str:
    now = int(time.time())
    claims = {"iss": issuer.issuer, "aud": "us", "sub": f"outside-{email}", "iat": now, "exp": now + 300}
    return issuer.sign(claims | {"email": email, "preferred_username": "wanda"} | changed)


def test_a_work_account_is_linked_by_issuer_and_subject(inviting: Inviting, issuer: Issuer) -> None:
    email = address()

    accepted = inviting.accept(inviting.link_for(email), token(issuer, email.upper()))

    (row,) = inviting.links_of(f"outside-{email.upper()}")
    assert accepted.status_code == 200
    assert (row.issuer, row.shown_name) == (issuer.issuer, "wanda")


def test_a_work_account_with_another_address_is_refused_and_the_invitation_stays_open(
    inviting: Inviting, issuer: Issuer
) -> None:
    email = address()
    secret = inviting.link_for(email)

    refused = inviting.accept(secret, token(issuer, address()))

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/work-account-refused")
    assert inviting.accept(secret, token(issuer, email)).status_code == 200


@pytest.mark.parametrize(
    ("verified", "status"), [(True, 200), ("true", 200), (False, 409), ("false", 409), (None, 409)]
)
def test_an_address_that_the_issuer_itself_doubts_links_nothing(
    inviting: Inviting, issuer: Issuer, verified: object, status: int
) -> None:
    email = address()

    answered = inviting.accept(inviting.link_for(email), token(issuer, email, email_verified=verified))

    assert answered.status_code == status
    assert len(inviting.links_of(f"outside-{email}")) == (1 if status == 200 else 0)


def test_one_subject_is_never_two_people(inviting: Inviting, issuer: Issuer) -> None:
    first, second = address(), address()
    subject = f"outside-{first}"
    inviting.accept(inviting.link_for(first), token(issuer, first))

    refused = inviting.accept(inviting.link_for(second), token(issuer, second, sub=subject))

    assert refused.status_code == 409
    assert len(inviting.links_of(subject)) == 1


def test_one_person_is_never_two_subjects_of_an_issuer(inviting: Inviting, issuer: Issuer) -> None:
    email = address()
    inviting.accept(inviting.link_for(email), token(issuer, email))

    again = inviting.link_for(email, "action-owner")
    refused = inviting.accept(again, token(issuer, email, sub="outside-another"))

    assert refused.status_code == 409
    assert inviting.links_of("outside-another") == []
    assert inviting.accept(again, token(issuer, email)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "somebody-else"},
        {"iss": "https://elsewhere.example/realms/work"},
        {"exp": 1_700_000_000},
        {"iat": 1_700_000_000},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_the_issuers_ours_and_fresh_links_nothing(
    inviting: Inviting, issuer: Issuer, changed: dict[str, Any]
) -> None:
    email = address()
    secret = inviting.link_for(email)

    refused = inviting.accept(secret, token(issuer, email, **changed))

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/work-account-not-proved")
    assert inviting.links_of(f"outside-{email}") == []


def test_another_issuers_signature_links_nothing(inviting: Inviting, issuer: Issuer) -> None:
    email, forger = address(), Issuer()
    secret = inviting.link_for(email)
    forger.base = issuer.base

    assert inviting.accept(secret, token(forger, email)).status_code == 409


def test_an_edited_or_used_link_links_nothing(inviting: Inviting, issuer: Issuer) -> None:
    email = address()
    secret = inviting.link_for(email)

    edited = inviting.accept(secret[:-1] + ("A" if secret[-1] != "A" else "B"), token(issuer, email))
    used = [inviting.accept(secret, token(issuer, email)).status_code for _ in range(2)]

    assert edited.status_code == 404
    assert used[0] == 200
    assert used[1] in {404, 409}
