"""Putting a signed result right: a new version with its reason, while what was signed before stays as it was."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from services.assessment.domain.agreements import Agreement
from services.assessment.domain.answers import checked_level
from services.assessment.domain.errors import NotValid
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.domain.results import (
    Signature,
    agreed_item,
    levels_by_item,
    levels_by_practice,
    signature_content,
)

NOTHING_CHANGED = "Nothing differs from what was signed, so there is nothing to correct"


@dataclass(frozen=True, slots=True)
class Correction:
    """What is put right and why; items and practices that are not named stay as they were signed."""

    reason: str
    items: Mapping[str, Agreement]
    practices: Mapping[str, int]


def check_correction(items: Sequence[str], practices: Mapping[str, int], question_set: QuestionSet) -> None:
    """Each item once, all of this question set, and levels that exist.

    :raises NotValid: otherwise.
    """
    if len(set(items)) != len(items):
        raise NotValid("items", "Name each item once")
    for item_id in items:
        question_set.require_item(item_id)
    for practice_id, level in practices.items():
        question_set.require_practice(practice_id)
        checked_level("practices", level)


def corrected_content(
    before: Mapping[str, Any],
    correction: Correction,
    question_set: QuestionSet,
    *,
    revision: int,
    corrects: str,
    signature: Signature,
) -> dict[str, Any]:
    """The corrected result: the signed one with what was put right, its reason, and the hash of what it corrects.

    :raises NotValid: nothing differs.
    """
    content: dict[str, Any] = deepcopy(dict(before))
    for practice in content["practices"]:
        practice["level"] = correction.practices.get(practice["practice_id"], practice["level"])
        practice["items"] = [_corrected_item(item, correction, question_set) for item in practice["items"]]
    if content["practices"] == before["practices"]:
        raise NotValid("items", NOTHING_CHANGED)
    content["signed"] = signature_content(signature)
    content["correction"] = {"revision": revision, "reason": correction.reason, "corrects_sha256": corrects}
    return content


def _corrected_item(item: dict[str, Any], correction: Correction, question_set: QuestionSet) -> dict[str, Any]:
    changed = correction.items.get(item["item_id"])
    return item if changed is None else agreed_item(question_set, item["item_id"], changed)


def items_with_another_level(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """How many items have another level since the correction."""
    old = levels_by_item(before)
    return sum(level != old[item_id] for item_id, level in levels_by_item(after).items())


def practices_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an overall level differs, so that those it is shared with or counted by must learn of it."""
    return levels_by_practice(before) != levels_by_practice(after)


def what_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What a correction changed, in words, in the order of the questions."""
    found = []
    for old, new in zip(before["practices"], after["practices"], strict=True):
        if old["level"] != new["level"]:
            found.append(f"{new['title']}, overall: level {new['level']} instead of {old['level']}")
        for was, now in zip(old["items"], new["items"], strict=True):
            if was["level"] != now["level"]:
                found.append(f"{now['title']}: level {now['level']} instead of {was['level']}")
            elif was != now:
                found.append(f"{now['title']}: the words changed, the level did not")
    return found
