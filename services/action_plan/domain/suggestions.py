"""Suggested priorities, worked out from what the board agreed. A suggestion is never more than that: the lead picks.

The rule, in points, so that a page can say why something stands where it stands:

- 3 for each level between where the board is and where it wants to be in twelve months;
- 2 for each level that was lost since the last self-assessment;
- 2 when no item has a lower level;
- 1 for each action of the earlier plan on this item that was never finished, at most 3;
- 1 when a national priority that holds now names the item.

What has no points is not suggested, except that the lowest of the rest fill up to three suggestions, because a plan
needs three priorities. At most eight are shown. Equal points: the lower level first, then the order of the questions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_SUGGESTIONS = 8
FEWEST_SUGGESTIONS = 3
HIGHEST_LEVEL = 5
MOST_UNFINISHED_POINTS = 3


class Why(StrEnum):
    """Why an item is suggested; a page has a sentence for each."""

    BELOW_AIM = "below_aim"
    FELL = "fell"
    LOWEST_LEVEL = "lowest_level"
    UNFINISHED_ACTIONS = "unfinished_actions"
    NATIONAL_PRIORITY = "national_priority"
    NEXT_LOWEST_LEVEL = "next_lowest_level"


@dataclass(frozen=True, slots=True)
class AgreedItem:
    """One item with the level the board agreed; levels run from 1 to 5."""

    item_id: str
    practice_id: str
    level: int
    aim_level: int | None = None
    previous_level: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its points and the numbers its sentence needs."""

    code: Why
    points: int
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that might become a priority, weightiest reason first."""

    item: AgreedItem
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """Points of all reasons."""
        return sum(reason.points for reason in self.reasons)


def suggest(
    items: Sequence[AgreedItem],
    *,
    unfinished: Mapping[str, int] | None = None,
    national: Collection[str] = (),
) -> list[Suggestion]:
    """Return suggested priorities, most pressing first.

    ``unfinished`` counts the unfinished actions of the earlier plan by item, ``national`` names the items that
    national priorities serve now.
    """
    lowest = min((item.level for item in items), default=HIGHEST_LEVEL)
    found = [
        Suggestion(item, _reasons(item, lowest, (unfinished or {}).get(item.item_id, 0), national)) for item in items
    ]
    pressing = _in_order(suggestion for suggestion in found if suggestion.reasons)[:MOST_SUGGESTIONS]
    rest = [suggestion.item for suggestion in found if not suggestion.reasons and suggestion.item.level < HIGHEST_LEVEL]
    rest.sort(key=lambda item: item.level)
    missing = max(0, FEWEST_SUGGESTIONS - len(pressing))
    return pressing + [_filler(item) for item in rest[:missing]]


def _reasons(item: AgreedItem, lowest: int, unfinished: int, national: Collection[str]) -> tuple[Reason, ...]:
    reasons = []
    if item.aim_level is not None and item.aim_level > item.level:
        gap = item.aim_level - item.level
        numbers = {"level": item.level, "aim_level": item.aim_level, "levels": gap}
        reasons.append(Reason(Why.BELOW_AIM, 3 * gap, numbers))
    if item.previous_level is not None and item.previous_level > item.level:
        fall = item.previous_level - item.level
        numbers = {"level": item.level, "previous_level": item.previous_level, "levels": fall}
        reasons.append(Reason(Why.FELL, 2 * fall, numbers))
    if item.level == lowest and item.level < HIGHEST_LEVEL:
        reasons.append(Reason(Why.LOWEST_LEVEL, 2, {"level": item.level}))
    if unfinished:
        points = min(unfinished, MOST_UNFINISHED_POINTS)
        reasons.append(Reason(Why.UNFINISHED_ACTIONS, points, {"actions": unfinished}))
    if item.item_id in national:
        reasons.append(Reason(Why.NATIONAL_PRIORITY, 1, {}))
    return tuple(sorted(reasons, key=lambda reason: -reason.points))


def _in_order(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    return sorted(suggestions, key=lambda suggestion: (-suggestion.score, suggestion.item.level))


def _filler(item: AgreedItem) -> Suggestion:
    return Suggestion(item, (Reason(Why.NEXT_LOWEST_LEVEL, 0, {"level": item.level}),))
