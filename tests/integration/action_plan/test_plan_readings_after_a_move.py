"""After a move to another ICB the organisation is still told who read its plan's priorities, and nobody else is."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from services.action_plan.models import shared_view_reading
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal
from shared.testing.world import Person
from tests.integration.action_plan.planning_trusts import PlanningTrust, found_trust


def shared(trust: PlanningTrust) -> dict[str, Any]:
    plan = trust.approved()
    share(trust, plan, trust.chair)
    return plan


def share(trust: PlanningTrust, plan: dict[str, Any], chair: Person) -> None:
    assert trust.share(plan["id"], chair=chair).status_code == 200


def read(trust: PlanningTrust, reader: Person) -> None:
    assert trust.acting(reader).get(f"/v1/shared-plans/{trust.org}").status_code == 200


def moved(trust: PlanningTrust, to_tenant: str) -> None:
    move = {"code": trust.org, "from_tenant": trust.tenant, "to_tenant": to_tenant, "effective_on": trust.in_days(0)}
    trust.service.deliver(event_types.ORGANISATION_MOVED, move, org=trust.org, at=datetime.now(UTC))


def seen(trust: PlanningTrust, plan: dict[str, Any], chair: Person) -> list[tuple[str, str]]:
    found = trust.acting(chair).get(f"/v1/plans/{plan['id']}/sharing").json["seen"]
    return sorted((one["audience_tenant"], one["person_id"]) for one in found)


def test_who_read_before_and_after_the_move_is_told_and_the_new_icb_beside_them(trust: PlanningTrust) -> None:
    world, plan = trust.service.world, shared(trust)
    early, late = (world.person(trust.tenant, Role.ICB_LEAD) for _ in range(2))
    read(trust, early)
    new_tenant = world.tenant()

    moved(trust, new_tenant)
    chair = world.person(trust.org, Role.CHAIR)
    after_the_move = seen(trust, plan, chair)
    read(trust, late)
    share(trust, plan, chair)
    newcomer = world.person(new_tenant, Role.ICB_LEAD)
    read(trust, newcomer)

    old = [(trust.tenant, early.person_id), (trust.tenant, late.person_id)]
    assert after_the_move == old[:1]
    assert seen(trust, plan, chair) == sorted([*old, (new_tenant, newcomer.person_id)])


def test_nobody_else_reads_who_looked_before_or_after_a_move(trust: PlanningTrust) -> None:
    world = trust.service.world
    shared(trust)
    read(trust, world.person(trust.tenant, Role.ICB_LEAD))
    moved(trust, world.tenant())
    neighbours = [found_trust(trust.service, tenant=tenant) for tenant in (trust.tenant, world.tenant_of(trust.org))]

    def rows(principal: Principal) -> int:
        with trust.service.unit_of_work(principal) as uow:
            return len(uow.session.execute(select(shared_view_reading)).all())

    new_icb = world.person(world.tenant_of(trust.org), Role.ICB_LEAD)
    others = [new_icb, *(neighbour.chair for neighbour in neighbours), world.national(Role.NATIONAL_ANALYST)]
    assert rows(world.person(trust.org, Role.CHAIR).principal()) == 1
    assert [rows(other.principal()) for other in others] == [0, 0, 0, 0]
