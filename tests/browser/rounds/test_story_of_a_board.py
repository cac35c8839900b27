"""A board goes from the invitation to asking the chair, with and without JavaScript."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from deploy.local.demo.assessing import ASSESSMENT
from tests.browser.personas import NARROW, WIDE, Persona
from tests.browser.rounds.boards import TrustAtWork, choose, press

COVERS = [
    "/rounds",
    "/rounds/new",
    "/rounds/new/check",
    "/rounds/<round_id>",
    "/rounds/<round_id>/answers",
    "/rounds/<round_id>/answers/<item_id>",
    "/rounds/<round_id>/answers/check",
    "/rounds/<round_id>/close",
    "/rounds/<round_id>/discussion",
    "/rounds/<round_id>/discussion/together",
    "/rounds/<round_id>/discussion/<item_id>",
    "/rounds/<round_id>/discussion/practices",
    "/rounds/<round_id>/agree",
]
AT_BROWSER = 2
"""Items that the member answers at the browser here; `test_keyboard_alone.py` answers all of them."""


class Story:
    """The story at one width, told step by step; every page is held to the rules where JavaScript runs."""

    def __init__(self, trust: TrustAtWork, width: int) -> None:
        self.trust = trust
        self.width = width
        self.round_id = ""

    def go(self, persona: Persona, path: str) -> Page:
        page = persona.open(path, check=False)
        return self.look(persona, page)

    def look(self, persona: Persona, page: Page) -> Page:
        if self.trust.script:
            persona.check(page)
        page.set_viewport_size({"width": self.width, "height": 900})
        return page

    def open(self) -> None:
        lead = self.trust.at_browser("lead")
        page = self.go(lead, "/home")
        page.get_by_role("link", name="Start a self-assessment").first.click()
        self.look(lead, page)
        page.get_by_label("What do you call it?").fill("Spring 2027")
        _type_day(page, "closes_on", 14)
        _type_day(page, "discussion_on", 21)
        press(page, "Check and send")
        self.look(lead, page)
        assert "Nobody in your organisation" in page.inner_text("main") or "nobody in your" in page.inner_text("main")
        assert "destroyed when the next self-assessment opens" in page.inner_text("main")
        press(page, "Send the invitations")
        self.look(lead, page)
        self.round_id = page.url.rsplit("/", 1)[1]

    def answer(self) -> None:
        items = self.trust.items()
        for number, post in enumerate(self.trust.posts()):
            if post != "member1":
                far = 1 + number % 5
                self.trust.answer(post, self.round_id, {item: far if item in items[:3] else 3 for item in items})
        member = self.trust.at_browser("member1")
        page = self.go(member, f"/rounds/{self.round_id}/answers")
        page.get_by_role("link", name="Begin", exact=True).click()
        for _ in range(AT_BROWSER):
            self.look(member, page)
            promise = "Nobody in your organisation, your ICB or NHS England can see your answers."
            assert promise in page.inner_text("main")
            choose(page, "level", "4")
            press(page, "Save and continue")
        actor = self.trust.actor("member1")
        for item in items[AT_BROWSER:]:
            actor.put(ASSESSMENT, f"/rounds/{self.round_id}/my-answers/{item}", {"level": 3}, version=0)
        page = self.go(member, f"/rounds/{self.round_id}/answers/check")
        assert "You answered 22 of 22 questions" in page.inner_text("main")
        press(page, "I have finished")
        self.look(member, page)
        assert "you have finished" in page.inner_text("body")

    def close(self) -> None:
        lead = self.trust.at_browser("lead")
        page = self.go(lead, f"/rounds/{self.round_id}/close")
        assert "6 of 6 have finished" in page.inner_text("main")
        press(page, "Close answering")
        self.look(lead, page)

    def discuss(self) -> None:
        lead = self.trust.at_browser("lead")
        page = self.go(lead, f"/rounds/{self.round_id}/discussion")
        press(page, "Agree the ticked items")
        self.look(lead, page)
        page.get_by_role("link", name="Discuss the next item").click()
        while "/practices" not in page.url:
            self.look(lead, page)
            choose(page, "level", "3")
            page.get_by_label("Why this level?").fill("We compared what we saw on our visits.")
            press(page, "Record agreement")
        self.look(lead, page)
        for practice in self.trust.questions()["practices"]:
            choose(page, f"level-{practice['id']}", "3")
        press(page, "Record")
        self.look(lead, page)
        press(page, "Ask the chair to sign off")
        self.look(lead, page)

    def read(self) -> None:
        page = self.go(self.trust.at_browser("member1"), f"/rounds/{self.round_id}/discussion")
        assert "22 of 22 items and 5 of 5 practices agreed" in page.inner_text("main")
        page = self.go(self.trust.at_browser("chair"), "/home")
        assert "Sign off" in page.inner_text("main")


def _type_day(page: Page, field: str, days: int) -> None:
    day = date.today() + timedelta(days=days)
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.fill(f"input[name='{field}-{part}']", str(value))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("script", "width"), [(True, WIDE), (False, NARROW)])
def test_a_board_goes_from_the_invitation_to_asking_the_chair(
    trust_at_work: Callable[..., TrustAtWork], script: bool, width: int
) -> None:
    story = Story(trust_at_work("DEMO21", script=script), width)

    story.open()
    story.answer()
    story.close()
    story.discuss()

    story.read()
