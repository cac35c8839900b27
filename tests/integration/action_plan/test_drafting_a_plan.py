"""What the board agreed drafts the plan: once, however often it is told, and again until the plan is approved."""

from concurrent.futures import ThreadPoolExecutor

from shared.contracts import event_types
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT
from tests.integration.action_plan.planning_trusts import ITEMS, PlanningTrust, found_trust


def test_an_agreed_result_drafts_a_plan_with_suggestions_and_their_reasons(trust: PlanningTrust) -> None:
    round_id = trust.agree()

    plan = trust.plan_of(round_id)
    assert (plan["state"], plan["revision"], plan["version"], plan["aim"]) == ("drafted", 1, 1, "")
    assert [each["item_id"] for each in plan["suggestions"]] == ["p1-purpose", "p3-leaders", "p2-culture"]
    first = plan["suggestions"][0]
    assert (first["practice_id"], first["reason"], first["score"]) == ("p1", "below_aim", 8)
    assert first["reasons"] == [
        {"code": "below_aim", "points": 6, "numbers": {"level": 2, "aim_level": 4, "levels": 2}},
        {"code": "fell", "points": 2, "numbers": {"level": 2, "previous_level": 3, "levels": 1}},
    ]
    assert [each["item_id"] for each in plan["items"]] == [item["item_id"] for item in ITEMS]


def test_the_draft_is_told_without_a_word_or_a_level(trust: PlanningTrust) -> None:
    round_id = trust.agree()

    (event,) = trust.service.events(org=trust.org)
    assert event.type == event_types.PLAN_DRAFTED
    assert event.key == trust.plan_of(round_id)["id"]
    assert event.actor is None
    assert event.data == {
        "plan_id": event.key,
        "round_id": round_id,
        "question_set_id": "trust-2026-1",
        "drafted_on": trust.today.isoformat(),
        "suggestion_count": 3,
        "refreshed": False,
    }


def test_the_same_result_told_twice_leaves_one_plan(trust: PlanningTrust) -> None:
    round_id = trust.agree()
    before = trust.plan_of(round_id)

    trust.agree(round_id)

    assert len(trust.plans()) == 1
    after = trust.plan_of(round_id)
    assert (after["id"], after["suggestions"]) == (before["id"], before["suggestions"])
    assert [data["refreshed"] for data in trust.told(event_types.PLAN_DRAFTED)] == [False, True]


def test_a_newer_result_of_the_same_round_refreshes_a_plan_and_keeps_its_priorities(trust: PlanningTrust) -> None:
    plan = trust.waiting()
    changed = [{**item, "level": 1, "aim_level": 5} if item["item_id"] == "p5-daily" else item for item in ITEMS]

    trust.agree(plan["round_id"], changed)

    after = trust.plan(plan["id"])
    assert after["state"] == "drafted"
    assert after["suggestions"][0]["item_id"] == "p5-daily"
    assert after["priorities"] == plan["priorities"]


def test_an_approved_plan_stays_as_the_board_knows_it(trust: PlanningTrust) -> None:
    plan = trust.approved()

    trust.agree(plan["round_id"], ITEMS[:3])

    after = trust.plan(plan["id"])
    assert (after["state"], after["items"], after["version"]) == ("approved", plan["items"], plan["version"])
    assert [data["refreshed"] for data in trust.told(event_types.PLAN_DRAFTED)] == [False]


def test_sign_off_is_noted_on_the_plan(trust: PlanningTrust) -> None:
    round_id = trust.agree()

    trust.sign_off(round_id)

    assert trust.plan_of(round_id)["signed_off_on"] == trust.today.isoformat()
    assert len(trust.told(event_types.PLAN_DRAFTED)) == 1


def test_levels_that_changed_before_sign_off_refresh_the_plan(trust: PlanningTrust) -> None:
    round_id = trust.agree()

    trust.sign_off(round_id, ITEMS[:4])

    assert len(trust.plan_of(round_id)["items"]) == 4
    assert [data["refreshed"] for data in trust.told(event_types.PLAN_DRAFTED)] == [False, True]


def test_a_sign_off_without_a_plan_drafts_it(trust: PlanningTrust) -> None:
    round_id = str(new_id())

    trust.sign_off(round_id)

    assert trust.plan_of(round_id)["signed_off_on"] == trust.today.isoformat()


