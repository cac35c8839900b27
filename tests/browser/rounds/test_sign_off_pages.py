"""The board's decision in a browser: recorded by the secretary, signed or sent back by the chair."""

import re

from tests.browser.personas import AsPersona
from tests.browser.rounds.signing import CHAIR, ICB_LEAD, LEAD, SECRETARY, WORK_ACCOUNT, Waiting, name_the_meeting

COVERS = ["/rounds/<round_id>/sign-off", "/rounds/<round_id>/send-back"]


CLOSED_IN_PRINT = """[...document.querySelectorAll('details > :not(summary)')]
    .filter(node => !node.checkVisibility({contentVisibilityAuto: true})).length"""


def test_what_is_closed_on_the_screen_is_on_paper(waiting: Waiting) -> None:
    page = waiting.persona(CHAIR).open(f"{waiting.path}/sign-off", check=False)
    closed_on_screen = page.evaluate(CLOSED_IN_PRINT)

    page.emulate_media(media="print")
    page.wait_for_function(f"{CLOSED_IN_PRINT} === 0")

    assert closed_on_screen > 0


def test_the_chair_signs_on_one_page_and_lands_on_the_results(waiting: Waiting) -> None:
    chair = waiting.persona(CHAIR)
    page = chair.open(f"{waiting.path}/sign-off")
    words = page.inner_text("main")
    name_the_meeting(page)
    chair.press(page, "Sign off")

    chair.check(page)
    assert re.search(r"\d+ of \d+ took part", words)
    assert "Nothing is sent to NHS England by signing" in words
    assert page.url.endswith(f"{waiting.path}/results")
    assert "Signed off" in page.inner_text("main")


def test_a_chief_executive_with_a_work_account_signs_off(waiting_for_work_account: Waiting) -> None:
    chief = waiting_for_work_account.persona(WORK_ACCOUNT)
    page = chief.open(f"{waiting_for_work_account.path}/sign-off")
    name_the_meeting(page)
    chief.press(page, "Sign off")

    chief.check(page)
    assert page.url.endswith(f"{waiting_for_work_account.path}/results")
    assert "Signed off by Wyn Archer, chief executive" in page.inner_text("main")


def test_the_secretary_records_the_decision_and_the_chair_confirms_it(waiting: Waiting) -> None:
    secretary, chair = waiting.persona(SECRETARY), waiting.persona(CHAIR)
    page = secretary.open(waiting.path)
    page.get_by_role("link", name="Record what the board decided").first.click()
    name_the_meeting(page)
    page.get_by_role("button", name="Record the decision").click()
    secretary.check(page)

    signing = chair.open(f"{waiting.path}/sign-off")
    recorded = signing.inner_text("main")
    chair.press(signing, "Confirm and sign off")

    assert "decision is recorded" in page.inner_text("body")
    assert "Saskia Thorne recorded on" in recorded
    assert "Item 7" in recorded
    assert "Saskia Thorne recorded its decision" in signing.inner_text("main")


def test_sent_back_with_a_note_the_lead_reads_it_and_nothing_is_signed(waiting: Waiting) -> None:
    chair = waiting.persona(CHAIR)
    page = chair.open(f"{waiting.path}/send-back")
    page.get_by_role("button", name="Send back").click()
    chair.check(page)
    asked_for_a_note = page.title()
    page.get_by_label("What should be looked at again?").fill("Coaching looks too kind to me.")
    page.get_by_role("button", name="Send back").click()

    lead = waiting.persona(LEAD).open(waiting.path)
    again = chair.open(f"{waiting.path}/sign-off")

    assert asked_for_a_note.startswith("Error:")
    assert "Coaching looks too kind to me." in lead.inner_text("main")
    assert "not ready to sign" in again.inner_text("main")


def test_without_a_date_nothing_is_signed_and_the_minute_stays(waiting: Waiting) -> None:
    chair = waiting.persona(CHAIR)
    page = chair.open(f"{waiting.path}/sign-off")
    page.get_by_label("What does the minute say? (optional)").fill("Item 7, agreed by all")
    page.get_by_role("button", name="Sign off", exact=True).click()

    chair.check(page)
    assert page.title().startswith("Error:")
    assert page.get_by_label("What does the minute say? (optional)").input_value() == "Item 7, agreed by all"


def test_the_chair_signs_without_javascript(waiting: Waiting, without_script: AsPersona) -> None:
    chair = without_script(CHAIR)
    page = chair.open(f"{waiting.path}/sign-off", check=False)
    name_the_meeting(page)
    chair.press(page, "Sign off", check=False)

    assert page.url.endswith(f"{waiting.path}/results")


def test_the_lead_cannot_open_sign_off_and_the_icb_finds_nothing(waiting: Waiting) -> None:
    waiting.persona(LEAD).open(f"{waiting.path}/sign-off", status=403)
    waiting.persona(SECRETARY).open(f"{waiting.path}/send-back", status=403)
    waiting.persona(ICB_LEAD).open(f"{waiting.path}/sign-off", status=403)
    waiting.persona("chandra.chair").open(f"{waiting.path}/sign-off", status=404)
