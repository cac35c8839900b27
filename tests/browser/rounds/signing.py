"""A trust whose board has agreed its levels again and waits for a signature, as often as the tests are run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Page

from deploy.local.demo import assessing
from deploy.local.demo.actor import Actor
from deploy.local.demo.cast import Cast
from tests.browser.personas import AsPersona, Persona, SignedInPeople

TRUST = "DEMO18"
LEAD, CHAIR, SECRETARY, ICB_LEAD = "lead.demo18", "chair.demo18", "saskia.secretary", "imani.icb"
MEMBER, WORK_ACCOUNT = "member1.demo18", "wyn.work"
ASSESSMENT = assessing.ASSESSMENT


def name_the_meeting(page: Page) -> None:
    """Say that the board met today, and what its minute says."""
    day = date.today()
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("What does the minute say? (optional)").fill("Item 7")


@dataclass(frozen=True)
class Waiting:
    """One self-assessment that waits for sign-off, and browsers of those who have to do with it."""

    round_id: str
    people: AsPersona

    @property
    def path(self) -> str:
        """Its address."""
        return f"/rounds/{self.round_id}"

    def persona(self, username: str) -> Persona:
        """Return somebody's browser."""
        return self.people(username)


@pytest.fixture
def waiting(cast: Cast, as_persona: AsPersona) -> Iterator[Waiting]:
    """Return a self-assessment of the trust that waits for sign-off; it is signed in the end, whoever signs it."""
    yield from _waiting_at(TRUST, cast.act(LEAD, TRUST), cast.act(CHAIR, TRUST), cast, as_persona)


@pytest.fixture
def waiting_for_work_account(cast: Cast, as_persona: AsPersona) -> Iterator[Waiting]:
    """Return the same of a trust whose chief executive signs in with a work account."""
    lead, chief = cast.act("lead.demo12", "DEMO12"), cast.act(WORK_ACCOUNT, "DEMO12")
    yield from _waiting_at("DEMO12", lead, chief, cast, as_persona)


def _waiting_at(trust: str, lead: Actor, signer: Actor, cast: Cast, as_persona: AsPersona) -> Iterator[Waiting]:
    round_id = _agreed_round(trust, lead, cast)
    yield Waiting(round_id, as_persona)
    _agreed_round(trust, lead, cast, round_id)
    if lead.get(ASSESSMENT, f"/rounds/{round_id}")["state"] == "agreed":
        assessing.sign_off(signer, round_id)


@pytest.fixture
def without_script(signed_in_people: SignedInPeople) -> Iterator[AsPersona]:
    """Return a function that gives a persona's browser with JavaScript turned off."""
    yield signed_in_people.without_script
    signed_in_people.close_tabs()


def _agreed_round(trust: str, lead: Actor, cast: Cast, round_id: str | None = None) -> str:
    """Take the newest self-assessment to the point where it waits, or a new one when the newest is signed."""
    questions = assessing.question_set(lead)
    newest = lead.get(ASSESSMENT, "/rounds")["items"][0]
    state = newest["state"]
    if state in ("signed_off", "abandoned") and round_id is None:
        newest = assessing.open_round(lead, questions, cast.board_of(trust))
        state = "open"
    if state == "open":
        assessing.close(lead, newest["id"])
    if state in ("open", "closed"):
        _discuss_again(lead, newest["id"])
        assessing.agree(lead, newest["id"], questions)
    return str(newest["id"])


def _discuss_again(lead: Actor, round_id: str) -> None:
    views = lead.get(ASSESSMENT, f"/rounds/{round_id}/discussion")
    for view in views["items"]:
        if view["agreement"] is None:
            body = {"level": 3, "reason": assessing.REASON, "aim_level": 4}
            lead.put(ASSESSMENT, f"/rounds/{round_id}/agreements/{view['item_id']}", body, version=0)
