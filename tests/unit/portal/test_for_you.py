"""What needs somebody now."""

from datetime import date
from typing import Any

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


def test_the_plan_in_four_numbers_counts_each_action_once() -> None:
    numbers = for_you.four_numbers(
        [
            an_action(status="done", due_on="2026-01-01"),
            an_action(due_on="2026-01-01"),
            an_action(),
            an_action(status="not_started"),
            an_action(status="stopped", due_on="2026-01-01"),
        ],
        TODAY,
    )

    assert numbers == for_you.FourNumbers(done=1, under_way=1, overdue=1, not_started=1)


def test_a_plan_waits_for_whoever_approves_and_before_that_for_its_lead() -> None:
    drafted, waiting = {"id": "p1", "state": "drafted"}, {"id": "p1", "state": "awaiting_approval"}

    assert for_you.plan_tasks(acting("improvement-lead"), drafted)[0].href == "/plans/p1/priorities"
    assert for_you.plan_tasks(acting("chair"), waiting)[0].href == "/plans/p1/approve"
    assert not for_you.plan_tasks(acting("chair"), drafted)
    assert not for_you.plan_tasks(acting("improvement-lead"), waiting)


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
