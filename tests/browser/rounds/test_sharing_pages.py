"""What others may see, in a browser: suggested by the lead, decided by the chair, read by the ICB, stopped again."""

import re
from datetime import date, timedelta

from playwright.sync_api import Page

from tests.browser.personas import AsPersona, Persona

COVERS = [
    "/rounds/<round_id>/sharing",
    "/rounds/<round_id>/sharing/check",
    "/sharing",
    "/sharing/<grant_id>/stop",
]
LEAD, CHAIR, ICB_LEAD, TRUST = "lead.demo17", "chair.demo17", "imani.icb", "DEMO17"
SUMMARY = "Show our ICB the five-practice summary?"
COUNTED = "Count us, unnamed, in the national figures?"


def _sharing(person: Persona) -> Page:
    found = person.open("/rounds", check=False)
    address = found.get_by_role("link", name=re.compile("Results and what moved")).first.get_attribute("href")
    assert address is not None
    return person.open(address.replace("/results", "/sharing"))


def _choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer).check()


def _what_the_icb_reads(as_persona: AsPersona) -> str:
    return as_persona(ICB_LEAD).open(f"/our-trusts/{TRUST}").inner_text("main")


def _cells(page: Page, *, among: int = 0) -> list[str]:
    """The rows of one table: the practices, or the items of the first practice after them."""
    return page.locator("main table").nth(among).locator("tbody tr").all_inner_texts()


def _type_day(page: Page, day: date) -> None:
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.fill(f"input[name='valid_until-{part}']", str(value))


def test_nothing_is_chosen_beforehand_and_each_question_wants_an_answer(as_persona: AsPersona) -> None:
    chair = as_persona(CHAIR)
    page = _sharing(chair)
    chosen = page.locator("form > .nhsuk-form-group input[type=radio]:checked").count()
    page.get_by_role("button", name="Check and share").click()

    chair.check(page)
    assert chosen == 0
    assert page.locator(".nhsuk-error-summary li").count() == 2


def test_the_lead_suggests_and_nothing_is_shared_by_it(as_persona: AsPersona) -> None:
    lead = as_persona(LEAD)
    page = _sharing(lead)
    _choose(page, SUMMARY, "Yes")
    _choose(page, COUNTED, "Yes")
    page.get_by_role("button", name="Ask the chair to decide").click()

    lead.check(page)
    assert "Nothing is shared yet" in page.inner_text("body")
    assert "suggested on" in _sharing(as_persona(CHAIR)).inner_text("main")


def test_the_icb_reads_what_the_preview_showed_until_the_chair_stops_it(as_persona: AsPersona) -> None:
    chair = as_persona(CHAIR)
    page = _sharing(chair)
    previewed = _cells(page)
    _choose(page, SUMMARY, "Yes")
    _choose(page, COUNTED, "Yes")
    page.get_by_role("button", name="Check and share").click()
    chair.check(page)
    checked = _cells(page)
    chair.press(page, "Share as shown")
    chair.check(page)

    icb = as_persona(ICB_LEAD).open(f"/our-trusts/{TRUST}")
    read = _cells(icb)

    assert previewed == checked == read
    shared = chair.open("/sharing")
    assert "Somebody there, first on" in shared.inner_text("main")
    shared.get_by_role("link", name=re.compile("Stop sharing.*five-practice summary")).first.click()
    chair.check(shared)
    shared.get_by_role("button", name="Stop sharing").click()
    chair.check(shared)
    assert "Shared before" in shared.inner_text("main")
    assert "Not shared. The trust decides whether to show it." in _what_the_icb_reads(as_persona)


def test_more_choices_show_the_icb_items_until_a_day_exactly_as_previewed(as_persona: AsPersona) -> None:
    chair = as_persona(CHAIR)
    page = _sharing(chair)
    _choose(page, SUMMARY, "Yes")
    _choose(page, COUNTED, "No")
    page.get_by_text("More choices about the summary").click()
    _choose(page, "If you show the summary, how much of it?", "The level of every item as well")
    _type_day(page, date.today() - timedelta(days=1))
    page.get_by_role("button", name="Check and share").click()
    chair.check(page)
    assert "The last day must be today or later." in page.inner_text("main")
    _type_day(page, date.today() + timedelta(days=30))
    page.get_by_role("button", name="Check and share").click()
    chair.check(page)
    previewed = _cells(page, among=1)
    chair.press(page, "Share as shown")
    chair.check(page)

    read = as_persona(ICB_LEAD).open(f"/our-trusts/{TRUST}")

    assert previewed == _cells(read, among=1) != []
    assert " until " in read.inner_text("main")
    assert "Why:" not in read.inner_text("main")
    page = _sharing(chair)
    _choose(page, SUMMARY, "No")
    _choose(page, COUNTED, "No")
    page.get_by_role("button", name="Check and share").click()
    chair.press(page, "Share nothing")
    assert "Not shared. The trust decides whether to show it." in _what_the_icb_reads(as_persona)


def test_the_chair_turns_progress_off_and_on_again(as_persona: AsPersona) -> None:
    chair = as_persona(CHAIR)
    page = chair.open("/sharing")
    chair.press(page, "Turn progress off")
    chair.check(page)
    off = page.inner_text("main")
    chair.press(page, "Show progress again")
    chair.check(page)

    assert "Your ICB's page says so, without a reason" in off
    assert page.get_by_role("button", name="Turn progress off").count() == 1


def test_a_member_sees_what_is_shared_and_cannot_decide(as_persona: AsPersona) -> None:
    page = as_persona("member1.demo17").open("/sharing")

    assert page.get_by_role("button", name="Turn progress off").count() == 0
    as_persona(ICB_LEAD).open("/sharing", status=403)
