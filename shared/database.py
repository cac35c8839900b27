"""The database as one principal sees it.

A unit of work is one transaction bound to one principal: tenant, organisation, person and scope are set inside the
transaction (`set_config(…, true)`), where the row policies read them, and are gone when it ends. Without a principal
there is no transaction. Leaving without `commit()` rolls back.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import orjson
import psycopg
from sqlalchemy import Connection, CursorResult, Engine, Executable, ScalarResult, create_engine, text
from sqlalchemy.exc import DBAPIError

from shared.clock import Clock, SystemClock
from shared.crashpoints import crash_point
from shared.driver import LINK, patiently, run_directly
from shared.principal import Principal, Scope

BIND_PRINCIPAL = (
    "select concat(set_config('app.tenant_id', %(tenant_id)s, true), set_config('app.org_id', %(org_id)s, true),"
    " set_config('app.person_id', %(person_id)s, true), set_config('app.scope', %(scope)s, true),"
    " set_config('app.move_to', '', true),"
    " pg_advisory_xact_lock_shared(hashtext(current_schema()), hashtext('organisation ' || %(org_id)s)))"
)
"""Every transaction also holds its organisation in place until it ends: a move waits for it, and what begins after
the move finds the organisation where it is then. Otherwise a row written for the old tenant meanwhile stays there.
One column, because the driver describes each column of an answer in Python.
"""
HOLD_IN_PLACE = text(
    "select pg_advisory_xact_lock_shared(hashtext(current_schema()), hashtext('organisation ' || org_id))"
    " from unnest(cast(:org_ids as text[])) as org_id"
)
HOLD_ALONE = text("select pg_advisory_xact_lock(hashtext(current_schema()), hashtext('organisation ' || :org_id))")
SESSION_OPTIONS = "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=20000 -c timezone=UTC -c jit=off"
WAKE_INTERVAL = 0.005
"""Seconds between two hints to the relay: more often costs commits and gains nothing (measured)."""


class NoPrincipal(Exception):
    """A transaction was begun without saying who asks."""


class BoundSession:
    """Transactions of one principal on a pooled connection, each begun by its first statement.

    Core alone: no class of ours is mapped, and the ORM's session took a fifth of a request's Python. Raises NoPrincipal
    at the first statement when nobody asks.
    """

    def __init__(self, engine: Engine, principal: Principal | None) -> None:
        self._engine = engine
        self._principal = principal
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connection(self) -> Connection:
        """The connection of the running transaction, which is begun if there is none."""
        if self._connection is None:
            if not isinstance(self._principal, Principal):
                raise NoPrincipal("A transaction needs a principal.")
            self._connection = self._begun(self._principal)
        return self._connection

    def _begun(self, principal: Principal) -> Connection:
        """Begin; a pooled connection that broke while it lay idle is replaced, since nothing was done on it yet."""
        try:
            return self._bound(principal)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        self._engine.dispose()  # the other idle ones are as old
        return self._bound(principal)

    def _bound(self, principal: Principal) -> Connection:
        connection = self._engine.connect()
        try:
            connection.begin()
            run_directly(connection, BIND_PRINCIPAL, settings_of(principal))
        except BaseException:
            connection.close()
            raise
        return connection

    def bind(self, principal: Principal) -> None:
        """Go on as another principal in the same transaction; what it wrote before stays its own."""
        run_directly(self.connection(), BIND_PRINCIPAL, settings_of(principal))

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement in the transaction."""
        return self.connection().execute(statement, parameters)

    def scalar(self, statement: Executable) -> Any:
        """Return the first column of the first row, or None."""
        return self.connection().scalar(statement)

    def scalars(self, statement: Executable) -> ScalarResult[Any]:
        """Return the first column of every row."""
        return self.connection().scalars(statement)

    def commit(self) -> None:
        """Make the transaction durable; nothing happens when none has begun."""
        if self._connection is not None:
            self._connection.commit()
            self.close()

    def rollback(self) -> None:
        """Undo the transaction; nothing happens when none has begun."""
        self.close()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def settings_of(principal: Principal) -> dict[str, str]:
    """Return what `BIND_PRINCIPAL` sets for a principal."""
    return {
        "tenant_id": principal.tenant_id,
        "org_id": principal.org_id,
        "person_id": principal.person_id or "",
        "scope": principal.scope.value,
    }


