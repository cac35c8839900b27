"""Reading a question set and a self-assessment for several pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from services.portal.visit import Visit

QuestionSet = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in its question set."""

    item: Mapping[str, Any]
    practice: Mapping[str, Any]
    number: int
    of: int
    previous: str | None
    following: str | None


def question_set_of(visit: Visit, found: Mapping[str, Any]) -> QuestionSet:
    """Return the question set that a self-assessment uses."""
    answer: QuestionSet = visit.api.assessment.get(f"/question-sets/{found['question_set_id']}")
    return answer


def items_of(questions: QuestionSet) -> list[Mapping[str, Any]]:
    """Return the items in their order."""
    return [item for practice in questions["practices"] for item in practice["items"]]


def place_of(questions: QuestionSet, item_id: str) -> Place | None:
    """Return where an item stands, with its neighbours, or None when the question set does not have it."""
    order = [(item, practice) for practice in questions["practices"] for item in practice["items"]]
    at = next((index for index, (item, _) in enumerate(order) if item["id"] == item_id), None)
    if at is None:
        return None
    item, practice = order[at]
    return Place(
        item=item,
        practice=practice,
        number=at + 1,
        of=len(order),
        previous=order[at - 1][0]["id"] if at else None,
        following=order[at + 1][0]["id"] if at + 1 < len(order) else None,
    )


def level_names(questions: QuestionSet) -> dict[int, str]:
    """Return the name of each level; all items of a question set share them."""
    return {level["level"]: level["name"] for level in items_of(questions)[0]["levels"]}


def level_options(item: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the levels of an item as radios with their descriptors."""
    return [
        {"value": str(level["level"]), "text": f"{level['level']}. {level['name']}", "hint": level["descriptor"]}
        for level in item["levels"]
    ]


def by_id(items: Iterable[Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    """Return rows by one of their fields."""
    return {str(item[name]): item for item in items}


def not_yet(visit: Visit, found: Mapping[str, Any]) -> Response | None:
    """Return the page that says why there is no discussion, or None when there is one."""
    if found["state"] not in ("draft", "open", "abandoned"):
        return None
    back = back_to_round(found["id"])
    return visit.render("rounds/not_yet.html", round=found, caption=found["name"], back=back)


def back_to_round(round_id: str) -> dict[str, str]:
    """Return the link back to the self-assessment's page."""
    return {"href": f"/rounds/{round_id}", "text": "Back to the self-assessment"}