def test_the_next_self_assessment_takes_the_place_of_a_draft_that_was_never_approved(trust: PlanningTrust) -> None:
    earlier = trust.drafted()

    later = trust.drafted()

    assert trust.plan(earlier["id"])["close_code"] == "superseded"
    assert trust.plan(later["id"])["state"] == "drafted"
    (closed,) = trust.told(event_types.PLAN_CLOSED)
    assert (closed["plan_id"], closed["close_code"]) == (earlier["id"], "superseded")


def test_an_approved_plan_holds_until_the_next_one_is_approved(trust: PlanningTrust) -> None:
    earlier = trust.approved()
    trust.add(earlier, priority_id=earlier["priorities"][2]["id"])
    trust.add(earlier, priority_id=earlier["priorities"][2]["id"])

    later = trust.prepared()

    assert trust.plan(earlier["id"])["state"] == "approved"
    culture = next(each for each in later["suggestions"] if each["item_id"] == "p2-culture")
    assert {"code": "unfinished_actions", "points": 2, "numbers": {"actions": 2}} in culture["reasons"]
    trust.do(trust.lead, later["id"], "request-approval")
    trust.do(trust.chair, later["id"], "approve")
    assert trust.plan(earlier["id"])["close_code"] == "superseded"


def test_an_old_result_told_late_does_not_close_the_plan_of_a_newer_one(trust: PlanningTrust) -> None:
    newer = trust.drafted()

    trust.agree(agreed_on="2025-01-01")

    assert trust.plan(newer["id"])["state"] == "drafted"


def test_a_national_priority_that_holds_today_is_a_reason(trust: PlanningTrust) -> None:
    item = f"n-{trust.org}"
    items = [*ITEMS, {**ITEMS[5], "item_id": item}]
    priority = {"priority_code": f"{trust.org}-flow", "starts_on": trust.in_days(-9), "ends_on": trust.in_days(9)}
    published = event_types.NATIONAL_PRIORITY_PUBLISHED
    trust.service.deliver(published, priority | {"item_ids": [item]}, org=NATIONAL_TENANT)

    holding = trust.plan_of(trust.agree(items=items))
    ended = {"priority_code": priority["priority_code"], "ended_on": trust.in_days(-1)}
    trust.service.deliver(event_types.NATIONAL_PRIORITY_ENDED, ended, org=NATIONAL_TENANT)
    later = trust.plan_of(trust.agree(items=items))

    assert [each["reason"] for each in holding["suggestions"] if each["item_id"] == item] == ["national_priority"]
    assert item not in [each["item_id"] for each in later["suggestions"]]


def test_two_trusts_may_hear_of_the_same_round_id_and_keep_their_own_plan(trust: PlanningTrust) -> None:
    other = found_trust(trust.service)
    round_id = trust.agree()

    other.agree(round_id)

    assert trust.plan_of(round_id)["id"] != other.plan_of(round_id)["id"]


def test_the_same_result_handled_twice_at_once_leaves_one_plan(trust: PlanningTrust) -> None:
    round_id = str(new_id())

    with ThreadPoolExecutor(2) as both:
        list(both.map(trust.agree, [round_id, round_id]))

    assert [plan["round_id"] for plan in trust.plans()] == [round_id]
    assert [data["refreshed"] for data in trust.told(event_types.PLAN_DRAFTED)] == [False, True]


def test_a_correction_draws_an_unapproved_plan_up_again_and_leaves_an_approved_one_alone(trust: PlanningTrust) -> None:
    changed = [{**item, "level": 1, "aim_level": 5} if item["item_id"] == "p5-daily" else item for item in ITEMS]
    open_plan = trust.plan_of(trust.agree())
    trust.correct(open_plan["round_id"], changed)
    refreshed = trust.plan(open_plan["id"])
    approved = trust.approved()

    trust.correct(approved["round_id"], changed)

    assert refreshed["suggestions"][0]["item_id"] == "p5-daily"
    assert refreshed["agreed_on"] == open_plan["agreed_on"]
    assert trust.plan(approved["id"])["suggestions"] == approved["suggestions"]
