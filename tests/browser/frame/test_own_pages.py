"""Home, inbox, account, and choosing whom to act for."""

import pytest

from tests.browser.personas import AsPersona, SignedInPeople

COVERS = ["/home", "/inbox", "/inbox/<item_id>", "/account", "/acting-as"]
FIRST_QUESTIONS = {
    "lena.lead": "What needs me now?",
    "bola.member": "What needs me now?",
    "olu.owner": "What needs me now?",
    "chandra.chair": "Where are we, and what must I decide?",
    "carl.chief": "Where are we, and what must I decide?",
    "iris.icb": "What changed, and who needs us?",
    "nora.analyst": "How many, where, since when?",
    "noor.admin": "Is the register right?",
    "ned.editor": "What needs me now?",
    "otto.operator": "What needs me now?",
}


@pytest.mark.parametrize("username", FIRST_QUESTIONS)
def test_each_role_has_a_home_with_its_first_question(as_persona: AsPersona, username: str) -> None:
    page = as_persona(username).open("/home")

    assert page.inner_text("h1") == FIRST_QUESTIONS[username]


def test_every_page_says_for_whom_one_acts_and_that_organisations_are_fictional(as_persona: AsPersona) -> None:
    page = as_persona("lena.lead").open("/home")

    assert page.inner_text(".app-acting") == (
        "Acting as improvement lead, Aldermere NHS Trust (fictional), in NHS Northvale ICB (fictional)."
    )
    assert "not an NHS England service" in page.inner_text(".app-phase")


def test_a_person_with_two_memberships_changes_between_them(as_persona: AsPersona) -> None:
    pat = as_persona("pat.both")
    page = pat.open("/acting-as")
    other = page.get_by_role("radio").nth(1)
    name = page.locator("label.nhsuk-radios__label").nth(1).inner_text()

    other.check()
    pat.press(page, "Continue")

    assert name in page.inner_text(".app-acting")
    pat.check(page)


def test_choosing_nobody_is_an_error_that_leads_to_the_field(as_persona: AsPersona) -> None:
    pat = as_persona("pat.both")
    page = pat.open("/acting-as")
    page.evaluate("document.querySelectorAll('[name=organisation]').forEach(radio => { radio.checked = false })")

    pat.press(page, "Continue")

    assert page.title().startswith("Error: ")
    assert page.locator(".nhsuk-error-summary a").get_attribute("href") == "#organisation"
    pat.check(page)


def test_the_inbox_says_why_it_is_empty_or_leads_to_the_thing_itself(as_persona: AsPersona) -> None:
    lena = as_persona("lena.lead")
    page = lena.open("/inbox")
    items = page.locator("main ul.nhsuk-list--border a")

    if items.count() == 0:
        assert "Nothing has happened yet." in page.inner_text("main")
        return
    items.first.click()
    lena.check(page)
    lena.press(page, "Open it")

    assert "/inbox" not in page.url


def test_the_account_page_says_what_we_hold_and_where_one_is_signed_in(as_persona: AsPersona) -> None:
    page = as_persona("lena.lead").open("/account")

    assert "(this browser)" in page.inner_text("main")
    assert "lena.lead@" in page.inner_text("main")


def test_signing_out_ends_the_session_at_the_identity_provider_too(
    as_persona: AsPersona, signed_in_people: SignedInPeople
) -> None:
    olu = as_persona("olu.owner")
    page = olu.open("/home")
    signed_in_people.forget("olu.owner")

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out**")
    olu.check(page)
    page.goto(f"{olu.base_url}/home")

    assert page.locator("#username").is_visible()


def test_no_token_is_anywhere_in_the_browser(as_persona: AsPersona) -> None:
    lena = as_persona("lena.lead")
    page = lena.open("/home")
    held = page.content() + page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")

    assert "eyJhbGciO" not in held
    assert not [cookie for cookie in lena.context.cookies(lena.base_url) if "eyJhbGciO" in str(cookie.get("value"))]
