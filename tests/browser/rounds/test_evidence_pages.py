"""What shows what is true: added by the lead and the secretary, read by the board, asked about next time."""

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from shared.testing import sample_files
from tests.browser.personas import AsPersona, Persona, SignedInPeople

COVERS = [
    "/rounds/<round_id>/evidence",
    "/rounds/<round_id>/evidence/<item_id>",
    "/rounds/<round_id>/evidence/<item_id>/<piece_id>/file",
]
CHECKED_WITHIN = 60
"""Seconds until the scheduler has looked at a file."""
VISITS = f"Visits to wards, {uuid4().hex[:6]}"
LEAD, MEMBER = "lead.demo19", "member1.demo19"
"""Of a trust whose board discusses at the moment."""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    file = tmp_path / "ward visits.pdf"
    file.write_bytes(sample_files.PDF)
    return file


def _round(person: Persona) -> str:
    """The address of the newest self-assessment that was not given up."""
    page = person.open("/rounds", check=False)
    kept = page.locator("main li").filter(has_not_text="Given up")
    links = [link.get_attribute("href") or "" for link in kept.locator("a").all()]
    return next(link for link in links if re.fullmatch(r"/rounds/[0-9a-f-]{36}", link))


def _item(person: Persona, *, at: int = 0, check: bool = True) -> Page:
    """The page of one item's evidence."""
    page = person.open(f"{_round(person)}/evidence", check=False)
    address = page.get_by_role("link", name=re.compile("^Add or change")).nth(at).get_attribute("href")
    return person.open(str(address), check=check)


def _wait_until_ready(page: Page, title: str) -> None:
    for _ in range(CHECKED_WITHIN):
        if page.get_by_role("link", name=title, exact=True).count():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    raise AssertionError(f"{title} was not ready in {CHECKED_WITHIN} seconds: {page.inner_text('main')}")


def test_a_board_member_reads_what_the_secretary_added_and_saves_the_file(as_persona: AsPersona) -> None:
    member = as_persona("bola.member")
    page = member.open(f"{_round(member)}/evidence")

    with page.expect_download() as saved:
        page.get_by_role("link", name="Falls with harm, by month").click()

    assert saved.value.suggested_filename == "falls.csv"
    assert b"Falls with harm" in Path(str(saved.value.path())).read_bytes()
    assert page.get_by_role("link", name=re.compile("Add or change")).count() == 0
    page.get_by_role("link", name="What NHS IMPACT means by it").wait_for()


def test_the_secretary_cannot_change_what_was_signed(as_persona: AsPersona) -> None:
    secretary = as_persona("sofia.secretary")
    page = secretary.open(f"{_round(secretary)}/evidence")

    assert page.get_by_role("link", name=re.compile("Add or change")).count() == 0
    item = page.get_by_role("link", name="Falls with harm, by month").get_attribute("href") or ""
    page = secretary.open(item.rsplit("/", 2)[0])
    assert "cannot be changed" in page.inner_text("main")
    assert page.get_by_role("button", name="Add").count() == 0


def test_a_lead_adds_a_file_that_the_board_opens_once_it_was_checked(as_persona: AsPersona, paper: Path) -> None:
    lead = as_persona(LEAD)
    page = _item(lead)
    page.get_by_label("What does it show?").fill(VISITS)
    page.get_by_label("Choose a file").set_input_files(paper)
    page.get_by_role("button", name="Add", exact=True).click()

    assert "The file is added" in page.inner_text("main")
    lead.check(page)
    _wait_until_ready(page, VISITS)
    item_address = page.url.rsplit("/", 1)[-1]
    discussion = as_persona(MEMBER).open(f"{_round(as_persona(MEMBER))}/discussion/{item_address}")
    with discussion.expect_download() as saved:
        discussion.get_by_role("link", name=VISITS).click()
    assert saved.value.suggested_filename == "ward visits.pdf"


def test_what_was_typed_stays_when_the_file_is_not_what_its_name_says(as_persona: AsPersona, tmp_path: Path) -> None:
    lead = as_persona(LEAD)
    page = _item(lead, at=1, check=False)
    wrong = tmp_path / "figures.xlsx"
    wrong.write_bytes(sample_files.PNG)

    page.get_by_label("What does it show?").fill("Do not lose this.")
    page.get_by_label("Choose a file").set_input_files(wrong)
    page.get_by_role("button", name="Add", exact=True).click()

    assert page.title().startswith("Error:")
    assert "it is a PNG picture" in page.inner_text(".nhsuk-error-summary")
    assert page.get_by_label("What does it show?").input_value() == "Do not lose this."
    lead.check(page)


