"""The range of views on one item: how many people chose each level, never who.

The counting itself happens in the database (a function that alone may read private answers); here is what a
range means for the discussion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.assessment.domain.answers import HIGHEST_LEVEL, LOWEST_LEVEL

FEWEST_FOR_A_RANGE = 5
"""People who gave a level before their range may be shown (DESIGN 2, rule 2).

Also the fewest changed answers, other than none, after which a new range may replace a shown one: two ranges
that differ by one person's answer would give that answer away.
"""


@dataclass(frozen=True, slots=True)
class Range:
    """Counts of people by level, lowest first, and how many did not know enough to say."""

    counts: tuple[int, int, int, int, int]
    cannot_judge: int

    @property
    def answered(self) -> int:
        """People who gave a level."""
        return sum(self.counts)

    @property
    def lowest(self) -> int:
        return min(level for level, people in self._levels() if people)

    @property
    def highest(self) -> int:
        return max(level for level, people in self._levels() if people)

    @property
    def spread(self) -> int:
        """Levels between the lowest and the highest view: 0 when all agree, 4 at most."""
        return self.highest - self.lowest

    @property
    def median(self) -> float:
        """The middle view; halfway between two levels when the middle falls between them."""
        views = [level for level, people in self._levels() for _ in range(people)]
        middle = len(views) // 2
        if len(views) % 2:
            return float(views[middle])
        return (views[middle - 1] + views[middle]) / 2

    @property
    def commonest(self) -> tuple[int, ...]:
        """The level most people chose; several when they tie."""
        most = max(self.counts)
        return tuple(level for level, people in self._levels() if people == most)

    @property
    def is_close(self) -> bool:
        """All views lie within one level of each other, so the item can be agreed together with others."""
        return self.spread <= 1

    def _levels(self) -> list[tuple[int, int]]:
        return list(zip(range(LOWEST_LEVEL, HIGHEST_LEVEL + 1), self.counts, strict=True))


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
