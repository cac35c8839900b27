"""The register, for the national administrator."""

from pathlib import Path
from uuid import uuid4

from tests.browser.personas import AsPersona

COVERS = [
    "/register",
    "/register/import",
    "/register/imports/<import_id>",
    "/register/new",
    "/register/<code>",
    "/register/<code>/move",
]
COLUMNS = 27


def test_the_register_can_be_filtered_and_the_filter_stays_in_the_address(as_persona: AsPersona) -> None:
    noor = as_persona("noor.admin")
    page = noor.open("/register")
    page.fill("#q", "Aldermere")

    noor.press(page, "Show")

    assert "q=Aldermere" in page.url
    assert page.input_value("#q") == "Aldermere"
    assert "DEMO01" in page.inner_text("tbody")
    noor.check(page)


def test_an_organisation_shows_the_icbs_it_belonged_to(as_persona: AsPersona) -> None:
    page = as_persona("noor.admin").open("/register/DEMO01")

    assert "fictional" in page.inner_text("main")
    assert "XNV01" in page.inner_text("main")


def test_a_move_says_first_who_will_see_what(as_persona: AsPersona) -> None:
    page = as_persona("noor.admin").open("/register/DEMO01/move")

    assert "It keeps its whole history." in page.inner_text("main")


def test_a_place_is_entered_by_hand_and_what_is_missing_is_said(as_persona: AsPersona) -> None:
    noor = as_persona("noor.admin")
    code = f"Z{uuid4().hex[:6]}"
    page = noor.open("/register/new")
    page.get_by_label("A place", exact=True).check()
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_label("Name", exact=True).fill("Northvale Coast (fictional)")
    noor.press(page, "Enter it")
    noor.check(page)
    assert "Choose the ICB that the place belongs to." in page.inner_text("main")
    assert page.get_by_label("Code", exact=True).input_value() == code

    for part, value in (("Day", "1"), ("Month", "10"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_label("Which ICB does the place belong to?").select_option("XNV01")
    noor.press(page, "Enter it")

    noor.check(page)
    assert page.inner_text("h1") == "Northvale Coast (fictional)"
    assert "NHS Northvale ICB" in page.inner_text("main")
    as_persona("ned.editor").open("/register/new", status=403, check=False)


def test_a_file_that_cannot_be_read_is_refused_and_nothing_changes(as_persona: AsPersona, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text("not,a,register\n")
    noor = as_persona("noor.admin")
    page = noor.open("/register/import")
    page.set_input_files("#file", file)

    noor.press(page, "Show what would change")

    assert page.locator(".nhsuk-error-summary").count() == 1
    noor.check(page)


def test_a_register_file_shows_every_difference_before_anything_changes(as_persona: AsPersona, tmp_path: Path) -> None:
    columns = ["ZZT99", "NORTHWICK TEST NHS TRUST", "Y60", "QHL", *[""] * 6, "20260401", *[""] * (COLUMNS - 11)]
    file = tmp_path / "etr.csv"
    file.write_text(",".join(columns) + "\n")
    noor = as_persona("noor.admin")
    page = noor.open("/register/import")
    page.set_input_files("#file", file)

    noor.press(page, "Show what would change")

    assert "/register/imports/" in page.url
    assert page.inner_text("h1") == "What would this file change?"
    noor.check(page)
