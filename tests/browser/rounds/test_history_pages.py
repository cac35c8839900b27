"""What comes after the signature, in a browser: a correction, questions, files, and results over the years."""

import csv
import io
import re

from playwright.sync_api import Page

from tests.browser.personas import AsPersona, Persona
from tests.browser.rounds.signing import CHAIR, LEAD, MEMBER, name_the_meeting

COVERS = [
    "/rounds/<round_id>/correct",
    "/rounds/<round_id>/results/<item_id>/ask",
    "/rounds/<round_id>/questions",
    "/rounds/<round_id>/questions/<question_id>",
    "/rounds/<round_id>/results/files/<kind>",
    "/rounds/history",
    "/rounds/history/import",
    "/rounds/history/<earlier_id>",
    "/rounds/history/templates/<question_set_id>/<kind>",
]


def _results(person: Persona) -> str:
    found = person.open("/rounds", check=False)
    address = found.get_by_role("link", name=re.compile("Results and what moved")).first.get_attribute("href")
    assert address is not None
    return address


def _file(person: Persona, page: Page, link: str) -> str:
    address = page.get_by_role("link", name=link).first.get_attribute("href")
    assert address is not None
    return person.context.request.get(person.base_url + address).text()


def test_the_chair_corrects_a_level_and_the_signed_version_stays_readable(as_persona: AsPersona) -> None:
    chair = as_persona(CHAIR)
    page = chair.open(_results(chair).replace("/results", "/correct"))
    things = page.get_by_label("What is put right?")
    signed_at_five = "level 5" in things.locator("option").nth(2).inner_text()
    things.select_option(index=2)
    page.get_by_label(re.compile(r"^4\." if signed_at_five else r"^5\.")).check()
    page.get_by_label("Why is it corrected?").fill("We signed the wrong row.")
    name_the_meeting(page)
    chair.press(page, "Sign the correction")

    chair.check(page)
    assert "We signed the wrong row." in page.inner_text("main")
    page.get_by_role("link", name="Version 1", exact=True).click()
    chair.check(page)
    assert "This is version 1, as it was signed then" in page.inner_text("main")


def test_a_member_asks_about_an_item_and_reads_the_leads_answer(as_persona: AsPersona) -> None:
    member, lead = as_persona(MEMBER), as_persona(LEAD)
    page = member.open(_results(member))
    page.get_by_role("link", name=re.compile("Ask about this item")).first.click()
    member.check(page)
    page.get_by_label("Your question").fill("How do we know?")
    page.get_by_role("button", name="Send the question").click()
    member.check(page)

    answering = lead.open(page.url.removeprefix(lead.base_url))
    answering.get_by_role("link", name=re.compile("^Answer")).first.click()
    lead.check(answering)
    answering.get_by_label("Your answer").fill("From the audit in March.")
    answering.get_by_role("button", name="Send the answer").click()
    lead.check(answering)

    page.reload()
    assert "From the audit in March." in page.inner_text("main")


def test_the_result_leaves_as_a_file_with_its_definitions(as_persona: AsPersona) -> None:
    member = as_persona(MEMBER)
    page = member.open(_results(member), check=False)

    rows = list(csv.DictReader(io.StringIO(_file(member, page, "text (.csv)"), newline="")))
    meanings = list(csv.DictReader(io.StringIO(_file(member, page, "definitions"), newline="")))

    assert len([row for row in rows if row["kind"] == "item"]) == 22
    assert [one["column"] for one in meanings] == list(rows[0])


def test_an_earlier_self_assessment_is_looked_at_kept_and_taken_out_again(as_persona: AsPersona) -> None:
    lead = as_persona(LEAD)
    page = lead.open("/rounds/history/import")
    filled = _file(lead, page, "text (.csv)").replace('"Its name, for example Spring 2024",', "name,Spring 2024", 1)
    filled = filled.replace('"Day on which the board agreed it, as 2024-03-31",', "day,2024-03-31", 1)
    filled = re.sub(r"(overall: level 1 to 5, or empty\"?),", r"\1,2", filled)

    page.get_by_label("The filled file").set_input_files(
        {"name": "earlier.csv", "mimeType": "text/csv", "buffer": filled.encode()}
    )
    page.get_by_role("button", name="Look at it first").click()
    lead.check(page)
    assert "Not kept yet" in page.inner_text("main")
    page.get_by_role("button", name="Keep it as history").click()
    lead.check(page)

    kept = page.inner_text("main")
    page.get_by_role("link", name="Spring 2024").click()
    lead.check(page)
    page.get_by_role("button", name="Take it out of our history").click()
    lead.check(page)

    assert "Spring 2024" in kept
    assert "Imported" in kept
    assert "Spring 2024" not in page.inner_text("main table")


def test_a_file_with_a_wrong_cell_is_refused_and_the_cell_is_named(as_persona: AsPersona) -> None:
    lead = as_persona(LEAD)
    page = lead.open("/rounds/history/import", check=False)
    filled = re.sub(r"(overall: level 1 to 5, or empty\"?),", r"\1,9", _file(lead, page, "text (.csv)"))

    page.get_by_label("The filled file").set_input_files(
        {"name": "earlier.csv", "mimeType": "text/csv", "buffer": filled.encode()}
    )
    page.get_by_role("button", name="Look at it first").click()

    lead.check(page)
    assert page.title().startswith("Error:")
    assert "Row 5, column C (Value): Write a level from 1 to 5" in page.inner_text(".nhsuk-error-summary")
