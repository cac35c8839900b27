"""What each fault did, in figures; a run with full figures keeps its lines in docs/faults.md, each with its date.

All of them in one run take hours, so a run of a few tests renews the lines of those tests and leaves the others as
they were measured. The page is written from docs/faults.json.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from infra.servers.profile import LOCAL_FOLDER
from shared.migrations import ROOT

TABLE = ROOT / "docs" / "faults.md"
KEPT = ROOT / "docs" / "faults.json"
LAST_RUN = LOCAL_FOLDER / "faults" / "results.json"
BELOW = "\n## Measured by other tests\n"
HEAD = """# Faults: what was injected and what came of it

Written by the fault tests with full figures (`make test-long`; all of them alone: `pytest tests/faults -n 0 -k "not
short"`). Each line is one test of `tests/faults/`: 20 commands a second of 36 tenants unless it says otherwise, from 60
seconds before the first fault until 60 after the last; sessions are terminated from the beginning of the load to its
end. *Commands* are what the load client sent; *no answer* are those cut off by the fault, which were sent again
afterwards with the same key and answered. *Sent twice* are records that a topic holds again after a crash; consumers
skip them. *Checked* are the operations, rows, events, keys, audit rows and mails compared by the identities E1 to E8;
*wrong* are those lost, doubled, out of order or in another tenant. *Worst* is the longest time from a fault until a
command was acknowledged again, or what the line says; where the database itself was killed or stopped, nothing can be
acknowledged before it is back, and the time counts from then.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One fault, one line."""

    fault: str
    figures: str
    what: str
    repeats: int
    operations: int
    unknown: int
    sent_twice: int
    checked: int
    wrong: int
    worst: str
    test: str = ""
    measured_on: str = ""
    cores: int = 0


@dataclass
class Results:
    """The lines of one run."""

    lines: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Note what the test that runs now saw."""
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
        today = datetime.now(UTC).date().isoformat()
        self.lines.append(replace(result, test=test, measured_on=today, cores=os.cpu_count() or 0))

    def note(self, figures: str, fault: str, what: str, operations: int, worst: str) -> None:
        """Note a test whose verdict is its own: what it did, how often, and what was worst."""
        self.add(Result(fault, figures, what, 1, operations, 0, 0, operations, 0, worst))

    def keep(self) -> None:
        """Keep the run's figures beside its servers; the full ones take their place among those kept in docs/."""
        LAST_RUN.write_text(json.dumps([asdict(line) for line in self.lines], indent=1))
        full = [line for line in self.lines if line.figures == "full"]
        if full:
            lines = renewed(kept(KEPT), full)
            KEPT.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
            TABLE.write_text(page(lines) + notes(TABLE))


def notes(file: Path) -> str:
    """Return what people wrote below the table."""
    text = file.read_text() if file.exists() else ""
    return text[text.index(BELOW) :] if BELOW in text else ""


def kept(file: Path) -> list[Result]:
    """Return the lines kept so far."""
    return [Result(**line) for line in json.loads(file.read_text())] if file.exists() else []


def renewed(before: Iterable[Result], now: Sequence[Result]) -> list[Result]:
    """Return the lines of tests that ran now, and of the others what they last said, in the order of the faults."""
    ran = {line.test for line in now}
    lines = [*(line for line in before if line.test not in ran), *now]
    return sorted(lines, key=lambda line: (int(line.fault[1:].split()[0]), line.test))


def page(lines: Iterable[Result]) -> str:
    """Return the page: a sentence for the newcomer, and a line for each fault."""
    titles = "fault|injected|times|commands|no answer|sent twice|checked|wrong|worst|measured"
    columns = tuple(titles.split("|"))
    rows = [
        (
            each.fault,
            each.what,
            each.repeats,
            each.operations,
            each.unknown,
            each.sent_twice,
            each.checked,
            each.wrong,
            each.worst,
            f"{each.measured_on}, {each.cores} cores",
        )
        for each in lines
    ]
    table = [columns, ("---",) * len(columns), *rows]
    return f"{HEAD}\n" + "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in table) + "\n"
