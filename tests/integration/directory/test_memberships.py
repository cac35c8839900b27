"""Ending a role: who may, what is told, and that it stays ended."""

from datetime import UTC, datetime, timedelta

import pytest

from services.directory.commands.appointments import EXPIRE, Grant, grant_role
from services.directory.models import appointment
from services.directory.worker import expire_membership
from shared.clock import FrozenClock
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Register


def membership_of(directory: ServiceUnderTest, person: Person) -> str:
    with directory.unit_of_work(Principal.service(person.tenant_id, person.org_id)) as uow:
        row = appointment.c
        statement = appointment.select().where(row.person_id == person.person_id, row.org_id == person.org_id)
        return str(uow.session.execute(statement).one().id)


def end(client: Client, membership_id: str) -> int:
    return client.post(f"/v1/memberships/{membership_id}/end", {"reason": "Left the board"}).status_code


def test_ending_a_role_tells_every_service_and_shuts_the_door_here_at_once(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    member = register.person(trust, Role.BOARD_MEMBER)
    manager = register.person(trust, Role.ACCESS_MANAGER)
    membership_id = membership_of(directory, member)
    assert directory.client(member).get("/v1/people").status_code == 200

    assert end(directory.client(manager), membership_id) == 200

    told = directory.events(event_types.MEMBERSHIP_ENDED, org=trust)[-1]
    assert (told.data["membership_id"], told.data["person_id"]) == (membership_id, member.person_id)
    assert (told.actor, told.data["end_code"]) == (manager.person_id, "ended")
    assert "Left the board" not in str(told)
    assert directory.client(member).get("/v1/people").status_code == 403


def test_grant_and_end_of_one_person_are_numbered_in_order_across_tenants(
    directory: ServiceUnderTest, register: Register
) -> None:
    first, second = register.trust(), register.trust()
    person = register.person(first, Role.BOARD_MEMBER)
    there = register.person(second, Role.BOARD_MEMBER, person_id=person.person_id)
    end(directory.client(register.person(second, Role.ACCESS_MANAGER)), membership_of(directory, there))

    told = directory.events(key=person.person_id)

    assert [(e.type.split(".")[3], e.tenant_id, e.aggregate_version) for e in told] == [
        ("granted", person.tenant_id, 1),
        ("granted", there.tenant_id, 2),
        ("ended", there.tenant_id, 3),
    ]


def test_ending_it_again_changes_nothing(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    membership_id = membership_of(directory, register.person(trust, Role.BOARD_MEMBER))
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))
    end(manager, membership_id)

    assert end(manager, membership_id) == 200

    assert len(directory.events(event_types.MEMBERSHIP_ENDED, org=trust)) == 1


def test_a_role_that_has_ended_can_be_given_again(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    person = register.person(trust, Role.BOARD_MEMBER)
    end(directory.client(register.person(trust, Role.ACCESS_MANAGER)), membership_of(directory, person))

    register.person(trust, Role.BOARD_MEMBER, person_id=person.person_id)

    assert directory.client(person).get("/v1/people").status_code == 200


def test_another_trusts_membership_does_not_exist(directory: ServiceUnderTest, register: Register) -> None:
    tenant = register.tenant()
    membership_id = membership_of(directory, register.person(register.trust(tenant), Role.BOARD_MEMBER))

    for organisation, role in ((register.trust(tenant), Role.ACCESS_MANAGER), (tenant, Role.ICB_ACCESS_MANAGER)):
        assert end(directory.client(register.person(organisation, role)), membership_id) == 404
    assert end(directory.client(register.national(Role.NATIONAL_ADMINISTRATOR)), membership_id) == 404


def test_an_icb_sees_a_trusts_access_manager_but_does_not_end_the_role(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    manager = register.person(register.trust(tenant), Role.ACCESS_MANAGER)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))

    assert end(board, membership_of(directory, manager)) == 403


