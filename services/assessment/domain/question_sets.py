"""A question set: versioned data, not code, so that the nation can replace its words without a release.

Nothing here says five practices or twenty-two items: another audience may have others. What every set must have is
checked: ids that are unique, and five described levels for each item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.assessment.domain.answers import HIGHEST_LEVEL, LOWEST_LEVEL
from services.assessment.domain.errors import NotValid

LEVELS = tuple(range(LOWEST_LEVEL, HIGHEST_LEVEL + 1))
AUDIENCES = ("trust", "icb", "place")
ANSWERED_BY = {"trust": "trust", "icb": "icb", "place": "place", "national": "icb"}
"""Audience of the question set by kind of organisation; the national body answers the questions for ICBs."""


@dataclass(frozen=True, slots=True)
class Link:
    """What an item was in an earlier version, and whether its levels may be compared with those given then."""

    from_item: str | None
    comparable: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The published words, with the ids and titles that the rules need."""

    id: str
    version: str
    audience: str
    title: str
    illustrative: bool
    content: Mapping[str, Any]
    items: Mapping[str, str]
    """Title by item id, in the order of the set."""
    practices: Mapping[str, str]
    """Title by practice id, in the order of the set."""
    practice_of: Mapping[str, str]
    level_names: Mapping[int, str]
    effective_from: date | None
    effective_to: date | None
    """The last day on which a self-assessment may be opened with it."""
    replaces: str | None
    """The earlier version that `links` speak about."""
    links: Mapping[str, Link]

    def require_in_use(self, today: date) -> None:
        """:raises NotValid: no self-assessment may be opened with it on that day."""
        if self.effective_from is not None and today < self.effective_from:
            raise NotValid("question_set_id", f"This question set is used from {self.effective_from:%-d %B %Y} on")
        if self.effective_to is not None and today > self.effective_to:
            raise NotValid("question_set_id", "This question set is no longer used for new self-assessments")

    def require_for(self, kind_of_organisation: str | None) -> None:
        """:raises NotValid: the set was written for another kind of organisation."""
        if ANSWERED_BY.get(kind_of_organisation or "") != self.audience:
            raise NotValid("question_set_id", "This question set was written for another kind of organisation")

    def require_item(self, item_id: str) -> None:
        """:raises NotValid: the set has no such item."""
        if item_id not in self.items:
            raise NotValid("item_id", "This question set has no such item")

    def require_practice(self, practice_id: str) -> None:
        """:raises NotValid: the set has no such practice."""
        if practice_id not in self.practices:
            raise NotValid("practice_id", "This question set has no such practice")


def parse(raw: Mapping[str, Any]) -> QuestionSet:
    """The question set in a file's content.

    :raises NotValid: a field is missing, an id appears twice, or an item does not describe all five levels.
    """
    for field in ("id", "version", "audience", "title", "illustrative", "practices"):
        if field not in raw:
            raise NotValid(field, f"A question set needs the field {field}")
    practices: dict[str, str] = {}
    items: dict[str, str] = {}
    practice_of: dict[str, str] = {}
    for practice in _rows(raw, "practices"):
        _once(practices, practice)
        for item in _rows(practice, "items"):
            _once(items, item)
            _check_levels(item)
            practice_of[item["id"]] = practice["id"]
    return QuestionSet(
        id=str(raw["id"]),
        version=str(raw["version"]),
        audience=str(raw["audience"]),
        title=str(raw["title"]),
        illustrative=bool(raw["illustrative"]),
        content=raw,
        items=items,
        practices=practices,
        practice_of=practice_of,
        level_names=_level_names(raw),
        effective_from=_day(raw, "effective_from"),
        effective_to=_day(raw, "effective_to"),
        replaces=raw.get("replaces"),
        links=_links(raw),
    )


def _day(raw: Mapping[str, Any], field: str) -> date | None:
    stated = raw.get(field)
    try:
        return date.fromisoformat(str(stated)) if stated else None
    except ValueError as error:
        raise NotValid(field, f"{field} must be a day like 2026-01-31") from error


def _links(raw: Mapping[str, Any]) -> dict[str, Link]:
    return {
        item_id: Link(link.get("from"), link.get("comparable") is True, link.get("reason"))
        for item_id, link in (raw.get("mapping") or {}).items()
    }


def _rows(parent: Mapping[str, Any], field: str) -> Sequence[Mapping[str, Any]]:
    rows = parent.get(field)
    if not isinstance(rows, list) or not rows:
        raise NotValid(field, f"{parent.get('id', 'The question set')} has no {field}")
    return rows


def _once(seen: dict[str, str], row: Mapping[str, Any]) -> None:
    row_id, title = row.get("id"), row.get("title")
    if not isinstance(row_id, str) or not isinstance(title, str):
        raise NotValid("id", "Each practice and each item needs an id and a title")
    if row_id in seen:
        raise NotValid("id", f"The id {row_id} appears twice")
    seen[row_id] = title


def _check_levels(item: Mapping[str, Any]) -> None:
    described = [level.get("level") for level in _rows(item, "levels") if level.get("descriptor")]
    if tuple(described) != LEVELS:
        raise NotValid("levels", f"{item['id']} must describe the levels 1 to 5, in order")


def _level_names(raw: Mapping[str, Any]) -> dict[int, str]:
    first_item = raw["practices"][0]["items"][0]
    return {level["level"]: str(level["name"]) for level in first_item["levels"]}
