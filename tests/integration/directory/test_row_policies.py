"""What the database itself refuses, whatever the code above it asks for: each test is a query without a filter."""

from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from services.directory.domain.invitations import fingerprint, new_secret
from services.directory.models import (
    appointment,
    external_identity,
    invitation,
    organisation,
    person,
    register_import,
    tenancy,
)
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import known_membership
from shared.principal import NATIONAL_TENANT, Principal, Scope
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Register


def people_seen(directory: ServiceUnderTest, principal: Principal) -> set[str]:
    with directory.unit_of_work(principal) as uow:
        return set(uow.session.execute(select(person.c.person_id)).scalars())


def posts_seen(directory: ServiceUnderTest, principal: Principal) -> set[tuple[str, str]]:
    with directory.unit_of_work(principal) as uow:
        rows = uow.session.execute(select(appointment.c.org_id, appointment.c.role)).all()
        return {(row.org_id, row.role) for row in rows}


def new_invitation(person_: Person, for_org: str, secret: str) -> dict[str, Any]:
    now = func.now()
    return {
        "tenant_id": person_.tenant_id,
        "id": new_id(),
        "org_id": person_.org_id,
        "for_org": for_org,
        "role": "chair",
        "name": "Some Body",
        "email": f"{new_id()}@trust.example",
        "invited_by": person_.person_id,
        "created_at": now,
        "sent_at": now,
        "secret_hash": fingerprint(secret),
    }


def write(directory: ServiceUnderTest, principal: Principal, statement: Any) -> None:
    with directory.unit_of_work(principal) as uow:
        uow.session.execute(statement)
        uow.commit()


