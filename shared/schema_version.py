"""How far a service's schema is migrated, held to the migrations that lie beside this code.

Code on a schema that is behind would answer errors and set sound events aside: a web process is not ready on it, and a
background process begins nothing. A version that this code does not know is a newer release's, whose migrations only
expand what this code uses: it goes on.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.database import SESSION_OPTIONS, BoundSession
from shared.driver import patiently
from shared.metrics import SCHEMA_BEHIND

SERVICES = Path(__file__).resolve().parent.parent / "services"
VERSION = "select version_num from alembic_version"
NOT_TO_BE_READ = (errors.UndefinedTable, errors.InsufficientPrivilege)
"""What the database says of a schema never migrated, or not as far as the migration that lets its processes read it."""
DECLARED = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*(?:[\"'](\w+)[\"']|None)", re.MULTILINE)
BEHIND = (
    "The schema is behind this release, so nothing is begun. Run its migrations: python -m shared.migrations %s"
    " (no restart is needed afterwards)"
)
LOOK = 1.0
"""Seconds between two looks at a schema that is behind."""
LONGEST_PAUSE = 5.0
log = logging.getLogger(__name__)


class UnclearHistory(Exception):
    """The migrations of a service do not end in exactly one newest revision."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of one service's migrations, as this code knows them."""

    head: str
    earlier: frozenset[str]

    def go_beyond(self, version: str | None) -> bool:
        """Tell whether a schema at `version` (None: at none) is behind: it lacks a migration of these."""
        return version is None or version in self.earlier


@cache
def revisions_of(service: str) -> Revisions:
    """Return what a service's migrations declare, read from their text: Alembic would run every one of them.

    Raises UnclearHistory when they do not end in one revision.
    """
    declared = [
        dict(DECLARED.findall(file.read_text()))
        for file in (SERVICES / service / "migrations" / "versions").glob("*.py")
    ]
    revisions = {each["revision"] for each in declared if each.get("revision")}
    heads = revisions - {each.get("down_revision") for each in declared}
    if len(heads) != 1:
        raise UnclearHistory(f"The migrations of {service} end in {sorted(heads)}.")
    head = heads.pop()
    return Revisions(head, frozenset(revisions - {head}))


def is_behind(service: str, session: BoundSession) -> bool:
    """Ask in one statement whether the schema lacks a migration; afterwards the transaction may be one that failed."""
    try:
        version = session.scalar(text(VERSION))
    except ProgrammingError as error:
        if not isinstance(error.orig, NOT_TO_BE_READ):
            raise
        version = None
    return revisions_of(service).go_beyond(version)


def wait_until_migrated(service: str, url: str, *, stop: Callable[[], bool], on_turn: Callable[[], None]) -> None:
    """Return once the schema has every migration of this code, or the process is to stop.

    While it is behind, `on_turn` is not called: a process that cannot begin is not well. One whose database is away
    waits and is well, as it is later on.
    """
    pause, told = 0.1, False
    while not stop():
        try:
            behind = revisions_of(service).go_beyond(_version_at(url))
        except psycopg.OperationalError as error:
            log.warning("The database is away", extra={"error": type(error).__name__})
            on_turn()
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        SCHEMA_BEHIND.set(int(behind))
        if not behind:
            return
        if not told:
            log.error(BEHIND, service, extra={"wanted": revisions_of(service).head})
        told, pause = True, 0.1
        time.sleep(LOOK)


def _version_at(url: str) -> str | None:
    with psycopg.connect(patiently(url), autocommit=True, options=SESSION_OPTIONS) as connection:
        try:
            row = connection.execute(VERSION).fetchone()
        except NOT_TO_BE_READ:
            return None
    return str(row[0]) if row else None
