"""Tries to undo our published figures before anybody else does.

The auditor plays the best-informed reader we can think of: one who keeps every set ever shown, knows the sizes of all
groups, and even knows which trusts contributed when (some say so in their board papers), but not at which level. If
all solutions of what this reader knows (`puzzle.py`) agree on one unknown, that count has leaked and the set is
refused. The same is asked once more for every trust as an accomplice who brings its own level.

Instead of computing both ends of every unknown's range, solutions are collected, and an unknown is safe as soon as two
of them differ in it. HiGHS finds the first; a random walk from it finds hundreds in a tenth of a second, and goes on
only while something looks fixed. What still does at its end is put to HiGHS, one unknown at a time: what is the most,
what is the least it can be? So an unknown that is truly fixed, or that the time limit left open, is a finding, and
nothing else is.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.disclosure import Snapshot
from services.insight.puzzle import Numbers, Place, Puzzle, Unknown

Flags = NDArray[np.bool_]
STEPS: Final = 10_000
AT_A_TIME: Final = 500
"""Solutions taken from the walk before looking again whether anything still looks fixed: mostly nothing does then."""
STEPS_AROUND: Final = 500
"""How far to look around a solution that was asked for: others that looked fixed are often settled on the way."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A count that a reader could work out. `insider`: only with the help of one of the trusts counted."""

    region: str | None
    sector: str | None
    trusts: int
    value: str
    insider: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit of one measure found; passed when nothing."""

    unknowns: int
    insiders: int
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Tell whether the measure may be published."""
        return not self.findings


def audit(
    snapshots: Sequence[Snapshot],
    places: Mapping[str, Place],
    values: Sequence[str],
    *,
    insiders: Mapping[str, str],
) -> Verdict:
    """Attack one measure: every snapshot ever shown to anybody, the new ones included.

    `insiders` gives the present value of each trust counted now: each may be the attacker's accomplice.
    """
    if not snapshots:
        return Verdict(0, 0, ())
    attack = _begin(snapshots, places, values)
    alone = attack.learns(accomplice=None)
    findings = {attack.finding(index, insider=False) for index in alone}
    accomplices = attack.accomplices(insiders)
    for accomplice in accomplices:
        more = attack.learns(accomplice=accomplice, besides=alone)
        findings |= {attack.finding(index, insider=True) for index in more}
    return Verdict(len(attack.puzzle.unknowns), len(accomplices), tuple(sorted(findings, key=repr)))


def _begin(snapshots: Sequence[Snapshot], places: Mapping[str, Place], values: Sequence[str]) -> "Attack":
    """Take the hidden rows for what they mostly are, rows that one value holds; if that cannot be, for anything."""
    attack = Attack(Puzzle(snapshots, places, values, alike_rows_tell=True))
    return attack if attack.can_be_solved else Attack(Puzzle(snapshots, places, values, alike_rows_tell=False))


class Attack:
    """One reader's attempt at one puzzle, with all solutions found so far."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle = puzzle
        start = puzzle.solution()
        self.can_be_solved = start is not None
        self._crowd = np.empty((0, len(puzzle.unknowns)))
        self._walk = iter(()) if start is None else puzzle.walk(start, STEPS)

    def _keep(self, solutions: Iterable[Numbers]) -> bool:
        """Add solutions to those found so far; tell whether there were any."""
        found = [solution[: len(self.puzzle.unknowns)] for solution in solutions]
        if found:
            self._crowd = np.vstack([self._crowd, *found])
        return bool(found)

    def learns(self, *, accomplice: int | None, besides: Set[int] = frozenset()) -> set[int]:
        """Return the unknowns that all solutions agree on, besides those known already.

        `accomplice` is the unknown one trust of which helps the reader: it holds one trust or more, and what is asked
        is what the two together learn about the others.
        """
        fixed: set[int] = set()
        asked = [index for index in self._about_others(accomplice) if index not in besides]
        alike = self._same_in_all(accomplice)
        while alike[asked].any() and self._keep(islice(self._walk, AT_A_TIME)):
            alike = self._same_in_all(accomplice)
        for index in asked:
            if alike[index]:
                if not self._found_another(index, accomplice):
                    fixed.add(index)
                alike = self._same_in_all(accomplice)
        return fixed

    def accomplices(self, insiders: Mapping[str, str]) -> list[int]:
        """Return the unknowns that hold at least one possible accomplice, each once."""
        found: set[int] = set()
        for stratum, orgs in self.puzzle.strata.items():
            latest = max((edition for edition in stratum.presence if edition is not None), default=0)
            found |= {self.puzzle.column[Unknown(stratum, latest, insiders[org])] for org in orgs if org in insiders}
        return sorted(found)

    def finding(self, index: int, *, insider: bool) -> Finding:
        """Describe an unknown that leaked."""
        unknown = self.puzzle.unknowns[index]
        stratum = unknown.stratum
        return Finding(stratum.region, stratum.sector, len(self.puzzle.strata[stratum]), unknown.value, insider)

    def _about_others(self, accomplice: int | None) -> list[int]:
        unknowns = self.puzzle.unknowns
        if accomplice is None:
            return list(range(len(unknowns)))
        own = unknowns[accomplice].stratum
        alone = len(self.puzzle.strata[own]) == 1
        return [i for i, unknown in enumerate(unknowns) if not (alone and unknown.stratum == own)]

    def _same_in_all(self, accomplice: int | None) -> Flags:
        """Tell for each unknown whether the solutions found so far agree on it (all of none do)."""
        crowd = self._crowd if accomplice is None else self._crowd[self._crowd[:, accomplice] >= 1]
        if len(crowd) == 0:
            return np.ones(len(self.puzzle.unknowns), dtype=np.bool_)
        return np.asarray(crowd.min(axis=0) == crowd.max(axis=0))

    def _found_another(self, index: int, accomplice: int | None) -> bool:
        """Look for a solution in which the unknown differs; keep what is met on the way."""
        for aim in (-1.0, 1.0):
            solution = self.puzzle.solution(index, aim=aim, at_least=accomplice)
            if solution is None:
                return False
            self._keep(self.puzzle.walk(solution, STEPS_AROUND))
            if not self._same_in_all(accomplice)[index]:
                return True
        return False
