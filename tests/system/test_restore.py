"""F25: the whole system, backed up while people work, is restored into a new cluster, replayed, and goes on there."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.demo import play
from deploy.local.demo.actor import Actor, Json, until
from deploy.local.demo.aldermere import ICB, TRUST
from deploy.local.demo.cast import Cast
from deploy.local.demo.planning import report_progress
from deploy.local.system import System
from infra.kafka.told import Told
from infra.postgres.backup import back_up
from infra.postgres.contents import Contents
from infra.postgres.roles import KEYCLOAK, SERVICES
from tests.system.restored import Restored, read_model

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
PLAN_TOPIC = "impact.action-plan"
STANDINGS = ("on_track", "too_early_to_tell")
COUNTER = "select version from action_plan.event_counter where topic = %s and key = %s"
ACCOUNTS = "select count(*), count(distinct username) from user_entity"


@dataclass
class Worker:
    """Somebody who reports again and again how one action stands, and remembers what was acknowledged."""

    person: Actor
    action: Json
    acknowledged: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def report(self) -> None:
        number = self.acknowledged + 1
        report_progress(self.person, self.action["id"], STANDINGS[number % 2], f"Report {number}")
        self.acknowledged = number

    def keep_reporting(self) -> None:
        while not self.stop.is_set():
            self.report()

    def put_back(self) -> None:
        """Say again what the story said, so that whoever comes next finds it."""
        report_progress(self.person, self.action["id"], self.action["status"], self.action["next_step"])


@dataclass
class Rehearsal:
    """What was done and what came of it."""

    restored: Restored
    worker: Worker
    before: int
    during: int
    backed_up: Contents
    found: Contents
    counter: int
    raised: int
    told: Told

    @property
    def plan_id(self) -> str:
        return str(self.worker.action["plan_id"])


@pytest.fixture(scope="module")
def worker(system: System, cast: Cast) -> Iterator[Worker]:
    """Olu Bankole of Aldermere, after the story was played."""
    play.ensure_played(system)
    olu = cast.act("olu.owner", TRUST)
    mine = [one for one in olu.get("action_plan", "/actions", mine="true")["items"] if one["status"] in STANDINGS]
    found = Worker(olu, olu.get("action_plan", f"/actions/{mine[0]['id']}"))
    yield found
    found.put_back()


@pytest.fixture(scope="module")
def rehearsal(system: System, worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Back up while Olu reports, let him go on, restore, and let the new cluster learn how far the topics are."""
    folder = tmp_path_factory.mktemp("backup") / "today"
    worker.report()
    before = worker.acknowledged
    backed_up = backed_up_meanwhile(system, worker, folder)
    during = worker.acknowledged
    for _ in range(2):
        worker.report()
    restored = Restored(system)
    try:
        found = restored.fill(folder)
        ((counter,),) = restored.ask(COUNTER, PLAN_TOPIC, worker.action["plan_id"])
        until(partial(all_is_told, system), "the original's outboxes are empty")
        raised, told = restored.learn_how_far_topics_are()
        plan = told[PLAN_TOPIC, str(worker.action["plan_id"])]
        restored.start("action_plan-web", "insight-web")
        yield Rehearsal(restored, worker, before, during, backed_up, found, counter, raised, plan)
    finally:
        restored.throw_away()


def backed_up_meanwhile(system: System, worker: Worker, folder: Path) -> Contents:
    with ThreadPoolExecutor(1) as beside:
        reporting = beside.submit(worker.keep_reporting)
        try:
            return back_up(system.servers.settings.postgres, folder)
        finally:
            worker.stop.set()
            reporting.result()


def all_is_told(system: System) -> bool:
    with psycopg.connect(system.servers.settings.postgres.superuser_dsn()) as connection:
        waiting = [
            connection.execute(f"select exists (select from {name}.outbox)".encode()).fetchone()
            for name in SERVICES
            if name != "portal"
        ]
    return waiting == [(False,)] * len(waiting)


