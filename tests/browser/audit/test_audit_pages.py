"""Who did or saw what, for the access manager of the organisation and nobody else."""

import csv
import io
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.personas import AsPersona

COVERS = ["/audit", "/audit/export"]


def _cells(page: Page, column: int) -> list[str]:
    return [row.locator("td").nth(column).inner_text() for row in page.locator("main tbody tr").all()]


def test_an_access_manager_sees_who_did_what_and_finds_a_person(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/audit")
    page.get_by_label("Who", exact=True).select_option(label="Sofia Reyes")
    page.get_by_label("About", exact=True).select_option(label="Evidence")
    page.get_by_role("button", name="Show", exact=True).click()

    assert _cells(page, 0)
    assert all("Sofia Reyes" in cell for cell in _cells(page, 0))
    assert all("Evidence:" in cell for cell in _cells(page, 1))
    assert all("Done for the lead or the chair" in cell for cell in _cells(page, 2))
    as_persona("amir.access").check(page)


def test_no_saved_answer_stands_in_the_list(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/audit?about=answer")

    assert "No line fits this filter." in page.inner_text("main")


def test_earlier_lines_follow_the_newest(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/audit")
    newest = page.locator("main tbody tr").all_inner_texts()
    page.get_by_role("link", name="Show earlier lines").click()

    earlier = page.locator("main tbody tr").all_inner_texts()
    assert len(newest) == 50
    assert earlier not in ([], newest)


def test_the_filter_is_exported_as_csv(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/audit?about=round", check=False)

    with page.expect_download() as saved:
        page.get_by_role("link", name="Export what the filter leaves as CSV").click()

    rows = list(csv.reader(io.StringIO(Path(str(saved.value.path())).read_text())))
    assert rows[0][:4] == ["When", "Who", "What", "Outcome"]
    assert any("Self-assessment: signed off" in row for row in rows)
    assert all(row[2].startswith("Self-assessment:") for row in rows[1:])


def test_a_date_that_is_none_is_said_at_its_field(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/audit?since-day=31&since-month=2&since-year=2027", status=422)

    assert page.title().startswith("Error:")


def test_nobody_else_opens_it(as_persona: AsPersona) -> None:
    for person in ("lena.lead", "chandra.chair", "sofia.secretary", "bola.member", "iris.icb"):
        as_persona(person).open("/audit", status=403, check=False)
