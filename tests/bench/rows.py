"""A measured row: what was measured, what it should be, what it was, and what bounds it."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WARM_UP = 30
"""Calls before the clock counts: prepared statements, caches and pools are part of a process that runs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `met` is None where there is no goal."""

    what: str
    goal: str
    measured: str
    met: bool | None
    bounded_by: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of single acts."""

    seconds: Sequence[float]

    @property
    def median_ms(self) -> float:
        """The middle one, in milliseconds."""
        return 1000 * statistics.median(self.seconds)

    def within_ms(self, percent: int) -> float:
        """The time within which so many percent of the acts ended, in milliseconds."""
        return 1000 * statistics.quantiles(self.seconds, n=100)[percent - 1]

    def __str__(self) -> str:
        return f"{self.median_ms:.1f} ms (95 %: {self.within_ms(95):.1f})"


def time_each(act: Callable[[int], None], times: int) -> Timing:
    """Time `act(0)`, `act(1)` and so on, one after another, after a warm-up that uses the numbers before 0."""
    for number in range(-WARM_UP, 0):
        act(number)
    seconds = []
    for number in range(times):
        started = time.perf_counter()
        act(number)
        seconds.append(time.perf_counter() - started)
    return Timing(seconds)


def within(what: str, timing: Timing, goal_ms: float, bounded_by: str) -> Row:
    """A row whose goal is a median in milliseconds."""
    return Row(what, f"≤ {goal_ms:g} ms", str(timing), timing.median_ms <= goal_ms, bounded_by)
