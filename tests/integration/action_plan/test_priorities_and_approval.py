"""Three to five priorities, an aim, and a board that commits to them, or sends them back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.contracts import event_types
from shared.testing.world import Person
from tests.integration.action_plan.planning_trusts import AIM, CHOSEN, PlanningTrust

ZERO = {"done": 0, "under_way": 0, "overdue": 0}


def choosing(trust: PlanningTrust, plan: dict[str, Any], *chosen: tuple[str, str], version: int | None = None) -> Any:
    body = {"priorities": [{"item_id": item_id, "title": title} for item_id, title in chosen]}
    return trust.acting(trust.lead).put(
        f"/v1/plans/{plan['id']}/priorities", body, if_match=plan["version"] if version is None else version
    )


def titled(*item_ids: str) -> list[tuple[str, str]]:
    return [(item_id, f"About {item_id}") for item_id in item_ids]


def test_priorities_stand_in_the_order_they_were_put_in(trust: PlanningTrust) -> None:
    plan = trust.drafted()

    chosen = trust.choose(plan, ("p5-daily", "p1-purpose", "p2-culture"))

    assert [(each["position"], each["item_id"], each["practice_id"]) for each in chosen["priorities"]] == [
        (1, "p5-daily", "p5"),
        (2, "p1-purpose", "p1"),
        (3, "p2-culture", "p2"),
    ]
    assert chosen["version"] == plan["version"] + 1


def test_a_priority_that_stays_keeps_its_actions_when_the_order_changes(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    action = trust.add(plan)

    after = trust.choose(plan, (*reversed(CHOSEN), "p5-daily"))

    assert {each["id"] for each in plan["priorities"]} < {each["id"] for each in after["priorities"]}
    assert after["actions"][0]["id"] == action["id"]
    assert after["priorities"][2]["id"] == action["priority_id"]


def test_a_priority_with_unfinished_actions_is_not_dropped(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    action = trust.add(plan)
    others = titled("p3-leaders", "p2-culture", "p5-daily")

    refused = choosing(trust, plan, *others)
    trust.change(action, status="stopped", stopped_reason="Not ours to do")
    allowed = choosing(trust, plan, *others)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/priority-in-use")
    assert allowed.status_code == 200
    assert [each["item_id"] for each in allowed.json["dropped_priorities"]] == ["p1-purpose"]
    assert len(allowed.json["priorities"]) == 3


@pytest.mark.parametrize(
    ("chosen", "problem", "field"),
    [
        (titled("p1-purpose", "p2-culture"), "wrong-number-of-priorities", "priorities"),
        (titled("p1-purpose", "p2-culture", "p3-leaders", "p4-skills", "p5-goals", "p5-daily"),
         "wrong-number-of-priorities", "priorities"),
        (titled("p1-purpose", "p2-culture", "elsewhere"), "unknown-item", "priorities.2.item_id"),
        (titled("p1-purpose", "p2-culture", "p1-purpose"), "item-chosen-twice", "priorities.2.item_id"),
        ([*titled("p1-purpose", "p2-culture"), ("p3-leaders", "  ")], "text-missing", "priorities.2.title"),
        ([*titled("p1-purpose", "p2-culture"), ("p3-leaders", "x" * 301)], "text-too-long", "priorities.2.title"),
    ],
)  # fmt: skip
def test_priorities_that_make_no_plan_are_refused(
    trust: PlanningTrust, chosen: list[tuple[str, str]], problem: str, field: str
) -> None:
    plan = trust.drafted()

    refused = choosing(trust, plan, *chosen)

    assert (refused.status_code, refused.json["type"]) == (422, f"/problems/{problem}")
    assert refused.json["errors"][0]["field"] == field
    assert trust.plan(plan["id"])["priorities"] == []


def test_a_stale_choice_is_refused_with_what_stands_now(trust: PlanningTrust) -> None:
    plan = trust.drafted()
    trust.choose(plan)

    refused = choosing(trust, plan, *titled("p5-daily", "p4-skills", "p2-culture"))

    assert (refused.status_code, refused.json["type"]) == (412, "/problems/stale-version")
    assert [each["item_id"] for each in refused.json["current"]["priorities"]] == list(CHOSEN)


def test_a_choice_without_a_version_is_refused(trust: PlanningTrust) -> None:
    plan = trust.drafted()

    refused = trust.acting(trust.lead).put(f"/v1/plans/{plan['id']}/priorities", {"priorities": []})

    assert refused.status_code == 428


@pytest.mark.parametrize(("aim", "problem"), [("  ", "text-missing"), ("x" * 2_001, "text-too-long")])
def test_an_aim_is_neither_blank_nor_endless(trust: PlanningTrust, aim: str, problem: str) -> None:
    plan = trust.drafted()

    refused = trust.acting(trust.lead).put(f"/v1/plans/{plan['id']}/aim", {"aim": aim}, if_match=1)

    assert (refused.status_code, refused.json["type"]) == (422, f"/problems/{problem}")


def test_a_plan_without_priorities_or_aim_does_not_go_to_the_board(trust: PlanningTrust) -> None:
    plan = trust.drafted()
    path = f"/v1/plans/{plan['id']}/request-approval"

    empty = trust.acting(trust.lead).post(path)
    trust.choose(plan)
    aimless = trust.acting(trust.lead).post(path)

    assert (empty.status_code, empty.json["type"]) == (409, "/problems/priorities-missing")
    assert (aimless.status_code, aimless.json["type"]) == (409, "/problems/aim-missing")


def test_the_board_is_asked_and_the_chair_approves(trust: PlanningTrust) -> None:
    plan = trust.prepared()
    trust.add(plan)

    waiting = trust.do(trust.secretary, plan["id"], "request-approval")
    approved = trust.do(trust.chair, plan["id"], "approve")

    assert (waiting["state"], waiting["approval_requested_by"]) == ("awaiting_approval", trust.secretary.person_id)
    assert (approved["state"], approved["approved_by"]) == ("approved", trust.chair.person_id)
    kept = approved["approved"]
    assert (kept["revision"], kept["approved_as"], kept["aim"]) == (1, "chair", AIM)
    assert kept["priorities"] == approved["priorities"]
    counts = {"done": 0, "under_way": 1, "overdue": 0}
    (asked,) = trust.told(event_types.PLAN_APPROVAL_REQUESTED)
    (told,) = trust.told(event_types.PLAN_APPROVED)
    assert (asked["priority_count"], asked["action_counts"]) == (3, counts)
    assert (told["round_id"], told["action_counts"]) == (plan["round_id"], counts)


def test_an_approval_needs_a_fresh_second_factor(trust: PlanningTrust) -> None:
    plan = trust.waiting()

    weak = trust.acting(trust.chair, strong=False).post(f"/v1/plans/{plan['id']}/approve", if_match=plan["version"])

    assert (weak.status_code, weak.json["type"]) == (401, "/problems/step-up-required")
    assert trust.plan(plan["id"])["state"] == "awaiting_approval"


def test_a_plan_sent_back_carries_the_note_until_it_is_put_forward_again(trust: PlanningTrust) -> None:
    plan = trust.waiting()

    back = trust.do(trust.chief, plan["id"], "send-back", {"note": "Say how we will know"})
    again = trust.do(trust.lead, plan["id"], "request-approval")

    assert (back["state"], back["sent_back_note"]) == ("drafted", "Say how we will know")
    assert back["sent_back_by"] == trust.chief.person_id
    assert again["sent_back_note"] is None
    (event,) = trust.told(event_types.PLAN_SENT_BACK)
    assert event == {"plan_id": plan["id"], "sent_back_on": trust.today.isoformat()}


def test_a_plan_is_not_sent_back_without_a_word(trust: PlanningTrust) -> None:
    plan = trust.waiting()

    path = f"/v1/plans/{plan['id']}/send-back"

    refused = trust.acting(trust.chair).post(path, {"note": " "}, if_match=plan["version"])

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/text-missing")


@pytest.mark.parametrize("step", ["approve", "send-back", "close"])
def test_a_draft_is_neither_approved_nor_sent_back_nor_closed(trust: PlanningTrust, step: str) -> None:
    plan = trust.prepared()
    person = trust.lead if step == "close" else trust.chair

    body = {"note": "n"} if step == "send-back" else {}

    refused = trust.acting(person).post(f"/v1/plans/{plan['id']}/{step}", body, if_match=plan["version"])

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-possible-at-this-stage")


def test_priorities_stay_as_they_are_while_the_board_looks_at_them(trust: PlanningTrust) -> None:
    plan = trust.waiting()

    refused = choosing(trust, plan, *titled("p5-daily", "p4-skills", "p2-culture"))

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-possible-at-this-stage")


def test_changing_an_approved_plan_begins_a_revision_and_keeps_what_was_approved(trust: PlanningTrust) -> None:
    plan = trust.approved()

    revised = trust.choose(plan, ("p5-daily", *CHOSEN))
    trust.choose(revised, ("p5-daily", "p4-skills", *CHOSEN))

    now = trust.plan(plan["id"])
    assert (now["state"], now["revision"], now["approved_revision"]) == ("drafted", 2, 1)
    assert [each["item_id"] for each in now["approved"]["priorities"]] == list(CHOSEN)
    (event,) = trust.told(event_types.PLAN_REVISED)
    assert (event["priority_count"], event["action_counts"]) == (4, ZERO)
    trust.do(trust.lead, plan["id"], "request-approval")
    again = trust.do(trust.chief, plan["id"], "approve")
    assert (again["state"], again["approved_revision"], again["approved"]["approved_as"]) == (
        "approved",
        2,
        "chief-executive",
    )


def test_saving_an_approved_plan_unchanged_takes_nothing_back(trust: PlanningTrust) -> None:
    plan = trust.approved()

    same = trust.choose(plan)
    saved = trust.acting(trust.lead).put(f"/v1/plans/{plan['id']}/aim", {"aim": f" {AIM} "}, if_match=same["version"])

    assert (saved.json["state"], saved.json["version"]) == ("approved", plan["version"])
    assert trust.told(event_types.PLAN_REVISED) == []


def test_another_aim_needs_an_approval_of_its_own_too(trust: PlanningTrust) -> None:
    plan = trust.approved()

    saved = trust.acting(trust.lead).put(f"/v1/plans/{plan['id']}/aim", {"aim": "More"}, if_match=plan["version"])

    assert (saved.json["state"], saved.json["aim"], saved.json["approved"]["aim"]) == ("drafted", "More", AIM)


def test_two_approvers_at_once_make_one_approval(trust: PlanningTrust) -> None:
    plan = trust.waiting()

    def approve(person: Person) -> int:
        path = f"/v1/plans/{plan['id']}/approve"
        return trust.acting(person).post(path, if_match=plan["version"]).status_code

    with ThreadPoolExecutor(2) as both:
        statuses = sorted(both.map(approve, [trust.chair, trust.chief]))

    assert statuses == [200, 412]
    assert len(trust.told(event_types.PLAN_APPROVED)) == 1


@pytest.mark.parametrize(("step", "body"), [("approve", {}), ("send-back", {"note": "Say how"})])
def test_the_board_decides_on_the_plan_it_read_and_on_no_other(
    trust: PlanningTrust, step: str, body: dict[str, str]
) -> None:
    read = trust.waiting()
    trust.do(trust.chief, read["id"], "send-back", {"note": "Put the daily huddles first"})
    trust.choose(trust.plan(read["id"]), ("p5-daily", *CHOSEN))
    now = trust.do(trust.lead, read["id"], "request-approval")
    chair, path = trust.acting(trust.chair), f"/v1/plans/{read['id']}/{step}"

    blind = chair.post(path, body)
    stale = chair.post(path, body, if_match=read["version"])

    assert (blind.status_code, blind.json["type"]) == (428, "/problems/version-required")
    assert (stale.status_code, stale.json["type"]) == (412, "/problems/stale-version")
    assert stale.json["current"]["version"] == now["version"]
    assert [each["item_id"] for each in stale.json["current"]["priorities"]] == ["p5-daily", *CHOSEN]
    assert trust.plan(read["id"])["state"] == "awaiting_approval"
    assert chair.post(path, body, if_match=now["version"]).status_code == 200


def test_an_approval_sent_twice_with_one_key_is_one_approval(trust: PlanningTrust) -> None:
    plan = trust.waiting()
    chair = trust.acting(trust.chair)

    path, shown = f"/v1/plans/{plan['id']}/approve", plan["version"]

    first = chair.post(path, key="k1", if_match=shown)
    second = chair.post(path, key="k1", if_match=shown)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json == first.json
    assert len(trust.told(event_types.PLAN_APPROVED)) == 1


def test_a_plan_without_an_action_is_not_complete(trust: PlanningTrust) -> None:
    plan = trust.approved()

    refused = trust.refused(trust.lead, plan["id"], "close")

    assert refused["type"] == "/problems/actions-missing"
    assert trust.plan(plan["id"])["state"] == "approved"
    trust.change(trust.add(plan), status="stopped", stopped_reason="No money")
    assert trust.do(trust.lead, plan["id"], "close")["close_code"] == "completed"


def test_a_plan_closes_when_every_action_is_done_or_stopped(trust: PlanningTrust) -> None:
    plan = trust.approved()
    action = trust.add(plan)

    early = trust.acting(trust.lead).post(f"/v1/plans/{plan['id']}/close")
    done = trust.change(action, status="done")
    closed = trust.do(trust.lead, plan["id"], "close")
    late = trust.acting(trust.owner).patch(f"/v1/actions/{action['id']}", {"next_step": "x"}, if_match=done["version"])

    assert (early.status_code, early.json["type"]) == (409, "/problems/actions-unfinished")
    assert (closed["state"], closed["close_code"]) == ("closed", "completed")
    assert late.status_code == 409
    (event,) = trust.told(event_types.PLAN_CLOSED)
    assert (event["close_code"], event["action_counts"]) == ("completed", {"done": 1, "under_way": 0, "overdue": 0})


def test_events_of_a_plan_leave_in_the_order_in_which_things_happened(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.add(plan)

    of_the_plan = trust.service.events(org=trust.org, key=plan["id"])

    assert [event.aggregate_version for event in of_the_plan] == list(range(1, len(of_the_plan) + 1))
    assert [event.type.split(".", 2)[2] for event in of_the_plan] == [
        "plan.drafted.v1",
        "plan.approval-requested.v1",
        "plan.approved.v1",
        "action.added.v1",
        "action.assigned.v1",
    ]
