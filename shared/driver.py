"""Statements that every request sends, given to the driver as they are.

SQLAlchemy's share of a statement (its key, its context, its result) costs as much Python as the driver's. For the
statements that are the same in every request (who asks, what they may do, the audit row) that was 11 % of the web
process. What the driver raises comes out as SQLAlchemy's error, and whoever listens to the engine's statements (tests
that count them, the bench) hears of these too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LINK: Mapping[str, int] = MappingProxyType(
    {
        "connect_timeout": 3,
        "tcp_user_timeout": 20_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
)
"""How each connection notices that its server's machine has gone without a word: after 20 s (the one number in
milliseconds) when something was sent, 25 s when an answer is waited for; the kernel's own patience is a quarter of an
hour, and a thread that waits is lost to everybody. Longer than any statement may take (15 s)."""

AWAY = ("08", "53", "57P0", "58", "25006")
"""How the codes begin with which PostgreSQL says that it, and not the statement, is in trouble: no connection, no room
or memory left, shutting down or starting, an error of its machine, and a server that only reads since another leads."""


def is_away(error: BaseException) -> bool:
    """Tell whether an error means that the database is away or busy: the same is worth trying again, for ever.

    A statement that took too long, a deadlock or a value that fits no column is about what was tried. The driver counts
    the first two as the operation of the database (OperationalError), but trying them for ever would stop all the rest.
    """
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    nothing_said = code is None and isinstance(error, OperationalError)
    return error.connection_invalidated or nothing_said or str(code).startswith(AWAY)


def patiently(url: str) -> str:
    """Return a database's address, as SQLAlchemy writes it too, with how long to wait for a server that has gone."""
    return make_conninfo(url.replace("postgresql+psycopg://", "postgresql://"), **LINK)


def run_directly(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """Run a statement with `%(name)s` parameters in the connection's transaction; return the cursor with its rows.

    Raises sqlalchemy.exc.DBAPIError like SQLAlchemy itself; a connection that broke is then invalidated.
    """
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    cursor = driver.cursor()
    told = connection.dispatch
    try:
        told.before_cursor_execute(connection, cursor, statement, parameters, None, False)
        cursor.execute(statement.encode(), parameters)
        told.after_cursor_execute(connection, cursor, statement, parameters, None, False)
    except psycopg.Error as error:
        raise _as_sqlalchemy_says_it(connection, driver, statement, error) from error
    return cursor


def _as_sqlalchemy_says_it(
    connection: Connection, driver: psycopg.Connection[Any], statement: str, error: psycopg.Error
) -> DBAPIError | BaseException:
    broken = driver.closed
    if broken:
        connection.invalidate(error)
    return DBAPIError.instance(
        statement,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=broken,
        dialect=connection.dialect,
    )
