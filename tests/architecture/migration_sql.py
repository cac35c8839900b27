"""What each migration really sends to the database, read while a database of its own is migrated from nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

from infra.postgres.bootstrap import make_service_database
from infra.servers.settings import PostgresSettings
from shared.migrations import upgrade

Statements = dict[str, list[str]]
"""The statements of one service's migrations, by revision."""

_FINISHED = re.compile(r"alembic_version\b.*?'(\w+)'", re.DOTALL)
"""Alembic writes down each revision once its statements are through; the first quoted word is the revision."""
_ALEMBICS_OWN = re.compile(r"(create table|insert into|update|delete from) (\w+\.)?alembic_version\b", re.IGNORECASE)
"""What Alembic itself does with its table; a migration of ours may say who else reads it."""


def sent_by_migrations(postgres: PostgresSettings, service: str, worker: str) -> Statements:
    """Migrate a new database; return what changed it, by revision."""
    superuser, name = postgres.superuser_dsn("postgres"), f"migrating_{service}_{worker}"
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
    make_service_database(superuser, name)
    try:
        with _listening(name) as sent:
            upgrade(service, postgres.dsn(f"migrate_{service}", name, scheme="postgresql+psycopg"))
    finally:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())
    return _by_revision(sent)


@contextmanager
def _listening(database: str) -> Iterator[list[str]]:
    sent: list[str] = []

    def keep(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url.database == database:
            sent.append(statement.strip())

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", keep)


def _by_revision(sent: list[str]) -> Statements:
    found: Statements = {}
    current: list[str] = []
    for statement in sent:
        word = statement.split(maxsplit=1)[0].lower()
        if _ALEMBICS_OWN.match(statement):
            if word in {"insert", "update"} and (finished := _FINISHED.search(statement)):
                found[finished[1]], current = current, []
        elif word not in {"select", "set"}:
            current.append(statement)
    return found
