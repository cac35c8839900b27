"""What moved between two results, in numbers and in words; "not comparable" where the questions differ too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.assessment.domain.results import levels_by_item, levels_by_practice


@dataclass(frozen=True, slots=True)
class Link:
    """Which item of the older question set an item continues (None: none), and whether the two may be compared."""

    before: str | None
    comparable: bool
    reason: str | None = None


Links = Mapping[str, Link]
"""By item of the newer question set. None stands for one and the same question set: every item continues itself."""
NOT_BEFORE = "not agreed before"
NEW_QUESTION = "not asked before"
NOT_COMPARABLE = "not comparable"


def item_movement(now: Mapping[str, Any], before: Mapping[str, Any] | None, links: Links | None) -> dict[str, Any]:
    """How each item of a frozen result moved since the result before, by item id."""
    levels = levels_by_item(now)
    if before is None:
        return {item_id: _without(NOT_BEFORE) for item_id in levels}
    old = levels_by_item(before)
    return {item_id: _item_moved(level, _link(item_id, links), old) for item_id, level in levels.items()}


def practice_movement(now: Mapping[str, Any], before: Mapping[str, Any] | None, links: Links | None) -> dict[str, Any]:
    """How each practice moved, by practice id; it is comparable when all its items are."""
    levels = levels_by_practice(now)
    if before is None:
        return {practice_id: _without(NOT_BEFORE) for practice_id in levels}
    old = levels_by_practice(before)
    broken = {
        practice["practice_id"]
        for practice in now["practices"]
        if not all(_link(item["item_id"], links).comparable for item in practice["items"])
    }
    return {
        practice_id: _without(f"{NOT_COMPARABLE}: its items changed")
        if practice_id in broken
        else _moved(level, old.get(practice_id))
        for practice_id, level in levels.items()
    }


def _link(item_id: str, links: Links | None) -> Link:
    if links is None:
        return Link(item_id, comparable=True)
    return links.get(item_id, Link(None, comparable=False))


def _item_moved(level: int, link: Link, old: Mapping[str, int]) -> dict[str, Any]:
    if link.before is None and link.reason is None:
        return _without(NEW_QUESTION)
    if not link.comparable or link.before is None:
        return _without(f"{NOT_COMPARABLE}: {link.reason}" if link.reason else NOT_COMPARABLE)
    return _moved(level, old.get(link.before))


def _without(words: str) -> dict[str, Any]:
    return {"previous_level": None, "change": None, "words": words}


def _moved(level: int, before: int | None) -> dict[str, Any]:
    if before is None:
        return _without(NOT_BEFORE)
    change = level - before
    steps = "1 level" if abs(change) == 1 else f"{abs(change)} levels"
    if change == 0:
        words = f"no change, still level {level}"
    elif change > 0:
        words = f"up {steps}, from {before} to {level}"
    else:
        words = f"down {steps}, from {before} to {level}"
    return {"previous_level": before, "change": change, "words": words}
