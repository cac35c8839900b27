"""All 22 items answered with the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from deploy.local.demo.assessing import ASSESSMENT
from tests.browser.rounds.boards import TrustAtWork

FOCUSED = "document.activeElement.name || document.activeElement.textContent.trim()"
MOST_STEPS = 60


def _tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on a control of that name; raises AssertionError when it never comes there."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == wanted:
            return
    raise AssertionError(f"{wanted!r} cannot be reached by keyboard on {page.url}")


@pytest.mark.timeout(600)
def test_all_questions_can_be_answered_with_the_keyboard_alone(trust_at_work: Callable[..., TrustAtWork]) -> None:
    trust = trust_at_work("DEMO22")
    round_id, items = trust.open(), trust.items()
    page = trust.at_browser("member2").open(f"/rounds/{round_id}/answers", check=False)
    _tab_to(page, "Begin")
    page.keyboard.press("Enter")

    for number, item in enumerate(items):
        page.wait_for_url(f"**/answers/{item}")
        _tab_to(page, "level")
        for _ in range(number % 5):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        _tab_to(page, "Save and continue")
        page.keyboard.press("Enter")
    page.wait_for_url("**/answers/check")
    _tab_to(page, "I have finished")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/rounds/{round_id}")
    saved = trust.actor("member2").get(ASSESSMENT, f"/rounds/{round_id}/my-answers")
    assert [one["level"] for one in sorted(saved["items"], key=lambda one: items.index(one["item_id"]))] == [
        1 + number % 5 for number in range(len(items))
    ]
    assert saved["finished"] is True
