"""Where reading goes on in each partition of a consumer."""

from collections.abc import Callable, Collection

Place = tuple[str, int]
"""A topic, with its prefix, and a partition of it."""
ASKED_AGAIN = 3
"""How many of the partitions whose position we know are asked anew at each look."""


class Positions:
    """Positions as far as we know them ourselves.

    The client needs milliseconds to say the position of one partition, and for all of a service's more than a tenth of
    a second, in which nothing is projected. So a partition is asked when it becomes ours, and a few in turn at each
    look after that, which mends what went stale while a partition was with another member between two looks.
    """

    def __init__(self) -> None:
        self.of: dict[Place, int] = {}
        self._turn = 0

    def note(self, place: Place, offset: int) -> None:
        """The next record of `place` is the one at `offset`."""
        self.of[place] = offset

    def refresh(self, ours: Collection[Place], ask: Callable[[Place], int | None]) -> None:
        """Forget partitions that are not `ours`; ask for those not known yet, and for the next few."""
        self.of = {place: offset for place, offset in self.of.items() if place in ours}
        known = sorted(self.of)
        self._turn %= max(1, len(known))
        again = (known[self._turn :] + known[: self._turn])[:ASKED_AGAIN]
        self._turn += ASKED_AGAIN
        for place in [*(place for place in ours if place not in self.of), *again]:
            if (position := ask(place)) is not None:
                self.of[place] = position
