"""Two people doing the same thing in the same moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from services.directory.commands.appointments import end_role
from services.directory.models import appointment
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.mechanism import audit_entry
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.conftest import Post, Register, change_roles
from tests.integration.directory.test_memberships import end, membership_of

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


def test_two_last_national_administrators_who_end_each_other_at_once_leave_one(
    directory: ServiceUnderTest, register: Register
) -> None:
    _end_every_administrator(directory)
    two = [register.national(Role.NATIONAL_ADMINISTRATOR) for _ in range(2)]
    clients = [directory.client(one) for one in two]
    paths = [f"/v1/memberships/{membership_of(directory, one)}/end" for one in reversed(two)]

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(c.post, path, {"reason": "Left"}) for c, path in zip(clients, paths, strict=True)]
        answered = Counter(attempt.result().status_code for attempt in tries)

    assert answered[200] == 1
    assert answered[403] + answered[409] == 1


def test_the_last_national_administrator_without_an_end_date_stays(
    directory: ServiceUnderTest, register: Register
) -> None:
    _end_every_administrator(directory)
    stays, leaves = (register.national(Role.NATIONAL_ADMINISTRATOR) for _ in range(2))
    change_roles(directory, leaves.person_id, valid_until=func.now() + timedelta(days=30))

    refused = end(directory.client(leaves), membership_of(directory, stays))

    assert refused == 409
    assert end(directory.client(stays), membership_of(directory, leaves)) == 200


def _end_every_administrator(directory: ServiceUnderTest) -> None:
    """Other tests of this service made some."""
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        held = appointment.c
        everyone = select(held.id).where(held.role == Role.NATIONAL_ADMINISTRATOR, held.ended_at.is_(None))
        for membership_id in uow.session.execute(everyone).scalars().all():
            end_role(uow, membership_id, end_code="ended")
        uow.commit()


def test_an_organisation_moved_four_times_at_once_moves_once(directory: ServiceUnderTest, register: Register) -> None:
    trust, new = register.trust(), register.tenant()
    administrator = directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))
    body = {"to_tenant": new, "effective_on": "2026-11-01", "reason": "Agreed"}

    answered = statuses(lambda: administrator.post(f"/v1/organisations/{trust}/moves", body))

    assert answered == {201: 1, 409: AT_ONCE - 1}
    assert len(directory.events(event_types.ORGANISATION_MOVED, org=trust)) == 1


def test_one_code_entered_four_times_at_once_is_entered_once(directory: ServiceUnderTest, register: Register) -> None:
    administrator = directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))
    code = f"Z{new_id().hex[-6:]}".upper()
    tenant = register.tenant()
    body = {"code": code, "name": "A place (fictional)", "kind": "place", "opens_on": "2026-10-01", "tenant": tenant}

    answered = statuses(lambda: administrator.post("/v1/organisations", body))

    assert answered == {201: 1, 409: AT_ONCE - 1}
    assert len(directory.events(event_types.ORGANISATION_REGISTERED, org=code)) == 1


def test_a_new_address_invited_by_several_trusts_and_accepted_at_once_is_one_person(
    directory: ServiceUnderTest, register: Register, post: Post
) -> None:
    trusts = [register.trust() for _ in range(AT_ONCE)]

    people = _taken_up_at_once(directory, register, post, f"{new_id()}@trust.example", trusts)

    assert len(people) == 1


def test_a_reissued_address_taken_up_by_several_links_at_once_is_one_new_person(
    directory: ServiceUnderTest, register: Register, post: Post
) -> None:
    email, trusts = f"{new_id()}@trust.example", [register.trust() for _ in range(AT_ONCE)]
    left = register.person(trusts[0], Role.CHAIR, email=email)
    began, ended = (func.now() - timedelta(days=days) for days in (90, 31))
    change_roles(directory, left.person_id, valid_from=began, ended_at=ended)

    people = _taken_up_at_once(directory, register, post, email, trusts)

    assert len(people) == 1
    assert left.person_id not in people
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        given_up = select(audit_entry.c.id).where(audit_entry.c.action == "person.address-given-up")
        lines = uow.session.execute(given_up.where(audit_entry.c.object_id == left.person_id)).all()
    assert len(lines) == 1


def _taken_up_at_once(
    directory: ServiceUnderTest, register: Register, post: Post, email: str, trusts: Sequence[str]
) -> set[str]:
    """Invite one address to chair each trust and open all links at once; return whose the roles are."""
    secrets = []
    for trust in trusts:
        manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))
        manager.post("/v1/invitations", {"name": "Bola Adeyemi", "email": email, "role": "chair"})
        secrets.append(post.deliver().secret_for(email))
    paths = iter([f"/v1/invitations/by-token/{secret}/accept" for secret in secrets])
    assert statuses(lambda: directory.client_with(None).post(next(paths))) == {200: AT_ONCE}
    told = [directory.events(event_types.MEMBERSHIP_GRANTED, org=trust)[-1] for trust in trusts]
    return {event.data["person_id"] for event in told}


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
