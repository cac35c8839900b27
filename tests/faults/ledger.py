"""The load client's own memory: a line on disk before an operation is sent, and one when its outcome is known.

What was acknowledged is judged by this file alone, never by what a server remembers. An operation without a second
line is `unknown`, as is one that ended in a time-out, a reset or a 502, 503 or 504.
"""

import json
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

UNKNOWN_STATUSES = frozenset({502, 503, 504})


class Outcome(StrEnum):
    """What the client may conclude from an answer, or from none."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


def outcome_of(status: int | None) -> Outcome:
    """Return what an HTTP status says about the operation; None: there was no answer."""
    if status is None or status in UNKNOWN_STATUSES:
        return Outcome.UNKNOWN
    return Outcome.OK if 200 <= status < 300 else Outcome.FAIL


@dataclass(frozen=True, slots=True)
class Operation:
    """One command as the client saw it. Times are seconds of the wall clock."""

    id: str
    tenant: str
    trust: str
    user: str
    kind: str
    key: str
    began: float
    outcome: Outcome = Outcome.UNKNOWN
    status: int | None = None
    ended: float | None = None


@dataclass
class Ledger:
    """Appends to one file; every line is on disk before the call returns."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._file = self.path.open("a")

    def before(self, operation: Operation) -> None:
        """Note an operation that is about to be sent."""
        names = ("id", "tenant", "trust", "user", "kind", "key", "began")
        self._write({name: getattr(operation, name) for name in names})

    def after(self, operation_id: str, status: int | None) -> Outcome:
        """Note how an operation ended; `status` None: no answer came."""
        outcome = outcome_of(status)
        self._write({"id": operation_id, "outcome": outcome, "status": status, "ended": time.time()})
        return outcome

    def _write(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def operations(self) -> list[Operation]:
        """Return every operation noted so far, the last word on each."""
        return read_ledger(self.path.read_text().splitlines())


def read_ledger(lines: Iterable[str]) -> list[Operation]:
    """Return the operations of a ledger; a later outcome of the same operation (a retry) replaces the earlier."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        values = json.loads(line)
        found.setdefault(values["id"], {}).update(values)
    return [Operation(**values | {"outcome": Outcome(values.get("outcome", "unknown"))}) for values in found.values()]
