"""How plans, actions and the reasons for suggestions read on a page."""

from collections.abc import Mapping
from typing import Any

from services.portal.visit import Visit
from services.portal.words import ACTION_STATUSES, counted
from shared.contracts.roles import Role

STATES: Mapping[str, tuple[str, str]] = {
    "drafted": ("Being drafted", "grey"),
    "awaiting_approval": ("Waiting for approval", "yellow"),
    "approved": ("Approved", "green"),
    "closed": ("Closed", "grey"),
}
STATUS_OPTIONS = [{"value": code, "text": words[0]} for code, words in ACTION_STATUSES.items()]
LEADS = (Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR)
APPROVERS = (Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR)
BOARD = (Role.BOARD_MEMBER, *APPROVERS, *LEADS, Role.COMPANY_SECRETARY)
READERS = (*BOARD, Role.ACTION_OWNER)
OUR_PEOPLE = "People of your organisation. Your ICB sees how many actions are done, under way and overdue, and no more."
UPDATABLE = frozenset({"title", "status", "next_step", "blocked_by", "stopped_reason", "due_on", "owner_id"})


def item_titles(visit: Visit, question_set_id: str) -> dict[str, str]:
    """Return the title of each item of a question set; empty while self-assessments are away."""
    nothing: dict[str, Any] = {"practices": []}
    found = visit.optional("assessment", lambda: visit.api.assessment.get(f"/question-sets/{question_set_id}"), nothing)
    return {item["id"]: item["title"] for practice in found["practices"] for item in practice["items"]}


def reason_in_words(reason: Mapping[str, Any]) -> str:
    """Return one reason for a suggestion as a sentence."""
    numbers = reason["numbers"]
    match reason["code"]:
        case "below_aim":
            distance = counted(numbers["levels"], "level")
            return f"You are at level {numbers['level']} and want to be at {numbers['aim_level']}: {distance} to go."
        case "fell":
            return f"It fell from level {numbers['previous_level']} to {numbers['level']} since last time."
        case "lowest_level":
            return f"No item has a lower level than this one, level {numbers['level']}."
        case "unfinished_actions":
            return f"{counted(numbers['actions'], 'action')} of the earlier plan never finished."
        case "national_priority":
            return "A national priority that holds now names it."
        case _:
            return f"It is among the lowest of the rest, at level {numbers.get('level', '')}."


def people_to_choose(visit: Visit, chosen: str | None = None) -> list[dict[str, str]]:
    """Return the people of the organisation as options for an owner, by name."""
    found = visit.api.directory.get("/people", limit=200)["items"]
    options = sorted(({"value": one["person_id"], "text": one["name"]} for one in found), key=lambda one: one["text"])
    if chosen and all(one["value"] != chosen for one in options):
        options.append({"value": chosen, "text": visit.names([chosen])[chosen]})
    return options
