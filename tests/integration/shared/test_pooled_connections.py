"""T5, T6: many tenants on few connections, and what a connection whose request was cut off shows the next tenant."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shared import due_work
from shared.database import Database, NoPrincipal, UnitOfWork
from shared.ids import new_id
from shared.mechanism import due_work as due_table
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest

THREADS, TENANTS, CONNECTIONS = 8, 42, 4
FORGETS = 0.05
BACKEND = text("select pg_backend_pid()")
LONG_STATEMENT = text("select pg_sleep(60), count(*) from due_work")
WRITTEN_BY = "of the one who was cut off"
CutOff = Callable[[UnitOfWork, int], None]


@pytest.fixture
def superuser(notification: ServiceUnderTest) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(notification.superuser_url, autocommit=True) as connection:
        yield connection


def _person(service: ServiceUnderTest) -> Principal:
    trust = service.world.trust()
    return Principal(str(new_id()), service.world.tenant_of(trust), trust)


def _write(service: ServiceUnderTest, person: Principal, what: str) -> None:
    with service.unit_of_work(person) as uow:
        due_work.add(uow, "canary", what, uow.now)
        uow.commit()


@pytest.mark.parametrize("calls", [800, pytest.param(3_000, marks=pytest.mark.long)])
def test_many_tenants_on_few_connections_never_see_each_other(notification: ServiceUnderTest, calls: int) -> None:
    """T5: one call in twenty forgets its tenant and must be refused before any SQL."""
    people = [_person(notification) for _ in range(TENANTS)]
    for person in people:
        _write(notification, person, person.tenant_id)
    database = Database(notification.config.database_url, pool_size=CONNECTIONS)

    def call(seed: int) -> tuple[int, list[str]]:
        chooser, refused, foreign = random.Random(seed), 0, list[str]()
        for _ in range(calls // THREADS):
            if chooser.random() < FORGETS:
                with pytest.raises(NoPrincipal):
                    UnitOfWork(database, None)  # type: ignore[arg-type]
                refused += 1
                continue
            person = chooser.choice(people)
            with UnitOfWork(database, person) as uow:
                seen = uow.session.scalars(select(due_table.c.object_id).where(due_table.c.kind == "canary")).all()
            foreign += [tenant for tenant in seen if tenant != person.tenant_id] + ["nothing"] * (not seen)
        return refused, foreign

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(call, range(THREADS)))
    database.dispose()

    assert [what for _, foreign in outcomes for what in foreign] == []
    assert sum(refused for refused, _ in outcomes) > calls * FORGETS / 2


def by_its_time_limit(uow: UnitOfWork, _: int) -> None:
    uow.session.execute(text("set local statement_timeout = 1"))
    with pytest.raises(DBAPIError, match="statement timeout"):
        uow.session.execute(LONG_STATEMENT)


@pytest.fixture
def by_an_administrator(superuser: psycopg.Connection[tuple[object, ...]]) -> CutOff:
    """`pg_cancel_backend`, once the statement runs."""
    running = "select 1 from pg_stat_activity where pid = %s and state = 'active' and query like '%%pg_sleep%%'"

    def cancel(backend: int) -> None:
        while superuser.execute(running, [backend]).fetchone() is None:
            time.sleep(0.001)
        superuser.execute("select pg_cancel_backend(%s)", [backend])

    def cut_off(uow: UnitOfWork, backend: int) -> None:
        canceller = threading.Thread(target=cancel, args=(backend,))
        canceller.start()
        with pytest.raises(DBAPIError, match="user request"):
            uow.session.execute(LONG_STATEMENT)
        canceller.join()

    return cut_off


@pytest.mark.parametrize("repeats", [40, pytest.param(500, marks=pytest.mark.long)])
@pytest.mark.parametrize("way", ["its time limit", "an administrator"])
def test_a_connection_whose_statement_was_cut_off_shows_the_next_tenant_nothing(
    notification: ServiceUnderTest, by_an_administrator: CutOff, way: str, repeats: int
) -> None:
    """T6: the very same connection serves somebody else next."""
    cut_off = by_its_time_limit if way == "its time limit" else by_an_administrator
    first, second = _person(notification), _person(notification)
    _write(notification, first, WRITTEN_BY)
    foreign: list[str] = []
    backends = set()
    database = Database(notification.config.database_url, pool_size=1)

    for _ in range(repeats):
        with UnitOfWork(database, first) as uow:
            backend = uow.session.scalar(BACKEND)
            due_work.add(uow, "canary", WRITTEN_BY, uow.now)
            cut_off(uow, backend)
        with UnitOfWork(database, second) as uow:
            backends |= {backend, uow.session.scalar(BACKEND)}
            foreign += uow.session.scalars(select(due_table.c.object_id))
    database.dispose()

    assert foreign == []
    assert len(backends) == 1, "it was not the same connection, so nothing was shown"
