"""Roles given in other organisations: whoever gives them finds them there, and ends them; nobody else does."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from tests.browser.personas import AsPersona, Persona, RunningSystem, SignedInPeople

REGION, REGION_NAME, ITS_LEAD = "Y60", "Midlands", "Rita Marsh"
ROLE = "Regional lead"


@dataclass(frozen=True)
class Giver:
    """The national administrator's browser; pages are held to the rules where JavaScript runs."""

    browser: Persona
    script: bool

    def look(self, page: Page) -> None:
        """Wait for the page; hold it to the rules."""
        page.locator("h1").wait_for()
        if self.script:
            self.browser.check(page)

    def press(self, page: Page, button: str) -> None:
        """Press a button, with a second factor where one is asked for."""
        self.browser.press(page, button, check=self.script)
        self.look(page)

    def roles_given_in(self, code: str) -> Page:
        """Go to the roles given in an organisation as a person does: from People, by its code."""
        page = self.browser.open("/people", check=False)
        page.get_by_label("Code of the organisation").fill(code)
        self.press(page, "Show who holds them")
        return page


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def noor(request: pytest.FixtureRequest, signed_in_people: SignedInPeople) -> Iterator[Giver]:
    browser = signed_in_people.persona if request.param else signed_in_people.without_script
    yield Giver(browser("noor.admin"), request.param)
    signed_in_people.close_tabs()


def invited(noor: Giver, name: str, address: str) -> None:
    page = noor.roles_given_in(REGION.lower())
    page.get_by_role("link", name="Invite somebody to a role here").click()
    noor.look(page)
    assert page.get_by_label("For which organisation? (optional)").input_value() == REGION
    page.get_by_label("What is the person's name?").fill(name)
    page.get_by_label("What is the person's e-mail address?").fill(address)
    page.get_by_role("radio", name=ROLE).check()
    noor.press(page, "Send the invitation")
    assert f"We have sent an invitation to {name}" in page.inner_text("main")


def taken_up(anybody: Persona, system: RunningSystem, address: str) -> None:
    link = next(word for word in system.last_mail_to(address).split() if "/invitation/" in word)
    page = anybody.open(link.removeprefix(system.portal_url))
    anybody.press(page, "Continue with a password and a code")
    assert page.inner_text("h1") == "Your role is ready"


def test_who_gave_a_role_in_a_region_finds_it_there_and_ends_it(
    noor: Giver, anybody: Persona, system: RunningSystem
) -> None:
    unique = uuid4().hex[:8]
    name, address = f"Rowan {unique}", f"rowan.{unique}@demo.example"
    invited(noor, name, address)
    taken_up(anybody, system, address)

    page = noor.roles_given_in(REGION)
    assert page.inner_text("h1") == f"Who holds the roles you give at {REGION_NAME}?"
    assert f"{name}, {ROLE}, since" in page.inner_text("main")
    assert f"{ITS_LEAD}, {ROLE}, since" in page.inner_text("main")

    page.get_by_role("link", name=f"End the role {ROLE} of {name}").click()
    page.wait_for_url("**/end")
    noor.look(page)
    assert page.inner_text("h1") == f"End the role regional lead of {name}?"
    assert f"The role is held at {REGION_NAME}." in page.inner_text("main")
    page.get_by_label("Why does it end?").fill("The page tests end here.")
    noor.press(page, "End this role")

    assert page.url.endswith(f"/people?organisation={REGION}")
    assert "The role regional lead has ended." in page.inner_text(".nhsuk-notification-banner")
    assert name not in page.inner_text("main")
    assert ITS_LEAD in page.inner_text("main")


def test_a_code_that_nobody_has_comes_back_with_what_is_wrong(noor: Giver) -> None:
    page = noor.roles_given_in("XNV99")

    assert page.locator(".nhsuk-error-summary a").get_attribute("href") == "#organisation"
    assert page.get_by_label("Code of the organisation").input_value() == "XNV99"


def test_where_the_national_team_gives_no_role_the_page_says_so(as_persona: AsPersona) -> None:
    page = as_persona("noor.admin").open("/people?organisation=DEMO01")

    assert "You give no role here." in page.inner_text("main")
    assert "Amir Shah" not in page.inner_text("main")


def test_an_icb_sees_who_looks_after_access_in_its_trust_and_ends_nobody_there(as_persona: AsPersona) -> None:
    page = as_persona("ivan.access").open("/people?organisation=DEMO01")

    assert "Amir Shah, Access manager, since" in page.inner_text("main")
    assert page.get_by_role("link", name="End the role").count() == 0


def test_the_access_manager_of_a_trust_sees_and_ends_nobody_elsewhere(as_persona: AsPersona) -> None:
    noor, amir = as_persona("noor.admin"), as_persona("amir.access")
    link = noor.open(f"/people?organisation={REGION}").get_by_role("link", name=f"End the role {ROLE} of {ITS_LEAD}")

    page = amir.open(f"/people?organisation={REGION}")

    assert page.inner_text("h1") == "Who may do what?"
    assert ITS_LEAD not in page.inner_text("main")
    assert page.get_by_role("heading", name="Roles you give in other organisations").count() == 0
    amir.open(str(link.get_attribute("href")), status=404)
