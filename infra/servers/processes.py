"""Start, find and stop server processes that outlive the command which started them.

A record holds the process id **and** the moment the process began, so that a number which the
machine has meanwhile given to another program is never taken for ours, nor stopped.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOG_TAIL_LINES = 25


class ServerFailed(Exception):
    """A server did not start, or ended by itself while it was awaited."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: arguments, extra environment, and the user to become (as root only)."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: int | None = None


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process of ours: `began` is the kernel's start time of it, in clock ticks since boot."""

    name: str
    pid: int
    began: int


def began_at(pid: int) -> int | None:
    """The kernel's start time of a living process; None when there is none (or only a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


class ProcessTable:
    """The processes of one profile, recorded as small files."""

    def __init__(self, records: Path, logs: Path) -> None:
        self._records = records
        self._logs = logs
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def find(self, name: str) -> RunningProcess | None:
        """The running process of that name; a stale record is forgotten."""
        child = self._children.get(name)
        if child is not None:
            child.poll()
        record = self._records / f"{name}.json"
        try:
            known = RunningProcess(name=name, **json.loads(record.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        if began_at(known.pid) != known.began:
            record.unlink(missing_ok=True)
            return None
        return known

    def start(self, name: str, command: Command) -> RunningProcess:
        """Start a process in a group of its own, its output appended to its log file."""
        environment = {**os.environ, **command.environment}
        with self.log_of(name).open("ab") as log:
            child = subprocess.Popen(
                list(command.arguments),
                env=environment,
                cwd=command.folder,
                user=command.user,
                group=command.user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        began = began_at(child.pid)
        if began is None:
            raise ServerFailed(f"{name} ended at once:\n{self.tail(name)}")
        self._children[name] = child
        (self._records / f"{name}.json").write_text(json.dumps({"pid": child.pid, "began": began}))
        return RunningProcess(name, child.pid, began)

    def wait_until(self, name: str, ready: Callable[[], bool], *, seconds: float, every: float = 0.1) -> None:
        """Ask `ready` until it says yes; raises ServerFailed with the end of the log when it never comes."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.find(name) is None:
                raise ServerFailed(f"{name} ended while starting:\n{self.tail(name)}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{name} not ready after {seconds:.0f} s:\n{self.tail(name)}")
            time.sleep(every)

    def stop(
        self, name: str, *, gently: signal.Signals = signal.SIGTERM, group: bool = True, seconds: float = 20
    ) -> bool:
        """Stop what was started under that name; False when nothing of ours was running.

        After `seconds` without an end the whole group is killed.
        """
        process = self.find(name)
        if process is None:
            return False
        _signal(process.pid, gently, group=group)
        if not self._gone_within(name, seconds):
            _signal(process.pid, signal.SIGKILL, group=True)
            self._gone_within(name, 5)
        return True

    def tail(self, name: str) -> str:
        """The last lines of a server's log."""
        try:
            lines = self.log_of(name).read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def _gone_within(self, name: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.find(name) is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _signal(pid: int, number: signal.Signals, *, group: bool) -> None:
    try:
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return
