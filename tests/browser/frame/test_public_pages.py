"""What anybody may open."""

import pytest

from services.portal.practices import PRACTICES
from tests.browser.personas import Persona

COVERS = [
    "/",
    "/practices/<name>",
    "/accessibility",
    "/data-protection",
    "/help",
    "/status",
    "/signed-out",
]


def test_the_start_page_says_what_this_is_and_that_nothing_is_sent_upward(anybody: Persona) -> None:
    page = anybody.open("/")

    assert "Nothing is sent to NHS England" in page.inner_text("main")
    assert page.get_by_role("button", name="Sign in").is_visible()


@pytest.mark.parametrize("name", PRACTICES)
def test_each_practice_has_a_page_of_its_own(anybody: Persona, name: str) -> None:
    page = anybody.open(f"/practices/{name}")

    assert page.inner_text("h1") == PRACTICES[name].name


@pytest.mark.parametrize("path", ["/accessibility", "/data-protection", "/help", "/signed-out"])
def test_the_pages_of_the_footer_can_be_read_without_signing_in(anybody: Persona, path: str) -> None:
    assert anybody.open(path).locator("main p").count() > 0


def test_the_status_page_says_in_words_whether_each_part_works(anybody: Persona) -> None:
    page = anybody.open("/status")

    assert page.locator("main .nhsuk-tag").count() == 6


@pytest.mark.parametrize("path", ["/nowhere", "/practices/other"])
def test_a_page_that_is_not_there_says_so_with_a_reference_to_quote(anybody: Persona, path: str) -> None:
    page = anybody.open(path, status=404)

    assert page.inner_text("h1") == "Page not found"
    assert "quote the reference" in page.inner_text("main")


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(anybody: Persona) -> None:
    page = anybody.open("/home", check=False)

    assert "/realms/impact/" in page.url


def test_an_address_of_the_start_page_sets_no_cookie(anybody: Persona) -> None:
    anybody.open("/")

    assert not anybody.context.cookies()


def test_the_pages_can_be_read_without_javascript(signed_in_people: object) -> None:
    from tests.browser.personas import SignedInPeople

    assert isinstance(signed_in_people, SignedInPeople)
    plain = signed_in_people.nobody(java_script_enabled=False)

    page = plain.open("/", check=False)

    assert page.get_by_role("heading", level=1).is_visible()
    assert page.get_by_role("link", name="Accessibility statement").is_visible()
