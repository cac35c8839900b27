"""How long from a committed change at a trust until its ICB can see it: relay, broker and projection together.

`python -m tests.bench.visible_at_icb [profile] [times]` asks the running system; the chair of the demonstration trust
turns the showing of progress off and on, and the row that the ICB reads is watched.
"""

import statistics
import sys
import time
from datetime import UTC, datetime

import psycopg

from deploy.local.demo.actor import until
from deploy.local.demo.cast import Cast
from deploy.local.system import System
from tests.bench.rows import WARM_UP

WAIT = 10.0
SETTLING = 120.0
"""Seconds that a system may take after its start until every process has caught up with what it was given then."""
TRUST = "DEMO02"
CHAIR = "chair.demo02"
SCHEMAS = "select schemaname from pg_tables where tablename = 'inbox'"
REPORTED = "from {}.progress_report where process = 'consumer' and reported_at > %s"
QUERY = "select visible from insight.progress_visibility where org_id = %s"


def measure(profile: str, times: int) -> list[float]:
    """Return seconds from the answer of each change to its being visible, after a few that are not counted."""
    system = System(profile)
    settings = system.servers.settings
    chair = Cast(system.profile, settings).act(CHAIR, TRUST)
    found = []
    with psycopg.connect(settings.postgres.superuser_dsn(), autocommit=True) as watcher:
        began = datetime.now(UTC)
        until(lambda: _settled(watcher, began), "every process having caught up after the start", SETTLING)
        for number in range(WARM_UP + times):
            visible = number % 2 == 1
            chair.put("assessment", "/progress-visibility", {"visible": visible})
            answered = time.perf_counter()
            found.append(_until(watcher, visible, answered))
    return found[WARM_UP:]


def _settled(watcher: psycopg.Connection[tuple[object, ...]], since: datetime) -> bool:
    """Tell whether every service's consumer said after `since` that nothing lies ahead of it."""
    schemas = [name for (name,) in watcher.execute(SCHEMAS).fetchall()]
    return all(
        watcher.execute(f"select count(*) > 0 and sum(waiting) = 0 {REPORTED.format(schema)}".encode(), [since])
        .fetchone() == (True,)
        for schema in schemas
    )  # fmt: skip


def _until(watcher: psycopg.Connection[tuple[object, ...]], visible: bool, since: float) -> float:
    while time.perf_counter() - since < WAIT:
        row = watcher.execute(QUERY, [TRUST]).fetchone()
        if row is not None and row[0] is visible:
            return time.perf_counter() - since
        time.sleep(0.001)
    raise SystemExit(f"The change was not visible within {WAIT:.0f} s.")


def main() -> None:
    """Print the median, the 99th percentile and the worst, in milliseconds."""
    profile = sys.argv[1] if len(sys.argv) > 1 else "demo"
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    milliseconds = sorted(1000 * each for each in measure(profile, times))
    most = statistics.quantiles(milliseconds, n=100)[98]
    print(f"Commit to visible at the ICB, {times} changes, one after another:")
    print(
        f"median {statistics.median(milliseconds):.1f} ms, 99 % within {most:.1f} ms, worst {milliseconds[-1]:.1f} ms"
    )


if __name__ == "__main__":
    main()
