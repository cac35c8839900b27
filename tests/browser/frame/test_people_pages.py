"""Who may do what: people, invitations, ending a role."""

from uuid import uuid4

from tests.browser.personas import AsPersona, Persona, RunningSystem

COVERS = ["/people", "/people/invite", "/people/<person_id>/new-phone", "/people/roles/<membership_id>/end"]


def test_the_access_manager_sees_people_with_their_roles_and_dates(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/people")

    assert page.locator("tbody tr").count() > 0
    assert "Board member, since" in page.inner_text("tbody")


def test_the_improvement_lead_reads_the_list_without_addresses_and_cannot_invite(as_persona: AsPersona) -> None:
    lena = as_persona("lena.lead")
    page = lena.open("/people")
    refused = lena.open("/people/invite", status=403)

    assert "@" not in page.inner_text("tbody")
    assert page.get_by_role("link", name="Invite somebody").count() == 0
    assert refused.inner_text("h1") == "You cannot open this page"


def test_an_invitation_without_a_name_comes_back_with_everything_typed(as_persona: AsPersona) -> None:
    amir = as_persona("amir.access")
    page = amir.open("/people/invite")
    page.fill("#email", "new.person@demo.example")
    page.get_by_role("radio", name="Board member").check()

    amir.press(page, "Send the invitation")

    assert page.locator(".nhsuk-error-summary a").first.get_attribute("href") == "#name"
    assert page.input_value("#email") == "new.person@demo.example"
    assert page.get_by_role("radio", name="Board member").is_checked()
    amir.check(page)


def test_somebody_who_is_invited_can_read_what_is_asked_and_take_it_up(
    as_persona: AsPersona, anybody: Persona, system: RunningSystem
) -> None:
    address = f"new.{uuid4().hex[:8]}@demo.example"
    amir = as_persona("amir.access")
    page = amir.open("/people/invite")
    page.fill("#name", "Nadia New")
    page.fill("#email", address)
    page.get_by_role("radio", name="Board member").check()
    amir.press(page, "Send the invitation")
    assert "We have sent an invitation to Nadia New" in page.inner_text("main")

    mail = system.last_mail_to(address)
    link = next(word for word in mail.split() if "/invitation/" in word)
    invited = anybody.open(link.removeprefix(system.portal_url))
    anybody.press(invited, "Continue with a password and a code")

    assert invited.inner_text("h1") == "Your role is ready"
    anybody.check(invited)


def test_a_link_that_nobody_sent_says_whom_to_ask(anybody: Persona) -> None:
    page = anybody.open("/invitation/not-a-token", status=404)

    assert page.inner_text("h1") == "This invitation does not work any more"


def test_ending_a_role_says_first_what_will_happen(as_persona: AsPersona) -> None:
    amir = as_persona("amir.access")
    page = amir.open("/people")

    page.get_by_role("link", name="End").first.click()
    amir.check(page)

    assert "What will happen" in page.inner_text("main")
    assert page.inner_text("h1").startswith("End the role ")


def test_resetting_a_second_factor_says_first_what_to_make_sure_of(as_persona: AsPersona) -> None:
    amir = as_persona("amir.access")
    page = amir.open("/people")

    page.get_by_role("link", name="New phone of Bryn Maddox").click()
    amir.check(page)
    amir.press(page, "Reset the second factor")

    assert "Make sure first that it is the person who asks." in page.inner_text(".nhsuk-error-summary")
    amir.check(page)


def test_the_page_says_who_may_give_which_role(as_persona: AsPersona) -> None:
    page = as_persona("amir.access").open("/people")

    assert "Access manager" in page.inner_text("main dl")
