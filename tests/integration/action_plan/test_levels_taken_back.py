"""Levels a board takes back hold up the plan drafted from them, or end it; what a board approved stays."""

import pytest
from sqlalchemy import delete, select

from services.action_plan.commands.reminders import DUE_SOON_WORK, OVERDUE_WORK
from shared.contracts import event_types
from shared.mechanism import due_work
from shared.principal import Principal
from tests.integration.action_plan.planning_trusts import ITEMS, PlanningTrust


def test_a_plan_that_was_never_approved_ends_with_its_self_assessment(trust: PlanningTrust) -> None:
    plan = trust.waiting()

    trust.take_back(plan["round_id"], "abandoned")

    after = trust.plan(plan["id"])
    assert (after["state"], after["close_code"]) == ("closed", "withdrawn")
    assert after["notice"] == (
        "This plan is closed: the self-assessment it was drafted from was given up before it was signed off."
    )
    (closed,) = trust.told(event_types.PLAN_CLOSED)
    assert (closed["plan_id"], closed["close_code"], closed["result_withdrawn"]) == (plan["id"], "superseded", True)
    assert trust.refused(trust.chair, plan["id"], "approve")["type"] == "/problems/not-possible-at-this-stage"


def test_the_plan_that_holds_is_not_closed_by_one_whose_self_assessment_was_given_up(trust: PlanningTrust) -> None:
    holds, later = trust.approved(), trust.waiting()

    trust.take_back(later["round_id"], "abandoned")
    trust.refused(trust.chair, later["id"], "approve")

    assert trust.plan(holds["id"])["state"] == "approved"
    assert [data["plan_id"] for data in trust.told(event_types.PLAN_CLOSED)] == [later["id"]]


def test_the_draft_whose_place_a_withdrawn_plan_took_is_open_again_with_its_work(trust: PlanningTrust) -> None:
    earlier = trust.prepared()
    trust.add(earlier)
    later = trust.drafted()

    trust.take_back(later["round_id"], "abandoned")

    after = trust.plan(earlier["id"])
    assert (after["state"], after["close_code"], after["closed_at"], after["notice"]) == ("drafted", None, None, None)
    assert (after["aim"], after["priorities"], len(after["actions"])) == (earlier["aim"], earlier["priorities"], 1)
    told = [(data["plan_id"], data["refreshed"]) for data in trust.told(event_types.PLAN_DRAFTED)]
    assert told == [(earlier["id"], False), (later["id"], False), (earlier["id"], True)]
    trust.do(trust.lead, earlier["id"], "request-approval")
    assert trust.do(trust.chair, earlier["id"], "approve")["state"] == "approved"


def test_a_due_day_that_went_by_while_a_draft_was_closed_is_told_when_it_is_open_again(trust: PlanningTrust) -> None:
    earlier = trust.prepared()
    action = trust.add(earlier)
    later = trust.drafted()
    with trust.service.unit_of_work(Principal.service(trust.tenant, trust.org)) as uow:
        uow.session.execute(delete(due_work).where(due_work.c.object_id == action["id"]))
        uow.commit()

    trust.take_back(later["round_id"], "abandoned")

    with trust.service.unit_of_work(Principal.service(trust.tenant, trust.org)) as uow:
        asked = select(due_work.c.kind).where(due_work.c.object_id == action["id"]).order_by(due_work.c.kind)
        assert list(uow.session.execute(asked).scalars()) == [DUE_SOON_WORK, OVERDUE_WORK]


@pytest.mark.parametrize("how", ["reopened", "sent_back"])
def test_a_plan_cannot_be_approved_while_its_levels_are_discussed_again(trust: PlanningTrust, how: str) -> None:
    holds, later = trust.approved(), trust.waiting()

    trust.take_back(later["round_id"], how)

    refused = trust.refused(trust.chair, later["id"], "approve")
    assert refused["type"] == "/problems/levels-not-agreed"
    assert trust.plan(later["id"])["notice"] == f"{refused['detail']}."
    assert {each["id"]: each["notice"] for each in trust.plans()}[later["id"]] == f"{refused['detail']}."
    assert trust.plan(holds["id"])["state"] == "approved"


def test_approval_is_not_asked_for_while_levels_are_discussed_again(trust: PlanningTrust) -> None:
    plan = trust.prepared()

    trust.take_back(plan["round_id"], "reopened")

    assert trust.refused(trust.lead, plan["id"], "request-approval")["type"] == "/problems/levels-not-agreed"


def test_levels_agreed_anew_free_the_plan(trust: PlanningTrust) -> None:
    plan = trust.waiting()
    trust.take_back(plan["round_id"], "sent_back")

    trust.agree(plan["round_id"], ITEMS[:4])

    after = trust.plan(plan["id"])
    assert (after["state"], after["notice"], len(after["items"])) == ("drafted", None, 4)
    trust.do(trust.lead, plan["id"], "request-approval")
    assert trust.do(trust.chair, plan["id"], "approve")["state"] == "approved"


def test_a_plan_held_up_ends_when_the_self_assessment_is_given_up_after_all(trust: PlanningTrust) -> None:
    plan = trust.drafted()
    trust.take_back(plan["round_id"], "reopened")

    trust.take_back(plan["round_id"], "abandoned")

    assert trust.plan(plan["id"])["close_code"] == "withdrawn"


@pytest.mark.parametrize("how", ["abandoned", "reopened"])
def test_told_twice_it_is_done_once(trust: PlanningTrust, how: str) -> None:
    plan = trust.drafted()
    trust.take_back(plan["round_id"], how)
    once = trust.plan(plan["id"])

    trust.take_back(plan["round_id"], how)

    assert trust.plan(plan["id"]) == once
    assert len(trust.told(event_types.PLAN_CLOSED)) == (how == "abandoned")


@pytest.mark.parametrize("how", ["abandoned", "sent_back"])
def test_what_a_board_approved_stays(trust: PlanningTrust, how: str) -> None:
    plan = trust.approved()

    trust.take_back(plan["round_id"], how)

    assert trust.plan(plan["id"]) == plan
    assert plan["notice"] is None


def test_levels_that_drafted_no_plan_are_taken_back_without_effect(trust: PlanningTrust) -> None:
    plan = trust.drafted()

    trust.take_back(trust.agree(agreed_on="2025-01-01"), "abandoned")
    trust.take_back("019b0a4c-7021-7a00-8b11-0000000000ff", "abandoned")

    assert trust.plan(plan["id"])["state"] == "drafted"


def test_a_plan_says_in_words_why_it_is_closed(trust: PlanningTrust) -> None:
    earlier = trust.drafted()

    trust.drafted()

    assert trust.plan(earlier["id"])["notice"] == "This plan is closed: a newer plan has taken its place."
