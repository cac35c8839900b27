"""The steps of a self-assessment as its page lists them: what is done, what is next, and for whom it is a link."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.portal.pages.rounds.who import BOARD, ORGANISERS, RUNNERS, SEES_SHARING, SIGNERS
from services.portal.person import Membership
from services.portal.words import counted
from shared.contracts.roles import Role

STATUSES = {"done": ("Done", "green"), "now": ("Next", "blue"), "later": ("Later", "grey")}
WORDS = {
    "invite": "Invite the board",
    "answer": "Answer, each on your own",
    "close": "Close answering",
    "discuss": "Discuss where you differ",
    "agree": "Ask the chair to sign off",
    "sign_off": "Sign off",
    "share": "Decide what to share",
}
RECORD = "Record what the board decided"
"""What signing off is for a company secretary."""
LINKS: Mapping[str, tuple[str, frozenset[Role]]] = {
    "invite": ("respondents", ORGANISERS),
    "close": ("close", RUNNERS),
    "discuss": ("discussion", BOARD),
    "agree": ("agree", RUNNERS),
    "sign_off": ("sign-off", SIGNERS | {Role.COMPANY_SECRETARY}),
    "share": ("sharing", SEES_SHARING),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its words, where it stands, and a link for those who may take it."""

    code: str
    text: str
    hint: str
    status: str
    href: str | None


def steps_of(found: Mapping[str, Any], acting: Membership) -> list[Step]:
    """Return the steps of a self-assessment for whoever looks."""
    return [
        Step(
            code=task["task"],
            text=_text(found, task["task"], acting),
            hint=_hint(found, task["task"]),
            status=task["status"],
            href=_href(found, task, acting),
        )
        for task in found["tasks"]
    ]


def _text(found: Mapping[str, Any], task: str, acting: Membership) -> str:
    if task == "sign_off" and found["state"] == "agreed" and not acting.holds(SIGNERS):
        return RECORD if acting.holds(frozenset({Role.COMPANY_SECRETARY})) else WORDS[task]
    return WORDS.get(task, task)


def _hint(found: Mapping[str, Any], task: str) -> str:
    people, agreed = found["respondents"], found["agreed"]
    if task == "invite":
        return f"{counted(people['invited'], 'person', 'people')} invited"
    if task == "answer":
        return f"{people['finished']} of {people['invited']} have finished"
    if task == "discuss" and found["state"] != "open":
        practices = f"{agreed['practices']} of {agreed['of_practices']} practices"
        return f"{agreed['items']} of {agreed['of']} items agreed, {practices}"
    return ""


def _href(found: Mapping[str, Any], task: Mapping[str, Any], acting: Membership) -> str | None:
    """Return the link of a step that can be taken or looked at now, or None."""
    here, code, state = f"/rounds/{found['id']}", task["task"], found["state"]
    if code == "answer":
        return f"{here}/answers" if found["i_am_respondent"] and state == "open" else None
    end, roles = LINKS[code]
    if not acting.holds(roles) or task["status"] == "later":
        return None
    possible = {
        "invite": ("draft", "open"),
        "close": ("open",),
        "discuss": ("closed", "agreed", "signed_off"),
        "agree": ("closed",),
        "sign_off": ("agreed",),
        "share": ("signed_off",),
    }
    return f"{here}/{end}" if state in possible[code] else None
