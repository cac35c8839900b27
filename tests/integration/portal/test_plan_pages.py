"""The pages of a plan: history in words, what can be changed now, and two updates at once side by side."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

ACTION: dict[str, Any] = {
    "id": "a1",
    "plan_id": "pl1",
    "priority_title": "Huddles",
    "title": "Try the huddle",
    "owner_id": "ann",
    "due_on": "2026-12-01",
    "overdue": False,
    "status": "on_track",
    "next_step": "Ask ward 7",
    "blocked_by": "",
    "stopped_reason": "",
    "version": 3,
    "history": [
        {
            "at": "2026-11-20T09:00:00Z",
            "person_id": "lena",
            "version": 3,
            "changes": [
                {"field": "status", "before": "not_started", "after": "on_track"},
                {"field": "owner_id", "before": "bob", "after": "ann"},
                {"field": "due_on", "before": "2026-11-01", "after": "2026-12-01"},
                {"field": "next_step", "before": "Ask ward 6", "after": ""},
            ],
        },
        {
            "at": "2026-11-01T09:00:00Z",
            "person_id": "lena",
            "version": 1,
            "changes": [{"field": "added", "before": "", "after": "Try the huddle"}],
        },
    ],
}
UPDATE = {
    "status": "on_track",
    "next_step": "Ask ward 7",
    "blocked_by": "",
    "stopped_reason": "",
    "due_on-day": "1",
    "due_on-month": "12",
    "due_on-year": "2026",
    "owner_id": "ann",
    "version": "2",
}
PRIORITIES = [
    {"id": "p1", "item_id": "i1", "title": "Purpose", "position": 1},
    {"id": "p2", "item_id": "i2", "title": "Coaching", "position": 2},
]
PLAN: dict[str, Any] = {
    "id": "pl1",
    "state": "approved",
    "version": 7,
    "aim": "Fewer falls",
    "question_set_id": "s1",
    "agreed_on": "2026-10-01",
    "approved_at": "2026-10-10T09:00:00Z",
    "action_counts": {"done": 0, "under_way": 1, "overdue": 0},
    "priority_count": 2,
    "priorities": PRIORITIES,
    "suggestions": [],
    "items": [{"item_id": "i1"}, {"item_id": "i2"}],
    "actions": [],
}


@pytest.fixture
def lead(portal: PortalUnderTest) -> Browser:
    """Return the lead's browser at a portal that knows one plan with one action."""
    people = {"ann": "Ann Owner", "bob": "Bob Before", "lena": "Lena Lead"}
    portal.services.on("POST", "/names", {"names": people})
    listed = [{"person_id": one, "name": name} for one, name in people.items()]
    portal.services.on("GET", "/people", {"items": listed, "next": None})
    portal.services.on("GET", "/actions/a1", ACTION)
    portal.services.on("GET", "/plans/pl1", PLAN)
    return portal.signed_in(TRUST)


def test_the_history_of_an_action_is_told_in_words(lead: Browser) -> None:
    page = lead.get("/plans/pl1/actions/a1").text

    assert "How it stands: from Not started to On track" in page
    assert "Owner: from Bob Before to Ann Owner" in page
    assert "Due on: from 1 November 2026 to 1 December 2026" in page
    assert "Next step: from Ask ward 6 to nothing" in page
    assert "Lena Lead: added" in page


def test_a_name_that_cannot_be_asked_for_now_is_not_said_to_have_left(lead: Browser) -> None:
    lead.portal.services.problem("POST", "/names", 503, "temporarily-unavailable")

    page = lead.get("/plans/pl1/actions/a1").text

    assert "Name not available at the moment" in page
    assert "Somebody who left" not in page


