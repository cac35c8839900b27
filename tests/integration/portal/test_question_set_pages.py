"""The pages of question sets, with the service's answers as the service gives them."""

import io
from typing import Any

import pytest

from services.assessment.domain.question_set_changes import changes_between
from services.assessment.domain.question_sets import parse
from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest
from tests.unit.assessment.question_set_example import whole_next_version, whole_question_set

OLDER, NEWER = whole_question_set(), whole_next_version()
SUMMARY = {
    "id": "small-1",
    "version": "1",
    "audience": "trust",
    "title": "A small question set",
    "illustrative": True,
    "published_at": "2026-01-01T09:00:00Z",
    "retired_on": None,
    "replaced_by": None,
    "effective_from": "2026-01-01",
    "effective_to": None,
    "replaces": None,
}
DRAFT: dict[str, Any] = {
    "id": "0190",
    "question_set_id": "small-2",
    "state": "tried",
    "title": NEWER["title"],
    "version": "2",
    "audience": "trust",
    "file_name": "next.xlsx",
    "created_by": "p1",
    "created_at": "2026-11-01T09:00:00Z",
    "sent_by": None,
    "sent_at": None,
    "note": None,
    "decided_by": None,
    "decided_at": None,
    "compared_with": "small-1",
    "changes": changes_between(OLDER, NEWER, parse(NEWER).links),
    "content": NEWER,
    "may_decide": False,
}
SENT = {"state": "sent", "sent_by": "p1", "sent_at": "2026-11-02T09:00:00Z"}


@pytest.fixture
def answering(portal: PortalUnderTest) -> PortalUnderTest:
    """Return the portal with one published set and one draft behind it."""
    portal.services.on("GET", "/question-sets", {"items": [SUMMARY], "next": None, "count": 1})
    portal.services.on("GET", "/question-sets/small-1", OLDER)
    portal.services.on("GET", "/question-set-drafts", {"items": [DRAFT | SENT], "next": None, "count": 1})
    portal.services.on("POST", "/names", {"names": {"p1": "Ned Quaye"}})
    return portal


def signed_in_as(portal: PortalUnderTest, *national: str) -> Browser:
    portal.person(national=national)
    browser = portal.browser()
    assert browser.sign_in().status_code == 303
    return browser


def draft_is(portal: PortalUnderTest, **changes: Any) -> None:
    portal.services.on("GET", "/question-set-drafts/0190", DRAFT | changes)


def test_a_reader_sees_the_sets_and_no_draft(answering: PortalUnderTest) -> None:
    browser = answering.signed_in(TRUST)

    listed, shown = browser.get("/question-sets").text, browser.get("/question-sets/small-1").text

    assert "A small question set" in listed
    assert "At work" not in listed
    assert answering.services.asked("GET", "/question-set-drafts") == []
    assert "provider capability self-assessment" in listed
    assert shown.count("app-question") == 3
    assert "Helping people to find their own answer." in shown
    assert "/retire" not in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "In use"),
        ({"effective_from": "2099-01-01"}, "Not yet in use"),
        ({"effective_to": "2026-01-31"}, "No longer used"),
        ({"retired_on": "2026-02-01"}, "No longer used"),
        ({"retired_on": "2099-02-01"}, "In use"),
    ],
)
def test_a_set_says_whether_it_is_in_use(answering: PortalUnderTest, changes: dict[str, Any], words: str) -> None:
    answering.services.on("GET", "/question-sets", {"items": [SUMMARY | changes], "next": None, "count": 1})

    assert words in answering.signed_in(TRUST).get("/question-sets").text


@pytest.mark.parametrize(
    ("role", "imports", "retires"), [("national-editor", 200, 403), ("national-approver", 403, 200)]
)
def test_only_an_editor_imports_and_only_an_approver_retires(
    answering: PortalUnderTest, role: str, imports: int, retires: int
) -> None:
    browser = signed_in_as(answering, role)

    assert browser.get("/question-sets/import").status_code == imports
    assert browser.get("/question-sets/small-1/retire").status_code == retires
    assert "At work" in browser.get("/question-sets").text


def test_a_trust_opens_none_of_the_editors_pages(answering: PortalUnderTest) -> None:
    browser = answering.signed_in(TRUST)

    paths = ("/question-sets/import", "/question-sets/small-1/retire", "/question-sets/drafts/0190")
    assert [browser.get(path).status_code for path in paths] == [403, 403, 403]


