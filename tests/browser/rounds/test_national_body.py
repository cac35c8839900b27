"""The national body assesses itself like any board; the national team sees nothing of it, and nothing leaves it."""

import re

from playwright.sync_api import Page

from tests.browser.personas import AsPersona, Persona
from tests.browser.rounds.boards import press
from tests.browser.rounds.test_running_a_round import type_day

NAME = "Our own spring 2027"


def _opened(lead: Persona) -> Page:
    page = lead.open("/rounds/new")
    assert "for ICBs" in lead.open(str(page.locator("form a").first.get_attribute("href"))).inner_text("main")
    page = lead.open("/rounds/new", check=False)
    page.get_by_label("What do you call it?").fill(NAME)
    type_day(page, "closes_on", 14)
    for box in page.locator("input[name='people']").all():
        box.check()
    press(page, "Check and send")
    lead.check(page)
    press(page, "Send the invitations")
    lead.check(page)
    return page


def test_the_national_body_opens_its_own_with_the_questions_for_icbs_and_shares_it_with_nobody(
    as_persona: AsPersona,
) -> None:
    lead = as_persona("nell.lead")
    home = lead.open("/home")
    assert "improvement lead and access manager, National Body for Improvement (fictional)" in home.inner_text("body")
    assert home.get_by_role("link", name="Published figures").count() == 0

    page = _opened(lead)
    address = page.url.removeprefix(lead.base_url).split("?")[0]

    assert re.fullmatch(r"/rounds/[0-9a-f-]{36}", address)
    sharing = lead.open(f"{address}/sharing").inner_text("main")
    assert "Nothing of this self-assessment leaves your organisation." in sharing
    assert NAME in as_persona("nolan.chair").open(address).inner_text("main")
    for stranger, status in (("nora.analyst", 403), ("imani.icb", 404), ("lena.lead", 404)):
        as_persona(stranger).open(address, status=status, check=False)

    page = lead.open(f"{address}/abandon")
    page.get_by_label("Why").fill("The page tests end here.")
    press(page, "Give it up")
