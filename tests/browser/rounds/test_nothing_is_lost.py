"""Two devices, an ended session, a lost connection and a closed window: every character typed is there afterwards."""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Page, expect

from deploy.local.demo.assessing import ASSESSMENT
from tests.browser.conftest import PagesOfSystem
from tests.browser.rounds.boards import TrustAtWork, choose, press

COVERS = ["/rounds/<round_id>/answers/<item_id>"]
WORDS = "We asked three wards – and heard “nobody told us” twice.\nSecond line, with <script> & ünïcode."
WHY = "Why? (optional)"
SOON = 20_000


@dataclass
class Answering:
    """One board member at one question."""

    trust: TrustAtWork
    round_id: str
    item: str
    post: str = "member3"

    @property
    def path(self) -> str:
        return f"/rounds/{self.round_id}/answers/{self.item}"

    def page(self) -> Page:
        return self.trust.at_browser(self.post).open(self.path, check=False)

    def stored(self) -> str:
        found = self.trust.actor(self.post).get(ASSESSMENT, f"/rounds/{self.round_id}/my-answers")["items"]
        return next((str(one["why"]) for one in found if one["item_id"] == self.item), "")


@pytest.fixture
def answering(trust_at_work: Callable[..., TrustAtWork]) -> Answering:
    trust = trust_at_work("DEMO23")
    return Answering(trust, trust.open(), trust.items()[0])


def test_what_is_typed_is_saved_by_itself_and_is_there_on_another_device(answering: Answering) -> None:
    laptop = answering.page()
    choose(laptop, "level", "2")
    laptop.get_by_label(WHY).fill(WORDS)
    expect(laptop.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=SOON)

    phone = answering.page()

    assert phone.get_by_label(WHY).input_value() == WORDS
    assert phone.locator("input[name='level'][value='2']").is_checked()


def test_two_tabs_in_conflict_show_both_texts_and_save_the_one_chosen(answering: Answering) -> None:
    answering.trust.script = False
    first, second = answering.page(), answering.page()
    choose(first, "level", "2")
    first.get_by_label(WHY).fill("From the laptop.")
    press(first, "Save and continue")

    choose(second, "level", "4")
    second.get_by_label(WHY).fill(WORDS)
    press(second, "Save and continue")

    both = second.inner_text("main")
    assert "From the laptop." in both
    assert WORDS.splitlines()[0] in both
    press(second, "Save my version instead")
    assert answering.stored() == WORDS


def test_after_the_session_has_ended_the_text_comes_back_and_can_be_saved(
    answering: Answering, system: PagesOfSystem
) -> None:
    answering.trust.script = False
    page = answering.page()
    choose(page, "level", "3")
    page.get_by_label(WHY).fill(WORDS)
    person = answering.trust.cast.demonstration.person(answering.trust.username(answering.post))
    with psycopg.connect(system.running.servers.settings.postgres.superuser_dsn("impact")) as connection:
        connection.execute(
            "update portal.browser_session set seen_at = seen_at - interval '31 minutes' where person_id = %s",
            [person.person_id],
        )

    press(page, "Save and continue")
    page.wait_for_url(f"**{answering.path}**")

    assert page.get_by_label(WHY).input_value() == WORDS
    assert answering.stored() == ""
    press(page, "Save and continue")
    assert answering.stored() == WORDS


def test_without_a_connection_the_text_stays_and_is_saved_when_it_returns(answering: Answering) -> None:
    page = answering.page()
    choose(page, "level", "3")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=SOON)
    page.context.set_offline(True)

    page.get_by_label(WHY).fill(WORDS)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("[data-autosave-status]")).to_contain_text("Not saved yet: no connection")
    unsaved = page.get_by_label(WHY).input_value()
    page.context.set_offline(False)

    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=SOON)
    assert unsaved == WORDS
    assert answering.stored() == WORDS


def test_a_window_closed_a_moment_after_typing_has_saved(answering: Answering) -> None:
    page = answering.page()
    choose(page, "level", "3")
    page.get_by_label(WHY).fill(WORDS)
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=SOON)

    page.close(run_before_unload=False)

    assert answering.page().get_by_label(WHY).input_value() == WORDS


def test_a_double_press_and_the_back_button_save_once(answering: Answering) -> None:
    page = answering.page()
    choose(page, "level", "3")
    page.get_by_label(WHY).fill(WORDS)
    page.get_by_role("button", name="Save and continue").dblclick()
    page.wait_for_url(lambda address: answering.path not in address)
    page.go_back()
    press(page, "Save and continue")

    assert "Somebody else changed this" not in page.inner_text("body")
    assert answering.stored() == WORDS
