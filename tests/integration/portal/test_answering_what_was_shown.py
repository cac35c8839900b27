"""Whoever binds the organisation answers what the page showed: when that changed since, it is shown and asked again."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from services.portal.as_shown import CHANGED
from services.portal.pages.rounds.sharing import PLAN_CHANGED
from tests.integration.portal.outside import Answer, Received
from tests.integration.portal.portal_under_test import Browser, PortalUnderTest
from tests.integration.portal.test_what_places_are_told import CHAIR, WAITING
from tests.integration.portal.test_who_sees_what import LISTED, PLAN, PLAN_SHARING, ROUND, SHARING, SIGNED, words

AGREED: dict[str, Any] = SIGNED | {
    "state": "agreed",
    "version": 5,
    "question_set_id": "s1",
    "agreed_at": "2026-04-20T09:00:00Z",
    "signed_off_at": None,
    "decision": None,
}
RECORDED = {
    "meeting_on": "2026-05-01",
    "minute": "Item 7",
    "recorded_by": "p1",
    "recorded_at": "2026-05-02T09:00:00Z",
    "confirm_by": "2099-06-01",
}
LEVELS = [{"level": level, "name": f"Level {level}", "descriptor": "Words"} for level in range(1, 6)]
QUESTIONS = {"id": "s1", "practices": [{"id": "p1", "title": "Purpose", "items": [{"id": "i1", "levels": LEVELS}]}]}
MEETING = {"meeting_on-day": "1", "meeting_on-month": "5", "meeting_on-year": "2026", "minute": "Item 7, see pack"}
NOTE = {"note": "Look at the visits again"}


def discussed(level: int) -> dict[str, Any]:
    """What the board agreed."""
    agreement = {"level": level, "recorded_by": "p1", "recorded_at": "2026-04-20T09:00:00Z", "aim_level": None}
    item = {"item_id": "i1", "practice_id": "p1", "title": "Why", "agreement": agreement}
    return {"items": [item], "practices": [{"practice_id": "p1", "title": "Purpose", "level": level}]}


class Outside:
    """Services that keep what stands there, and take an answer to nothing else."""

    def __init__(self, portal: PortalUnderTest) -> None:
        self.portal = portal
        self.services = portal.services
        self.services.received.clear()

    def binding(self, method: str, path: str, current: Callable[[], dict[str, Any]]) -> None:
        """Let `path` take an answer to the version that stands there now: 428 without one, 412 for another."""

        def answer(received: Received) -> Answer:
            sent, version = received.headers.get("If-Match"), current()["version"]
            if sent == f'"{version}"':
                return Answer(200, {})
            slug, status = ("stale-version", 412) if sent else ("version-required", 428)
            body = {"type": f"/problems/{slug}", "title": slug, "status": status, "current": current()}
            return Answer(status, body, {"Content-Type": "application/problem+json"})

        self.services.answers[method, path] = answer

    def sent(self, method: str, path: str) -> list[str | None]:
        """The versions that were answered to a path."""
        return [one.headers.get("If-Match") for one in self.services.asked(method, path)]


@pytest.fixture
def outside(portal: PortalUnderTest) -> Outside:
    """Return services that know a self-assessment which waits for sign-off, and its plan."""
    found = Outside(portal)
    services = portal.services
    services.on("GET", "/question-sets/s1", QUESTIONS)
    services.on("POST", "/names", {"names": {"p1": "Chandra Chair"}})
    services.on("GET", "/plans", {"items": [LISTED | {"state": "awaiting_approval"}], "next": None})
    stands(found, AGREED, discussed(3))
    plan_stands(found, WAITING | {"version": 7})
    for step in ("sign-off", "send-back"):
        found.binding("POST", f"/rounds/{ROUND}/{step}", lambda: services.answers["GET", f"/rounds/{ROUND}"].body)  # type: ignore[union-attr]
    for step in ("approve", "send-back"):
        found.binding("POST", f"/plans/{PLAN}/{step}", lambda: services.answers["GET", f"/plans/{PLAN}"].body)  # type: ignore[union-attr]
    return found


def stands(outside: Outside, found: dict[str, Any], table: dict[str, Any]) -> None:
    outside.services.on("GET", f"/rounds/{ROUND}", found)
    outside.services.on("GET", f"/rounds/{ROUND}/discussion", table)


def plan_stands(outside: Outside, plan: dict[str, Any]) -> None:
    outside.services.on("GET", f"/plans/{PLAN}", plan)


def press(browser: Browser, path: str, page: Any, **typed: str) -> Any:
    """Fill in a page that was opened before, and send it."""
    return browser.post(path, Browser.hidden(page) | typed)


def test_levels_the_chair_never_saw_are_shown_and_asked_about_and_nothing_typed_is_lost(outside: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sign-off", outside.portal.signed_in(CHAIR)
    opened = chair.get(path)
    stands(outside, AGREED | {"version": 8}, discussed(1))

    again = press(chair, path, opened, **MEETING)
    signed = press(chair, path, again, **MEETING)

    assert "Purpose: level 3" in words(opened.text)
    assert (again.status_code, signed.status_code) == (422, 303)
    assert CHANGED in words(again.text)
    assert "Purpose: level 1" in words(again.text)
    assert "Item 7, see pack" in again.text
    assert re.search(r'name="meeting_on-year"[^>]*value="2026"', again.text)
    assert outside.sent("POST", path) == ['"5"', '"8"']


def test_another_minute_than_the_one_that_was_shown_is_not_confirmed(outside: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sign-off", outside.portal.signed_in(CHAIR)
    stands(outside, AGREED | {"decision": RECORDED}, discussed(3))
    opened = chair.get(path)
    stands(outside, AGREED | {"version": 6, "decision": RECORDED | {"minute": "Subject to finance"}}, discussed(3))

    again = press(chair, path, opened, confirm="yes")

    assert (again.status_code, "Subject to finance" in again.text) == (422, True)
    assert outside.sent("POST", path) == ['"5"']
    assert press(chair, path, again, confirm="yes").status_code == 303


def test_what_was_signed_meanwhile_is_said_and_what_was_typed_is_shown(outside: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sign-off", outside.portal.signed_in(CHAIR)
    opened = chair.get(path)
    stands(outside, SIGNED | {"version": 6, "question_set_id": "s1", "decision": None}, discussed(3))

    again = press(chair, path, opened, **MEETING)

    assert again.status_code == 422
    assert "This self-assessment was signed off on 1 May 2026." in words(again.text)
    assert "Item 7, see pack" in again.text


def test_a_form_of_the_release_before_names_no_version_and_is_asked_again(outside: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sign-off", outside.portal.signed_in(CHAIR)
    old = Browser.hidden(chair.get(path)) | MEETING
    del old["version"]

    again = chair.post(path, old)

    assert (again.status_code, CHANGED in words(again.text)) == (422, True)


def test_what_was_typed_before_signing_in_again_does_not_answer_what_stands_there_since(outside: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sign-off", outside.portal.signed_in(CHAIR)
    opened = chair.get(path)
    outside.services.problem("POST", path, 401, "step-up-required")
    landed = chair.sign_in(press(chair, path, opened, **MEETING).location)
    unchanged = words(chair.get(landed.location).text)
    stands(outside, AGREED | {"version": 8}, discussed(1))

    back = chair.get(landed.location)

    since = "This changed after you pressed the button."
    assert (since in unchanged, since in words(back.text)) == (False, True)
    assert "Item 7, see pack" in back.text
    assert Browser.hidden(back)["version"] == "8"


@pytest.mark.parametrize("where", [f"/rounds/{ROUND}/send-back", f"/plans/{PLAN}/send-back"])
def test_a_note_about_something_else_is_not_sent(outside: Outside, where: str) -> None:
    chair = outside.portal.signed_in(CHAIR)
    opened = chair.get(where)
    stands(outside, AGREED | {"version": 8}, discussed(1))
    plan_stands(outside, WAITING | {"version": 9})

    again = press(chair, where, opened, **NOTE)

    assert (again.status_code, CHANGED in words(again.text)) == (422, True)
    assert NOTE["note"] in again.text
    assert press(chair, where, again, **NOTE).status_code == 303


def test_the_plan_that_was_read_is_approved_and_no_other(outside: Outside) -> None:
    path, chair = f"/plans/{PLAN}/approve", outside.portal.signed_in(CHAIR)
    opened = chair.get(path)
    plan_stands(outside, WAITING | {"version": 9, "aim": "Nobody waits"})

    again = press(chair, path, opened)

    assert (again.status_code, "Nobody waits" in again.text) == (422, True)
    assert press(chair, path, again).status_code == 303
    assert outside.sent("POST", path) == ['"7"', '"9"']


@pytest.mark.parametrize(("plan_version", "sent"), [("7", '"7"'), ("", None)])
def test_a_plan_that_changed_is_not_approved_beside_the_signature_and_that_is_said(
    outside: Outside, plan_version: str, sent: str | None
) -> None:
    path, chair = f"/rounds/{ROUND}/sign-off", outside.portal.signed_in(CHAIR)
    opened = chair.get(path)
    plan_stands(outside, WAITING | {"version": 9})

    signed = press(chair, path, opened, **MEETING, approve_plan=PLAN, plan_version=plan_version)

    assert (signed.status_code, Browser.hidden(opened)["plan_version"]) == (303, "7")
    assert (outside.sent("POST", path), outside.sent("POST", f"/plans/{PLAN}/approve")) == (['"5"'], [sent])
    outside.services.on("GET", f"/rounds/{ROUND}/result", {})
    assert "The plan was not approved: it changed after you opened the page." in words(chair.get("/home").text)


SUMMARY_AND_PRIORITIES = {"share_summary": "yes", "share_priorities": "yes", "count_us": "no"}


@pytest.fixture
def sharing(outside: Outside) -> Outside:
    """Return services that know a signed self-assessment and its approved plan, of which nothing is shared."""
    services = outside.services
    unshared = PLAN_SHARING | {"shared": False, "shown": None, "version": 20}
    services.on("GET", f"/rounds/{ROUND}", SIGNED | {"version": 9})
    services.on("GET", f"/rounds/{ROUND}/sharing", SHARING | {"version": 10})
    services.on("GET", "/plans", {"items": [LISTED], "next": None})
    services.on("GET", f"/plans/{PLAN}/sharing", unshared)
    for method, path, where in (
        ("POST", f"/rounds/{ROUND}/sharing/decide", f"/rounds/{ROUND}/sharing"),
        ("PUT", f"/plans/{PLAN}/sharing", f"/plans/{PLAN}/sharing"),
    ):
        outside.binding(method, path, lambda where=where: services.answers["GET", where].body)  # type: ignore[misc]
    return outside


def checked(chair: Browser) -> Any:
    """The page that shows exactly what will be shared."""
    return chair.fill(f"/rounds/{ROUND}/sharing", SUMMARY_AND_PRIORITIES)


def test_what_the_check_page_showed_is_shared(sharing: Outside) -> None:
    chair = sharing.portal.signed_in(CHAIR)

    done = press(chair, f"/rounds/{ROUND}/sharing/check", checked(chair), **SUMMARY_AND_PRIORITIES)

    assert done.status_code == 303
    assert sharing.sent("POST", f"/rounds/{ROUND}/sharing/decide") == ['"10"']
    assert sharing.sent("PUT", f"/plans/{PLAN}/sharing") == ['"20"']


def test_a_corrected_summary_is_shown_before_it_is_shared(sharing: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sharing/check", sharing.portal.signed_in(CHAIR)
    opened = checked(chair)
    corrected = SHARING["preview"] | {"corrected_on": "2026-11-20"}
    sharing.services.on("GET", f"/rounds/{ROUND}/sharing", SHARING | {"version": 11, "preview": corrected})

    again = press(chair, path, opened, **SUMMARY_AND_PRIORITIES)

    assert (again.status_code, CHANGED in words(again.text)) == (422, True)
    assert "corrected on 20 November 2026" in words(again.text)
    assert sharing.sent("PUT", f"/plans/{PLAN}/sharing") == []
    assert press(chair, path, again, **SUMMARY_AND_PRIORITIES).status_code == 303


def test_when_the_priorities_changed_nothing_else_is_decided_either(sharing: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sharing/check", sharing.portal.signed_in(CHAIR)
    opened = checked(chair)
    sharing.services.on("GET", f"/plans/{PLAN}/sharing", PLAN_SHARING | {"shared": False, "shown": None, "version": 21})

    again = press(chair, path, opened, **SUMMARY_AND_PRIORITIES)

    assert (again.status_code, CHANGED in words(again.text)) == (422, True)
    assert sharing.sent("POST", f"/rounds/{ROUND}/sharing/decide") == []
    assert press(chair, path, again, **SUMMARY_AND_PRIORITIES).status_code == 303


def test_priorities_that_change_at_the_last_moment_are_asked_about_and_what_was_done_is_said(sharing: Outside) -> None:
    path, chair = f"/rounds/{ROUND}/sharing/check", sharing.portal.signed_in(CHAIR)
    opened = checked(chair)
    sharing.binding("PUT", f"/plans/{PLAN}/sharing", lambda: {"version": 21})

    again = press(chair, path, opened, **SUMMARY_AND_PRIORITIES)

    assert (again.status_code, PLAN_CHANGED in words(again.text)) == (422, True)
    assert sharing.sent("POST", f"/rounds/{ROUND}/sharing/decide") == ['"10"']


def test_the_priorities_alone_are_shared_as_their_page_showed_them(sharing: Outside) -> None:
    path, chair = f"/plans/{PLAN}/sharing", sharing.portal.signed_in(CHAIR)
    opened = chair.get(path)
    sharing.services.on("GET", path, PLAN_SHARING | {"shared": False, "shown": None, "version": 21})

    again = press(chair, path, opened, share_priorities="yes")

    assert (again.status_code, CHANGED in words(again.text)) == (422, True)
    assert re.search(r'value="yes" checked', again.text)
    assert press(chair, path, again, share_priorities="yes").status_code == 303
    assert sharing.sent("PUT", path) == ['"20"', '"21"']
