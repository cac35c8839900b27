"""The scheduler: an owner is told a week before and when the day is over, once for each due day."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from services.action_plan.commands.steps import locked_plan
from shared.clock import FrozenClock
from shared.contracts import event_types
from tests.integration.action_plan.planning_trusts import PlanningTrust

SOON, LATE = event_types.ACTION_BECAME_DUE_SOON, event_types.ACTION_BECAME_OVERDUE


def as_of(trust: PlanningTrust, days: int, at: time = time(12)) -> None:
    """Carry out everything due by that moment, counted from today."""
    clock = FrozenClock(datetime.combine(trust.today + timedelta(days=days), at, UTC))
    while trust.service.run_scheduler(clock):
        pass


def test_an_owner_is_told_a_week_before_the_day_and_not_earlier(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared(), due_on=trust.in_days(30))

    as_of(trust, 22)
    early = trust.told(SOON)
    as_of(trust, 23)

    assert early == []
    (told,) = trust.service.events(SOON, org=trust.org)
    assert told.actor is None
    assert told.data == {
        "plan_id": action["plan_id"],
        "action_id": action["id"],
        "owner_id": trust.owner.person_id,
        "due_on": action["due_on"],
        "days_left": 7,
    }


def test_an_action_due_within_the_week_is_told_at_once(trust: PlanningTrust) -> None:
    trust.add(trust.prepared(), due_on=trust.in_days(3))

    as_of(trust, 1)

    (told,) = trust.told(SOON)
    assert told["days_left"] == 2


def test_a_reminder_that_comes_too_late_is_left_out(trust: PlanningTrust) -> None:
    trust.add(trust.prepared(), due_on=trust.in_days(30))

    as_of(trust, 31)

    assert (len(trust.told(SOON)), len(trust.told(LATE))) == (0, 1)


def test_an_action_is_overdue_when_its_day_is_over_and_the_counts_say_so(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    trust.add(plan, due_on=trust.in_days(30))
    trust.add(plan, title="Later", due_on=trust.in_days(60))

    as_of(trust, 30, time(22, 30))
    before = trust.told(LATE)
    as_of(trust, 31, time(0, 30))

    assert before == []
    (told,) = trust.told(LATE)
    assert told["due_on"] == trust.in_days(30)
    assert told["action_counts"] == {"done": 0, "under_way": 1, "overdue": 1}


def test_a_due_day_is_told_once_even_when_it_comes_back(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared(), due_on=trust.in_days(30))
    as_of(trust, 25)
    as_of(trust, 31)

    later = trust.change(action, due_on=trust.in_days(60))
    trust.change(later, due_on=trust.in_days(30))
    as_of(trust, 31)

    assert len(trust.told(SOON)) == len(trust.told(LATE)) == 1


def test_putting_an_action_off_moves_its_reminders(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared(), due_on=trust.in_days(30))

    trust.change(action, due_on=trust.in_days(60))
    as_of(trust, 45)
    before = trust.told(SOON, LATE)
    as_of(trust, 61)

    assert before == []
    assert [told["due_on"] for told in trust.told(LATE)] == [trust.in_days(60)]
    (progressed,) = trust.told(event_types.ACTION_PROGRESSED)
    assert progressed["previous_due_on"] == trust.in_days(30)


def test_what_is_done_or_stopped_is_never_late(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    trust.change(trust.add(plan), status="done")
    trust.change(trust.add(plan), status="stopped", stopped_reason="Not ours")

    as_of(trust, 40)

    assert trust.told(SOON, LATE) == []


def test_an_action_taken_up_again_is_followed_again(trust: PlanningTrust) -> None:
    action = trust.change(trust.add(trust.prepared()), status="done")

    trust.change(action, status="on_track")
    as_of(trust, 31)

    assert len(trust.told(LATE)) == 1


def test_nothing_is_late_under_a_plan_that_was_closed(trust: PlanningTrust) -> None:
    earlier = trust.approved()
    trust.add(earlier)
    later = trust.waiting()
    trust.do(trust.chair, later["id"], "approve")

    as_of(trust, 40)

    assert trust.told(SOON, LATE) == []


def test_reminders_follow_an_organisation_that_moves_to_another_icb(trust: PlanningTrust) -> None:
    plan = trust.approved()
    action = trust.change(trust.add(plan), next_step="Begin")
    to_tenant = trust.service.world.tenant()
    moved = {"code": trust.org, "from_tenant": trust.tenant, "to_tenant": to_tenant, "reason_code": "boundary_change"}

    trust.service.deliver(
        event_types.ORGANISATION_MOVED, moved | {"effective_on": trust.in_days(0)}, org=trust.org, at=datetime.now(UTC)
    )
    as_of(trust, 31)

    (late,) = trust.service.events(LATE, org=trust.org)
    assert (late.tenant_id, late.data["action_id"]) == (to_tenant, action["id"])
    there = trust.service.world.person(trust.org, "improvement-lead")
    found = trust.acting(there).get(f"/v1/actions/{action['id']}").json
    assert len(found["history"]) == 2
    assert trust.acting(there).get(f"/v1/plans/{plan['id']}").json["approved"]["revision"] == 1
    assert trust.acting(trust.lead).get(f"/v1/plans/{plan['id']}").status_code == 403


def test_a_plan_that_somebody_holds_is_told_of_later(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    trust.add(plan)
    with trust.service.unit_of_work(trust.lead.principal()) as uow:
        locked_plan(uow, UUID(plan["id"]))
        as_of(trust, 31)
        meanwhile = trust.told(LATE)

    as_of(trust, 32)

    assert meanwhile == []
    assert len(trust.told(LATE)) == 1
