"""The whole system of one profile: brings it up in the right order, says how it is, stops it.

Order: servers (with roles, schemas, topics, rights and the realm), migrations, what only the superuser may do after
them, and last the services, which start together. Each step may be run again and changes nothing then.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deploy.local.environment import administrators_realm, api_url, environment_of, heartbeat_file, portal_url
from deploy.local.readiness import ALIVE, answers, beats, last_lines, wait_until_ready
from deploy.local.steps import done, heading, say, step
from deploy.local.supervision import ROOT, NotRunning, Program, Supervisor
from deploy.processes import Process, administration, migrations, processes, rebuild, services
from infra.postgres.bootstrap import run_after_migrations
from infra.servers import Profile, Servers
from infra.servers.progress import DownloadBar

DEMONSTRATION = ("-m", "services.directory.demonstration")
ENTRYPOINT = str(ROOT / "deploy" / "entrypoint.sh")


class StepFailedError(Exception):
    """A step of bringing the system up failed; the message is for the person at the keyboard."""


class System:
    """One profile's servers and processes."""

    def __init__(self, name: str | Profile) -> None:
        self.profile = name if isinstance(name, Profile) else Profile(name)
        self.servers = Servers(self.profile, progress=DownloadBar())
        self.supervisor = Supervisor(self.profile)

    def up(self) -> bool:
        """Bring everything up; False when it was up already. Raises StepFailedError, NotReadyError, NotRunning."""
        with self._alone():
            if self.is_running():
                return False
            self._bring_up()
            return True

    def is_running(self) -> bool:
        """Whether servers and supervisor run; single processes may still be on their way."""
        return self.supervisor.is_running() and self.servers.is_running()

    def start_servers(self) -> None:
        """Start the servers alone, without the services, where they do not run yet."""
        with self._alone():
            self._start_servers()

    def _start_servers(self) -> None:
        if not self.servers.is_running():
            heading("Servers")
            self.servers.start(done)

    def _bring_up(self) -> None:
        self._start_servers()
        heading("Data stores")
        self._prepare_stores()
        heading("Services")
        self._start_processes()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands at once must not start everything twice."""
        with (self.profile.folder / "system.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def down(self) -> None:
        """Stop what this profile started, processes first; nothing else is touched."""
        if self.supervisor.is_running():
            with step("Services stopped"):
                self.supervisor.shut_down()
        with step("Servers stopped"):
            self.servers.stop()

    def reset(self) -> None:
        """Stop everything and forget the profile's data; addresses, passwords and what was fetched stay."""
        self.down()
        with step(f"Data of `{self.profile.name}` thrown away"):
            self.servers.reset()

    def _prepare_stores(self) -> None:
        settings = self.servers.settings
        with step("Schemas brought up to date"), ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            list(pool.map(self._migrate, migrations()))
        with step("Rights that only the superuser can give"):
            run_after_migrations(settings.postgres.superuser_dsn(), settings.postgres.database)

        with step("Public register, fictional organisations and their people"):
            self.run_once(DEMONSTRATION, environment_like="directory-scheduler")

    def run_once(self, command: Sequence[str], *, environment_like: str) -> None:
        """Run one command with the settings of a process; raises StepFailedError with the end of its log."""
        process = next(each for each in processes() if each.name == environment_like)
        self._run([sys.executable, *command], process, self.profile.logs / f"{command[1].rpartition('.')[2]}.log")

    def _run(self, command: Sequence[str], process: Process, log: Path) -> None:
        with log.open("w") as out:
            run = subprocess.run(command, cwd=ROOT, env=self._environment(process), stdout=out, stderr=out, check=False)
        if run.returncode:
            raise StepFailedError(f"{process.service}: {' '.join(command[1:])} failed:\n{last_lines(log, 25)}")

    def run_as(self, name: str, command: Sequence[str]) -> int:
        """Run an operator's command in this terminal, with the settings of a process; returns its exit code."""
        known = {each.name: each for each in (*processes(), *migrations(), rebuild())} | {"bootstrap": administration()}
        if name == "realm":
            environment = self._bare() | administrators_realm(self.profile, self.servers.settings)
        elif name in known:
            environment = self._environment(known[name])
        else:
            raise StepFailedError(f"There is no process {name}. Name one of: {', '.join(known)}, realm")
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode

    def tell(self, name: str, *, stop: bool = False, start: bool = False) -> None:
        """Stop one process, start it, or one after the other; raises NotRunning."""
        known = [row["name"] for row in self.supervisor.processes()]
        if name not in known:
            raise StepFailedError(f"There is no process {name}. Name one of: {', '.join(known)}")
        if stop:
            with step(f"{name} stopped"):
                self.supervisor.stop(name)
        if start:
            with step(f"{name} started"):
                self.supervisor.start([name])

    def _environment(self, process: Process) -> dict[str, str]:
        own = environment_of(process, self.profile, self.servers.settings)
        return {**self._bare(), **own, "PYTHON": sys.executable, "PYTHONUNBUFFERED": "1"}

    @staticmethod
    def _bare() -> dict[str, str]:
        return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}

    def _migrate(self, process: Process) -> None:
        self._run([ENTRYPOINT, process.service, process.role], process, self.profile.logs / f"{process.name}.log")

    def _start_processes(self) -> None:
        wanted = processes()
        programs = [
            Program(each.name, [ENTRYPOINT, each.service, each.role], self._environment(each)) for each in wanted
        ]
        self.supervisor.shut_down()  # one left over from servers that have gone meanwhile
        self.supervisor.launch(programs)
        self.supervisor.start([each.name for each in wanted])
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait for every process; one line a service when its last process is ready."""
        left = {name: {each.name for each in processes() if each.service == name} for name in services()}

        def note(process: Process, seconds: float) -> None:
            left[process.service].discard(process.name)
            if not left[process.service]:
                roles = ", ".join(each.role for each in processes() if each.service == process.service)
                done(f"{process.service}: {roles}", seconds)

        wait_until_ready(self.supervisor, processes(), is_ready=self.is_ready, on_ready=note, logs=self.profile.logs)

    def is_ready(self, process: Process, running_for: int) -> bool:
        """Whether a process that has run for so many seconds does its work."""
        if process.role == "web":
            return answers(f"{api_url(self.profile, process.service)}/health/ready")
        return beats(heartbeat_file(self.profile, process), running_for)

    def status(self) -> int:
        """One line a part; 0 when all run."""
        running = self.servers.is_running()
        for server in self.servers.status():
            memory = f"{server.resident_mb} MB" if server.resident_mb else ""
            say(f"  {server.name:<34} {'running' if server.running else 'stopped':<10} {memory:>9}  port {server.port}")
        try:
            rows = self.supervisor.processes()
        except NotRunning:
            say("  Our services are not running. Start them with: make up")
            return 1
        known, good = {each.name: each for each in processes()}, running
        for row in rows:
            ready = row["state"] in ALIVE and self.is_ready(known[row["name"]], row["seconds"])
            good = good and ready
            state = "running" if ready else "not ready" if row["state"] in ALIVE else row["state"]
            say(f"  {row['name']:<34} {state:<10} {row['seconds']:>7} s  process {row['pid']}")
        say(f"\n  The pages: {portal_url(self.profile)}")
        return 0 if good else 1
