"""What needs somebody now."""

from datetime import date
from typing import Any

import pytest

from services.portal.page import Page, Shows
from services.portal.pages.home import for_you
from services.portal.person import Membership

TODAY = date(2026, 11, 24)


def acting(*roles: str) -> Membership:
    return Membership("DEMO01", "Aldermere", "trust", "XNV01", "Northvale", roles, fictional=True)


def a_round(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "name": "autumn 2026",
        "state": "open",
        "created_at": "2026-11-01T09:00:00Z",
        "closes_on": "2026-12-01",
        "discussion_on": "2026-12-09",
        "i_am_respondent": True,
        "i_have_finished": False,
        "respondents": {"invited": 12, "finished": 7},
        "agreed": {"items": 16, "of": 22},
        "decision": None,
    } | changes


def an_action(**changes: Any) -> dict[str, Any]:
    return {"id": "a1", "plan_id": "p1", "title": "Huddle", "status": "on_track", "due_on": "2026-12-01"} | changes


def test_somebody_who_has_not_finished_is_asked_to_answer_by_the_closing_day() -> None:
    (task,) = for_you.round_tasks(acting("board-member"), a_round())

    assert (task.text, task.href, task.due) == ("Answer autumn 2026", "/rounds/r1/answers", date(2026, 12, 1))


def test_whoever_has_finished_or_was_not_asked_has_nothing_to_answer() -> None:
    assert not for_you.round_tasks(acting("board-member"), a_round(i_have_finished=True))
    assert not for_you.round_tasks(acting("board-member"), a_round(i_am_respondent=False))


def test_the_lead_sees_how_many_have_finished_and_later_how_many_items_are_left() -> None:
    (answering,) = for_you.round_tasks(acting("improvement-lead"), a_round(i_am_respondent=False))
    (discussing,) = for_you.round_tasks(acting("improvement-lead"), a_round(state="closed"))

    assert "7 of 12 have finished" in answering.text
    assert discussing.text == "Agree 6 items with the board"


def test_only_those_who_sign_are_asked_to_sign_off() -> None:
    assert for_you.round_tasks(acting("chair"), a_round(state="agreed"))
    assert not for_you.round_tasks(acting("improvement-lead"), a_round(state="agreed"))


def test_the_secretary_is_asked_to_record_what_the_board_decided_until_that_is_done() -> None:
    secretary = acting("company-secretary")
    (task,) = for_you.round_tasks(secretary, a_round(state="agreed", i_am_respondent=False))

    assert (task.text, task.href) == ("Record what the board decided about autumn 2026", "/rounds/r1/sign-off")
    assert not for_you.round_tasks(secretary, a_round(state="agreed", decision={"meeting_on": "2026-11-20"}))


def test_actions_that_are_late_or_due_within_two_weeks_are_tasks_and_others_are_not() -> None:
    tasks = for_you.action_tasks(
        [
            an_action(id="late", due_on="2026-11-23"),
            an_action(id="soon", due_on="2026-12-08"),
            an_action(id="later", due_on="2026-12-09"),
            an_action(id="done", due_on="2026-11-01", status="done"),
        ],
        TODAY,
    )

    assert [(task.href.rsplit("/", 1)[1], task.late) for task in tasks] == [("late", True), ("soon", False)]


def test_an_action_due_today_is_not_late() -> None:
    (task,) = for_you.action_tasks([an_action(due_on="2026-11-24")], TODAY)

    assert not task.late


def test_a_plan_waits_for_whoever_approves_and_before_that_for_its_lead() -> None:
    drafted, waiting = {"id": "p1", "state": "drafted"}, {"id": "p1", "state": "awaiting_approval"}

    assert for_you.plan_tasks(acting("improvement-lead"), drafted)[0].href == "/plans/p1/priorities"
    assert for_you.plan_tasks(acting("chair"), waiting)[0].href == "/plans/p1/approve"
    assert not for_you.plan_tasks(acting("chair"), drafted)
    assert not for_you.plan_tasks(acting("improvement-lead"), waiting)
    assert not for_you.plan_tasks(acting("chair"), waiting | {"notice": "Its levels were taken back."})


def test_home_is_about_the_newest_plan_that_is_open() -> None:
    closed, approved = {"id": "p2", "state": "closed"}, {"id": "p1", "state": "approved"}

    assert for_you.current_plan([closed, approved]) == approved
    assert for_you.current_plan([closed]) == closed
    assert for_you.current_plan([]) is None


