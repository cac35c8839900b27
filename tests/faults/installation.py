"""The product's own processes as the fault tests run them: started as `deploy/` starts them, and killed at will.

Three differences: tokens come from a mint, Kafka sessions last 10 seconds, and each process has a folder in which a
place to die can be armed (shared/crashpoints.py). Addresses of people come from a book of the tests' own.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deploy.local.environment import api_url, environment_of, heartbeat_file
from deploy.local.readiness import answers
from deploy.processes import Process, processes
from infra.servers import ConnectionSettings, Servers
from infra.servers.processes import Command, ProcessTable
from shared.migrations import ROOT
from shared.testing.token_mint import TokenMint
from tests.faults.address_book import AddressBook
from tests.faults.waiting import until

SESSION_MS = 10_000
READY_WITHIN = 180.0
MAILER = "notification-scheduler"


def children_of(pid: int) -> list[int]:
    """Return the processes that `pid` started itself and that still live."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class Installation:
    """Every process of the product that this run has started, by name."""

    def __init__(self, servers: Servers, mint: TokenMint) -> None:
        self.servers = servers
        self.profile = servers.profile
        self.mint = mint
        self.book = AddressBook()
        self.table = ProcessTable(self.profile.subfolder("run"), self.profile.logs)
        self.known = {process.name: process for process in processes()}
        self._urls: dict[str, str] = {}

    @property
    def settings(self) -> ConnectionSettings:
        """How to reach the servers."""
        return self.servers.settings

    def run(self, *names: str, **environment: str) -> None:
        """Start processes together and wait until all are ready; `environment` is added to each."""
        self.launch(*names, **environment)
        for name in names:
            until(lambda name=name: self.is_ready(name), f"{name} is ready", READY_WITHIN)  # type: ignore[misc]

    def launch(self, *names: str, instance: str | None = None, **environment: str) -> None:
        """Start processes without waiting for them; `instance` is the name of one more process of the same kind."""
        for process in (self.known[name] for name in names):
            heartbeat_file(self.profile, process).unlink(missing_ok=True)
            command = [str(ROOT / "deploy" / "entrypoint.sh"), process.service, process.role]
            variables = self.environment(process) | environment
            self.table.start(instance or process.name, Command(command, variables, folder=ROOT))

    def replace_web(self, name: str) -> None:
        """Start a second web process beside one, hand over to it, and let the first go when it has drained."""
        service, other = self.known[name].service, f"{name}-2"
        first, second = self.url(service), f"http://127.0.0.1:{self.profile.port(other)}"
        self.launch(name, instance=other, PORT=second.rpartition(":")[2])
        until(lambda: answers(f"{second}/health/ready"), f"{other} is ready", READY_WITHIN)
        self._urls[service] = second
        self._let_go(name)
        self.run(name)
        self._urls[service] = first
        self._let_go(other)

    def _let_go(self, name: str) -> None:
        self.ask_to_stop(name)
        until(lambda: not self.is_running(name), f"{name} has gone")

    def environment(self, process: Process) -> dict[str, str]:
        """Return the variables of one process."""
        directory = self.book.environment if process.name == MAILER else {}
        return (
            environment_of(process, self.profile, self.settings)
            | directory
            | {
                "MODE": "test",
                "OIDC_ISSUER": self.mint.issuer,
                "OIDC_JWKS_URL": self.mint.jwks_url,
                "KAFKA_SESSION_TIMEOUT_MS": str(SESSION_MS),
                "DRAIN_SECONDS": "1",
                "REQUESTS_PER_PERSON": "1000000",  # one machine plays everybody
                "REQUESTS_PER_ADDRESS": "1000000",
                "CRASHPOINT": str(self._crash_folder(process.name)),
                "PYTHON": sys.executable,
                "PYTHONUNBUFFERED": "1",
            }
        )

    def command(self, service: str, *arguments: str) -> None:
        """Run one of an operator's commands to its end, with the settings of the service's scheduler."""
        environment = os.environ | self.environment(self.known[f"{service}-scheduler"])
        command = [sys.executable, "-m", "shared.upkeep", service, *arguments]
        run = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert run.returncode == 0, run.stdout + run.stderr

    def is_running(self, name: str) -> bool:
        """Tell whether the process lives."""
        return self.table.find(name) is not None

    def is_ready(self, name: str) -> bool:
        """Tell whether the process does its work."""
        assert self.is_running(name), f"{name} ended:\n{self.table.tail(name)}"
        process = self.known[name]
        if process.role == "web":
            return answers(f"{api_url(self.profile, process.service)}/health/ready")
        return heartbeat_file(self.profile, process).exists()

    def pid(self, name: str) -> int:
        """Return the process id of a running process (of a web process: of its entrypoint)."""
        found = self.table.find(name)
        assert found is not None, f"{name} does not run"
        return found.pid

    def web_workers(self, name: str) -> list[int]:
        """Return the gunicorn workers of a web process: entrypoint, then master, then workers."""
        return [worker for master in children_of(self.pid(name)) for worker in children_of(master)]

    def kill(self, name: str) -> None:
        """End a process as by kill -9, with all its children."""
        os.killpg(self.pid(name), signal.SIGKILL)
        until(lambda: not self.is_running(name), f"{name} is dead", every=0.01)

    def ask_to_stop(self, name: str) -> None:
        """Send SIGTERM, as an orchestrator does, and do not wait."""
        os.kill(self.pid(name), signal.SIGTERM)

    def arm(self, name: str, place: str) -> None:
        """Let the process die once, when it next comes by `place`."""
        (self._crash_folder(name) / place).touch()

    def was_hit(self, name: str, place: str) -> bool:
        """Tell whether the armed place was reached."""
        return not (self._crash_folder(name) / place).exists()

    def disarm(self) -> None:
        """Leave no place armed."""
        for file in self.profile.subfolder("crash").rglob("*"):
            if file.is_file():
                file.unlink()

    def _crash_folder(self, name: str) -> Path:
        return self.profile.subfolder("crash", name)

    def url(self, service: str) -> str:
        """Return the address of the web process of a service that takes requests at the moment."""
        return self._urls.get(service) or api_url(self.profile, service)

    @contextmanager
    def beside(self, *names: str) -> Iterator[None]:
        """Run further processes for as long as the block lasts."""
        self.run(*names)
        try:
            yield
        finally:
            self.end(*names)

    def end(self, *names: str) -> None:
        """Stop processes together."""
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(lambda name: self.table.stop(name, seconds=10), names))
