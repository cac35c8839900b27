"""The range of views on one item: how many people chose each level, never who.

The counting itself happens in the database (a function that alone may read private answers); here is what a
range means for the discussion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.assessment.domain.answers import LOWEST_LEVEL

FEWEST_FOR_A_RANGE = 5
"""People who gave a level before their range may be shown (docs/adr/0005).

Also the fewest changed answers, other than none, after which a new range may replace a shown one: two ranges
that differ by one person's answer would give that answer away.
"""


@dataclass(frozen=True, slots=True)
class Range:
    """Counts of people by level, lowest first, and how many did not know enough to say.

    What follows from the counts is worked out once, because a page of a meeting asks for all of it of every item.
    """

    counts: tuple[int, int, int, int, int]
    cannot_judge: int
    answered: int = field(init=False)
    """People who gave a level."""
    lowest: int = field(init=False)
    highest: int = field(init=False)
    median: float = field(init=False)
    """The middle view; halfway between two levels when the middle falls between them."""
    commonest: tuple[int, ...] = field(init=False)
    """The level most people chose; several when they tie."""

    def __post_init__(self) -> None:
        views = [level for level, people in enumerate(self.counts, start=LOWEST_LEVEL) for _ in range(people)]
        most = max(self.counts)
        found = {
            "answered": len(views),
            "lowest": views[0] if views else 0,
            "highest": views[-1] if views else 0,
            "median": _middle(views),
            "commonest": tuple(level for level, n in enumerate(self.counts, start=LOWEST_LEVEL) if n == most),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @property
    def spread(self) -> int:
        """Levels between the lowest and the highest view: 0 when all agree, 4 at most."""
        return self.highest - self.lowest

    @property
    def is_close(self) -> bool:
        """All views lie within one level of each other, so the item can be agreed together with others."""
        return self.spread <= 1


def _middle(views: Sequence[int]) -> float:
    if not views:
        return 0.0
    middle = len(views) // 2
    return float(views[middle]) if len(views) % 2 else (views[middle - 1] + views[middle]) / 2


def close_items(ranges: Sequence[tuple[str, Range]]) -> list[str]:
    """Items that can be agreed together, in the order given."""
    return [item_id for item_id, views in ranges if views.is_close]


def in_words(views: Range) -> str:
    """The range as one sentence, for people who cannot see the bars."""
    if views.spread == 0:
        said = f"All {views.answered} people chose level {views.lowest}"
    else:
        said = f"{views.answered} people chose levels from {views.lowest} to {views.highest}"
    if views.cannot_judge == 0:
        return said
    return f"{said}; {views.cannot_judge} did not know enough to say"