def test_a_file_with_the_test_signature_is_refused_and_says_why(as_persona: AsPersona, tmp_path: Path) -> None:
    lead = as_persona(LEAD)
    page = _item(lead, at=2, check=False)
    infected = tmp_path / "notes.txt"
    infected.write_bytes(sample_files.TEST_VIRUS)

    page.get_by_label("What does it show?").fill("Something unsafe")
    page.get_by_label("Choose a file").set_input_files(infected)
    page.get_by_role("button", name="Add", exact=True).click()
    for _ in range(CHECKED_WITHIN):
        if "Refused" in page.inner_text("main"):
            break
        page.wait_for_timeout(1_000)
        page.goto(page.url)

    assert "A scan found something unsafe in it. Nothing of it was kept." in page.inner_text("main")
    lead.check(page)
    page.get_by_role("button", name="Remove Something unsafe").click()
    assert "Something unsafe" not in page.inner_text("main")


def test_neither_a_file_nor_a_link_is_an_error_at_the_field(as_persona: AsPersona) -> None:
    page = _item(as_persona(LEAD), at=3, check=False)
    page.get_by_role("button", name="Add", exact=True).click()

    words = page.inner_text(".nhsuk-error-summary")
    assert "Say what it shows, in a few words." in words
    assert "Choose a file or enter the address of a page." in words


def test_files_and_links_are_added_without_javascript(
    as_persona: AsPersona, signed_in_people: SignedInPeople, paper: Path
) -> None:
    state = as_persona(LEAD).context.storage_state()
    lead = signed_in_people.nobody(storage_state=state, java_script_enabled=False)
    page = _item(lead, at=4, check=False)

    page.get_by_label("What does it show?").fill("A page, plainly")
    page.get_by_label("Or enter the address of a page").fill("https://example.org/board")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="A page, plainly")).to_be_visible()
    page.get_by_label("What does it show?").fill("A paper, plainly")
    page.get_by_label("Choose a file").set_input_files(paper)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("main")).to_contain_text("A paper, plainly")
    for title in ("A page, plainly", "A paper, plainly"):
        page.get_by_role("button", name=f"Remove {title}").click()

    assert "Nothing was added yet" in page.inner_text("main")


def test_those_outside_the_board_are_refused(as_persona: AsPersona) -> None:
    address = f"{_round(as_persona('bola.member'))}/evidence"

    as_persona("olu.owner").open(address, status=403)
    as_persona("amir.access").open(address, status=403)
    as_persona("iris.icb").open(address, status=403)
    as_persona("lead.demo02").open(address, status=404)


def test_next_time_each_piece_is_asked_about(as_persona: AsPersona) -> None:
    lead = as_persona("lena.lead")
    _open_another(lead)
    address = _round(lead)
    try:
        page = lead.open(f"{address}/evidence")
        assert "Still true?" in page.inner_text("main")
        page.get_by_role("button", name=re.compile("^Still true ?: Falls with harm, by month")).click()
        assert "Kept for this self-assessment." in page.inner_text("main")
        page.get_by_role("link", name=re.compile("^Replace it .* What NHS IMPACT means by it")).click()
        lead.check(page)
        page.get_by_label("Or enter the address of a page").fill("https://example.org/newer")
        page.get_by_role("button", name="Replace", exact=True).click()

        page = lead.open(f"{address}/evidence")
        assert "Still true?" not in page.inner_text("main")
        assert "Still true since last time." in page.inner_text("main")
    finally:
        page = lead.open(f"{address}/abandon", check=False)
        page.get_by_label("Why is it given up?").fill("It was a trial.")
        page.get_by_role("button", name="Give it up").click()


def _open_another(lead: Persona) -> None:
    page = lead.open("/rounds/new", check=False)
    closes = date.today() + timedelta(days=20)
    page.get_by_label("What do you call it?").fill("A trial")
    for part, value in (("day", closes.day), ("month", closes.month), ("year", closes.year)):
        page.fill(f"#closes_on-{part}", str(value))
    page.get_by_role("button", name="Check and send").click()
    page.get_by_role("button", name="Send the invitations").click()
    page.wait_for_load_state()
