"""The product once more, on a cluster restored from a backup, beside the system that the backup was taken of.

PostgreSQL is new, with a folder, ports and passwords of its own. Broker, sign-in and files are those of the original,
as they outlive a lost database (docs/runbooks/restore.md). Nothing here tells events: on these topics the original goes
on telling its own.
"""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import psycopg

from deploy.local.demo.actor import Actor, until
from deploy.local.demo.cast import Cast
from deploy.local.environment import SCHEME, api_url, environment_of, heartbeat_file
from deploy.local.readiness import answers, last_lines
from deploy.local.supervision import ROOT
from deploy.local.system import System
from deploy.processes import Process, processes, rebuild
from infra.after_restore import raise_counters
from infra.kafka.told import Line, Told, read_from_the_first
from infra.kafka.topics import read_topics
from infra.postgres.backup import restore
from infra.postgres.contents import Contents
from infra.servers import ConnectionSettings, Profile, Servers
from infra.servers.processes import Command, ProcessTable
from services.insight.fresh_tables import digests
from shared.database import Database
from shared.ids import new_id

ENTRYPOINT = str(ROOT / "deploy" / "entrypoint.sh")


def read_model(settings: ConnectionSettings) -> dict[str, str]:
    """The sum of each table of insight's read model, as its own login reads it."""
    database = Database(settings.postgres.dsn("app_insight", scheme=SCHEME), pool_size=1)
    try:
        return digests(database)
    finally:
        database.dispose()


@dataclass
class Restored:
    """The restored cluster, and the processes that are started on it."""

    original: System

    def __post_init__(self) -> None:
        self.profile = Profile(f"{self.original.profile.name}-whole-restored")
        self.servers = Servers(self.profile, only=["postgres"])
        self.table = ProcessTable(self.profile.subfolder("run"), self.profile.logs)
        self._known = {process.name: process for process in processes()}

    @cached_property
    def settings(self) -> ConnectionSettings:
        """The original's servers, with the new cluster in the place of the old."""
        return replace(self.original.servers.settings, postgres=self.servers.settings.postgres)

    def fill(self, folder: Any) -> Contents:
        """Start an empty cluster and restore into it, as the runbook does; raises NotTheSame."""
        self.servers.reset()
        self.servers.start()
        return restore(self.settings.postgres, folder)

    def learn_how_far_topics_are(self) -> tuple[int, Mapping[Line, Told]]:
        """What `infra.after_restore` does to the database; groups of our own name need no forgetting."""
        topics = read_topics()
        told = read_from_the_first(self.settings.kafka.client_options("admin"), topics)
        return raise_counters(self.settings.postgres.superuser_dsn(), topics, told), told

    def start(self, *names: str) -> None:
        """Start processes as `deploy/` does and wait until they do their work."""
        for process in (self._known[name] for name in names):
            heartbeat_file(self.profile, process).unlink(missing_ok=True)
            command = [ENTRYPOINT, process.service, process.role]
            self.table.start(process.name, Command(command, self._environment(process), folder=ROOT))
        for name in names:
            until(lambda name=name: self._is_ready(self._known[name]), f"{name} on the restored cluster", patience=60)

    def stop(self, *names: str) -> None:
        """Stop these processes, all that run when none is named."""
        for name in names or self._known:
            self.table.stop(name)

    def throw_away(self) -> None:
        """Stop everything of the restored cluster and forget its data."""
        self.stop()
        self.servers.reset()

    def rebuild_is_equal(self) -> bool:
        """Run the operator's comparison: the read model built again from the first event, and the live one."""
        command = [sys.executable, "-m", "services.insight.rebuild"]
        log = self.profile.logs / "rebuild.log"
        with log.open("w") as out:
            run = subprocess.run(
                command, env=self._environment(rebuild()), cwd=ROOT, stdout=out, stderr=out, check=False, timeout=240
            )
        assert run.returncode in (0, 1), last_lines(log)
        return run.returncode == 0

    def act(self, cast: Cast, username: str, organisation: str) -> Actor:
        """Somebody signed in at the sign-in that both share, calling the restored services."""
        session, tenant = cast.session(username), cast.tenant_of(organisation)
        return Actor(self.profile, username, organisation, lambda audience: session.token(audience, tenant))

    def ask(self, question: str, *values: Any, database: str | None = None) -> list[tuple[Any, ...]]:
        """Look into the restored cluster as its superuser."""
        with psycopg.connect(self.settings.postgres.superuser_dsn(database)) as connection:
            return connection.execute(question.encode(), values or None).fetchall()

    def _is_ready(self, process: Process) -> bool:
        assert self.table.find(process.name), f"{process.name} ended:\n{self.table.tail(process.name)}"
        if process.role == "web":
            return answers(f"{api_url(self.profile, process.service)}/health/ready")
        with suppress(FileNotFoundError):
            return heartbeat_file(self.profile, process).stat().st_size >= 0
        return False

    @cached_property
    def _group_prefix(self) -> str:
        """A group of our own begins at the first event, as a forgotten one does; within insight's rights."""
        return f"insight.restored-{new_id().hex[-8:]}."

    def _environment(self, process: Process) -> dict[str, str]:
        own = environment_of(process, self.profile, self.settings)
        secrets = environment_of(process, self.original.profile, self.settings)
        theirs = {name: secrets[name] for name in secrets if name.startswith(("PORTAL_", "KEYCLOAK_", "WORK_"))}
        more = {"PYTHON": sys.executable, "PYTHONUNBUFFERED": "1", "KAFKA_GROUP_PREFIX": self._group_prefix}
        return {**own, **theirs, **more, "MODE": "test"}
