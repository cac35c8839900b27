"""A signed result as a table: one row an item and one a practice, every column with its definition."""

from collections.abc import Mapping
from typing import Any, Final

COLUMNS: Final[Mapping[str, str]] = {
    "organisation": "Code of the organisation in the national register (ODS code)",
    "self_assessment": "Name that the organisation gave it",
    "question_set": "Question set and its version; levels of different question sets are compared only where said so",
    "revision": "1 for the result as it was first signed, one more for each correction",
    "signed_off_on": "Day of the signature, written YYYY-MM-DD",
    "meeting_on": "Day of the board meeting that decided, written YYYY-MM-DD",
    "took_part": "How many people pressed I have finished; who they are is not kept",
    "invited": "How many people were asked to answer when it was signed",
    "kind": "item, or practice for the one overall level a practice",
    "practice": "The practice",
    "item": "The item; empty for the overall level of a practice",
    "level": "1 (lowest) to 5, agreed by the board in its discussion; never an average of answers",
    "level_name": "Name of the level in the question set",
    "previous_level": "Level agreed in the result before; empty where there is none or where it cannot be compared",
    "change": "Level minus the level before",
    "movement": "The same in words",
    "aim_level": "Where the board wants to be 12 months after the discussion; empty where it set no aim",
    "reason": "Why this level, in the words the board recorded",
    "evidence": "What shows it, in the words the board recorded",
    "views_that_differed": "Views that differed, without names, in the words the board recorded",
}
Cell = str | int | None


def rows(view: Mapping[str, Any]) -> list[dict[str, Cell]]:
    """The rows of a result as `queries.results.result_view` gives it, in the order of the questions."""
    result, moved = view["result"], view["movement"]
    always = _always(view)
    found: list[dict[str, Cell]] = []
    for practice in result["practices"]:
        levels = _levels(practice, moved["practices"][practice["practice_id"]])
        found.append(_row(always, {"kind": "practice", "practice": practice["title"], **levels}))
        for item in practice["items"]:
            told = _levels(item, moved["items"][item["item_id"]])
            words = {"reason": item["reason"], "evidence": item["evidence"], "views_that_differed": item["differed"]}
            named = {"kind": "item", "practice": practice["title"], "item": item["title"]}
            aim = {"level_name": item["level_name"], "aim_level": item["aim_level"]}
            found.append(_row(always, {**named, **told, **aim, **words}))
    return found


def _always(view: Mapping[str, Any]) -> dict[str, Cell]:
    result = view["result"]
    return {
        "organisation": result["round"]["org_id"],
        "self_assessment": result["round"]["name"],
        "question_set": result["question_set"]["id"],
        "revision": view["revision"],
        "signed_off_on": result["signed"]["signed_at"][:10],
        "meeting_on": result["signed"]["meeting_on"],
        "took_part": result["took_part"]["finished"],
        "invited": result["took_part"]["invited"],
    }


def _levels(agreed: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "level": agreed["level"],
        "previous_level": moved["previous_level"],
        "change": moved["change"],
        "movement": moved["words"],
    }


def _row(always: Mapping[str, Cell], named: Mapping[str, Cell]) -> dict[str, Cell]:
    return dict.fromkeys(COLUMNS, None) | dict(always) | dict(named)


def definitions() -> list[dict[str, Cell]]:
    """Every column with what it means."""
    return [{"column": name, "definition": meaning} for name, meaning in COLUMNS.items()]
