"""What each fault did, in figures; a run with full figures keeps it in docs/faults.md with its date."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from infra.servers.profile import LOCAL_FOLDER
from shared.migrations import ROOT

TABLE = ROOT / "docs" / "faults.md"
LAST_RUN = LOCAL_FOLDER / "faults" / "results.json"
HEAD = """# Faults: what was injected and what came of it

Written by the run of the fault tests with full figures (`make test-long`); each line is one test of `tests/faults/`.
*Commands* are what the load client sent; *no answer* are those cut off by the fault, which were sent again afterwards
with the same key and answered. *Sent twice* are records that a topic holds again after a crash; consumers skip them.
*Checked* are the operations, rows, events, keys and audit rows compared by the identities E1 to E8; *wrong* are those
lost, doubled, out of order or in another tenant. *Worst* is the longest time from a fault until a command was
acknowledged again, or what the line says.
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


@dataclass
class Results:
    """The lines of one run."""

    lines: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Note what one test saw."""
        self.lines.append(result)

    def note(self, figures: str, fault: str, what: str, operations: int, worst: str) -> None:
        """Note a test whose verdict is its own: what it did, how often, and what was worst."""
        self.add(Result(fault, figures, what, 1, operations, 0, 0, operations, 0, worst))

    def keep(self) -> None:
        """Keep the run's figures beside its servers, and write the table when they are the full ones."""
        LAST_RUN.write_text(json.dumps([asdict(line) for line in self.lines], indent=1))
        full = [line for line in self.lines if line.figures == "full"]
        if full:
            TABLE.write_text(page(full, datetime.now(UTC)))


def page(lines: list[Result], at: datetime) -> str:
    """Return the page: a sentence for the newcomer, the date, and a line for each fault."""
    columns = ("fault", "injected", "times", "commands", "no answer", "sent twice", "checked", "wrong", "worst")
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
        )
        for each in sorted(lines, key=lambda line: int(line.fault[1:].split()[0]))
    ]
    table = [columns, ("---",) * len(columns), *rows]
    text = "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in table)
    day = f"{at:%d %B %Y}".lstrip("0")
    return f"{HEAD}\n{day}, {os.cpu_count()} cores.\n\n{text}\n"
