"""The fault tests' own installation: real servers and the product's own processes, to be killed at will.

Nothing here is shared with other tests or with a demonstration: another profile, other ports, data thrown away at the
start. Processes are started as `deploy/` starts them, with three differences: tokens come from a mint, Kafka sessions
last 10 seconds, and each process has a folder in which a place to die can be armed (shared/crashpoints.py).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deploy.local.environment import SCHEME, api_url, environment_of, heartbeat_file
from deploy.local.readiness import answers
from deploy.processes import Process, processes, services
from infra.postgres.bootstrap import run_after_migrations
from infra.servers import ConnectionSettings, Profile
from infra.servers.processes import Command, ProcessTable
from shared.config import KafkaConfig
from shared.database import Database
from shared.migrations import ROOT, upgrade
from shared.testing.token_mint import TokenMint
from tests.faults.outbox_memory import INSTALL, WAITING, behind
from tests.faults.small_disk import ServersOfFaults

SESSION_MS = 10_000
READY_WITHIN = 180.0
STARTED = (
    "directory-relay",
    "assessment-web",
    "assessment-relay",
    "assessment-consumer",
    "action_plan-web",
    "action_plan-relay",
    "action_plan-consumer",
    "insight-consumer",
    "notification-consumer",
)
"""What the load and the identities need; a test that needs more starts it itself."""


def until(condition: Callable[[], bool], what: str, seconds: float = 180, every: float = 0.1) -> None:
    """Wait until `condition` holds; fails saying `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)


def children_of(pid: int) -> list[int]:
    """Return the processes that `pid` started itself and that still live."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class Rig:
    """Servers and processes of one run of the fault tests."""

    def __init__(self, mint: TokenMint, name: str = "faults") -> None:
        self.mint = mint
        self.profile = Profile(name)
        self.servers = ServersOfFaults(self.profile, only=["postgres", "kafka"])
        self.broker = ServersOfFaults(self.profile, only=["kafka"], beside=self.servers)
        self.database_server = ServersOfFaults(self.profile, only=["postgres"], beside=self.servers)
        self.table = ProcessTable(self.profile.subfolder("run"), self.profile.logs)
        self._known = {process.name: process for process in processes()}
        self._databases: dict[str, Database] = {}
        self._urls: dict[str, str] = {}
        self.foreign: set[str] = set()
        """Ids of records that tests put on topics themselves, told by no outbox."""

    @property
    def settings(self) -> ConnectionSettings:
        """How to reach the servers."""
        return self.servers.settings

    @property
    def superuser(self) -> str:
        """The superuser's address of the product's database."""
        return self.settings.postgres.superuser_dsn()

    def start(self) -> None:
        """Start everything afresh, empty."""
        self.stop()
        self.mint.publish_ahead()
        self.servers.reset()
        self.servers.start()
        for service in services():
            upgrade(service, self.settings.postgres.dsn(f"migrate_{service}", scheme=SCHEME))
        run_after_migrations(self.superuser, self.settings.postgres.database)
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(INSTALL.encode())
        self.run(*STARTED)

    def forget_connections(self) -> None:
        """Drop the tests' own connections, which ended with the server."""
        for database in self._databases.values():
            database.dispose()

    def mend(self) -> None:
        """Bring back whatever a test left dead, so that the next one begins with a whole system."""
        if not self.servers.is_running():
            self.servers.start()
        dead = [name for name in STARTED if not self.is_running(name)]
        self.run(*dead)

    def stop(self) -> None:
        """Stop every process, then the servers."""
        with ThreadPoolExecutor(len(self._known)) as pool:
            list(pool.map(lambda name: self.table.stop(name, seconds=10), self._known))
        self.forget_connections()
        self.servers.stop()

    def run(self, *names: str, **environment: str) -> None:
        """Start processes together and wait until all are ready; `environment` is added to each."""
        self.launch(*names, **environment)
        for name in names:
            until(lambda name=name: self.is_ready(name), f"{name} is ready", READY_WITHIN)  # type: ignore[misc]

    def launch(self, *names: str, instance: str | None = None, **environment: str) -> None:
        """Start processes without waiting for them; `instance` is the name of one more process of the same kind."""
        for process in (self._known[name] for name in names):
            heartbeat_file(self.profile, process).unlink(missing_ok=True)
            command = [str(ROOT / "deploy" / "entrypoint.sh"), process.service, process.role]
            variables = self.environment(process) | environment
            self.table.start(instance or process.name, Command(command, variables, folder=ROOT))

    def replace_web(self, name: str) -> None:
        """Start a second web process beside one, hand over to it, and let the first go when it has drained."""
        service, other = self._known[name].service, f"{name}-2"
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
        return environment_of(process, self.profile, self.settings) | {
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

    def command(self, service: str, *arguments: str) -> None:
        """Run one of an operator's commands to its end, with the settings of the service's scheduler."""
        environment = os.environ | self.environment(self._known[f"{service}-scheduler"])
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
        process = self._known[name]
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

    def database(self, service: str) -> Database:
        """Return a service's database under its own role, for what a test does in its place."""
        if service not in self._databases:
            url = self.settings.postgres.dsn(f"app_{service}", scheme=SCHEME)
            self._databases[service] = Database(url, pool_size=2)
        return self._databases[service]

    def kafka(self, service: str) -> KafkaConfig:
        """Return the broker settings of a service."""
        return KafkaConfig(
            bootstrap=self.settings.kafka.bootstrap,
            username=service,
            password=self.settings.kafka.passwords[service],
            security_protocol="SASL_PLAINTEXT",
            topic_prefix="",
            group_prefix="",
            session_timeout_ms=SESSION_MS,
            cafile=None,
        )

    def consumers(self) -> list[str]:
        """Return the services whose consumer runs."""
        running = (name for name in self._known if name.endswith("-consumer") and self.is_running(name))
        return [name.removesuffix("-consumer") for name in running]

    def waiting(self) -> int:
        """Return how many events wait in outboxes."""
        return self._count(WAITING)

    def behind(self, *consumers: str) -> int:
        """Return how many (consumer, topic, key) are behind what was ever told."""
        return sum(self._count(behind(each)) for each in consumers or self.consumers())

    def has_heard(self, key: str) -> bool:
        """Tell whether every running consumer has followed one key to its last event."""
        return sum(self._count(behind(each, key)) for each in self.consumers()) == 0

    def settle(self, seconds: float = 180) -> None:
        """Wait until every outbox is empty and every running consumer has handled everything."""
        until(lambda: self.waiting() == 0, "every outbox is empty", seconds, every=0.2)
        until(lambda: self.behind() == 0, "every consumer has caught up", seconds, every=0.2)

    def _count(self, query: str) -> int:
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def stopped(self, *names: str) -> Iterator[None]:
        """Keep processes from running for as long as the block lasts."""
        for name in names:
            self.table.stop(name)
        yield
        self.run(*names)
