"""How plans, actions and the reasons for suggestions read on a page."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.portal.page import WhoCanSee
from services.portal.visit import Visit
from services.portal.words import ACTION_STATUSES, as_day, counted, in_words
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
FINISHED = frozenset({"done", "stopped"})
OUR_PEOPLE = WhoCanSee(
    "People of your organisation. Your ICB sees how far the plan is and three counts of its actions unless your chair "
    "turned that off, and the priorities only if your chair shows them.",
    "People of your organisation. Nobody outside it can see the plan.",
    of_trusts_alone=True,
)
ACTION_LABELS: Mapping[str, str] = {
    "status": "How it stands",
    "next_step": "Next step",
    "blocked_by": "Blocked by",
    "due_on": "Due on",
    "stopped_reason": "Why it was stopped",
    "title": "Action",
    "owner_id": "Owner",
}


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


def is_stuck(action: Mapping[str, Any]) -> bool:
    """Tell whether an action that is not finished is late, blocked or off track."""
    return action["status"] not in FINISHED and bool(
        action["overdue"] or action["blocked_by"] or action["status"] == "off_track"
    )


def value_in_words(field: str, value: str, names: Mapping[str, str]) -> str:
    """Return one value of an action as a page says it; an empty one as "nothing"."""
    if field == "status":
        return in_words(value, ACTION_STATUSES)[0]
    if field == "due_on":
        return as_day(value)
    if field == "owner_id":
        return names.get(value, value)
    return value or "nothing"


def change_in_words(change: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return one entry of an action's history: "How it stands: from Not started to On track"."""
    field, before, after = change["field"], change["before"], change["after"]
    if field == "added":
        return "added"
    label = ACTION_LABELS.get(field, field.replace("_", " ").capitalize())
    said = value_in_words(field, after, names)
    return f"{label}: from {value_in_words(field, before, names)} to {said}" if before else f"{label}: {said}"


def people_in(history: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return everybody whom the history of an action names: who changed it, and who owned it."""
    found = []
    for entry in history:
        found.append(entry["person_id"])
        for change in entry["changes"]:
            if change["field"] == "owner_id":
                found += [change["before"], change["after"]]
    return found


def is_over(sharing: Mapping[str, Any]) -> bool:
    """Tell whether nothing of a plan is shared any more and nothing of it can be: it is closed."""
    return bool(sharing.get("state") == "closed" and not sharing["shared"])


def newer_to_show(sharing: Mapping[str, Any] | None) -> bool:
    """Tell whether another Yes would show the ICB something newer than the copy it reads; a closed plan stays as it is.

    A service of the release before says neither what is shown nor the plan's state.
    """
    if not sharing or not (shown := sharing.get("shown")):
        return False
    return bool(sharing["state"] != "closed" and shown["content"] != sharing["preview"])


def people_to_choose(visit: Visit, chosen: str | None = None) -> list[dict[str, str]]:
    """Return the people of the organisation as options for an owner, by name."""
    found = visit.api.directory.get("/people", limit=200)["items"]
    options = sorted(({"value": one["person_id"], "text": one["name"]} for one in found), key=lambda one: one["text"])
    if chosen and all(one["value"] != chosen for one in options):
        options.append({"value": chosen, "text": visit.names([chosen])[chosen]})
    return options
