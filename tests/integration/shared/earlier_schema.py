"""A database taken back to an earlier version of its schema, and the real processes that meet it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import requests
from alembic import command
from flask import Flask

from deploy.healthcheck import is_healthy
from infra.servers import ConnectionSettings
from infra.servers.settings import PostgresSettings
from shared.config import KafkaConfig
from shared.migrations import alembic_config
from shared.testing.token_mint import TokenMint
from tests.integration.portal.portal_under_test import open_portal
from tests.services import service_under_test

READY, BEHIND = (200, {"status": "ready"}), (503, {"status": "schema-behind"})
WAITS = "The schema is behind this release"
NO_BROKER = {
    "KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "KAFKA_USERNAME": "nobody",
    "KAFKA_PASSWORD": "only-for-tests",
}
"""For a process that is not to reach the broker at all."""


@dataclass(frozen=True, slots=True)
class EarlierSchema:
    """One service's schema in a database of the test's own."""

    postgres: PostgresSettings
    service: str
    database: str

    def url(self, role: str) -> str:
        """Return where a role of the service (`app`, `relay`, `migrate`) finds it."""
        return self.postgres.dsn(f"{role}_{self.service}", self.database, scheme="postgresql+psycopg")

    def go_back(self, to: str = "-1") -> None:
        """Undo the newest migration, or all after a revision."""
        command.downgrade(alembic_config(self.service, self.url("migrate")), to)

    def migrate(self) -> None:
        """Run the command that an operator runs."""
        subprocess.run(
            [sys.executable, "-m", "shared.migrations", self.service], env=self.environment("migrate"), check=True
        )

    def dsn(self) -> str:
        """Return its address for the superuser."""
        return self.postgres.superuser_dsn(self.database)

    def as_superuser(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Change or read what no role of ours may; returns the rows."""
        with psycopg.connect(self.dsn()) as connection:
            connection.execute(f"set search_path to {self.service}".encode())
            done = connection.execute(statement.encode(), values)
            return done.fetchall() if done.description else []

    def environment(self, role: str, kafka: Mapping[str, str] = NO_BROKER) -> dict[str, str]:
        """Return the settings of a process of this service."""
        address = {"relay": "RELAY_DATABASE_URL", "migrate": "MIGRATE_DATABASE_URL"}.get(role, "DATABASE_URL")
        login = role if role in {"relay", "migrate"} else "app"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | dict(kafka) | {"MODE": "test", address: self.url(login)}


@contextmanager
def web_process(
    servers: ConnectionSettings, mint: TokenMint, service: str, name: str
) -> Iterator[tuple[Flask, EarlierSchema]]:
    """Open a service's web application, or the portal's, on a database of its own; yield it with its schema."""
    schema = EarlierSchema(servers.postgres, service, f"test_{service}_{name}")
    if service == "portal":
        with open_portal(servers, name) as portal:
            yield portal.app, schema
    else:
        with service_under_test(service, servers, mint, name) as under_test:
            yield under_test.app, schema


def ready(app: Flask) -> tuple[int, object]:
    """Ask a web process as the orchestrator does."""
    answer = app.test_client().get("/health/ready")
    return answer.status_code, answer.json


def variables(kafka: KafkaConfig) -> dict[str, str]:
    """Return settings of the broker as a process is given them."""
    return {
        "KAFKA_BOOTSTRAP": kafka.bootstrap,
        "KAFKA_SECURITY_PROTOCOL": kafka.security_protocol,
        "KAFKA_USERNAME": kafka.username,
        "KAFKA_PASSWORD": kafka.password,
        "KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        "KAFKA_GROUP_PREFIX": kafka.group_prefix,
        "KAFKA_SESSION_TIMEOUT_MS": str(kafka.session_timeout_ms),
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class BackgroundProcess:
    """A real relay, consumer or scheduler, with the files and the port by which it is watched."""

    process: subprocess.Popen[bytes]
    log_file: Path
    heartbeat: Path
    metrics_port: int

    def log(self) -> str:
        """Return what it said so far."""
        return self.log_file.read_text()

    def is_well(self) -> bool:
        """Ask as the orchestrator does."""
        return is_healthy({"HEARTBEAT_FILE": str(self.heartbeat)}, time.time())

    def says_it_waits(self) -> bool:
        """Tell what its collector is told."""
        shown = requests.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10).text
        return "\nschema_behind 1.0\n" in shown

    def end(self) -> int:
        """Tell it to end, as an orchestrator does, and return its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=15)


@contextmanager
def background(
    schema: EarlierSchema, role: str, folder: Path, kafka: Mapping[str, str] = NO_BROKER
) -> Iterator[BackgroundProcess]:
    """Start one role of the service; a process that is left over is killed."""
    log_file, heartbeat, port = folder / f"{role}.log", folder / f"{role}.beat", _free_port()
    watched = {"HEARTBEAT_FILE": str(heartbeat), "METRICS_PORT": str(port), "LOG_LEVEL": "INFO"}
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "shared.worker", schema.service, role],
            env=schema.environment(role, kafka) | watched,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield BackgroundProcess(process, log_file, heartbeat, port)
    finally:
        process.kill()
        process.wait()