@pytest.mark.parametrize("state", ["approved", "drafted", "awaiting_approval"])
def test_home_is_about_the_plan_that_holds_while_another_is_drafted(state: str) -> None:
    fresh = {"id": "p3", "state": "drafted", "approved_revision": None}
    held = {"id": "p2", "state": state, "approved_revision": 1}
    closed = {"id": "p1", "state": "closed", "approved_revision": 2}

    assert for_you.current_plan([fresh, held, closed]) is held
    assert for_you.current_plan([fresh, closed]) is fresh


def test_what_is_drafted_beside_the_plan_that_holds_is_named() -> None:
    fresh = {"id": "p3", "state": "awaiting_approval", "approved_revision": None}
    held = {"id": "p2", "state": "drafted", "approved_revision": 1}

    assert for_you.drafts([fresh, held], held) == [
        ("A new plan waits for approval", "/plans/p3"),
        ("A revision of it is being drafted", "/plans/p2"),
    ]
    assert for_you.drafts([fresh], fresh) == []
    assert for_you.drafts([], None) == []


def test_tasks_without_a_date_come_last() -> None:
    dated, undated = for_you.Task("a", "/a", TODAY), for_you.Task("b", "/b")

    assert for_you.in_order([undated, dated]) == [dated, undated]


def test_the_newest_self_assessment_that_was_not_given_up_counts() -> None:
    rounds = [
        a_round(id="old", created_at="2026-01-01T00:00:00Z", state="signed_off"),
        a_round(id="new", created_at="2026-11-01T00:00:00Z"),
        a_round(id="given-up", created_at="2026-11-20T00:00:00Z", state="abandoned"),
    ]

    assert for_you.current_round(rounds) == rounds[1]
    assert for_you.current_round([]) is None


def test_a_page_is_a_value_that_knows_its_methods() -> None:
    page = Page("k", "/k", "K", None, Shows.OPEN, None, view=lambda _: "", on_submit=None)

    assert page.methods == ["GET"]


SIGNED_OFF, SUGGESTED = a_round(state="signed_off"), {"proposal": {"share_summary": True}}
PLAN = {"id": "p1", "round_id": "r1", "state": "approved", "sharing_proposed_at": "2026-11-20T09:00:00Z"}


def test_what_the_lead_suggests_to_share_waits_for_the_chair_alone() -> None:
    (task,) = for_you.sharing_tasks(acting("chair"), SIGNED_OFF, SUGGESTED, [])

    assert (task.text, task.href) == ("Decide what to share of autumn 2026", "/rounds/r1/sharing")
    assert not for_you.sharing_tasks(acting("chair"), SIGNED_OFF, {"proposal": None}, [])
    for role in ("chief-executive", "improvement-lead", "board-member"):
        assert not for_you.sharing_tasks(acting(role), SIGNED_OFF, SUGGESTED, [PLAN])


def test_a_plan_suggested_alone_is_a_task_and_one_suggested_with_its_self_assessment_is_not_asked_twice() -> None:
    (alone,) = for_you.sharing_tasks(acting("chair"), SIGNED_OFF, {"proposal": None}, [PLAN])
    (together,) = for_you.sharing_tasks(acting("chair"), SIGNED_OFF, SUGGESTED, [PLAN])
    both = for_you.sharing_tasks(acting("chair"), SIGNED_OFF, SUGGESTED, [PLAN | {"round_id": "earlier"}])

    assert alone.href == "/plans/p1/sharing"
    assert together.href == "/rounds/r1/sharing"
    assert [task.href for task in both] == ["/rounds/r1/sharing", "/plans/p1/sharing"]


def test_nothing_is_asked_about_a_plan_that_is_closed_or_was_not_suggested() -> None:
    for plan in (PLAN | {"state": "closed"}, PLAN | {"sharing_proposed_at": None}):
        assert not for_you.sharing_tasks(acting("chair"), None, None, [plan])


def test_suggestions_are_asked_for_only_where_there_can_be_one() -> None:
    assert for_you.may_have_to_share(acting("chair"), SIGNED_OFF)
    assert not for_you.may_have_to_share(acting("board-member"), SIGNED_OFF)
    assert not for_you.may_have_to_share(acting("chair"), a_round(state="agreed"))
    assert not for_you.may_have_to_share(acting("chair"), None)
