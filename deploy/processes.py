"""Reads `processes.yaml`: which processes there are and which environment variables each is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.postgres.roles import SERVICES, SUPERUSER, login_roles

FILE = Path(__file__).with_name("processes.yaml")
REBUILD = ("python", "-m", "services.insight.rebuild")
ADMINISTRATION = (
    *("POSTGRES_ADDRESS", "POSTGRES_CA_FILE"),
    *("KAFKA_BOOTSTRAP", "KAFKA_SECURITY_PROTOCOL", "KAFKA_SASL_MECHANISM", "KAFKA_CA_FILE", "KAFKA_ADMIN_USERNAME"),
    *("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "S3_ENDPOINT", "S3_BUCKET"),
)


@dataclass(frozen=True, slots=True)
class Process:
    """One process of one service, as `deploy/entrypoint.sh` starts it."""

    service: str
    role: str
    settings: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.service}-{self.role}"


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return table


def services() -> Sequence[str]:
    """Names of all services, in the order in which they start."""
    return tuple(_table()["services"])


def settings_of(service: str, role: str) -> tuple[str, ...]:
    """Names of the environment variables that this process may see, and no other does."""
    table = _table()
    groups = [*table["roles"][role], *table["services"][service]["more"].get(role, [])]
    names = [name for group in groups for name in table["groups"][group]]
    return tuple(dict.fromkeys(names))


def processes() -> Sequence[Process]:
    """Every long-running process of the product."""
    table = _table()["services"]
    return tuple(Process(name, role, settings_of(name, role)) for name in table for role in table[name]["roles"])


def migrations() -> Sequence[Process]:
    """The run-once process of each service that brings its schema up to date."""
    return tuple(Process(name, "migrate", settings_of(name, "migrate")) for name in services())


def administration() -> Process:
    """What fills the servers and looks after them: it alone is given the password of every role and broker user."""
    roles = [f"{role.upper()}_PASSWORD" for role in (SUPERUSER, *login_roles())]
    users = [f"KAFKA_{name.upper()}_PASSWORD" for name in ("admin", *SERVICES)]
    return Process("bootstrap", "bootstrap", (*ADMINISTRATION, *roles, *users))


def rebuild() -> Process:
    """Insight's rebuild, which an operator runs: it reads as the consumer does and makes tables as a migration does."""
    settings = [*settings_of("insight", "consumer"), *settings_of("insight", "migrate")]
    return Process("insight", "rebuild", tuple(dict.fromkeys(settings)))