class RelayWaker:
    """Tells the relay that events wait: a hint after the commit, on a connection of its own.

    Inside the transaction a NOTIFY would take a database-wide lock through the flush and cost half of all writes.
    A lost hint costs one poll interval of the relay, never an event; so errors are counted and otherwise ignored.
    """

    def __init__(self, url: str, channel: str) -> None:
        self._url = url
        self._channel = channel
        self._wanted = threading.Event()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None
        self.failures = 0

    def wake(self) -> None:
        """Ask for a hint; returns at once."""
        if self._thread is None:
            with self._started:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="relay-waker", daemon=True)
                    self._thread.start()
        self._wanted.set()

    def _run(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                if connection is None or connection.closed:
                    connection = psycopg.connect(patiently(self._url), autocommit=True)
                connection.execute(f"notify {self._channel}".encode())
            except psycopg.Error:
                self.failures += 1
                connection = None
            time.sleep(WAKE_INTERVAL)


class Database:
    """One service's database under one login role."""

    def __init__(self, url: str, *, pool_size: int = 8, wake_channel: str | None = None) -> None:
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=3,
            pool_recycle=1800,
            hide_parameters=True,  # an error is logged, and what was about to be written is somebody's
            connect_args={"prepare_threshold": 2, "options": SESSION_OPTIONS, **LINK},
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        self._waker = RelayWaker(url, wake_channel) if wake_channel else None

    def session(self, principal: Principal) -> BoundSession:
        """Return a session that begins each transaction as `principal`."""
        return BoundSession(self.engine, principal)

    def wake_relay(self) -> None:
        """Hint that the outbox holds something."""
        if self._waker is not None:
            self._waker.wake()

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


class UnitOfWork:
    """One transaction of one principal.

    `before_commit` callables run inside the transaction with the answer about to be given (the route's audit row, the
    stored answer of an idempotency key); `after_commit` callables run once it is durable.
    """

    def __init__(self, database: Database, principal: Principal, *, clock: Clock | None = None) -> None:
        if not isinstance(principal, Principal):
            raise NoPrincipal("A unit of work needs a principal.")
        self._database = database
        self._session: BoundSession | None = None
        self.principal = principal
        self.now: datetime = (clock or SystemClock()).now()
        self.before_commit: list[Callable[[Mapping[str, Any] | None], None]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.trace: str | None = None
        self.object_type: str | None = None
        self.object_ids: tuple[str, ...] = ()

    @property
    def session(self) -> BoundSession:
        """The session of the open transaction; raises NoPrincipal when the unit of work is not open."""
        if self._session is None:
            raise NoPrincipal("The unit of work is not open.")
        return self._session

    def __enter__(self) -> Self:
        self._session = self._database.session(self.principal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def about(self, object_type: str, *object_ids: object) -> None:
        """Name the things this unit of work is about: each has an audit row of its own; of none there is still one."""
        self.object_type = object_type if object_ids else None
        self.object_ids = tuple(map(str, object_ids))

    def commit(self, answer: Mapping[str, Any] | None = None) -> None:
        """Make the work durable, then wake whoever waits for it; raises what the database raises."""
        for hook in self.before_commit:
            hook(answer)
        crash_point("transaction_before_commit")
        self.session.commit()
        crash_point("transaction_after_commit")
        for after in self.after_commit:
            after()

    def wake_relay_after_commit(self) -> None:
        """Hint to the relay once the transaction is durable; asking twice hints once."""
        if self._database.wake_relay not in self.after_commit:
            self.after_commit.append(self._database.wake_relay)

    def hold_in_place(self, org_ids: Iterable[str]) -> None:
        """Hold further organisations in place until this transaction ends, as it holds that of its principal."""
        self.session.execute(HOLD_IN_PLACE, {"org_ids": sorted(set(org_ids))})

    def hold_alone(self, org_id: str) -> None:
        """Wait until no other transaction works for the organisation, and let none begin until this one ends."""
        self.session.execute(HOLD_ALONE, {"org_id": org_id})

    @contextmanager
    def moving_to(self, tenant_id: str) -> Iterator[None]:
        """Admit `tenant_id` as the new owner of rows for the statements inside; only the service scope may.

        Raises PermissionError for any other scope; the row policies would refuse it as well.
        """
        if self.principal.scope is not Scope.SERVICE:
            raise PermissionError("Only the service scope may move rows to another tenant.")
        self.session.execute(text("select set_config('app.move_to', :to, true)"), {"to": tenant_id})
        yield
        self.session.execute(text("select set_config('app.move_to', '', true)"))
