"""An owner writes while the lead gives the action to somebody else: the words are still there to be copied."""

from playwright.sync_api import Page

from tests.browser.personas import AsPersona

COVERS = ["/plans/<plan_id>/actions/<action_id>"]
WORDS = "Ward 7 tried it twice – <b>better</b> the second time.\nMore on Friday."
NEXT_STEP = "What is the next step? (optional)"


def _give_to(as_persona: AsPersona, action: str, owner: str) -> None:
    page = as_persona("lena.lead").open(action)
    page.get_by_label("Who owns it?").select_option(label=owner)
    page.get_by_role("button", name="Save update").click()
    assert "The action is updated" in page.inner_text("body")


def _owners(page: Page) -> list[str]:
    return [option.inner_text() for option in page.get_by_label("Who owns it?").locator("option").all()]


def test_what_the_owner_typed_stands_on_the_page_that_refuses_it(as_persona: AsPersona) -> None:
    lead = as_persona("lena.lead")
    plan = lead.open("/plans").locator("main table a").first.get_attribute("href")
    page = lead.open(f"{plan}/actions")
    action = page.locator("main table a").first.get_attribute("href")
    assert action is not None
    form = lead.open(action)
    owners, before = _owners(form), form.get_by_label("Who owns it?").locator("option:checked").inner_text()
    olu = next(name for name in owners if "Olu" in name)
    lena = next(name for name in owners if "Lena" in name)
    _give_to(as_persona, action, olu)
    owner = as_persona("olu.owner")
    mine = owner.open(action)
    mine.get_by_label(NEXT_STEP).fill(WORDS)
    _give_to(as_persona, action, lena)

    mine.get_by_role("button", name="Save update").click()

    owner.check(mine)
    assert mine.get_by_role("heading", level=1).inner_text() == "You cannot do this"
    assert WORDS in mine.inner_text("main")
    _give_to(as_persona, action, before)  # others go on with what the story told
