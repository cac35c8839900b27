"""All that is published about one measure, written as constraints on whole numbers, and ways to find solutions.

Trusts that no reader of the published sets can tell apart form a stratum: same region, same sector, present in the
same snapshots. The unknowns are "trusts of this stratum at this value". Their sum is the size of the stratum; every
published count says in which range of five the sum over a group lies; a row hidden because it is too alike says, most
of the time, that one value, unknown which, is the only one to round above 0 (one switch a value, exactly one of them
on).
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from services.insight.domain.disclosure import Hidden, Snapshot, possible_range

Numbers = NDArray[np.float64]
Place = tuple[str | None, str | None]
"""A trust's region and sector."""
SECONDS_PER_QUESTION: Final = 5.0
SINGLE_MOVES: Final = 0.3
SQUARE_MOVES: Final = 0.7
SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Stratum:
    """Trusts that no reader of the published sets can tell apart."""

    region: str | None
    sector: str | None
    presence: tuple[int | None, ...]
    """For each snapshot: absent, or which of the trust's successive editions counted (0 is its first)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """How many trusts of a stratum had one value, in one of their successive editions."""

    stratum: Stratum
    edition: int
    value: str


class Puzzle:
    """The constraints on one measure; columns of a solution are the unknowns, then the switches of alike rows."""

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        places: Mapping[str, Place],
        values: Sequence[str],
        *,
        alike_rows_tell: bool = True,
    ) -> None:
        self._values = list(values)
        self._alike_rows_tell = alike_rows_tell
        self.strata = _strata(snapshots, places)
        self.unknowns: list[Unknown] = []
        self._rows: list[dict[int, float]] = []
        self._limits: list[tuple[float, float]] = []
        for stratum in self.strata:
            self._add_sizes(stratum)
        self.column = {unknown: index for index, unknown in enumerate(self.unknowns)}
        self._width = len(self.unknowns)
        for position, snapshot in enumerate(snapshots):
            self._add_snapshot(position, snapshot)
        self._matrix = self._as_matrix()
        self._in_rows = self._rows_of_columns()
        self._low, self._high = (list(limits) for limits in zip(*self._limits, strict=True))

    def solution(self, column: int = 0, *, aim: float = 0.0, at_least: int | None = None) -> Numbers | None:
        """Return the solution in whole numbers in which `column` is largest (aim -1), smallest (1) or whatever (0).

        `at_least` names an unknown that must hold one trust or more. None: there is none, or none in time.
        """
        lowest, direction = np.zeros(self._width), np.zeros(self._width)
        direction[column] = aim
        if at_least is not None:
            lowest[at_least] = 1
        result = milp(
            direction,
            constraints=LinearConstraint(self._matrix, self._low, self._high),
            bounds=Bounds(lowest, np.full(self._width, np.inf)),
            integrality=np.ones(self._width, dtype=np.int64),
            options={"time_limit": SECONDS_PER_QUESTION},
        )
        return None if result.x is None else np.asarray(result.x, dtype=np.float64).round()

    def walk(self, start: Numbers, steps: int) -> Iterator[Numbers]:
        """Yield `start` and the solutions met on a random walk from it, the same ones each time."""
        moves = Moves(self.unknowns, len(self._values))
        point = [float(each) for each in start]
        sums = [float(each) for each in self._matrix @ start]
        yield start
        for _ in range(steps):
            leaving, joining = moves.next(point)
            if any(point[column] < 1 for column in leaving):
                continue
            after = self._sums_after(sums, leaving, joining)
            if all(self._low[row] - SLACK <= value <= self._high[row] + SLACK for row, value in after.items()):
                for row, value in after.items():
                    sums[row] = value
                for left, joined in zip(leaving, joining, strict=True):
                    point[left] -= 1
                    point[joined] += 1
                yield np.array(point)

    def _sums_after(self, sums: Sequence[float], leaving: Sequence[int], joining: Sequence[int]) -> dict[int, float]:
        """Return the sums that a move changes, by row: a handful of many."""
        after: dict[int, float] = {}
        for columns, sign in ((leaving, -1), (joining, 1)):
            for column in columns:
                for row, factor in self._in_rows[column]:
                    after[row] = after.get(row, sums[row]) + sign * factor
        return after

    def _add_sizes(self, stratum: Stratum) -> None:
        size = float(len(self.strata[stratum]))
        for edition in sorted({edition for edition in stratum.presence if edition is not None}):
            first = len(self.unknowns)
            self.unknowns += [Unknown(stratum, edition, value) for value in self._values]
            self._add({first + i: 1.0 for i in range(len(self._values))}, size, size)

    def _add_snapshot(self, position: int, snapshot: Snapshot) -> None:
        row, switches = snapshot.row, self._width
        alike = row.hidden is Hidden.TOO_ALIKE and self._alike_rows_tell
        if alike:
            self._width += len(self._values)
            self._add({switches + i: 1.0 for i in range(len(self._values))}, 1, 1)
        for number, value in enumerate(self._values):
            columns = {
                self.column[Unknown(stratum, edition, value)]: 1.0
                for stratum in self.strata
                if (edition := stratum.presence[position]) is not None
            }
            if row.counts is not None:
                self._add(columns, *possible_range(row.counts[number]))
            elif alike:
                self._add_switch(columns, switches + number, float(len(snapshot.members)))

    def _add_switch(self, columns: dict[int, float], switch: int, size: float) -> None:
        _, unseen = possible_range(0)
        self._add({**columns, switch: -(size - unseen)}, -np.inf, unseen)
        self._add({**columns, switch: -float(unseen + 1)}, 0, np.inf)

    def _add(self, columns: dict[int, float], low: float, high: float) -> None:
        self._rows.append(columns)
        self._limits.append((low, high))

    def _rows_of_columns(self) -> list[list[tuple[int, float]]]:
        found: list[list[tuple[int, float]]] = [[] for _ in range(self._width)]
        for number, row in enumerate(self._rows):
            for column, factor in row.items():
                found[column].append((number, factor))
        return found

    def _as_matrix(self) -> csr_array:
        places = [(i, column, factor) for i, row in enumerate(self._rows) for column, factor in row.items()]
        lines, columns, factors = zip(*places, strict=True)
        return csr_array((factors, (lines, columns)), shape=(len(self._rows), self._width))


class Moves:
    """Random moves, the same ones each time, so that a verdict can be repeated.

    One trust changes its value; or two do in exchange, which leaves England's sums as they were; or four in a square of
    two regions and two sectors, which leaves every sum as it was.
    """

    def __init__(self, unknowns: Sequence[Unknown], width: int) -> None:
        self._unknowns, self._width = unknowns, width
        self._dice = random.Random(20261124)  # noqa: S311 - to be repeatable, not secret
        self._block = {(u.stratum, u.edition): i for i, u in enumerate(unknowns) if i % width == 0}
        self._blocks = list(self._block.values())

    def next(self, point: Sequence[float]) -> tuple[list[int], list[int]]:
        """Return the unknowns that lose a trust, and those that gain one."""
        one, other = self._dice.choice(self._blocks), self._dice.choice(self._blocks)
        old = self._value_at(one, point)
        if one == other or self._dice.random() < SINGLE_MOVES:
            return [one + old], [one + self._dice.randrange(self._width)]
        square = self._other_corners(one, other)
        if not square or self._dice.random() >= SQUARE_MOVES:
            new = self._value_at(other, point)
            return [one + old, other + new], [one + new, other + old]
        third, fourth = square
        new = self._value_at(third, point)
        return [one + old, other + old, third + new, fourth + new], [one + new, other + new, third + old, fourth + old]

    def _value_at(self, block: int, point: Sequence[float]) -> int:
        """Return the place of a value that some trust of the block has."""
        return self._dice.choice([place for place in range(self._width) if point[block + place] > 0])

    def _other_corners(self, one: int, other: int) -> tuple[int, int] | None:
        """Return the blocks that make a square with two blocks given: each one's region with the other's sector."""
        first, second = self._unknowns[one], self._unknowns[other]
        a, b = first.stratum, second.stratum
        third = self._block.get((Stratum(a.region, b.sector, a.presence), first.edition))
        fourth = self._block.get((Stratum(b.region, a.sector, b.presence), second.edition))
        if third is None or fourth is None or a.region == b.region or a.sector == b.sector:
            return None
        return third, fourth


def _strata(snapshots: Sequence[Snapshot], places: Mapping[str, Place]) -> dict[Stratum, list[str]]:
    strata: dict[Stratum, list[str]] = {}
    for org in sorted({org for snapshot in snapshots for org in snapshot.members}):
        region, sector = places.get(org, (None, None))
        presence = _presence(snapshot.members.get(org) for snapshot in snapshots)
        strata.setdefault(Stratum(region, sector, presence), []).append(org)
    return strata


def _presence(editions: Iterable[str | None]) -> tuple[int | None, ...]:
    """Number a trust's editions in the order they appear, so that trusts with the same history fall together."""
    order: dict[str, int] = {}
    return tuple(None if edition is None else order.setdefault(edition, len(order)) for edition in editions)
