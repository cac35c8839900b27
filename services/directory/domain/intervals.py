"""Dated facts as half-open intervals: the first day counts, the end day does not.

The ODS file gives the *last* open day (column 12); the successor starts the next day. Keeping one
convention everywhere makes two adjoining intervals meet without a gap or a shared day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from services.directory.domain.errors import RuleBroken

REGISTER_BEGINS = date(2022, 7, 1)
"""The day on which integrated care boards began in law: nothing belonged to a tenant before it."""


class BadInterval(RuleBroken):
    """An interval that would end before it begins."""

    slug = "bad-interval"
    kind = "invalid"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Days from `start` up to, not including, `end`; `end` None means no end is known."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise BadInterval(f"This would end on {self.end:%Y-%m-%d}, before it starts on {self.start:%Y-%m-%d}.")

    @classmethod
    def through_last_day(cls, start: date, last_day: date | None) -> "Interval":
        """The interval of a body whose last open day is `last_day`, as ODS publishes it."""
        return cls(start, last_day + timedelta(days=1) if last_day else None)

    @property
    def last_day(self) -> date | None:
        return self.end - timedelta(days=1) if self.end else None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Interval") -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

    def ended(self, day: date) -> "Interval":
        """The same interval, over from `day` on."""
        return Interval(self.start, day)


def any_overlap(intervals: Iterable[Interval]) -> bool:
    """Whether two of the intervals share a day. An organisation is in one tenant a day, so its tenancies never do."""
    ordered = sorted((i for i in intervals if i.start != i.end), key=lambda i: i.start)
    return any(left.overlaps(right) for left, right in pairwise(ordered))
