"""Who hears of a plan that is closed while it is shared, and of actions whose owner has left."""

from typing import Any

import pytest

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person

PLAN = str(new_id())


@pytest.fixture
def trust(notification: ServiceUnderTest) -> str:
    """Return a trust of this test."""
    return notification.world.trust()


def inbox(service: ServiceUnderTest, person: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = service.client(person).get("/v1/inbox").json["items"]
    return items


def kinds(service: ServiceUnderTest, person: Person) -> list[str]:
    return [item["kind"] for item in inbox(service, person)]


def sharing_stopped(service: ServiceUnderTest, trust: str, code: str, **more: str) -> None:
    data = {
        "plan_id": PLAN,
        "sharing_id": str(new_id()),
        "what": "priorities",
        "audience_kind": "icb",
        "audience_tenant": service.world.tenant_of(trust),
        "stopped_on": "2026-11-30",
        "stop_code": code,
    }
    service.deliver(event_types.PLAN_SHARING_STOPPED, data | more, org=trust, key=PLAN)


@pytest.mark.parametrize(("code", "closed"), [("replaced", "superseded"), ("expired", "completed")])
def test_a_plan_that_ends_while_it_is_shared_is_told_as_that_and_not_as_taken_back(
    notification: ServiceUnderTest, trust: str, code: str, closed: str
) -> None:
    chair = notification.world.person(trust, Role.CHAIR)
    icb = notification.world.person(notification.world.tenant_of(trust), Role.ICB_LEAD)

    sharing_stopped(notification, trust, code, plan_close_code=closed)

    assert (kinds(notification, chair), kinds(notification, icb)) == (
        ["sharing-ended-with-plan"],
        ["shared-plan-closed"],
    )
    assert "no longer sees its priorities" in inbox(notification, chair)[0]["line"]
    assert "a newer plan has taken its place" in inbox(notification, icb)[0]["line"]


def test_what_the_chair_stops_is_told_as_before(notification: ServiceUnderTest, trust: str) -> None:
    lead = notification.world.person(trust, Role.IMPROVEMENT_LEAD)
    icb = notification.world.person(notification.world.tenant_of(trust), Role.ICB_LEAD)

    sharing_stopped(notification, trust, "organisation_stopped")

    assert kinds(notification, lead) == ["sharing-stopped"]
    assert kinds(notification, icb) == ["no-longer-shared-with-you"]


def overdue(service: ServiceUnderTest, trust: str, owner: Person, **more: str) -> None:
    counts = {"done": 0, "under_way": 0, "overdue": 1}
    about = {"plan_id": PLAN, "action_id": str(new_id()), "owner_id": owner.person_id, "due_on": "2026-11-30"}
    service.deliver(event_types.ACTION_BECAME_OVERDUE, about | {"action_counts": counts} | more, org=trust, key=PLAN)


def test_an_overdue_action_is_told_to_its_owner_and_without_one_to_whoever_leads(
    notification: ServiceUnderTest, trust: str
) -> None:
    owner, lead = (notification.world.person(trust, role) for role in (Role.ACTION_OWNER, Role.IMPROVEMENT_LEAD))

    overdue(notification, trust, owner)
    to_owner = (kinds(notification, owner), kinds(notification, lead))
    overdue(notification, trust, owner, owner_state="left")

    assert to_owner == (["action-overdue"], [])
    assert kinds(notification, owner) == ["action-overdue"]
    assert kinds(notification, lead) == ["action-overdue-without-owner"]


def test_an_action_due_soon_is_not_told_to_an_owner_who_has_left(notification: ServiceUnderTest, trust: str) -> None:
    owner = notification.world.person(trust, Role.ACTION_OWNER)
    about = {"plan_id": PLAN, "action_id": str(new_id()), "owner_id": owner.person_id, "due_on": "2026-11-30"}

    for more in ({}, {"owner_state": "left"}):
        data = about | {"days_left": 7} | more
        notification.deliver(event_types.ACTION_BECAME_DUE_SOON, data, org=trust, key=PLAN)

    assert kinds(notification, owner) == ["action-due-soon"]


@pytest.mark.parametrize("kind", ["trust", "place"])
def test_whoever_leads_hears_which_actions_have_no_owner_any_more(notification: ServiceUnderTest, kind: str) -> None:
    world = notification.world
    org = world.trust() if kind == "trust" else world.place(world.tenant())
    lead = world.person(org, Role.IMPROVEMENT_LEAD if kind == "trust" else Role.PLACE_CONVENOR)
    member = world.person(org, Role.BOARD_MEMBER)
    data = {
        "plan_id": PLAN,
        "owner_id": str(new_id()),
        "action_ids": [str(new_id()), str(new_id())],
        "action_count": 2,
        "overdue_count": 1,
        "left_on": "2026-11-30",
    }

    notification.deliver(event_types.PLAN_OWNER_LEFT, data, org=org, key=PLAN)

    (told,) = inbox(notification, lead)
    assert (told["kind"], told["link"]) == ("actions-without-owner", f"/plans/{PLAN}")
    assert told["line"] == "Actions without an owner: 2. Overdue: 1."
    assert kinds(notification, member) == []