def test_every_row_every_rule_and_every_number_of_all_services_is_there(rehearsal: Rehearsal) -> None:
    backed_up, found = rehearsal.backed_up, rehearsal.found
    schemas = {table.partition(".")[0] for table, of_tenant in found.rows.items() if of_tenant}

    assert backed_up.differences(found) == []
    assert (found.rows, found.sums) == (backed_up.rows, backed_up.sums)
    assert set(SERVICES) <= schemas
    assert len(found.protection) > 500
    assert len(found.rules) > 500
    assert any("CREATE TRIGGER" in rule for rule in found.rules)
    assert max(found.numbers.values()) > 100


def test_the_walls_stand_nobody_who_does_not_say_who_asks_sees_a_row(rehearsal: Rehearsal) -> None:
    postgres, rows = rehearsal.restored.settings.postgres, rehearsal.found.rows
    of_tenants = [table for table, of_tenant in rows.items() if of_tenant and "" not in of_tenant]
    seen = {}
    for service in SERVICES:
        with psycopg.connect(postgres.dsn(f"app_{service}"), autocommit=True) as connection:
            for table in of_tenants:
                if table.startswith(f"{service}.") and may_read(connection, table):
                    seen[table] = connection.execute(f"select count(*) from {table}".encode()).fetchone()

    assert len(seen) > 40
    assert {table: count for table, count in seen.items() if count != (0,)} == {}


def may_read(connection: psycopg.Connection[Any], table: str) -> bool:
    return connection.execute("select has_table_privilege(%s, 'select')", [table]).fetchone() == (True,)


def test_accounts_with_their_second_factors_are_there(rehearsal: Rehearsal, system: System) -> None:
    with psycopg.connect(system.servers.settings.postgres.superuser_dsn(KEYCLOAK)) as connection:
        was = connection.execute(ACCOUNTS.encode()).fetchall()

    assert rehearsal.restored.ask(ACCOUNTS, database=KEYCLOAK) == was
    assert was[0][0] > 20


def test_what_was_acknowledged_until_the_backup_is_there_and_what_came_after_it_is_not(
    rehearsal: Rehearsal, cast: Cast
) -> None:
    """The recovery point is the moment of the backup."""
    olu = rehearsal.restored.act(cast, "olu.owner", TRUST)

    found = olu.get("action_plan", f"/actions/{rehearsal.worker.action['id']}")

    number = int(found["next_step"].removeprefix("Report "))
    assert rehearsal.before <= number <= rehearsal.during
    assert rehearsal.during > rehearsal.before, "nobody worked while the backup was taken"
    assert rehearsal.worker.acknowledged == rehearsal.during + 2


def test_events_told_since_the_backup_are_heard_and_the_read_model_is_as_it_was(
    rehearsal: Rehearsal, cast: Cast, system: System
) -> None:
    """E8, twice: against the system that was lost, and against a rebuild from the first event."""
    restored, lost = rehearsal.restored, read_model(system.servers.settings)
    assert read_model(restored.settings) != lost, "nothing was told since the backup, so nothing is shown"

    restored.start("insight-consumer")
    until(lambda: read_model(restored.settings) == read_model(system.servers.settings), "all is heard", patience=90)
    restored.stop("insight-consumer")

    assert restored.rebuild_is_equal()
    iris, on_the_original = restored.act(cast, "iris.icb", ICB), cast.act("iris.icb", ICB)
    shown = iris.get("insight", "/trust-status")["items"]
    assert shown == on_the_original.get("insight", "/trust-status")["items"]
    assert len(shown) > 5


def test_the_next_event_is_numbered_after_those_that_no_row_remembers(rehearsal: Rehearsal, cast: Cast) -> None:
    restored, worker = rehearsal.restored, rehearsal.worker
    assert rehearsal.counter < rehearsal.told.version, "the backup knew all that was told, so nothing is shown"
    assert rehearsal.raised >= 1
    olu = restored.act(cast, "olu.owner", TRUST)

    report_progress(olu, worker.action["id"], "off_track", "On the new cluster")

    waiting = "select max(aggregate_version) from action_plan.outbox where topic = %s and key = %s"
    assert restored.ask(waiting, PLAN_TOPIC, rehearsal.plan_id) == [(rehearsal.told.version + 1,)]
