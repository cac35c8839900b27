"""A trust whose people are at the browser: what a page test does not look at goes through the public APIs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page

from deploy.local.demo.actor import Actor
from deploy.local.demo.assessing import ASSESSMENT, items_of
from deploy.local.demo.cast import Cast
from tests.browser.personas import Persona, SignedInPeople

IN_PROGRESS = ("draft", "open", "closed", "agreed")


@dataclass
class TrustAtWork:
    """One trust of the demonstration that nobody else uses, beginning with nothing in progress."""

    code: str
    cast: Cast
    people: SignedInPeople
    script: bool = True

    def username(self, post: str) -> str:
        return f"{post}.{self.code.lower()}"

    def at_browser(self, post: str) -> Persona:
        if self.script:
            return self.people.persona(self.username(post))
        return self.people.without_script(self.username(post))

    def actor(self, post: str) -> Actor:
        return self.cast.act(self.username(post), self.code)

    def posts(self) -> list[str]:
        """Everybody on the board."""
        return [person.username.split(".")[0] for person, _ in self.cast.board_of(self.code)]

    def clear(self) -> None:
        """Give up what an earlier run left in progress."""
        lead = self.actor("lead")
        for one in lead.get(ASSESSMENT, "/rounds")["items"]:
            if one["state"] in IN_PROGRESS:
                lead.post(ASSESSMENT, f"/rounds/{one['id']}/abandon", {"reason": "The page tests begin again."})

    def questions(self) -> dict[str, Any]:
        found: dict[str, Any] = self.actor("lead").get(ASSESSMENT, "/question-sets/trust-2026-1")
        return found

    def items(self) -> list[str]:
        return items_of(self.questions())

    def open(self, **changes: Any) -> str:
        """Open a self-assessment for the whole board; returns its id."""
        closes = date.today() + timedelta(days=14)
        people = [
            {"person_id": person.person_id, "executive": executive}
            for person, executive in self.cast.board_of(self.code)
        ]
        body = {
            "question_set_id": "trust-2026-1",
            "name": "A self-assessment of the page tests",
            "closes_on": closes.isoformat(),
            "discussion_on": (closes + timedelta(days=7)).isoformat(),
            "respondents": people,
        }
        return str(self.actor("lead").post(ASSESSMENT, "/rounds", body | changes)["id"])

    def answer(self, post: str, round_id: str, levels: Mapping[str, int]) -> None:
        member = self.actor(post)
        for item, level in levels.items():
            member.put(ASSESSMENT, f"/rounds/{round_id}/my-answers/{item}", {"level": level}, version=0)
        member.post(ASSESSMENT, f"/rounds/{round_id}/my-answers/finish")

    def answered(self, *, people: int = 6, wide: int = 2, items: int = 4, **changes: Any) -> str:
        """A round whose first items that many people answered; on the very first ones the views lie far apart."""
        round_id, asked = self.open(**changes), self.items()[:items]
        for number, post in enumerate(self.posts()[:people]):
            far = 1 + number % 5
            self.answer(post, round_id, {item: far if place < wide else 3 for place, item in enumerate(asked)})
        return round_id

    def closed(self, **changes: Any) -> str:
        round_id = self.answered(**changes)
        self.actor("lead").post(ASSESSMENT, f"/rounds/{round_id}/close")
        return round_id


def choose(page: Page, field: str, value: str) -> None:
    """Choose one radio by its value."""
    page.locator(f"input[name='{field}'][value='{value}']").check()


def press(page: Page, button: str) -> None:
    """Press a button and wait for the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()
