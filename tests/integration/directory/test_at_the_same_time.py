"""Two people doing the same thing in the same moment."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.conftest import Post, Register
from tests.integration.directory.test_memberships import membership_of

AT_ONCE = 4


def statuses(ask: Callable[[], Any]) -> Counter[int]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [pool.submit(ask) for _ in range(AT_ONCE)]
        return Counter(answer.result().status_code for answer in answers)


def test_a_link_opened_four_times_at_once_gives_one_role(
    directory: ServiceUnderTest, register: Register, post: Post
) -> None:
    trust, email = register.trust(), f"{new_id()}@trust.example"
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))
    manager.post("/v1/invitations", {"name": "Bola Adeyemi", "email": email, "role": "chair"})
    path = f"/v1/invitations/by-token/{post.deliver().secret_for(email)}/accept"

    answered = statuses(lambda: directory.client_with(None).post(path))

    assert answered == {200: 1, 409: AT_ONCE - 1}
    told = [e for e in directory.events(event_types.MEMBERSHIP_GRANTED, org=trust) if e.data["role"] == "chair"]
    assert len(told) == 1


def test_a_role_ended_four_times_at_once_ends_once(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    membership_id = membership_of(directory, register.person(trust, Role.CHAIR))
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))

    answered = statuses(lambda: manager.post(f"/v1/memberships/{membership_id}/end", {"reason": "Left"}))

    assert answered == {200: AT_ONCE}
    assert len(directory.events(event_types.MEMBERSHIP_ENDED, org=trust)) == 1


def test_an_organisation_moved_four_times_at_once_moves_once(directory: ServiceUnderTest, register: Register) -> None:
    trust, new = register.trust(), register.tenant()
    administrator = directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))
    body = {"to_tenant": new, "effective_on": "2026-11-01", "reason": "Agreed"}

    answered = statuses(lambda: administrator.post(f"/v1/organisations/{trust}/moves", body))

    assert answered == {201: 1, 409: AT_ONCE - 1}
    assert len(directory.events(event_types.ORGANISATION_MOVED, org=trust)) == 1


def test_two_first_access_managers_accepting_at_once_leave_one(
    directory: ServiceUnderTest, register: Register, post: Post
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    emails = [f"{new_id()}@trust.example" for _ in range(2)]
    for email in emails:
        body = {"name": "Some Body", "email": email, "role": "access-manager", "organisation": trust}
        board.post("/v1/invitations", body)
    mails = post.deliver()
    paths = iter([f"/v1/invitations/by-token/{mails.secret_for(email)}/accept" for email in emails])

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(directory.client_with(None).post, path) for path in paths]
        answered = Counter(attempt.result().status_code for attempt in tries)

    assert answered == {200: 1, 409: 1}