def test_an_action_whose_owner_has_left_is_marked_and_its_lead_sent_to_where_another_is_chosen(lead: Browser) -> None:
    orphaned = ACTION | {"owner_left": True, "priority_id": "p1"}
    kept = ACTION | {"id": "a2", "owner_left": False, "priority_id": "p1"}
    lead.portal.services.on("GET", "/plans/pl1", PLAN | {"actions": [orphaned, kept]})
    lead.portal.services.on("GET", "/actions", {"items": [orphaned, kept], "next": None, "count": 2})
    lead.portal.services.on("GET", "/actions/a1", orphaned)

    plan, listed, action = (lead.get(f"/plans/pl1{more}").text for more in ("", "/actions", "/actions/a1"))

    for page in (plan, listed):
        assert page.count("Owner has left") == 1
        assert '<a href="/plans/pl1/actions/a1">Choose another' in page
    assert "Its owner has left: choose another below. You are told instead when it becomes overdue." in action


def test_a_reader_of_the_plan_sees_that_an_owner_has_left_and_is_not_sent_to_choose(lead: Browser) -> None:
    orphaned = ACTION | {"owner_left": True, "priority_id": "p1"}
    lead.portal.services.on("GET", "/plans/pl1", PLAN | {"actions": [orphaned]})
    lead.portal.services.on("GET", "/actions/a1", orphaned)
    member = lead.portal.signed_in(TRUST | {"roles": ["board-member"]})

    plan, action = member.get("/plans/pl1").text, member.get("/plans/pl1/actions/a1").text

    assert "Owner has left" in plan
    assert "Choose another" not in plan
    assert "Its owner has left. The improvement lead is told instead when it becomes overdue." in action


@pytest.mark.parametrize(
    ("state", "may_change", "says"),
    [
        ("drafted", True, ""),
        ("approved", True, "the plan needs approval again. What was approved holds until then."),
        ("awaiting_approval", False, "They can be changed when the plan is sent back."),
        ("closed", False, "the plan is closed."),
    ],
)
def test_the_aim_and_the_priorities_can_be_changed_before_and_after_approval(
    lead: Browser, state: str, may_change: bool, says: str
) -> None:
    lead.portal.services.on("GET", "/plans/pl1", PLAN | {"state": state})

    plan, priorities = lead.get("/plans/pl1").text, lead.get("/plans/pl1/priorities").text

    assert ("Change the aim or the priorities" in plan) is may_change
    assert ("Save priorities" in priorities) is may_change
    assert says in priorities


def test_a_second_press_of_the_same_update_is_no_conflict(lead: Browser) -> None:
    lead.portal.services.problem("PATCH", "/actions/a1", 412, "stale-version", current=ACTION)

    pressed = lead.fill("/plans/pl1/actions/a1", UPDATE)

    assert pressed.status_code == 303


def test_two_updates_of_an_action_are_compared_in_words_with_the_due_day(lead: Browser) -> None:
    other = ACTION | {"status": "off_track", "owner_id": "bob", "due_on": "2027-01-31"}
    lead.portal.services.problem("PATCH", "/actions/a1", 412, "stale-version", current=other)

    page = lead.fill("/plans/pl1/actions/a1", UPDATE)

    assert page.status_code == 412
    assert "Somebody else changed this while you were writing" in page.text
    for words in ("On track", "Off track", "Ann Owner", "Bob Before", "1 December 2026", "31 January 2027"):
        assert words in page.text
    assert "off_track" not in page.text
    assert "Next step" not in page.text
    assert 'name="version" value="3"' in page.text


def test_two_saves_of_the_priorities_show_their_order_and_names_too(lead: Browser) -> None:
    other = PLAN | {"version": 8, "priorities": [PRIORITIES[1] | {"title": "Coaching for all"}, PRIORITIES[0]]}
    form = {"aim": "Fewer falls", "position-i1": "1", "title-i1": "Purpose", "version": "7"}
    form |= {"position-i2": "2", "title-i2": "Coaching"}
    services = lead.portal.services
    services.problem("PUT", "/plans/pl1/priorities", 412, "stale-version", current=other)

    page = lead.fill("/plans/pl1/priorities", form)
    services.problem("PUT", "/plans/pl1/priorities", 412, "stale-version", current=PLAN)
    again = lead.fill("/plans/pl1/priorities", form)

    assert page.status_code == 412
    assert "1. Purpose\n2. Coaching</div>" in page.text
    assert "1. Coaching for all\n2. Purpose" in page.text
    assert ">Aim<" not in page.text
    assert again.status_code == 303
