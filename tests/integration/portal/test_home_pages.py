"""Home says only what the role may know and the services said: no "there is none" about what was not looked at."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

SUMMARY = {"id": "r1", "name": "Autumn 2026", "state": "agreed", "created_at": "2026-11-01T09:00:00Z"}
ROUND: dict[str, Any] = SUMMARY | {
    "closes_on": "2026-11-10",
    "discussion_on": "2026-11-12",
    "signed_off_at": None,
    "i_am_respondent": False,
    "i_have_finished": False,
    "respondents": {"invited": 12, "finished": 11},
    "agreed": {"items": 22, "of": 22},
    "decision": None,
}
COUNTS = {"done": 61, "under_way": 7, "overdue": 2}
PLAN: dict[str, Any] = {
    "id": "pl1",
    "round_id": "r1",
    "state": "approved",
    "action_counts": COUNTS,
    "priority_count": 3,
}
LATE = {"id": "a1", "plan_id": "pl1", "title": "Huddle", "status": "on_track", "overdue": True, "due_on": "2026-01-05"}
ACTIONS = [
    LATE | {"blocked_by": ""},
    LATE | {"id": "a2", "title": "Old block", "status": "done", "overdue": False, "blocked_by": "A broken lift"},
]


@pytest.fixture
def answering(portal: PortalUnderTest) -> PortalUnderTest:
    """Return the portal with a self-assessment and a plan behind it."""
    for path, found in {"/rounds": [SUMMARY], "/plans": [PLAN], "/actions": [], "/invitations": []}.items():
        portal.services.on("GET", path, {"items": found, "next": None, "count": len(found)})
    portal.services.on("GET", "/rounds/r1", ROUND)
    portal.services.on("GET", "/plans/pl1", PLAN | {"actions": ACTIONS})
    return portal


def home_of(portal: PortalUnderTest, *roles: str, **changes: Any) -> str:
    return portal.signed_in(TRUST | {"roles": list(roles)} | changes).get("/home").text


def nothing(portal: PortalUnderTest, *paths: str) -> None:
    for path in paths:
        portal.services.on("GET", path, {"items": [], "next": None, "count": 0})


def away(portal: PortalUnderTest, *paths: str) -> None:
    for path in paths:
        portal.services.problem("GET", path, 503, "temporarily-unavailable")


def test_an_access_manager_finds_people_and_reads_nothing_of_plans(answering: PortalUnderTest) -> None:
    nothing(answering, "/rounds")
    invitations = [{"state": "sent"}, {"state": "accepted"}]
    answering.services.on("GET", "/invitations", {"items": invitations, "next": None, "count": 2})

    home = home_of(answering, "access-manager")

    assert "1 invitation sent and not taken up yet." in home
    assert all(link in home for link in ('href="/people"', 'href="/audit"', 'href="/sharing"'))
    assert "No self-assessment is running" not in home
    assert "There is no plan yet" not in home
    assert answering.services.asked("GET", "/plans") == []


def test_an_access_manager_of_an_icb_has_nothing_to_share(answering: PortalUnderTest) -> None:
    nothing(answering, "/rounds")
    icb = {"org_id": "XNV01", "org_kind": "icb", "org_name": "NHS Northvale ICB (fictional)"}

    home = home_of(answering, "icb-access-manager", **icb)

    assert 'href="/people"' in home
    assert 'href="/sharing"' not in home
    assert "There is no plan yet" not in home


def test_the_plan_is_in_the_numbers_of_its_own_page(answering: PortalUnderTest) -> None:
    lead, chair = home_of(answering, "improvement-lead"), home_of(answering, "chair")

    for home in (lead, chair):
        assert "<strong>61</strong> done" in home
        assert "<strong>7</strong> under way" in home
        assert "<strong>2</strong> overdue" in home
        assert "<strong>3</strong> priorities" in home


def test_stuck_is_what_is_late_blocked_or_off_track_and_not_what_is_done(answering: PortalUnderTest) -> None:
    home = home_of(answering, "chair")

    assert "Huddle</a>, overdue since 5 January 2026" in home
    assert "Old block" not in home


def test_a_fresh_draft_does_not_hide_the_plan_that_holds(answering: PortalUnderTest) -> None:
    no_counts = {"done": 0, "under_way": 0, "overdue": 0}
    held = PLAN | {"approved_revision": 1}
    draft = {"id": "pl2", "round_id": "r2", "approved_revision": None, "action_counts": no_counts, "priority_count": 0}
    plans = [draft | {"state": "awaiting_approval"}, held]
    answering.services.on("GET", "/plans", {"items": plans, "next": None, "count": 2})

    chairs = home_of(answering, "chair")

    assert "Huddle</a>, overdue since 5 January 2026" in chairs
    assert "<strong>61</strong> done" in chairs
    assert '<a href="/plans/pl2">A new plan waits for approval</a>' in chairs
    assert "Approve the new plan, or send it back" in chairs
    assert 'href="/plans/pl2/approve"' in chairs
    assert answering.services.asked("GET", "/plans/pl2") == []


def test_a_plan_that_holds_is_called_approved_while_it_is_revised(answering: PortalUnderTest) -> None:
    plans = [PLAN | {"approved_revision": 1, "state": "drafted"}]
    answering.services.on("GET", "/plans", {"items": plans, "next": None, "count": 1})

    leads, chairs = home_of(answering, "improvement-lead"), home_of(answering, "chair")

    for home in (leads, chairs):
        assert "Approved" in home
        assert "Being drafted" not in home
        assert '<a href="/plans/pl1">A revision of it is being drafted</a>' in home


@pytest.mark.parametrize("role", ["improvement-lead", "chair"])
def test_a_service_that_is_away_is_not_taken_for_an_empty_one(answering: PortalUnderTest, role: str) -> None:
    away(answering, "/rounds", "/plans", "/actions", "/inbox")

    home = home_of(answering, role)

    assert "We cannot show self-assessments or the plan or the inbox at the moment." in home
    for untrue in (
        "No self-assessment",
        "no plan yet",
        "Nothing needs",
        "Nothing waits",
        "Nothing new",
        "No action is",
    ):
        assert untrue not in home


def test_the_secretary_is_sent_to_where_the_decision_is_recorded(answering: PortalUnderTest) -> None:
    task = {"task": "sign_off", "status": "now"}
    whole = {"note": "", "reminded_on": None, "question_set_id": "s", "agreed_at": "2026-11-12T09:00:00Z"}
    agreed = ROUND["agreed"] | {"practices": 5, "of_practices": 5}
    people = ROUND["respondents"] | {"not_finished": None}
    answering.services.on(
        "GET", "/rounds/r1", ROUND | whole | {"tasks": [task], "agreed": agreed, "respondents": people}
    )
    browser = answering.signed_in(TRUST | {"roles": ["company-secretary"]})

    home, steps = browser.get("/home").text, browser.get("/rounds/r1").text

    assert "Record what the board decided about Autumn 2026" in home
    assert 'href="/rounds/r1/sign-off">Record what the board decided</a>' in steps


def analyst(portal: PortalUnderTest) -> Browser:
    portal.person(national=("national-analyst",))
    browser = portal.browser()
    assert browser.sign_in().status_code == 303
    return browser


def test_an_analyst_is_told_of_sets_that_still_need_something(portal: PortalUnderTest) -> None:
    states = ("published", "revised", "replaced", "refused", "checking", "prepared")
    sets = [
        {"id": state, "number": 1, "state": state, "as_at": "2026-11-01", "published_at": "2026-11-02T09:00:00Z"}
        for state in states
    ]
    portal.services.on("GET", "/published-figures", {"items": sets, "next": None, "count": 6})

    assert "2 sets are being checked or ready to publish." in analyst(portal).get("/home").text


def test_a_published_set_is_revised_with_a_note_and_a_new_one_is_as_at_today(portal: PortalUnderTest) -> None:
    found = {"id": "s1", "number": 4, "state": "published"}
    portal.services.on("GET", "/published-figures/s1", found)
    portal.services.on("POST", "/published-figures", {"id": "s2"})
    browser = analyst(portal)

    without = browser.fill("/published-figures/sets/s1/revise", {"revision_note": " "})
    revised = browser.fill("/published-figures/sets/s1/revise", {"revision_note": "Two trusts were counted twice."})
    prepared = browser.fill("/published-figures/prepare", {})

    assert (without.status_code, revised.status_code, prepared.status_code) == (422, 303, 303)
    bodies = [one.body for one in portal.services.asked("POST", "/published-figures")]
    assert bodies == [{"revises": "s1", "revision_note": "Two trusts were counted twice."}, {}]
    assert "The set is made as at today." in browser.get("/published-figures/prepare").text
