"""Waits until started processes are ready, and says why when one is not."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.supervision import Supervisor
from deploy.processes import Process

READY_WITHIN = 120.0
BEAT_SECONDS = 60
ALIVE = ("starting", "running")
LOG_LINES = 12


class NotReadyError(Exception):
    """A process did not become ready; the message ends with the last lines of its log."""


def answers(url: str) -> bool:
    """Whether the address answers 200 now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:  # noqa: S310 - our own loopback address
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def last_lines(log: Path, count: int = LOG_LINES) -> str:
    if not log.exists():
        return "    (no log yet)"
    return "\n".join(f"    {line[:400]}" for line in log.read_text(errors="replace").splitlines()[-count:])


def beats(heartbeat: Path, running_for: int) -> bool:
    """Whether a background process has turned its loop since it was started, and lately."""
    try:
        age = time.time() - heartbeat.stat().st_mtime
    except FileNotFoundError:
        return False
    return age < min(running_for + 1, BEAT_SECONDS)


def wait_until_ready(
    supervisor: Supervisor,
    waiting: Sequence[Process],
    *,
    is_ready: Callable[[Process, int], bool],
    on_ready: Callable[[Process, float], None],
    logs: Path,
    within: float = READY_WITHIN,
) -> None:
    """Return when all are ready, calling `on_ready` for each with the seconds it took; raises NotReadyError."""
    started, left = time.monotonic(), list(waiting)
    while left:
        states = {row["name"]: (row["state"], row["seconds"]) for row in supervisor.processes()}
        for process in [each for each in left if _ready(each, states, is_ready)]:
            left.remove(process)
            on_ready(process, time.monotonic() - started)
        if left and time.monotonic() - started > within:
            raise NotReadyError(_complaint(left, states, logs))
        time.sleep(0.2)


def _ready(process: Process, states: Mapping[str, tuple[str, int]], is_ready: Callable[[Process, int], bool]) -> bool:
    state, seconds = states.get(process.name, ("absent", 0))
    return state in ALIVE and is_ready(process, seconds)


def _complaint(left: Sequence[Process], states: Mapping[str, tuple[str, int]], logs: Path) -> str:
    parts = [f"{each.name} is not ready ({states.get(each.name, ('absent', 0))[0]}). Its log ends:" for each in left]
    return "\n".join(f"{part}\n{last_lines(logs / f'{each.name}.log')}" for part, each in zip(parts, left, strict=True))
