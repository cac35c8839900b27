"""What one fault test works with, and the verdict it ends with."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.faults.evidence import Evidence
from tests.faults.figures import Figures
from tests.faults.identities import Finding, back_within
from tests.faults.ledger import Ledger, Operation, Outcome
from tests.faults.load import ACTION, Load
from tests.faults.people import People
from tests.faults.register import Trust
from tests.faults.results import Result, Results
from tests.faults.rig import STARTED, Rig
from tests.faults.waiting import until

CUT_OFF = frozenset({"F1", "F7", "F8"})
"""Faults that cut an answer off: a run without any unknown outcome missed its window."""
SHOWN = 5
"""How many of what is wrong a failure shows of each identity."""
REFUSED = frozenset({"F9"})
"""Faults at which a command is refused and may be repeated. In all others every command is answered: the broker and
the consumers are not in the way of a request."""


@dataclass
class Trial:
    """One fault: the rig, some trusts under load, a ledger of its own."""

    rig: Rig
    people: People
    figures: Figures
    results: Results
    ledger: Ledger
    trusts: list[Trust] = field(default_factory=list)
    fault_at: float = 0.0
    slowest: float = 0.0
    hits: int = 0

    def __post_init__(self) -> None:
        self.trusts = self.people.found(self.figures.tenants)
        self.evidence = Evidence(self.rig, self.people)
        self.evidence.remember([trust.code for trust in self.trusts])
        self.pids = {name: self.rig.pid(name) for name in STARTED}
        self.killed: set[str] = set()

    def load(self, **options: Any) -> Load:
        """Return the load client; it sends while its `with` block lasts."""
        rate = options.pop("rate", self.figures.rate)
        return Load(self.people, self.trusts, self.ledger, self.rig.url, rate=rate, **options)

    def let_it_run(self, seconds: float | None = None) -> None:
        """Let the load go on for a while."""
        time.sleep(self.figures.around if seconds is None else seconds)

    def until_the_next(self) -> None:
        """Let the load go on until it is time for the next fault: long before the first, shorter between two."""
        self.let_it_run(self.figures.between if self.hits else self.figures.around)

    def die_at(self, places: Mapping[str, str]) -> None:
        """Let background processes die, each at its place, and start them again, as their supervisor does."""
        for name, place in places.items():
            self.rig.arm(name, place)
        for name, place in places.items():
            self.wait_for_death(name, place)
        self.rig.launch(*places)

    def wait_for_death(self, name: str, place: str) -> None:
        """Wait until a process has died at a place that was armed."""
        until(lambda: self.rig.was_hit(name, place), f"{name} comes by {place}", every=0.01)
        until(lambda: not self.rig.is_running(name), f"{name} is dead", every=0.01)
        self.fault_now()
        self.killed.add(name)

    def within(self, seconds: float) -> float:
        """Return a bar on time as these figures widen it."""
        return seconds * self.figures.patience

    def fault_now(self) -> None:
        """Note the moment of a fault, from which the time until the next acknowledged command is counted."""
        self.fault_at = time.time()
        self.hits += 1

    def wait_until_back(self, seconds: float, kind: str = ACTION) -> None:
        """Wait until a command begun after the fault is acknowledged; fails when that takes too long (E9)."""
        seconds = self.within(seconds)
        deadline = time.monotonic() + seconds + 30
        while True:
            sent = [each for each in self.ledger.operations() if each.kind == kind]
            finding, took = back_within(sent, self.fault_at, seconds)
            if finding.looked_at or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self.slowest = max(self.slowest, took)
        assert finding.holds, finding

    def judge(
        self,
        fault: str,
        what: str,
        load: Load,
        *,
        more: Collection[Finding] = (),
        refusals: int = 0,
        worst: str | None = None,
        settle: float = 180,
    ) -> list[Operation]:
        """Repeat what was left unknown, wait until all is quiet, check every identity; note the result if all hold."""
        operations = self.ledger.operations()
        unknown = sum(each.outcome is Outcome.UNKNOWN for each in operations)
        failed = [each for each in operations if each.outcome is Outcome.FAIL]
        load.send_unfinished_again()
        self.rig.settle(settle)
        operations = self.ledger.operations()
        findings = [*self.evidence.all(operations), *more]
        assert len(failed) == refusals, failed[:5]
        broken = [replace(each, wrong=each.wrong[:SHOWN]) for each in findings if not each.holds]
        assert broken == [], broken
        assert self.hits > 0, "no fault was injected"
        bystanders = [name for name in STARTED if name not in self.killed]
        assert [name for name in bystanders if self.rig.pid(name) != self.pids[name]] == [], "healed by a restart only"
        if fault in CUT_OFF:
            assert unknown > 0, "no answer was cut off: the window was not hit"
        elif fault not in REFUSED:
            assert unknown == 0, f"{unknown} commands got no answer"
        self._note(fault, what, operations, unknown, findings, worst or f"{self.slowest:.1f} s")
        return operations

    def _note(
        self,
        fault: str,
        what: str,
        operations: Collection[Operation],
        unknown: int,
        findings: Collection[Finding],
        worst: str,
    ) -> None:
        self.results.add(
            Result(
                fault=fault,
                figures=self.figures.name,
                what=what,
                repeats=self.hits,
                operations=len(operations),
                unknown=unknown,
                sent_twice=sum(finding.noted for finding in findings if finding.identity == "E2"),
                checked=sum(finding.looked_at for finding in findings),
                wrong=sum(len(finding.wrong) for finding in findings),
                worst=worst,
            )
        )
