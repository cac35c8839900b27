"""Pages that say who sees what and who is told, with the services' answers as the services give them."""

import re
from html import unescape
from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

ROUND, PLAN = "0190c1a2-0000-7000-8000-000000000001", "0190c1a2-0000-7000-8000-000000000002"
CHAIR = TRUST | {"roles": ["chair"]}
ICB = TRUST | {"org_id": "XNV01", "org_name": "NHS Northvale ICB (fictional)", "org_kind": "icb", "roles": ["chair"]}
SIGNED: dict[str, Any] = {
    "id": ROUND,
    "name": "Spring 2026",
    "state": "signed_off",
    "created_at": "2026-03-01T09:00:00Z",
    "closes_on": "2026-03-31",
    "signed_off_at": "2026-05-01T09:00:00Z",
    "i_am_respondent": False,
    "i_have_finished": False,
    "respondents": {"invited": 12, "finished": 11, "not_finished": []},
    "agreed": {"items": 22, "of": 22, "practices": 5, "of_practices": 5},
    "reminded_on": None,
    "tasks": [{"task": "share", "status": "now"}],
}
GRANT = {"id": "g1", "granted_by": "p1", "granted_at": "2026-05-02T09:00:00Z", "stopped_at": None, "stopped_by": None}
SHARING: dict[str, Any] = {
    "round_id": ROUND,
    "progress_visible": True,
    "proposal": None,
    "preview": {
        "round_name": "Spring 2026",
        "signed_off_at": "2026-05-01T09:00:00Z",
        "practices": [{"practice_id": "p1", "title": "Purpose", "level": 3, "level_name": "Progressing"}],
    },
    "granted": [],
    "seen": [],
}
SUGGESTED = {"proposal": {"proposed_by": "p1", "proposed_at": "2026-05-02T09:00:00Z", "share_summary": True}}
SUMMARY_SHARED = GRANT | {"what": "practice_summary", "shared_with": "XNV01", "how_much": None, "valid_until": None}


def priorities(done: int) -> dict[str, Any]:
    counts = {"done": done, "under_way": 1, "overdue": 0}
    return {"approved_on": "2026-06-01", "priorities": [{"title": "Daily huddles", "action_counts": counts}]}


PLAN_SHARING: dict[str, Any] = {
    "plan_id": PLAN,
    "state": "approved",
    "shared": True,
    "proposed_at": None,
    "preview": priorities(done=4),
    "shown": {"content": priorities(done=2), "shared_at": "2026-06-03T09:00:00Z"},
    "granted": [GRANT | {"shared_with": "XNV01"}],
    "seen": [],
}
LISTED = {
    "id": PLAN,
    "round_id": ROUND,
    "state": "approved",
    "approved_revision": 1,
    "sharing_proposed_at": None,
}
PROGRESS = (
    "the stage and dates of your self-assessment, how many have finished, how far the plan is, and three counts of its "
    "actions"
)


@pytest.fixture
def answering(portal: PortalUnderTest) -> PortalUnderTest:
    """Return the portal of an organisation with a signed self-assessment and an approved plan."""
    portal.services.received.clear()
    portal.services.on("GET", "/rounds", {"items": [SIGNED], "next": None})
    portal.services.on("GET", f"/rounds/{ROUND}", SIGNED)
    portal.services.on("GET", f"/rounds/{ROUND}/sharing", SHARING)
    portal.services.on("GET", "/plans", {"items": [LISTED], "next": None})
    portal.services.on("GET", f"/plans/{PLAN}/sharing", PLAN_SHARING)
    portal.services.on("GET", "/actions", {"items": []})
    portal.services.on("POST", "/names", {"names": {"p1": "Chandra Chair"}})
    return portal


