"""The owner of actions leaves: nobody is given them by itself, whoever leads is told and sees which they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.action_plan.models import action
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import Principal
from tests.integration.action_plan.planning_trusts import PlanningTrust
from tests.integration.action_plan.test_days_that_come import as_of

LEFT, LATE, SOON = (
    event_types.PLAN_OWNER_LEFT,
    event_types.ACTION_BECAME_OVERDUE,
    event_types.ACTION_BECAME_DUE_SOON,
)


def role_ends(trust: PlanningTrust, role: Role = Role.ACTION_OWNER, *, at: str | None = None) -> None:
    """A role of the owner ends, here or at another organisation."""
    data = {
        "membership_id": str(new_id()),
        "person_id": trust.owner.person_id,
        "org_id": at or trust.org,
        "role": role,
        "ended_at": trust.service.clock.now().isoformat(),
    }
    trust.service.deliver(event_types.MEMBERSHIP_ENDED, data, org=at or trust.org, key=trust.owner.person_id)


def marked(trust: PlanningTrust, plan: dict[str, Any]) -> list[str]:
    return [one["id"] for one in trust.plan(plan["id"])["actions"] if one["owner_left"]]


def test_the_unfinished_actions_of_a_leaver_are_told_and_marked(trust: PlanningTrust) -> None:
    plan = trust.approved()
    late, later = (trust.add(plan, due_on=trust.in_days(days)) for days in (30, 60))
    done = trust.change(trust.add(plan), status="done")
    others = trust.add(plan, owner_id=trust.member.person_id)
    before = marked(trust, plan)

    role_ends(trust)

    (told,) = trust.service.events(LEFT, org=trust.org)
    assert (told.key, told.actor) == (plan["id"], None)
    assert told.data == {
        "plan_id": plan["id"],
        "owner_id": trust.owner.person_id,
        "action_ids": [late["id"], later["id"]],
        "action_count": 2,
        "overdue_count": 0,
        "left_on": trust.in_days(0),
    }
    assert (before, marked(trust, plan)) == ([], [late["id"], later["id"]])
    listed = trust.acting(trust.lead).get("/v1/actions").json["items"]
    assert {one["id"] for one in listed if not one["owner_left"]} == {done["id"], others["id"]}


def test_of_one_leaver_is_told_once_whatever_other_roles_end(trust: PlanningTrust) -> None:
    trust.service.world.person(trust.org, Role.ACCESS_MANAGER, person_id=trust.owner.person_id)
    trust.add(trust.approved())

    for role in (Role.ACTION_OWNER, Role.ACCESS_MANAGER):
        role_ends(trust, role)

    assert len(trust.told(LEFT)) == 1


def test_an_action_that_was_overdue_already_is_counted_as_such(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.add(plan, due_on=trust.in_days(30))
    overdue = trust.add(plan, due_on=trust.in_days(0))
    make_overdue(trust, overdue["id"])

    role_ends(trust)

    (told,) = trust.told(LEFT)
    assert (told["action_ids"][0], told["action_count"], told["overdue_count"]) == (overdue["id"], 2, 1)


def make_overdue(trust: PlanningTrust, action_id: str) -> None:
    """Let the day of an action have ended yesterday, which no request allows."""
    with trust.service.unit_of_work(Principal.service(trust.tenant, trust.org)) as uow:
        mine = (action.c.tenant_id == trust.tenant, action.c.id == UUID(action_id))
        uow.session.execute(action.update().where(*mine).values(due_on=trust.today - timedelta(days=1)))
        uow.commit()


def test_who_keeps_a_role_that_may_own_keeps_the_actions(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.service.world.person(trust.org, Role.BOARD_MEMBER, person_id=trust.owner.person_id)
    trust.add(plan)

    role_ends(trust)
    kept = (trust.told(LEFT), marked(trust, plan))
    role_ends(trust, Role.BOARD_MEMBER)

    assert kept == ([], [])
    assert len(trust.told(LEFT)) == 1


def test_a_role_that_reads_no_plan_keeps_no_action(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.service.world.person(trust.org, Role.ACCESS_MANAGER, person_id=trust.owner.person_id)
    added = trust.add(plan)

    role_ends(trust)

    assert marked(trust, plan) == [added["id"]]
    assert len(trust.told(LEFT)) == 1


@pytest.mark.parametrize("finished", [{"status": "done"}, {"status": "stopped", "stopped_reason": "No money"}])
def test_of_finished_actions_and_closed_plans_nothing_is_told(trust: PlanningTrust, finished: dict[str, str]) -> None:
    plan = trust.approved()
    trust.change(trust.add(plan), **finished)
    trust.do(trust.lead, plan["id"], "close")

    role_ends(trust)

    assert (trust.told(LEFT), marked(trust, plan)) == ([], [])


def test_each_open_plan_is_told_once(trust: PlanningTrust) -> None:
    held, draft = trust.approved(), trust.prepared()
    trust.add(held)
    trust.add(draft)
    trust.add(draft)

    role_ends(trust)

    assert sorted((told["plan_id"], told["action_count"]) for told in trust.told(LEFT)) == sorted(
        [(held["id"], 1), (draft["id"], 2)]
    )


def test_another_owner_ends_the_mark(trust: PlanningTrust) -> None:
    plan = trust.approved()
    added = trust.add(plan)
    role_ends(trust)

    changed = trust.change(added, trust.lead, owner_id=trust.member.person_id)

    assert changed["owner_left"] is False
    assert marked(trust, plan) == []


def test_reminders_say_that_the_owner_has_left(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.add(plan, due_on=trust.in_days(30))
    trust.add(plan, due_on=trust.in_days(30), owner_id=trust.member.person_id)
    role_ends(trust)

    as_of(trust, 31)

    states = {told["owner_id"]: told.get("owner_state") for told in trust.told(LATE)}
    assert states == {trust.owner.person_id: "left", trust.member.person_id: None}


def test_the_reminder_before_the_day_says_so_too(trust: PlanningTrust) -> None:
    trust.add(trust.approved(), due_on=trust.in_days(30))
    role_ends(trust)

    as_of(trust, 23)

    assert [told.get("owner_state") for told in trust.told(SOON)] == ["left"]


def test_a_role_that_ends_at_another_trust_changes_nothing_here(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.add(plan)
    elsewhere = trust.service.world.trust(trust.tenant)
    trust.service.world.person(elsewhere, Role.ACTION_OWNER, person_id=trust.owner.person_id)

    role_ends(trust, at=elsewhere)

    assert (trust.told(LEFT), marked(trust, plan)) == ([], [])
