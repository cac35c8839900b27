"""National figures in a browser."""

from tests.browser.personas import AsPersona

COVERS = [
    "/published-figures",
    "/published-figures/all",
    "/published-figures/prepare",
    "/published-figures/sets/<set_id>",
    "/published-figures/sets/<set_id>/publish",
    "/published-figures/sets/<set_id>/revise",
    "/published-figures/sets/<set_id>/csv",
]


def test_an_analyst_sees_the_latest_set_and_names_no_trust(as_persona: AsPersona) -> None:
    page = as_persona("nora.analyst").open("/published-figures")

    words = page.inner_text("main")
    assert "Set " in words or "No figures have been published yet" in words
    assert "DEMO" not in words
    assert "Aldermere" not in words


def test_an_analyst_prepares_a_set_and_the_check_speaks(as_persona: AsPersona) -> None:
    analyst = as_persona("nora.analyst")
    page = analyst.open("/published-figures/prepare")
    page.get_by_role("button", name="Prepare the set").click()

    analyst.check(page)
    address = page.url
    for _ in range(30):
        if "Being made and checked" not in page.inner_text("main"):
            break
        page.wait_for_timeout(1000)
        page.goto(address)
    analyst.check(page)
    assert "Being made and checked" not in page.inner_text("main")


def test_revising_a_published_set_asks_what_was_wrong_with_it(as_persona: AsPersona) -> None:
    analyst = as_persona("nora.analyst")
    page = analyst.open("/published-figures")
    page.get_by_role("link", name="Revise this set").click()
    analyst.check(page)

    page.get_by_role("button", name="Prepare the revision").click()

    analyst.check(page)
    assert page.title().startswith("Error:")
    assert "Say what was wrong with the earlier set." in page.inner_text("main")


def test_all_sets_are_listed_with_their_state(as_persona: AsPersona) -> None:
    as_persona("nora.analyst").open("/published-figures/all")


def test_an_icb_has_no_national_page(as_persona: AsPersona) -> None:
    as_persona("iris.icb").open("/published-figures", status=403)
