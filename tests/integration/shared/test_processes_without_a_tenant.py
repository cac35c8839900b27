"""T8: what runs without anybody asking, from the consumer to a migration, reads no row when it does not say for whom.

Each is begun as it is in production, but with no principal where it makes one of its own.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import sql

from infra.postgres.roles import SERVICES, logins_of
from infra.servers import ConnectionSettings
from services.insight.rebuild import BEHIND, Rebuild
from shared import audit, due_work, idempotency, upkeep
from shared.contracts import event_types
from shared.database import NoPrincipal
from shared.envelope import headers_for
from shared.handling import EventHandling, Registration
from shared.ids import new_id
from shared.kafka import Record
from shared.principal import Principal
from shared.replaying import replay_dead_letters
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.shared.event_path import TOPIC, body_of, effect

OF_TENANTS = """
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relkind = 'r' and c.relnamespace = %s::regnamespace and has_table_privilege(c.oid, 'select') order by 1
"""
MAY_READ_UNASKED = {("relay", "outbox")}
"""The relay sends what waits, whoever's it is, and can read nothing else."""


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let our processes forget in whose name they work."""
    monkeypatch.setattr(Principal, "service", classmethod(lambda *_: None))


@pytest.fixture
def rows(notification: ServiceUnderTest) -> None:
    """Have something that must not be read: due work, and a line of the audit trail."""
    trust = notification.world.trust()
    with notification.unit_of_work(Principal.service(notification.world.tenant_of(trust), trust)) as uow:
        due_work.add(uow, "test", "somebody's", uow.now)
        audit.record(uow, "something")
        uow.commit()


def a_record() -> Record:
    key = str(new_id())
    fields = {
        "id": str(new_id()),
        "type": event_types.ACTION_COMPLETED,
        "source": "/services/action_plan",
        "time": datetime.now(UTC).isoformat(),
        "tenant_id": "SOMEONE",
        "org_id": "SOMEBODY",
        "partition_key": key,
        "aggregate_version": "1",
    }
    return Record(TOPIC, 0, 0, key.encode(), body_of(key), tuple(headers_for(fields)))


def _handling(service: ServiceUnderTest) -> EventHandling:
    return EventHandling(Registration("notification", {event_types.ACTION_COMPLETED: (effect,)}), service.database)


def _scheduler(service: ServiceUnderTest) -> Scheduler:
    return Scheduler(service.database, {"test": lambda uow, work: None}, stop=lambda: False)


def consumer(service: ServiceUnderTest) -> None:
    _handling(service).handle(a_record())


def command(service: ServiceUnderTest) -> None:
    replay_dead_letters(_handling(service), limit=10, policy="stop")


def scheduler(service: ServiceUnderTest) -> None:
    _scheduler(service).run_once()


def leasing_of_due_work(service: ServiceUnderTest) -> None:
    _scheduler(service)._lease()


def chore(service: ServiceUnderTest) -> None:
    idempotency.sweep(_scheduler(service)._unit)


@pytest.mark.parametrize("start", [consumer, command, scheduler, leasing_of_due_work, chore])
def test_a_process_that_does_not_say_for_whom_it_works_fails_before_it_asks_anything(
    notification: ServiceUnderTest, rows: None, nobody: None, start: Callable[[ServiceUnderTest], Any]
) -> None:
    with notification.counted_statements() as statements, pytest.raises(NoPrincipal):
        start(notification)

    assert statements == []


@pytest.mark.usefixtures("logging_of_a_process")
@pytest.mark.parametrize("words", [["check-audit"], ["retry-due-work"], ["replay-dead-letters"]])
def test_a_command_that_does_not_say_for_whom_it_works_fails_before_it_asks_anything(
    notification: ServiceUnderTest, rows: None, nobody: None, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(os, "environ", {"MODE": "test", "DATABASE_URL": notification.config.database_url})
    monkeypatch.setattr(upkeep, "database_of", lambda _: notification.database)
    monkeypatch.setattr(upkeep, "parts_of", lambda *_: _Parts())

    with notification.counted_statements() as statements, pytest.raises(NoPrincipal):
        upkeep.main(["notification", *words])

    assert statements == []


class _Parts:
    @staticmethod
    def registration() -> Registration:
        return Registration("notification", {})


def test_a_rebuild_that_does_not_say_for_whom_it_works_fails_before_it_asks_anything(
    insight: ServiceUnderTest, servers: ConnectionSettings, nobody: None
) -> None:
    owner = servers.postgres.dsn("migrate_insight", _database(insight), scheme="postgresql+psycopg")
    rebuild = Rebuild(app_url=insight.config.database_url, owner_url=owner)

    with pytest.raises(NoPrincipal):
        rebuild.count(BEHIND)

    assert rebuild.fresh.engine.pool.checkedin() == 0, "a connection was opened"  # type: ignore[attr-defined]
    rebuild.close()


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "portal"])
def test_no_login_that_does_not_say_who_asks_sees_a_row_of_a_tenant(
    request: pytest.FixtureRequest, servers: ConnectionSettings, name: str
) -> None:
    """A migration as the owner of the tables, a relay, and whatever else has a login."""
    service: ServiceUnderTest = request.getfixturevalue(name)
    trust = service.world.trust()
    with service.unit_of_work(Principal.service(service.world.tenant_of(trust), trust)) as uow:
        due_work.add(uow, "test", "somebody's", uow.now)
        audit.record(uow, "something")
        uow.commit()
    seen, asked = {}, set()

    for login in logins_of(name):
        with as_login(servers, login, service) as connection:
            for (table,) in connection.execute(OF_TENANTS, [name]).fetchall():
                asked.add(login.partition("_")[0])
                counted = sql.SQL("select count(*) from {}").format(sql.Identifier(name, str(table)))
                seen[login.partition("_")[0], str(table)] = connection.execute(counted).fetchone()

    assert {"app", "migrate", "relay"} <= asked
    assert ("migrate", "due_work") in seen
    assert {place for place, count in seen.items() if count != (0,)} - MAY_READ_UNASKED == set()


@contextmanager
def as_login(
    servers: ConnectionSettings, login: str, service: ServiceUnderTest
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Connect as one of the service's logins; a migration goes on as the owner, as ours do."""
    with psycopg.connect(servers.postgres.dsn(login, _database(service)), autocommit=True) as connection:
        if login.startswith("migrate_"):
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(f"owner_{service.name}")))
        yield connection


def _database(service: ServiceUnderTest) -> str:
    return service.superuser_url.rpartition("/")[2]
