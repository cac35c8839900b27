"""Board development in a browser: private, finished, shown by choice."""

from tests.browser.personas import AsPersona

COVERS = [
    "/board-development",
    "/board-development/statements/<statement_id>",
    "/board-development/finish",
    "/board-development/share",
    "/board-development/stop-sharing",
    "/board-development/profile",
]


def test_a_member_answers_a_statement_for_their_own_eyes(as_persona: AsPersona) -> None:
    member = as_persona("bola.member")
    page = member.open("/board-development")
    page.locator(".nhsuk-task-list a").first.click()

    page.get_by_label("Frequently").check()
    page.get_by_label("Note to yourself (optional)").fill("I asked how it serves our purpose.")
    page.get_by_role("button", name="Save and continue").click()

    member.check(page)
    again = member.open("/board-development")
    assert "Frequently" in again.locator(".nhsuk-task-list__status").first.inner_text()


def test_a_statement_without_a_choice_comes_back_with_what_was_typed(as_persona: AsPersona) -> None:
    member = as_persona("bert.member")
    page = member.open("/board-development")
    page.locator(".nhsuk-task-list a").nth(3).click()

    page.get_by_label("Note to yourself (optional)").fill("Do not lose this.")
    page.get_by_role("button", name="Save and continue").click()

    assert page.title().startswith("Error:")
    assert page.get_by_label("Note to yourself (optional)").input_value() == "Do not lose this."
    member.check(page)


def test_nothing_can_be_shared_before_the_reflection_is_finished(as_persona: AsPersona) -> None:
    page = as_persona("bert.member").open("/board-development/share")

    assert "not finished" in page.inner_text("main")


def test_the_chair_sees_how_many_have_finished_and_no_name(as_persona: AsPersona) -> None:
    page = as_persona("chandra.chair").open("/board-development/profile")

    assert "The board's profile appears from 7 people up" in page.inner_text("main")


def test_the_improvement_lead_has_no_board_pages(as_persona: AsPersona) -> None:
    as_persona("lena.lead").open("/board-development/profile", status=403)
