"""The whole system on this machine: how long from nothing to ready, how much memory, how soon an ICB sees a change."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from deploy.local.system import System
from tests.bench.rows import Row, Timing
from tests.bench.visible_at_icb import measure


def whole_system(profile: str, times: int = 200) -> Iterator[Row]:
    """Start everything afresh, measure, and stop it."""
    system = System(profile)
    system.down()
    system.reset()
    started = time.perf_counter()
    system.up()
    ready = time.perf_counter() - started
    yield Row(
        "Nothing → ready (all fetched, data empty)", "none", f"{ready:.0f} s", None,
        "Keycloak's first start and 25 Python processes on these cores",
    )  # fmt: skip
    try:
        yield visible(profile, times)
        yield memory(system)
    finally:
        system.down()


def visible(profile: str, times: int) -> Row:
    """A change at a trust until its ICB can see it."""
    timing = Timing(measure(profile, times))
    late = timing.within_ms(99)
    words = f"{timing.median_ms:.1f} ms, 99 % within {late:.1f} ms"
    return Row("Commit → visible at the ICB", "99 % < 50 ms", words, late < 50, "relay, broker, projection in turn")


def memory(system: System) -> Row:
    """Each process of ours; pages that several share count in part (PSS)."""
    sizes = {
        str(row["name"]): sum(proportional_mb(pid) for pid in family(int(row["pid"])))
        for row in system.supervisor.processes()
        if row["pid"]
    }
    servers = sum(each.resident_mb or 0 for each in system.servers.status())
    web = [size for name, size in sizes.items() if name.endswith("-web")]
    other = [size for name, size in sizes.items() if not name.endswith("-web")]
    words = (
        f"web {min(web):.0f}-{max(web):.0f} MB, others {min(other):.0f}-{max(other):.0f} MB each;"
        f" ours {sum(sizes.values()):.0f} MB, servers {servers} MB"
    )
    return Row("Memory", "none", words, None, "Python and its libraries, once a process")


def family(pid: int) -> Iterator[int]:
    """The process and everything it started."""
    yield pid
    for folder in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in folder.read_text().split():
                yield from family(int(child))


def proportional_mb(pid: int) -> float:
    """Memory of one process in megabytes; what has just ended counts nothing."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1000
    return 0.0