def words(text: str) -> str:
    """Return a page as it reads."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def told_when(browser: Browser, **chosen: str) -> str:
    path = f"/rounds/{ROUND}/sharing"
    page = words(browser.fill(path, {"count_us": "no", "share_priorities": "yes"} | chosen).text)
    return page.split("Who will be told", 1)[1].split("Can it be undone?", 1)[0].strip()


def test_each_table_says_from_its_own_state_what_the_icb_sees_and_the_priorities_are_the_frozen_ones(
    answering: PortalUnderTest,
) -> None:
    page = words(answering.signed_in(CHAIR).get(f"/rounds/{ROUND}/sharing").text)

    assert "Exactly what your ICB would see of the self-assessment" in page
    assert "Exactly what your ICB sees of the plan" in page
    assert "Priorities as approved on 1 June 2026, counts as on 3 June 2026" in page
    assert "This is as it stood on 3 June 2026. Decide Yes again to show the newest:" in page


def test_a_copy_that_is_the_newest_is_shown_once(answering: PortalUnderTest) -> None:
    shown = {"content": PLAN_SHARING["preview"], "shared_at": "2026-06-03T09:00:00Z"}
    answering.services.on("GET", f"/plans/{PLAN}/sharing", PLAN_SHARING | {"shown": shown})

    page = words(answering.signed_in(CHAIR).get(f"/plans/{PLAN}/sharing").text)

    assert page.count("Priorities as approved on") == 1
    assert "as it stood" not in page


def test_the_check_page_says_who_is_told_and_counting_alone_tells_nobody(answering: PortalUnderTest) -> None:
    newest = {"content": PLAN_SHARING["preview"], "shared_at": "2026-06-03T09:00:00Z"}
    answering.services.on("GET", f"/plans/{PLAN}/sharing", PLAN_SHARING | {"shown": newest})
    answering.services.on("GET", f"/rounds/{ROUND}/sharing", SHARING | {"granted": [SUMMARY_SHARED]})
    chair = answering.signed_in(CHAIR)

    assert told_when(chair, share_summary="yes", count_us="yes") == "Nobody."
    assert told_when(chair, share_summary="no") == (
        "The ICB's lead, your improvement lead, your chair and your access manager."
    )


def test_yes_again_shares_the_newest_priorities(answering: PortalUnderTest) -> None:
    answering.services.on("POST", f"/rounds/{ROUND}/sharing/decide", {})
    answering.services.on("PUT", f"/plans/{PLAN}/sharing", {})
    chair = answering.signed_in(CHAIR)
    checked = chair.fill(
        f"/rounds/{ROUND}/sharing", {"share_summary": "no", "share_priorities": "yes", "count_us": "no"}
    )

    chosen = {"share_summary": "no", "share_priorities": "yes", "count_us": "no"}
    chair.post(f"/rounds/{ROUND}/sharing/check", Browser.hidden(checked) | chosen)

    (sent,) = answering.services.asked("PUT", f"/plans/{PLAN}/sharing")
    assert sent.body == {"share_priorities": True}


def test_the_chair_s_home_asks_for_the_decision_the_lead_suggested(answering: PortalUnderTest) -> None:
    answering.services.on("GET", f"/rounds/{ROUND}/sharing", SHARING | SUGGESTED)

    page = answering.signed_in(CHAIR).get("/home").text

    assert f'href="/rounds/{ROUND}/sharing"' in page
    assert "Decide what to share of Spring 2026" in page


def test_a_home_asks_what_is_suggested_only_for_whoever_decides(answering: PortalUnderTest) -> None:
    answering.signed_in(TRUST).get("/home")

    assert answering.services.asked("GET", f"/rounds/{ROUND}/sharing") == []


def test_an_icb_s_own_board_is_not_told_of_an_icb_above_it(answering: PortalUnderTest) -> None:
    sharing = words(answering.signed_in(ICB).get(f"/plans/{PLAN}/sharing").text)

    assert "Nothing of this plan leaves your organisation." in sharing
    assert "Who has looked" not in sharing


def test_the_plan_is_offered_only_to_those_who_may_read_it(answering: PortalUnderTest) -> None:
    manager, lead = TRUST | {"roles": ["access-manager"]}, TRUST

    assert "Make the plan" not in answering.signed_in(manager).get(f"/rounds/{ROUND}").text
    assert "Make the plan" in answering.signed_in(lead).get(f"/rounds/{ROUND}").text


def test_a_summary_shown_to_the_chair_says_how_often_each_answer_was_given(answering: PortalUnderTest) -> None:
    scale = [{"code": "frequently", "label": "Frequently"}, {"code": "no_chance", "label": "No chance to show this"}]
    part = {"domain": "d1", "title": "Curiosity", "word": "mixed", "answers": {"no_chance": 1, "frequently": 3}}
    shown = {"person_id": "p1", "framework_id": "f1", "summary": [part], "shared_at": "2026-05-02T09:00:00Z"}
    answering.services.on("GET", "/board-profile", {"shown": False, "completed": 2, "shown_from": 7, "domains": []})
    answering.services.on("GET", "/shared-reflections", {"items": [shown], "count": 1, "next": None})
    answering.services.on("GET", "/frameworks/f1", {"id": "f1", "scale": scale, "domains": []})

    page = words(answering.signed_in(CHAIR).get("/board-development/profile").text)

    assert "Curiosity: Mixed Frequently: 3; No chance to show this: 1" in page


def test_what_an_icb_sees_from_the_start_is_one_list_everywhere(answering: PortalUnderTest) -> None:
    answering.services.on("GET", "/sharing", {"items": [], "next": None, "count": 0, "progress_visible": True})
    chair = answering.signed_in(CHAIR)

    for path in ("/sharing", f"/rounds/{ROUND}/sharing", "/data-protection"):
        assert f"{PROGRESS}." in words(chair.get(path).text)


def test_the_chair_s_home_asks_about_a_plan_that_was_suggested_alone(answering: PortalUnderTest) -> None:
    waiting = LISTED | {"sharing_proposed_at": "2026-11-20T09:00:00Z"}
    answering.services.on("GET", "/plans", {"items": [waiting], "next": None})

    page = answering.signed_in(CHAIR).get("/home").text

    assert f'href="/plans/{PLAN}/sharing"' in page


def test_a_closed_plan_is_neither_shown_nor_asked_about(answering: PortalUnderTest) -> None:
    over = PLAN_SHARING | {"state": "closed", "shared": False, "shown": None}
    answering.services.on("GET", f"/plans/{PLAN}/sharing", over)
    chair = answering.signed_in(CHAIR)

    plan, round_ = (chair.get(path).text for path in (f"/plans/{PLAN}/sharing", f"/rounds/{ROUND}/sharing"))

    assert "Your ICB does not see the priorities." in words(plan)
    assert "This plan is closed. What is shared of a plan ends with it" in words(plan)
    assert "closed: its priorities are not shown any more." in words(round_)
    assert all("share_priorities" not in page for page in (plan, round_))


def reading(of: str, audience: str) -> dict[str, Any]:
    days = {"first_read_at": "2026-05-04T09:00:00Z", "last_read_at": "2026-05-06T09:00:00Z"}
    return {"sharing_id": of, "audience_tenant": audience, "person_id": "p2"} | days


def test_who_looked_at_an_icb_that_was_left_is_still_told(answering: PortalUnderTest) -> None:
    left, ended = GRANT | {"shared_with": "XOLD1"}, GRANT | {"id": "g0", "shared_with": "XNV01"}
    ended |= {"stopped_at": "2026-05-20T09:00:00Z", "stopped_by": "p1"}
    seen = {"seen": [reading("g1", "XOLD1"), reading("g0", "XNV01")]}
    plan = PLAN_SHARING | {"shared": False, "shown": None, "granted": [left, ended]} | seen
    answering.services.on("GET", f"/plans/{PLAN}/sharing", plan)
    answering.services.on("GET", "/sharing", {"items": [], "next": None, "count": 0, "progress_visible": True})
    chair = answering.signed_in(CHAIR)

    listed = words(chair.get("/sharing").text)
    of_plan, of_round = (words(chair.get(path).text) for path in (f"/plans/{PLAN}/sharing", f"/rounds/{ROUND}/sharing"))

    now, before = listed.split("Shared before")
    assert "an ICB you have left (XOLD1)" in now
    assert "It stays as it was on the day you left" in now
    assert "Somebody there, first on 4 May 2026, last on 6 May 2026" in now
    assert "Stop sharing" not in now
    assert "from 2 May 2026 until 20 May 2026, stopped by Chandra Chair. Who looked: Somebody there" in before
    assert "Somebody at an ICB you have left, first on 4 May 2026" in of_plan
    assert "The priorities: somebody at an ICB you have left, first on 4 May 2026" in of_round
