"""Answering and the discussion when the moment has passed, or when the same was saved in another window."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest
from tests.unit.assessment.question_set_example import whole_question_set

WHY = "We say why, at length, <b>for</b> an hour."
SAFE = "We say why, at length, &lt;b&gt;for&lt;/b&gt; an hour."
ROUND: dict[str, Any] = {
    "id": "r1",
    "name": "Autumn 2026",
    "state": "open",
    "question_set_id": "small-1",
    "closes_on": "2026-12-01",
    "discussion_on": None,
    "i_am_respondent": True,
    "respondents": {"invited": 12, "finished": 7, "people": None},
}
AGREEMENT = {"level": "3", "reason": WHY, "evidence": "", "differed": "", "aim_level": "", "version": "0"}
ANSWER = {"level": "do-not-know", "why": WHY, "evidence": "", "version": "1"}
SCALE = [
    {"code": "often", "label": "Often", "meaning": "Most weeks"},
    {"code": "rarely", "label": "Rarely", "meaning": "Once"},
]
FRAMEWORK = {
    "scale": SCALE,
    "domains": [{"id": "d1", "title": "Listening", "statements": [{"id": "st1", "statement": "I listen."}]}],
    "guidance": {"no_patient_details": "No patients."},
}


@pytest.fixture
def lead(portal: PortalUnderTest) -> Browser:
    """Return the lead's browser while answering is open."""
    portal.services.on("GET", "/rounds/r1", ROUND)
    portal.services.on("GET", "/question-sets/small-1", whole_question_set())
    portal.services.on("GET", "/rounds/r1/my-answers", {"items": [], "finished": False})
    portal.services.problem("GET", "/rounds/r1/discussion", 409, "not-possible-now")
    return portal.signed_in(TRUST)


@pytest.mark.parametrize("end", ["", "/i1", "/practices", "/agenda"])
def test_before_answering_has_closed_each_page_of_the_discussion_says_so(lead: Browser, end: str) -> None:
    page = lead.get(f"/rounds/r1/discussion{end}")

    assert page.status_code == 200
    assert "Nothing is shown before answering has closed" in page.text


def test_an_agreement_sent_after_answering_was_opened_again_comes_back_to_be_copied(lead: Browser) -> None:
    lead.portal.services.problem("PUT", "/rounds/r1/agreements/i1", 409, "not-possible-now")
    token = Browser.hidden(lead.get("/home"))

    page = lead.post("/rounds/r1/discussion/i1", token | AGREEMENT)

    assert page.status_code == 422
    assert "What you typed was not saved:" in page.text
    assert SAFE in page.text


def test_an_answer_sent_after_closing_comes_back_to_be_copied(lead: Browser) -> None:
    lead.portal.services.on("GET", "/rounds/r1", ROUND | {"state": "closed"})
    lead.portal.services.problem("PUT", "/rounds/r1/my-answers/i1", 409, "not-possible-now")
    token = Browser.hidden(lead.get("/home"))

    page = lead.post("/rounds/r1/answers/i1", token | ANSWER)

    assert "What you typed was not saved:" in page.text
    assert SAFE in page.text
    assert "I do not know enough to say" in page.text
    assert "What you typed was not saved" not in lead.get("/rounds/r1/answers/i1").text


def test_ones_own_second_window_is_not_called_somebody_else(lead: Browser) -> None:
    saved = {"level": 4, "cannot_judge": False, "why": "From the laptop.", "evidence": "", "offered": True}
    path = "/rounds/r1/my-answers/i1"
    lead.portal.services.problem("PUT", path, 412, "stale-version", current=saved | {"version": 2})
    form = Browser.hidden(lead.get("/rounds/r1/answers/i1")) | ANSWER

    page = lead.post("/rounds/r1/answers/i1", form).text
    background = lead.post("/rounds/r1/answers/i1", form, headers={"X-Background": "1"})

    assert "This was changed in another window or on another device" in page
    assert "Somebody else" not in page
    for words in ("I do not know enough to say", "Level 4", SAFE, "From the laptop.", "Offered to the discussion"):
        assert words in page
    assert "What shows it" not in page
    assert background.json is not None
    assert background.json["message"] == "Not saved: this was changed in another window. Press the button to compare."


def test_a_reflection_pressed_twice_is_saved_once_and_compared_in_words(portal: PortalUnderTest) -> None:
    portal.services.on("GET", "/my-reflection", {"framework_id": "f1", "items": [], "shared": []})
    portal.services.on("GET", "/frameworks/f1", FRAMEWORK)
    path, saved = "/my-reflection/st1", {"frequency": "often", "note": "Ward 7", "version": 1}
    portal.services.problem("PUT", path, 412, "stale-version", current=saved)
    browser = portal.signed_in(TRUST | {"roles": ["board-member"]})
    page = "/board-development/statements/st1"

    same = browser.fill(page, {"frequency": "often", "note": "Ward 7", "version": "0"})
    other = browser.fill(page, {"frequency": "rarely", "note": "Ward 7", "version": "0"})

    assert same.status_code == 303
    assert other.status_code == 412
    assert "in another window" in other.text
    assert "Rarely" in other.text
    assert "Often" in other.text
    assert "Note to yourself" not in other.text


def test_large_type_is_set_where_all_sizes_are_measured_from(lead: Browser) -> None:
    views: dict[str, Any] = {
        "item_id": "i1",
        "agreement": None,
        "range": {"shown": False, "reason": "Too few"},
        "offered": [],
    }
    lead.portal.services.on("GET", "/rounds/r1", ROUND | {"state": "closed"})
    lead.portal.services.on("GET", "/rounds/r1/discussion", {"items": [views], "practices": []})

    large, normal = (lead.get(f"/rounds/r1/discussion/i1{end}").text for end in ("?large=true", ""))

    assert '<html lang="en" class="app-large">' in large
    assert "app-large" not in normal


def test_a_beginning_that_is_no_time_is_said_and_not_dropped(lead: Browser) -> None:
    lead.portal.services.on("GET", "/rounds/r1", ROUND | {"state": "closed"})
    lead.portal.services.on("GET", "/rounds/r1/discussion", {"items": [], "practices": [], "widest_first": []})

    wrong, right = (lead.get(f"/rounds/r1/discussion/agenda?from={typed}") for typed in ("soon", "2:30pm"))

    assert (wrong.status_code, right.status_code) == (422, 200)
    assert "Enter a time, for example 14:00." in wrong.text
