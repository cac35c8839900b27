"""Actions: who owns what, how it stands, what comes next; with a history that is only added to."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import ProgrammingError

from services.action_plan.models import action_change, plan_approval
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from tests.integration.action_plan.planning_trusts import PlanningTrust

UNDER_WAY = {"done": 0, "under_way": 1, "overdue": 0}


def test_an_action_is_added_and_its_owner_is_told(trust: PlanningTrust) -> None:
    plan = trust.prepared()

    action = trust.add(plan, next_step="Ask for dates")

    assert (action["status"], action["overdue"], action["version"]) == ("not_started", False, 1)
    assert (action["next_step"], action["priority_title"]) == ("Ask for dates", "Move on: p1-purpose")
    assert action["history"] == [
        {
            "at": action["changed_at"],
            "person_id": trust.lead.person_id,
            "version": 1,
            "changes": [{"field": "added", "before": "", "after": "Visit one team a week"}],
        }
    ]
    (added,) = trust.told(event_types.ACTION_ADDED)
    (assigned,) = trust.told(event_types.ACTION_ASSIGNED)
    assert (added["priority_id"], added["action_counts"]) == (plan["priorities"][0]["id"], UNDER_WAY)
    assert (assigned["owner_id"], assigned["previous_owner_id"]) == (trust.owner.person_id, None)


@pytest.mark.parametrize(
    ("wrong", "problem", "field"),
    [
        ({"due_on": -1}, "due-date-not-possible", "due_on"),
        ({"due_on": 5_000}, "due-date-not-possible", "due_on"),
        ({"owner_id": str(new_id())}, "unknown-owner", "owner_id"),
        ({"priority_id": str(new_id())}, "unknown-priority", "priority_id"),
        ({"title": "   "}, "text-missing", "title"),
        ({"title": "x" * 301}, "text-too-long", "title"),
        ({"next_step": "x" * 2_001}, "text-too-long", "next_step"),
        ({"due_on": "tomorrow"}, "invalid-input", "due_on"),
        ({"owner_id": "somebody"}, "invalid-input", "owner_id"),
        ({"colour": "red"}, "invalid-input", "colour"),
    ],
)
def test_an_action_nobody_could_keep_is_refused(
    trust: PlanningTrust, wrong: dict[str, Any], problem: str, field: str
) -> None:
    plan = trust.prepared()
    wrong = {name: trust.in_days(value) if isinstance(value, int) else value for name, value in wrong.items()}

    refused = trust.acting(trust.lead).post(f"/v1/plans/{plan['id']}/actions", trust.action_body(plan, **wrong))

    assert (refused.status_code, refused.json["type"]) == (422, f"/problems/{problem}")
    assert refused.json["errors"][0]["field"] == field
    assert trust.plan(plan["id"])["actions"] == []


def test_somebody_who_cannot_see_the_plan_owns_no_action(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    manager = trust.service.world.person(trust.org, Role.ACCESS_MANAGER)
    body = trust.action_body(plan, owner_id=manager.person_id)

    refused = trust.acting(trust.lead).post(f"/v1/plans/{plan['id']}/actions", body)

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/unknown-owner")


def test_an_owner_keeps_an_action_up_to_date_and_the_history_says_how(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())

    changed = trust.change(action, status="off_track", blocked_by="No room", next_step="Ask estates")

    assert (changed["status"], changed["blocked_by"], changed["version"]) == ("off_track", "No room", 2)
    newest = changed["history"][0]
    assert newest["person_id"] == trust.owner.person_id
    assert newest["changes"] == [
        {"field": "status", "before": "not_started", "after": "off_track"},
        {"field": "next_step", "before": "", "after": "Ask estates"},
        {"field": "blocked_by", "before": "", "after": "No room"},
    ]
    (event,) = trust.service.events(event_types.ACTION_PROGRESSED, org=trust.org)
    assert event.actor == trust.owner.person_id
    assert event.data["blocked"] is True
    assert "No room" not in str(event.data)


def test_saving_the_same_again_changes_nothing(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())
    changed = trust.change(action, next_step="Call")

    again = trust.change(changed, next_step="Call ")

    assert (again["version"], len(again["history"])) == (2, 2)


def test_done_stopped_and_taken_up_again_are_counted_and_told(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    first, second = trust.add(plan), trust.add(plan, title="Train team leaders")

    first = trust.change(first, status="done")
    trust.change(second, status="stopped", stopped_reason="The region does it")
    trust.change(first, status="on_track")

    (completed,) = trust.told(event_types.ACTION_COMPLETED)
    (stopped,) = trust.told(event_types.ACTION_STOPPED)
    (progressed,) = trust.told(event_types.ACTION_PROGRESSED)
    assert completed["action_counts"] == {"done": 1, "under_way": 1, "overdue": 0}
    assert stopped["action_counts"] == {"done": 1, "under_way": 0, "overdue": 0}
    assert (progressed["previous_status"], progressed["action_counts"]) == ("done", UNDER_WAY)
    assert trust.plan(plan["id"])["action_counts"] == UNDER_WAY


def test_an_action_is_not_stopped_without_a_reason(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())

    refused = trust.acting(trust.owner).patch(f"/v1/actions/{action['id']}", {"status": "stopped"}, if_match=1)

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/reason-missing")
    assert refused.json["errors"][0]["field"] == "stopped_reason"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"status": "red"}, "invalid-input"),
        ({"due_on": "2020-01-01"}, "due-date-not-possible"),
        ({"blocked_by": "x" * 2_001}, "text-too-long"),
        ({"id": "1"}, "invalid-input"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(trust: PlanningTrust, wanted: dict[str, Any], problem: str) -> None:
    action = trust.add(trust.prepared())

    refused = trust.acting(trust.owner).patch(f"/v1/actions/{action['id']}", wanted, if_match=1)

    assert (refused.status_code, refused.json["type"]) == (422, f"/problems/{problem}")


def test_two_editors_at_once_make_one_change_and_the_other_sees_it(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())

    def save(words: str) -> Any:
        client = trust.acting(trust.owner if words == "mine" else trust.lead)
        return client.patch(f"/v1/actions/{action['id']}", {"next_step": words}, if_match=1)

    with ThreadPoolExecutor(2) as both:
        answers = {answer.status_code: answer.json for answer in both.map(save, ["mine", "theirs"])}

    assert sorted(answers) == [200, 412]
    assert answers[412]["type"] == "/problems/stale-version"
    assert answers[412]["current"]["next_step"] == answers[200]["next_step"]
    assert answers[412]["current"]["version"] == 2


def test_a_change_needs_the_version_it_was_made_from(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())

    refused = trust.acting(trust.owner).patch(f"/v1/actions/{action['id']}", {"next_step": "x"})

    assert (refused.status_code, refused.json["type"]) == (428, "/problems/version-required")


def test_nobody_but_owner_and_lead_changes_an_action(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())
    another = trust.service.world.person(trust.org, Role.ACTION_OWNER)

    for person in (another, trust.chair, trust.member, trust.secretary):
        refused = trust.acting(person).patch(f"/v1/actions/{action['id']}", {"status": "done"}, if_match=1)
        assert (refused.status_code, refused.json["type"]) == (403, "/problems/not-your-action")

    assert trust.change(action, trust.lead, status="on_track")["status"] == "on_track"


def test_a_board_member_who_owns_an_action_keeps_it_up_to_date(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared(), owner_id=trust.member.person_id)

    assert trust.change(action, trust.member, status="done")["status"] == "done"


def test_an_owner_does_not_hand_an_action_on_and_the_lead_does(trust: PlanningTrust) -> None:
    action = trust.add(trust.prepared())
    path, wanted = f"/v1/actions/{action['id']}", {"owner_id": trust.member.person_id}

    refused = trust.acting(trust.owner).patch(path, wanted, if_match=1)
    moved = trust.change(action, trust.lead, **wanted)

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (403, "owner_id")
    assert moved["owner_id"] == trust.member.person_id
    told = trust.told(event_types.ACTION_ASSIGNED)[-1]
    assert (told["owner_id"], told["previous_owner_id"]) == (trust.member.person_id, trust.owner.person_id)


def test_an_action_added_twice_with_one_key_is_one_action(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    lead, body = trust.acting(trust.lead), trust.action_body(plan)

    first = lead.post(f"/v1/plans/{plan['id']}/actions", body, key="k")
    second = lead.post(f"/v1/plans/{plan['id']}/actions", body, key="k")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["id"] == second.json["id"]
    assert len(trust.plan(plan["id"])["actions"]) == 1


@pytest.mark.parametrize("table", [action_change, plan_approval], ids=lambda table: table.name)
@pytest.mark.parametrize("change", [update, delete], ids=lambda change: change.__name__)
def test_history_and_approvals_are_never_rewritten(trust: PlanningTrust, table: Any, change: Any) -> None:
    statement = change(table) if change is delete else change(table).values(org_id=trust.org)

    with trust.service.unit_of_work(trust.lead.principal()) as uow, pytest.raises(ProgrammingError, match="permission"):
        uow.session.execute(statement)


def test_actions_are_listed_by_due_day_and_filtered(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    late = trust.add(plan, title="Third", due_on=trust.in_days(9))
    trust.add(plan, title="First", due_on=trust.in_days(1), owner_id=trust.member.person_id)
    done = trust.add(plan, title="Second", due_on=trust.in_days(5))
    trust.change(done, status="done")

    def titles(query: str = "") -> list[str]:
        return [each["title"] for each in trust.acting(trust.owner).get(f"/v1/actions{query}").json["items"]]

    assert titles() == ["First", "Second", "Third"]
    assert titles("?mine=true") == ["Second", "Third"]
    assert titles("?status=done") == ["Second"]
    assert titles("?overdue=true") == []
    assert titles(f"?plan_id={late['plan_id']}") == ["First", "Second", "Third"]


def test_lists_go_on_where_the_page_before_ended(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    for number in range(5):
        trust.add(plan, title=f"Action {number}", due_on=trust.in_days(3))
    owner = trust.acting(trust.owner)

    seen, cursor = [], ""
    while True:
        page = owner.get(f"/v1/actions?limit=2{cursor}").json
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(seen) == len(set(seen)) == 5
    for path in (
        "/v1/actions?cursor=nonsense",
        "/v1/plans?cursor=nonsense",
        "/v1/actions?sort=x",
        "/v1/actions?mine=2",
    ):
        assert owner.get(path).status_code == 422, path


def test_reading_costs_the_same_whatever_the_size_of_the_plan(trust: PlanningTrust) -> None:
    plan = trust.approved()
    owner = trust.acting(trust.owner)

    def cost(path: str) -> int:
        with trust.service.counted_statements() as statements:
            assert owner.get(path).status_code == 200
        return len(statements)

    trust.add(plan)
    paths = ("/v1/plans", "/v1/actions", f"/v1/plans/{plan['id']}")
    small = [cost(path) for path in paths]
    for number in range(6):
        trust.change(trust.add(plan, title=f"Action {number}"), next_step="Begin")

    assert [cost(path) for path in paths] == small
    assert small == [3, 3, 6], "the principal, the membership, then 1 for a list and 4 for a plan"
