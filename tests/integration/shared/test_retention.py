"""The chore that deletes what was kept long enough: in batches, cut off at any time, beside another one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, insert, select

from services.notification.models import message
from services.notification.retention import forget_messages
from shared import retention
from shared.config import AwsConfig
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of

OLD = datetime.now(UTC) - timedelta(days=400)
ROWS = 7


@pytest.fixture
def tenant(notification: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a tenant with old messages, of which two fit into a transaction."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    trust = notification.world.trust()
    tenant = notification.world.tenant_of(trust)
    told = {"tenant_id": tenant, "org_id": trust, "person_id": "p", "kind": "plan-approved", "about": "x", "link": "/x"}
    rows = [
        told | {"id": new_id(), "event_id": new_id(), "gaps": {}, "created_at": OLD, "mail": "sent"}
        for _ in range(ROWS)
    ]
    with notification.unit_of_work(Principal.service(tenant, trust)) as uow:
        uow.session.execute(insert(message).values(rows))
        uow.commit()
    return tenant


def left(notification: ServiceUnderTest, tenant: str) -> int:
    with notification.unit_of_work(Principal.service(tenant, tenant)) as uow:
        return int(uow.session.execute(select(func.count()).select_from(message)).scalar_one())


def counted() -> float:
    return REGISTRY.get_sample_value("kept_long_enough_deleted_total", {"kind": "made-up"}) or 0.0


def test_all_batches_go_and_are_counted_without_saying_whose(notification: ServiceUnderTest, tenant: str) -> None:
    before = counted()
    chore = retention.chore({"made-up": forget_messages}, tenants=lambda _: [tenant])

    chore.run(lambda where, org: notification.unit_of_work(Principal.service(where, org)))

    assert left(notification, tenant) == 0
    assert counted() - before == ROWS


def test_a_batch_that_held_what_was_not_due_is_not_the_last(notification: ServiceUnderTest, tenant: str) -> None:
    deleted = iter([2, 1, 2, 0, 2])
    chore = retention.chore({"made-up": lambda uow, at_once: next(deleted)}, tenants=lambda _: [tenant])
    before = counted()

    chore.run(lambda where, org: notification.unit_of_work(Principal.service(where, org)))

    assert (counted() - before, next(deleted)) == (5, 2)


def test_a_run_that_is_cut_off_has_done_what_it_has_done_and_the_next_goes_on(
    notification: ServiceUnderTest, tenant: str
) -> None:
    runs = 0

    def cut_off(uow: UnitOfWork, at_once: int) -> int:
        nonlocal runs
        runs += 1
        done = forget_messages(uow, at_once)
        if runs == 2:
            raise RuntimeError("the power went out")
        return done

    chore = retention.chore({"made-up": cut_off}, tenants=lambda _: [tenant])
    scheduler = Scheduler(notification.database, {}, stop=lambda: False, chores=(chore,))
    scheduler.run_once()
    after_the_first = left(notification, tenant)
    Scheduler(notification.database, {}, stop=lambda: False, chores=(chore,)).run_once()

    assert (after_the_first, left(notification, tenant)) == (ROWS - 2, 0)


def test_two_schedulers_at_once_delete_each_row_once(notification: ServiceUnderTest, tenant: str) -> None:
    before = counted()
    chore = retention.chore({"made-up": forget_messages}, tenants=lambda _: [tenant])

    def run(_: int) -> None:
        chore.run(lambda where, org: notification.unit_of_work(Principal.service(where, org)))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    run(0)

    assert left(notification, tenant) == 0
    assert counted() - before == ROWS


def test_what_takes_too_long_waits_for_the_next_turn(
    notification: ServiceUnderTest, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "TURN", 0.0)
    chore = retention.chore({"made-up": forget_messages}, tenants=lambda _: [tenant])

    chore.run(lambda where, org: notification.unit_of_work(Principal.service(where, org)))

    assert left(notification, tenant) == ROWS


@pytest.mark.parametrize("name", ["directory", "notification"])
def test_the_scheduler_of_a_service_does_the_chore(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    service: ServiceUnderTest = request.getfixturevalue(name)
    for setting in ("KEYCLOAK_ADMIN_URL", "KEYCLOAK_REALM", "KEYCLOAK_CLIENT_ID", "KEYCLOAK_CLIENT_SECRET"):
        monkeypatch.setenv(setting, "http://127.0.0.1:9")
    monkeypatch.setenv("DIRECTORY_URL", "http://127.0.0.1:9")
    aws = AwsConfig("eu-west-2", "key", "secret", None, "http://127.0.0.1:9", "none", "no-reply@impact.example")

    parts = parts_of(name, replace(service.config, role="scheduler", aws=aws))

    assert [chore.every for chore in parts.chores if chore.name == "delete-what-was-kept-long-enough"] == [
        timedelta(hours=1)
    ]
