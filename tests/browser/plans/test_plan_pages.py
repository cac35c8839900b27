"""The plan in a browser: read by the board, worked on by the lead and owners, approved by the chair."""

import re

from playwright.sync_api import Page

from tests.browser.personas import AsPersona

COVERS = [
    "/plans",
    "/plans/<plan_id>",
    "/plans/<plan_id>/board",
    "/plans/<plan_id>/actions",
    "/plans/<plan_id>/priorities",
    "/plans/<plan_id>/actions/new",
    "/plans/<plan_id>/actions/<action_id>",
    "/plans/<plan_id>/request-approval",
    "/plans/<plan_id>/approve",
    "/plans/<plan_id>/send-back",
    "/plans/<plan_id>/sharing",
]


def _plan(as_persona: AsPersona, persona: str) -> str:
    page = as_persona(persona).open("/plans")
    address = page.locator("main table a").first.get_attribute("href")
    assert address is not None
    return address


def _lead_opens(as_persona: AsPersona, rest: str) -> Page:
    return as_persona("lena.lead").open(_plan(as_persona, "lena.lead") + rest)


def test_a_board_member_sees_aim_priorities_and_actions(as_persona: AsPersona) -> None:
    address = _plan(as_persona, "bola.member")

    page = as_persona("bola.member").open(address)

    assert "Priority 1" in page.inner_text("main")


def test_the_board_page_says_what_moved_and_what_is_stuck(as_persona: AsPersona) -> None:
    page = as_persona("chandra.chair").open(_plan(as_persona, "chandra.chair") + "/board")

    assert "What is stuck" in page.inner_text("main")


def test_suggestions_say_why(as_persona: AsPersona) -> None:
    page = _lead_opens(as_persona, "/priorities")

    assert re.search(r"level \d", page.inner_text("main"))


def test_two_priorities_are_too_few_and_what_was_typed_stays(as_persona: AsPersona) -> None:
    page = _lead_opens(as_persona, "/priorities")
    page.get_by_label("What is the plan for?").fill("An aim that must not be lost.")
    for select in page.locator("select").all():
        select.select_option("")
    page.locator("select").nth(0).select_option("1")
    page.locator("select").nth(1).select_option("2")

    page.get_by_role("button", name="Save priorities").click()

    as_persona("lena.lead").check(page)
    assert page.title().startswith("Error:")
    assert page.get_by_label("What is the plan for?").input_value() == "An aim that must not be lost."


def test_an_action_without_an_owner_comes_back_with_what_was_typed(as_persona: AsPersona) -> None:
    page = _lead_opens(as_persona, "/actions/new")
    page.get_by_label("What will be done?").fill("Try the huddle on two more wards")

    page.get_by_role("button", name="Add the action").click()

    as_persona("lena.lead").check(page)
    assert page.get_by_label("What will be done?").input_value() == "Try the huddle on two more wards"


def test_the_lead_updates_an_action_and_its_history_grows(as_persona: AsPersona) -> None:
    lead = as_persona("lena.lead")
    page = lead.open(_plan(as_persona, "lena.lead") + "/actions")
    page.locator("main table a").first.click()
    lead.check(page)
    page.get_by_label("What is the next step? (optional)").fill("Ask ward 7 how it went")
    page.get_by_role("button", name="Save update").click()

    lead.check(page)
    assert "The action is updated" in page.inner_text("body")


def test_the_chair_sees_exactly_what_the_icb_would_see(as_persona: AsPersona) -> None:
    page = as_persona("chandra.chair").open(_plan(as_persona, "chandra.chair") + "/sharing")

    assert "Exactly what your ICB" in page.inner_text("main") or "nothing to show" in page.inner_text("main")


def test_approval_and_sending_back_are_for_the_chair(as_persona: AsPersona) -> None:
    address = _plan(as_persona, "chandra.chair")
    chair = as_persona("chandra.chair")
    chair.open(address + "/approve")
    chair.open(address + "/send-back")

    as_persona("lena.lead").open(address + "/approve", status=403)


def test_an_icb_lead_never_sees_a_plan(as_persona: AsPersona) -> None:
    address = _plan(as_persona, "lena.lead")

    as_persona("iris.icb").open("/plans", status=403)
    as_persona("iris.icb").open(address, status=403)
