"""The signed result in a browser: read by the board, never by the ICB."""

import re

from playwright.sync_api import Page

from tests.browser.personas import AsPersona

COVERS = ["/rounds/<round_id>/results"]


def _results(as_persona: AsPersona, persona: str) -> Page:
    found = as_persona(persona).open("/rounds", check=False)
    address = found.get_by_role("link", name=re.compile("Results and what moved")).first.get_attribute("href")
    assert address is not None
    return as_persona(persona).open(address)


def test_a_board_member_reads_levels_reasons_and_how_many_took_part(as_persona: AsPersona) -> None:
    page = _results(as_persona, "bola.member")

    words = page.inner_text("main")
    assert "12 of 12 took part" in words
    assert "Bola" not in words
    page.get_by_text("Why, and how this figure came about").first.click()
    assert "what the board agreed in its discussion" in page.inner_text("main")


def test_the_matrix_has_a_row_an_item_and_says_in_words_where_it_stands(as_persona: AsPersona) -> None:
    page = _results(as_persona, "chandra.chair")

    rows = page.locator(".app-matrix tbody tr:has(td)")
    assert rows.count() == 22
    assert all("This time" in text for text in rows.all_inner_texts())


def test_every_figure_can_be_explained(as_persona: AsPersona) -> None:
    page = _results(as_persona, "chandra.chair")

    explained = page.locator("details summary").all_inner_texts()
    assert sum("how this figure came about" in text for text in explained) == 22
    assert any("took part" in text for text in explained)
    assert any("level of a practice" in text for text in explained)


def test_the_icb_cannot_open_the_results(as_persona: AsPersona) -> None:
    address = _results(as_persona, "lena.lead").url.split("/rounds/")[1]

    as_persona("iris.icb").open(f"/rounds/{address}", status=403)
    as_persona("olu.owner").open(f"/rounds/{address}", status=403)
