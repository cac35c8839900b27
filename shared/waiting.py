"""Partitions of a consumer that wait before their next record is tried again."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shared.metrics import PAUSED

Place = tuple[str, int]
"""A topic and a partition of it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when (monotonic seconds) a partition waits at `offset`, and how often that was tried.

    No attempts are counted while the database is away: the record is not to blame.
    """

    until: float
    offset: int
    attempts: int


class Waits:
    """Who waits, and whether an operator should hear of it. True while anybody does.

    Only a record that was settled ends a wait: the next try may take its time, and it is still one.
    """

    def __init__(self) -> None:
        self._of: dict[Place, Wait] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def begin(self, place: Place, offset: int, seconds: float, attempts: int) -> None:
        """Let a partition wait at `offset`."""
        self._of[place] = Wait(time.monotonic() + seconds, offset, attempts)
        self._tell()

    def attempts_at(self, place: Place, offset: int) -> int:
        """Return how often the record at `offset` was tried."""
        wait = self._of.get(place)
        return wait.attempts if wait and wait.offset == offset else 0

    def end(self, place: Place) -> None:
        """A record of this partition was settled."""
        if self._of.pop(place, None):
            self._tell()

    def end_all(self) -> None:
        """Nothing waits any more: the partitions went to another member."""
        self._of.clear()
        self._tell()

    def keep_only(self, ours: Collection[Place]) -> None:
        """Forget partitions that are another member's now."""
        self._of = {place: wait for place, wait in self._of.items() if place in ours}
        self._tell()

    def are_over(self) -> bool:
        """Tell whether some partition has waited long enough."""
        return any(wait.until <= time.monotonic() for wait in self._of.values())

    def going_on(self) -> Iterable[Place]:
        """Return the partitions that have not waited long enough yet."""
        return [place for place, wait in self._of.items() if wait.until > time.monotonic()]

    def _tell(self) -> None:
        PAUSED.set(1 if any(not wait.attempts for wait in self._of.values()) else 0)