def test_a_draft_shows_every_difference_and_the_editors_next_step(answering: PortalUnderTest) -> None:
    editor = signed_in_as(answering, "national-editor")
    draft_is(answering)
    tried = editor.get("/question-sets/drafts/0190").text
    draft_is(answering, state="draft", note="Look again.", decided_by="p1", decided_at="2026-11-03T09:00:00Z")
    kept = editor.get("/question-sets/drafts/0190").text

    assert "3 questions new or changed, 1 no longer asked, 1 the same" in tried
    assert "Why now?" in tried
    assert "Not compared with i1: It asks about the whole board now." in tried
    assert "Keep as a draft" in tried
    assert "Look again." in kept
    assert "Send for approval" in kept


def test_pressing_a_button_takes_the_step(answering: PortalUnderTest) -> None:
    editor = signed_in_as(answering, "national-editor")
    draft_is(answering)
    answering.services.on("POST", "/question-set-drafts/0190/keep", DRAFT | {"state": "draft"})

    done = editor.fill("/question-sets/drafts/0190", {"step": "keep"})
    wrong = editor.fill("/question-sets/drafts/0190", {"step": "publish"})

    assert (done.status_code, wrong.status_code) == (303, 422)
    assert len(answering.services.asked("POST", "/question-set-drafts/0190/keep")) == 1


def test_an_approver_who_worked_on_it_is_told_that_somebody_else_decides(answering: PortalUnderTest) -> None:
    approver = signed_in_as(answering, "national-approver")
    draft_is(answering, **SENT)
    own = approver.get("/question-sets/drafts/0190").text
    draft_is(answering, **SENT, may_decide=True)
    other = approver.get("/question-sets/drafts/0190").text

    assert "somebody else must decide" in own
    assert "Check and publish" not in own
    assert "Check and publish" in other
    assert "What is published never changes." in approver.get("/question-sets/drafts/0190/publish").text
    assert "Not published" in approver.get("/question-sets/drafts/0190/read").text
    assert "Waiting for your approval" in approver.get("/home").text


def test_every_fault_of_a_file_stands_in_the_summary(answering: PortalUnderTest) -> None:
    editor = signed_in_as(answering, "national-editor")
    faults = [{"text": "Sheet Items, row 2: This is empty."}, {"text": "Sheet Items, row 3: This is empty."}]
    answering.services.problem("POST", "/question-set-drafts", 422, "question-set-refused", faults=faults)

    refused = editor.fill("/question-sets/import", {"file": (io.BytesIO(b"x"), "next.xlsx")})
    nothing = editor.fill("/question-sets/import", {})

    assert refused.status_code == 422
    assert refused.text.count("This is empty.") >= 2
    assert "Choose a file." in nothing.text


def test_a_retirement_needs_a_day_that_has_not_passed(answering: PortalUnderTest) -> None:
    approver = signed_in_as(answering, "national-approver")
    day = {"retired_on-day": "1", "retired_on-month": "1"}
    answering.services.on("POST", "/question-sets/small-1/retire", SUMMARY)

    past = approver.fill("/question-sets/small-1/retire", day | {"retired_on-year": "2020"})
    none = approver.fill("/question-sets/small-1/retire", {})
    later = approver.fill("/question-sets/small-1/retire", day | {"retired_on-year": "2099", "replaced_by": ""})

    assert (past.status_code, none.status_code, later.status_code) == (422, 422, 303)
    (asked,) = answering.services.asked("POST", "/question-sets/small-1/retire")
    assert asked.body == {"retired_on": "2099-01-01", "replaced_by": None}


def test_sending_back_needs_a_note(answering: PortalUnderTest) -> None:
    approver = signed_in_as(answering, "national-approver")
    draft_is(answering, **SENT)
    answering.services.on("POST", "/question-set-drafts/0190/send-back", DRAFT)

    empty = approver.fill("/question-sets/drafts/0190/send-back", {"note": " "})
    said = approver.fill("/question-sets/drafts/0190/send-back", {"note": "Look again."})

    assert (empty.status_code, said.status_code) == (422, 303)


def test_starting_offers_only_sets_in_use_for_this_kind_of_organisation(answering: PortalUnderTest) -> None:
    sets = [
        SUMMARY,
        SUMMARY | {"id": "old", "retired_on": "2026-02-01"},
        SUMMARY | {"id": "later", "effective_from": "2099-01-01"},
        SUMMARY | {"id": "for-icbs", "audience": "icb"},
    ]
    answering.services.on("GET", "/question-sets", {"items": sets, "next": None, "count": 4})
    answering.services.on("GET", "/rounds", {"items": [], "next": None, "count": 0})
    answering.services.on("GET", "/people", {"items": [], "next": None, "count": 0})

    page = answering.signed_in(TRUST).get("/rounds/new").text

    assert 'name="question_set_id" value="small-1"' in page
    assert "provider capability self-assessment" in page
