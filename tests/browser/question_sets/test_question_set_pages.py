"""The questions: everybody reads and prints them; an editor brings the next version, an approver decides."""

import io
import re
from pathlib import Path
from uuid import uuid4

from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.browser.personas import AsPersona, Persona, SignedInPeople

COVERS = [
    "/question-sets",
    "/question-sets/<set_id>",
    "/question-sets/<set_id>/file",
    "/question-sets/<set_id>/retire",
    "/question-sets/import",
    "/question-sets/drafts/<draft_id>",
    "/question-sets/drafts/<draft_id>/read",
    "/question-sets/drafts/<draft_id>/publish",
    "/question-sets/drafts/<draft_id>/send-back",
    "/question-sets/drafts/<draft_id>/file",
]
PLACE = "place-2026-1"
"""Versions for places: no other test opens a self-assessment of a place."""


def workbook(editor: Persona, folder: Path, *, set_id: str, question: str) -> Path:
    """The start for the next version of the questions for places, with an id and a question of its own."""
    answer = editor.context.request.get(f"{editor.base_url}/question-sets/{PLACE}/file?format=xlsx&start=next")
    book = load_workbook(io.BytesIO(answer.body()))
    book["About"]["B2"] = set_id
    book["Items"]["D2"] = question
    file = folder / "next.xlsx"
    book.save(file)
    return file


def imported(editor: Persona, file: Path) -> Page:
    page = editor.open("/question-sets/import", check=False)
    page.set_input_files("#file", file)
    editor.press(page, "Show what would change")
    return page


def test_a_reader_sees_every_level_and_what_tells_it_apart_from_the_compulsory_one(as_persona: AsPersona) -> None:
    reader = as_persona("bola.member")
    page = reader.open("/question-sets/trust-2026-1")

    words = page.inner_text("main")
    assert words.count("5. Improving and sustaining") == 22
    assert "This is not the provider capability self-assessment" in words
    assert page.locator("h3").count() == 22
    assert page.locator("a[href$='/retire'], a[href*='start=next']").count() == 0
    assert "This is not the provider capability self-assessment" in reader.open("/question-sets").inner_text("main")


def test_somebody_who_has_not_signed_in_reads_and_takes_the_questions(anybody: Persona) -> None:
    page = anybody.open("/question-sets")
    page.get_by_role("link", name=re.compile("trust", re.IGNORECASE)).first.click()
    anybody.check(page)

    assert "5. Improving and sustaining" in page.inner_text("main")
    assert page.get_by_role("link", name="Sign in").is_visible()
    file = anybody.context.request.get(f"{anybody.base_url}/question-sets/trust-2026-1/file?format=json")
    assert file.status == 200
    anybody.open("/question-sets/import", status=200, check=False).wait_for_url("**/realms/**")


def test_a_term_is_explained_beside_the_question_in_which_it_stands(as_persona: AsPersona) -> None:
    page = as_persona("bola.member").open("/question-sets/trust-2026-1", check=False)
    words = page.locator("details", has_text="Lived experience").first

    words.locator("summary").click()

    assert "What people know because they have used a service" in words.inner_text()


def test_a_question_set_prints_without_buttons_and_menus(as_persona: AsPersona) -> None:
    page = as_persona("lena.lead").open("/question-sets/trust-2026-1", check=False)

    page.emulate_media(media="print")

    assert page.locator(".app-no-print:visible").count() == 0
    assert page.locator("header:visible").count() == 0
    assert page.locator("dd:visible").count() >= 110


def test_anybody_takes_a_set_away_as_a_file(as_persona: AsPersona) -> None:
    reader = as_persona("bola.member")

    answers = [
        reader.context.request.get(f"{reader.base_url}/question-sets/trust-2026-1/file?format={ending}")
        for ending in ("xlsx", "yaml", "json", "exe")
    ]

    assert [answer.status for answer in answers] == [200, 200, 200, 404]
    assert len(load_workbook(io.BytesIO(answers[0].body()))["Items"]["D"]) == 23


def test_a_reader_cannot_open_the_editors_pages(as_persona: AsPersona) -> None:
    for path in ("/question-sets/import", f"/question-sets/{PLACE}/retire"):
        as_persona("lena.lead").open(path, status=403, check=False)


def test_a_version_goes_from_the_editor_to_the_approver_and_back_and_is_published(
    as_persona: AsPersona, tmp_path: Path
) -> None:
    set_id = f"place-{uuid4()}"
    ned, nia = as_persona("ned.editor"), as_persona("nia.approver")
    page = imported(ned, workbook(ned, tmp_path, set_id=set_id, question="How do partners live one purpose?"))

    ned.check(page)
    assert "How do partners live one purpose?" in page.inner_text("main")
    assert "1 question new or changed, 0 no longer asked, 9 the same" in page.inner_text("main")
    ned.press(page, "Keep as a draft")
    ned.press(page, "Send for approval")
    ned.check(page)
    address = page.url.removeprefix(ned.base_url)

    assert "version" in nia.open("/home").inner_text("main")
    nia.open(f"{address}/read")
    nia.open(address)
    back = nia.open(f"{address}/send-back")
    nia.press(back, "Send back")
    assert back.locator(".nhsuk-error-summary").count() == 1
    nia.check(back)
    back.fill("#note", "One purpose, or a shared one?")
    nia.press(back, "Send back")

    again = ned.open(address)
    assert "One purpose, or a shared one?" in again.inner_text("main")
    ned.press(again, "Send for approval")
    publish = nia.open(f"{address}/publish")
    nia.press(publish, "Publish")
    nia.check(publish)
    assert "How do partners live one purpose?" in publish.inner_text("main")

    shown = as_persona("bola.member").open(f"/question-sets/{set_id}")
    assert "In use" in shown.inner_text("main")
    _retire(nia, set_id)


def _retire(nia: Persona, set_id: str) -> None:
    page = nia.open(f"/question-sets/{set_id}/retire")
    for part, value in (("day", "1"), ("month", "1"), ("year", "2020")):
        page.fill(f"#retired_on-{part}", value)
    nia.press(page, "Retire it")
    assert "today or later" in page.inner_text(".nhsuk-error-summary")
    page.fill("#retired_on-year", "2099")
    nia.press(page, "Retire it")
    assert "1 January 2099" in page.inner_text("main")
    nia.check(page)


def test_a_file_with_faults_names_each_cell_and_nothing_is_kept(as_persona: AsPersona, tmp_path: Path) -> None:
    ned = as_persona("ned.editor")
    file = workbook(ned, tmp_path, set_id=PLACE, question="x" * 20_000)

    page = imported(ned, file)

    errors = page.inner_text(".nhsuk-error-summary")
    assert "Sheet Items, row 2, column D (Question)" in errors
    ned.check(page)


def test_a_file_that_is_no_question_set_is_refused_in_plain_words(as_persona: AsPersona, tmp_path: Path) -> None:
    file = tmp_path / "next.xlsx"
    file.write_bytes(b"%PDF-1.7")
    ned = as_persona("ned.editor")

    page = imported(ned, file)

    assert "not what its name says" in page.inner_text(".nhsuk-error-summary")
    assert page.inner_text("h1") == "Import a version"


def test_the_questions_can_be_read_without_javascript(as_persona: AsPersona, signed_in_people: SignedInPeople) -> None:
    state = as_persona("bola.member").context.storage_state()
    plain = signed_in_people.nobody(java_script_enabled=False, storage_state=state)

    page = plain.open("/question-sets/trust-2026-1", check=False)
    page.locator("summary").first.click()

    assert page.locator("h3").count() == 22
    assert page.locator("details[open]").count() == 1
