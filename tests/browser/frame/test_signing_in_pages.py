"""Signing in through the real pages: with a work account, with a password, and when it does not work."""

from uuid import uuid4

from playwright.sync_api import Page

from infra.keycloak.work_accounts import NO_INVITATION
from shared.testing.sign_in import Account
from tests.browser.frame.inviting import invited
from tests.browser.personas import AsPersona, Persona, RunningSystem, SignedInPeople

COVERS = ["/invitation/<token>", "/invitation/<token>/work-account"]
LINKED_WITHIN = 20
"""Times we try, a second apart, until the link that was pressed has reached the identity provider."""


def _give_password(page: Page, account: Account) -> None:
    page.fill("#username", account.username)
    page.fill("#password", account.password)
    page.click("#kc-login")
    page.wait_for_load_state()


def _give_code(page: Page, account: Account, people: SignedInPeople) -> None:
    page.fill("#otp", people.codes.next(account.otp_secret or ""))
    page.click("#kc-login")


def test_a_work_account_signs_in_and_our_own_code_is_asked_for(
    anybody: Persona, signed_in_people: SignedInPeople, system: RunningSystem
) -> None:
    page, wyn = anybody.page(), system.account("wyn.work")
    page.goto(f"{anybody.base_url}/sign-in?with=work&next=/account")

    _give_password(page, wyn)
    assert "/realms/impact/" in page.url
    _give_code(page, wyn, signed_in_people)
    page.wait_for_url(f"{anybody.base_url}/account")

    anybody.check(page)
    assert "Acting as chief executive, Merrowdale NHS Foundation Trust (fictional)" in page.inner_text(".app-acting")
    assert "Work account wyn.work@demo.example, linked on" in page.inner_text("main")


def test_the_start_page_offers_the_work_account_first(anybody: Persona) -> None:
    page = anybody.open("/")

    page.get_by_role("button", name="Sign in with a work account").click()
    page.wait_for_load_state()

    assert "/realms/work/" in page.url


def test_the_sign_in_pages_look_as_the_service_does_break_no_rule_and_let_somebody_in(
    anybody: Persona, signed_in_people: SignedInPeople, system: RunningSystem
) -> None:
    page = anybody.page()
    page.goto(f"{anybody.base_url}/sign-in")
    anybody.check(page)
    assert page.inner_text("h1") == "Sign in"
    assert page.get_by_role("link", name="Work account").is_visible()

    page.get_by_role("link", name="I have forgotten my password").click()
    page.wait_for_load_state()
    anybody.check(page)
    page.goto(f"{anybody.base_url}/sign-in")
    _give_password(page, Account("bert.member", "not the right password"))
    anybody.check(page)
    bert = system.account("bert.member")
    _give_password(page, bert)
    anybody.check(page)
    assert page.locator("#otp").is_visible()

    _give_code(page, bert, signed_in_people)
    page.wait_for_url(f"{anybody.base_url}/home")

    assert "Acting as board member" in page.inner_text(".app-acting")


def test_a_stranger_with_a_work_account_is_told_whom_to_ask(anybody: Persona, system: RunningSystem) -> None:
    stranger = system.new_work_account(f"{uuid4().hex[:8]}@trust.example")
    page = anybody.page()
    page.goto(f"{anybody.base_url}/sign-in?with=work")

    _give_password(page, stranger)

    assert NO_INVITATION in page.inner_text("main")
    anybody.check(page)


def test_somebody_invited_links_their_work_account_and_sets_up_a_second_factor(
    as_persona: AsPersona, anybody: Persona, system: RunningSystem
) -> None:
    address = f"wanda.{uuid4().hex[:8]}@trust.example"
    path, worker = invited(as_persona, system, "Wanda Work", address), system.new_work_account(address)
    page = anybody.open(path)
    anybody.press(page, "Continue with my work account")
    _give_password(page, worker)

    assert page.inner_text("h1") == "Is this you?"
    assert address in page.inner_text("main")
    anybody.check(page)
    anybody.press(page, "This is me, link it")
    anybody.check(page)
    way_in = page.get_by_role("link", name="Sign in with my work account").get_attribute("href")
    for _ in range(LINKED_WITHIN):
        page.goto(f"{anybody.base_url}{way_in}")
        if page.locator("#totp").count():
            break
        page.wait_for_timeout(1000)

    assert page.inner_text("h1") == "Set up your second factor"
    anybody.check(page)
