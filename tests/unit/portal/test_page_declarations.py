"""Every page says who may open it, who else can see what stands there, and is looked at in a real browser."""

import ast
from pathlib import Path

import pytest

from services.portal.navigation import ICB_SIDE, NATIONAL_SIDE, TRUST_SIDE, WORDS
from services.portal.page import ANYONE, SIGNED_IN, BadDeclaration, Page, PageSet, Shows, collect
from services.portal.pages import page_sets

BROWSER_TESTS = Path(__file__).resolve().parents[2] / "browser"
PAGES = collect(page_sets())


def covered() -> set[str]:
    """Return the addresses that the browser tests say they open (their constants COVERS)."""
    found: set[str] = set()
    for file in BROWSER_TESTS.rglob("test_*.py"):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "COVERS":
                found |= set(ast.literal_eval(node.value))
    return found


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.key)
def test_a_page_declares_its_roles_and_who_can_see_it(page: Page) -> None:
    assert page.roles is ANYONE or page.roles
    assert page.shows is Shows.OPEN or page.who_can_see
    assert page.view is None or page.title


@pytest.mark.parametrize("page", [one for one in PAGES.values() if one.view], ids=lambda page: page.key)
def test_a_page_is_opened_by_a_browser_test(page: Page) -> None:
    assert page.path in covered()


def test_what_anybody_may_open_shows_nothing_private() -> None:
    assert not [page.key for page in PAGES.values() if page.roles is ANYONE and page.shows is not Shows.OPEN]


def test_a_page_of_private_content_that_does_not_say_who_can_see_it_cannot_be_declared() -> None:
    with pytest.raises(BadDeclaration, match="does not say who can see it"):
        PageSet("x").page("/x", key="x", title="X", roles=SIGNED_IN, shows=Shows.PRIVATE)(lambda visit: "")


def test_a_page_without_any_role_cannot_be_declared() -> None:
    with pytest.raises(BadDeclaration, match="declares no role"):
        PageSet("x").page("/x", key="x", title="X", roles=[])(lambda visit: "")


def test_two_areas_cannot_use_one_address() -> None:
    first, second = PageSet("a"), PageSet("b")
    first.page("/x", key="a", title="X", roles=ANYONE)(lambda visit: "")
    second.page("/x", key="b", title="X", roles=ANYONE)(lambda visit: "")

    with pytest.raises(BadDeclaration, match="declared twice"):
        collect([first, second])


def test_a_small_act_goes_back_to_a_page_that_exists() -> None:
    assert all(page.back_to in PAGES for page in PAGES.values() if page.view is None)


def test_every_entry_of_the_navigation_has_words() -> None:
    assert {*TRUST_SIDE, *ICB_SIDE, *NATIONAL_SIDE} == WORDS.keys()