def test_the_national_administrator_ends_an_icbs_access_manager_and_the_icb_reads_it_in_its_audit_trail(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    leaving = register.person(tenant, Role.ICB_ACCESS_MANAGER)
    stays = register.person(tenant, Role.ICB_ACCESS_MANAGER)

    assert (
        end(directory.client(register.national(Role.NATIONAL_ADMINISTRATOR)), membership_of(directory, leaving)) == 200
    )

    rows = directory.client(stays).get("/v1/audit").json["items"]
    assert "membership.ended" in [row["action"] for row in rows]


def test_an_icb_ends_the_convenor_of_its_place_and_nobody_elses(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    convenor = register.person(register.place(tenant), Role.PLACE_CONVENOR)
    other = register.person(register.place(register.tenant()), Role.PLACE_CONVENOR)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))

    assert end(board, membership_of(directory, convenor)) == 200
    assert end(board, membership_of(directory, other)) == 404


def test_the_national_administrator_ends_a_regional_lead_and_the_national_bodys_access_manager(
    directory: ServiceUnderTest, register: Register
) -> None:
    lead = register.person("Y60", Role.REGIONAL_LEAD)
    manager = register.person(register.national_body(), Role.ACCESS_MANAGER)
    administrator = directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))

    assert [end(administrator, membership_of(directory, one)) for one in (lead, manager)] == [200, 200]


def test_a_role_is_shown_to_whoever_sees_it_before_it_ends_and_to_nobody_afterwards(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    place = register.place(tenant)
    convenor = register.person(place, Role.PLACE_CONVENOR, name="Cara Drake")
    path = f"/v1/memberships/{membership_of(directory, convenor)}"
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    stranger = directory.client(register.person(register.trust(tenant), Role.ACCESS_MANAGER))

    shown = board.get(path).json

    assert (shown["name"], shown["organisation"], shown["title"]) == ("Cara Drake", place, "Place convenor")
    assert stranger.get(path).status_code == 404
    end(board, membership_of(directory, convenor))
    assert board.get(path).status_code == 404


@pytest.mark.parametrize("role", [Role.CHAIR, Role.IMPROVEMENT_LEAD, Role.BOARD_MEMBER])
def test_nobody_but_an_access_manager_ends_a_role(directory: ServiceUnderTest, register: Register, role: Role) -> None:
    trust = register.trust()
    membership_id = membership_of(directory, register.person(trust, Role.ACTION_OWNER))

    assert end(directory.client(register.person(trust, role)), membership_id) == 403


def test_ending_needs_a_fresh_second_factor_and_a_reason(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    membership_id = membership_of(directory, register.person(trust, Role.ACTION_OWNER))
    manager = register.person(trust, Role.ACCESS_MANAGER)
    path = f"/v1/memberships/{membership_id}/end"

    assert end(directory.client(manager, strong=False), membership_id) == 401
    assert directory.client(manager).post(path, {}).status_code == 422
    assert directory.client(manager).post(path, {"reason": " "}).status_code == 422


def test_a_role_with_a_last_day_ends_by_itself(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    person = register.person(trust, Role.CHAIR)
    until = datetime.now(UTC) + timedelta(days=2)
    with directory.unit_of_work(Principal.service(person.tenant_id, trust)) as uow:
        grant_role(uow, Grant(person.person_id, trust, Role.BOARD_MEMBER, until, str(new_id())))
        uow.commit()

    for day in (1, 3):
        clock = FrozenClock(datetime.now(UTC) + timedelta(days=day))
        Scheduler(directory.database, {EXPIRE: expire_membership}, stop=lambda: False, clock=clock).run_once()

    told = directory.events(event_types.MEMBERSHIP_ENDED, key=person.person_id)
    assert [(e.data["role"], e.data["end_code"]) for e in told] == [("board-member", "expired")]
    assert told[0].tenant_id == person.tenant_id
    manager = directory.client(register.person(trust, Role.ACCESS_MANAGER))
    ended = [row for row in manager.get("/v1/audit").json["items"] if row["action"] == "membership.expired"]
    assert [row["object_id"] for row in ended] == [told[0].data["membership_id"]]
