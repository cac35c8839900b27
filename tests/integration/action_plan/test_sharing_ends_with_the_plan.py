"""A plan that is closed or replaced is not shown to the ICB as if it held; and only a trust's plan is shown at all."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.action_plan import models
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.action_plan.planning_trusts import PlanningTrust

STOPPED = event_types.PLAN_SHARING_STOPPED


def sharing(trust: PlanningTrust, plan: dict[str, Any]) -> dict[str, Any]:
    return dict(trust.acting(trust.chair).get(f"/v1/plans/{plan['id']}/sharing").json)


def decide(trust: PlanningTrust, plan: dict[str, Any], *, share: bool = True) -> Any:
    return trust.share(plan["id"], share=share)


def shared(trust: PlanningTrust) -> dict[str, Any]:
    plan = trust.approved()
    response = decide(trust, plan)
    assert response.status_code == 200, response.json
    return plan


def icb_reads(trust: PlanningTrust) -> list[str]:
    lead = trust.service.world.person(trust.tenant, Role.ICB_LEAD)
    return [shown["plan_id"] for shown in trust.acting(lead).get("/v1/shared-plans").json["items"]]


def complete(trust: PlanningTrust, plan: dict[str, Any]) -> None:
    trust.change(trust.add(plan), status="done")
    trust.do(trust.lead, plan["id"], "close")


def test_approving_the_next_plan_ends_what_was_shown_of_the_one_before(trust: PlanningTrust) -> None:
    first = shared(trust)

    second = trust.approved()

    assert icb_reads(trust) == []
    (told,) = trust.service.events(STOPPED, org=trust.org)
    assert (told.key, told.data["stop_code"], told.data["plan_close_code"]) == (first["id"], "replaced", "superseded")
    after = sharing(trust, first)
    assert (after["shared"], after["shown"], after["granted"][0]["stopped_by"]) == (
        False,
        None,
        trust.chair.person_id,
    )
    assert decide(trust, second).status_code == 200
    assert icb_reads(trust) == [second["id"]]


def test_closing_a_complete_plan_ends_what_was_shown_of_it(trust: PlanningTrust) -> None:
    plan = shared(trust)

    complete(trust, plan)

    assert icb_reads(trust) == []
    (told,) = trust.told(STOPPED)
    assert (told["stop_code"], told["plan_close_code"]) == ("expired", "completed")
    refused = decide(trust, plan)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-possible-at-this-stage")


def test_a_draft_that_gives_way_to_another_leaves_what_is_shared(trust: PlanningTrust) -> None:
    plan = shared(trust)

    trust.drafted()
    trust.drafted()

    assert icb_reads(trust) == [plan["id"]]
    assert trust.told(STOPPED) == []


def test_what_an_icb_was_shown_before_a_move_stays_when_the_plan_is_closed(trust: PlanningTrust) -> None:
    plan = shared(trust)
    to_tenant = trust.service.world.tenant()
    moved = {"code": trust.org, "from_tenant": trust.tenant, "to_tenant": to_tenant, "effective_on": trust.in_days(0)}
    trust.service.deliver(event_types.ORGANISATION_MOVED, moved, org=trust.org, at=datetime.now(UTC))
    trust.lead = trust.service.world.person(trust.org, Role.IMPROVEMENT_LEAD)
    trust.owner = trust.service.world.person(trust.org, Role.ACTION_OWNER)

    complete(trust, trust.plan(plan["id"]))

    assert icb_reads(trust) == [plan["id"]]
    assert trust.told(STOPPED) == []


def closed_by_the_release_before(trust: PlanningTrust, plan: dict[str, Any]) -> None:
    """Close a plan and go on showing it, as was done once."""
    with trust.service.unit_of_work(Principal.service(trust.tenant, trust.org)) as uow:
        row = models.plan.c
        closed = models.plan.update().where(row.tenant_id == trust.tenant, row.id == UUID(plan["id"]))
        uow.session.execute(closed.values(state="closed", close_code="superseded", closed_at=uow.now))
        uow.commit()


def test_what_is_left_of_plans_that_were_closed_before_ends_as_well(trust: PlanningTrust) -> None:
    closed_by_the_release_before(trust, shared(trust))
    migration = import_module("services.action_plan.migrations.versions.0009_sharing_ends_with_plan")

    with psycopg.connect(trust.service.superuser_url) as connection:
        connection.execute(b"set search_path to action_plan")
        connection.execute(migration.LEFT.encode())
    while trust.service.run_scheduler():
        pass

    assert icb_reads(trust) == []
    (told,) = trust.told(STOPPED)
    assert (told["stop_code"], told["plan_close_code"]) == ("replaced", "superseded")


@pytest.fixture
def place(action_plan: ServiceUnderTest) -> PlanningTrust:
    """Return a place, whose convenor does everything."""
    world = action_plan.world
    tenant = world.tenant()
    org = world.place(tenant)
    convenor = world.person(org, Role.PLACE_CONVENOR)
    return PlanningTrust(
        service=action_plan,
        tenant=tenant,
        org=org,
        **dict.fromkeys(("lead", "chair", "chief", "secretary", "member", "owner"), convenor),
    )


def test_a_place_shows_its_plan_to_nobody(place: PlanningTrust) -> None:
    plan = place.approved()

    proposed = place.refused(place.lead, plan["id"], "sharing/propose")
    decided = decide(place, plan)

    assert (proposed["type"], decided.status_code) == ("/problems/no-audience", 409)
    assert decided.json["type"] == "/problems/no-audience"
    assert "trust" in str(decided.json)
    assert (icb_reads(place), place.told(event_types.PLAN_SHARING_GRANTED)) == ([], [])
    assert decide(place, plan, share=False).status_code == 200