def test_a_person_sees_the_people_of_the_organisation_acted_for_and_no_others(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust, sister = register.trust(tenant), register.trust(tenant)
    chair, colleague = register.person(trust, Role.CHAIR), register.person(trust, Role.BOARD_MEMBER)
    register.person(sister, Role.ACCESS_MANAGER)

    assert people_seen(directory, chair.principal()) == {chair.person_id, colleague.person_id}


def test_an_icb_sees_its_own_people_and_whom_it_appoints_in_its_trusts_and_places(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    lead = register.person(tenant, Role.ICB_LEAD)
    register.person(trust, Role.ACCESS_MANAGER)
    register.person(trust, Role.CHAIR)
    place = register.place(tenant)
    register.person(place, Role.PLACE_CONVENOR)
    register.person(place, Role.BOARD_MEMBER)

    assert posts_seen(directory, lead.principal()) == {
        (tenant, "icb-lead"),
        (trust, "access-manager"),
        (place, "place-convenor"),
    }


def test_the_national_team_sees_its_own_people_and_whom_it_appoints_alone(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    for role in (Role.ICB_LEAD, Role.ICB_ACCESS_MANAGER):
        register.person(tenant, role)
    for role in (Role.CHAIR, Role.ACCESS_MANAGER):
        register.person(trust, role)
    national_body = register.national_body()
    for role in (Role.CHAIR, Role.ACCESS_MANAGER):
        register.person(national_body, role)
    register.person("Y60", Role.REGIONAL_LEAD)
    administrator = register.national(Role.NATIONAL_ADMINISTRATOR)

    posts = posts_seen(directory, administrator.principal())

    assert {(tenant, "icb-access-manager"), (national_body, "access-manager"), ("Y60", "regional-lead")} <= posts
    assert (trust, "access-manager") not in posts
    assert {role for org, role in posts if org != NATIONAL_TENANT} == {
        "icb-access-manager",
        "regional-lead",
        "access-manager",
    }


def test_a_person_who_has_chosen_nobody_yet_sees_oneself_alone(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    member = register.person(trust, Role.BOARD_MEMBER)
    register.person(trust, Role.CHAIR)
    public = Principal.public()
    nowhere = Principal(member.person_id, public.tenant_id, public.org_id, scope=Scope.PUBLIC)

    assert people_seen(directory, nowhere) == {member.person_id}
    assert posts_seen(directory, nowhere) == {(trust, "board-member")}


def test_somebody_not_signed_in_and_an_operator_see_nobody(directory: ServiceUnderTest, register: Register) -> None:
    register.person(register.trust(), Role.CHAIR)
    operator = Principal(str(new_id()), "X", "X", frozenset({"operator"}), Scope.OPERATOR)

    for principal in (Principal.public(), operator):
        assert people_seen(directory, principal) == set()
        assert posts_seen(directory, principal) == set()


def _grant(uow: UnitOfWork, who: Person) -> Any:
    row = {"tenant_id": who.tenant_id, "id": new_id(), "org_id": who.org_id, "person_id": who.person_id}
    return insert(appointment).values(**row, role="chair", valid_from=uow.now)


def _copy(uow: UnitOfWork, who: Person) -> Any:
    row = {"person_id": who.person_id, "org_id": who.org_id, "role": "chair"}
    return insert(known_membership).values(**row, valid_from=uow.now)


def _somebody(uow: UnitOfWork, who: Person) -> Any:
    row = {"person_id": str(new_id()), "name": "Some Body", "email": f"{new_id()}@trust.example"}
    return insert(person).values(**row, created_at=uow.now)


def _link(uow: UnitOfWork, who: Person) -> Any:
    row = {"issuer": "elsewhere", "subject": str(new_id()), "person_id": who.person_id}
    return insert(external_identity).values(**row, linked_at=uow.now)


@pytest.mark.parametrize("make", [_grant, _copy, _somebody, _link])
def test_no_persons_query_can_make_a_role_or_a_person(
    directory: ServiceUnderTest, register: Register, make: Any
) -> None:
    people = [
        register.person(register.trust(), Role.ACCESS_MANAGER),
        register.person(register.tenant(), Role.ICB_ACCESS_MANAGER),
        register.national(Role.NATIONAL_ADMINISTRATOR),
    ]

    for who in people:
        with (
            directory.unit_of_work(who.principal()) as uow,
            pytest.raises(ProgrammingError, match="row-level security"),
        ):
            uow.session.execute(make(uow, who))


def test_no_persons_query_can_change_or_end_a_role_or_a_name(directory: ServiceUnderTest, register: Register) -> None:
    manager = register.person(register.trust(), Role.ACCESS_MANAGER)

    with directory.unit_of_work(manager.principal()) as uow:
        ended = uow.session.execute(update(appointment).values(ended_at=uow.now).returning(appointment.c.id)).all()
        renamed = uow.session.execute(update(person).values(name="X").returning(person.c.person_id)).all()
        locked = uow.session.execute(select(appointment).with_for_update()).all()

    assert (ended, renamed, locked) == ([], [], [])


@pytest.mark.parametrize("table", [appointment, person, register_import])
def test_history_is_not_deleted_by_anybody(directory: ServiceUnderTest, register: Register, table: Any) -> None:
    service = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)

    with directory.unit_of_work(service) as uow, pytest.raises(ProgrammingError, match="permission denied"):
        uow.session.execute(delete(table))


def test_an_invitation_is_seen_by_who_sent_it_and_by_the_organisation_it_is_for(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    board, manager = register.person(tenant, Role.ICB_ACCESS_MANAGER), register.person(trust, Role.ACCESS_MANAGER)
    stranger = register.person(register.trust(tenant), Role.ACCESS_MANAGER)
    row = new_invitation(board, trust, new_secret())
    write(directory, board.principal(), insert(invitation).values(row))

    def sees(principal: Principal) -> bool:
        with directory.unit_of_work(principal) as uow:
            return row["id"] in set(uow.session.execute(select(invitation.c.id)).scalars())

    assert [sees(who.principal()) for who in (board, manager, stranger)] == [True, True, False]


def test_who_has_not_signed_in_sees_the_invitation_whose_secret_they_hold_and_no_other(
    directory: ServiceUnderTest, register: Register
) -> None:
    manager = register.person(register.trust(), Role.ACCESS_MANAGER)
    secrets = [new_secret(), new_secret()]
    rows = [new_invitation(manager, manager.org_id, secret) for secret in secrets]
    for row in rows:
        write(directory, manager.principal(), insert(invitation).values(row))

    with directory.unit_of_work(Principal.public()) as uow:
        before = uow.session.execute(select(invitation.c.id)).scalars().all()
        uow.session.execute(text("select set_config('app.invitation', :h, true)"), {"h": fingerprint(secrets[0])})
        held = uow.session.execute(select(invitation.c.id)).scalars().all()

    assert (before, held) == ([], [rows[0]["id"]])


def test_an_invitation_cannot_be_made_in_another_organisations_name(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    manager = register.person(register.trust(tenant), Role.ACCESS_MANAGER)
    other = register.person(register.trust(tenant), Role.ACCESS_MANAGER)

    with pytest.raises(ProgrammingError, match="row-level security"):
        write(directory, manager.principal(), insert(invitation).values(new_invitation(other, tenant, new_secret())))


@pytest.mark.parametrize("role", [Role.ACCESS_MANAGER, Role.CHAIR])
def test_the_register_is_read_by_everybody_and_written_by_no_trust(
    directory: ServiceUnderTest, register: Register, role: Role
) -> None:
    who = register.person(register.trust(), role).principal()

    with directory.unit_of_work(Principal.public()) as uow:
        assert uow.session.execute(select(organisation.c.name).where(organisation.c.code == "R0A")).scalar()
    with directory.unit_of_work(who) as uow:
        assert uow.session.execute(update(organisation).values(name="X").returning(organisation.c.code)).all() == []
        assert uow.session.execute(update(tenancy).values(tenant="QOP").returning(tenancy.c.code)).all() == []
        assert uow.session.execute(select(func.count()).select_from(register_import)).scalar() == 0
