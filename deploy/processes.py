"""Reads `processes.yaml`: which processes there are and which environment variables each is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("processes.yaml")


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
