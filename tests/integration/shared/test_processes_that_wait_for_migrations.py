"""Relay, consumer and scheduler of a newer release begin nothing on a schema that is behind, and go on by themselves.

Each is a real process; the schema is migrated by the command that an operator runs.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from infra.servers import ConnectionSettings
from shared import catalogue
from shared.config import KafkaConfig
from shared.contracts import event_types
from shared.envelope import headers_for
from shared.ids import new_id
from shared.kafka import Outgoing, Producer
from shared.principal import NATIONAL_TENANT
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.token_mint import TokenMint
from tests.integration.action_plan.planning_trusts import found_trust
from tests.integration.shared.earlier_schema import WAITS, BackgroundProcess, EarlierSchema, background, variables
from tests.integration.shared.event_path import until
from tests.services import service_under_test

DIRECTORY = catalogue.topic_of(event_types.ORGANISATION_REGISTERED).name
LONG_ENOUGH_TO_ACT = 5.0
"""Seconds: a relay and a scheduler look twice a second and oftener, a consumer joins its group in three."""
COUNTED = (
    "select (select count(*) from outbox), (select count(*) from due_work),"
    " (select count(*) from audit_entry left join audit_seal on entry_seq = seq where entry_seq is null),"
    " (select count(*) from known_organisation where name = 'Told meanwhile')"
)


@pytest.fixture
def plans(servers: ConnectionSettings, mint: TokenMint, worker: str) -> Iterator[ServiceUnderTest]:
    """Return a service whose processes do all three, on a database of its own."""
    with service_under_test("action_plan", servers, mint, f"{worker}_waiting") as under_test:
        yield under_test


@pytest.fixture
def schema(plans: ServiceUnderTest, servers: ConnectionSettings, worker: str) -> EarlierSchema:
    """Return its schema at the revision before the newest, with events, due work and acts of a trust that wait."""
    trust = found_trust(plans)
    trust.add(trust.approved())
    found = EarlierSchema(servers.postgres, "action_plan", f"test_action_plan_{worker}_waiting")
    found.as_superuser("update due_work set due_at = now() - interval '1 day'")
    found.go_back()
    return found


def left(schema: EarlierSchema) -> dict[str, int]:
    """Return how many events, pieces of work and acts wait for relay and scheduler, and what the consumer learned."""
    return dict(zip(("events", "due", "unsealed", "learned"), schema.as_superuser(COUNTED)[0], strict=True))


def tell_of_an_organisation(kafka: KafkaConfig) -> None:
    """Say on the register's topic, as directory does, that there is one more."""
    code = f"T{new_id().hex[-6:].upper()}"
    data = {
        "code": code, "name": "Told meanwhile", "kind": "trust", "tenant": NATIONAL_TENANT, "region": "Y60",
        "sector": None, "fictional": True, "valid_from": "2020-04-01", "valid_to": None,
    }  # fmt: skip
    catalogue.check(event_types.ORGANISATION_REGISTERED, data)
    fields = {
        "id": str(new_id()),
        "type": event_types.ORGANISATION_REGISTERED,
        "source": "/services/directory",
        "time": datetime.now(UTC).isoformat(),
        "tenant_id": NATIONAL_TENANT,
        "org_id": code,
        "partition_key": code,
        "aggregate_version": "1",
    }
    producer = Producer(kafka)
    assert producer.send([Outgoing(DIRECTORY, code.encode(), orjson.dumps(data), headers_for(fields))]) == 1
    producer.close()


def waits(process: BackgroundProcess) -> bool:
    return WAITS in process.log()


@pytest.mark.parametrize("role", ["relay", "consumer", "scheduler"])
def test_a_process_waits_saying_so_once_without_a_heartbeat_and_ends_when_told_to(
    schema: EarlierSchema, tmp_path: Path, role: str
) -> None:
    before = left(schema)
    with background(schema, role, tmp_path) as process:
        until(lambda: waits(process))
        time.sleep(LONG_ENOUGH_TO_ACT)
        well, told = process.is_well(), process.says_it_waits()
        ended = process.end()

    assert (well, told, ended) == (False, True, 0)
    assert process.log().count(WAITS) == 1
    assert "python -m shared.migrations action_plan" in process.log()
    assert left(schema) == before


def test_a_scheduler_goes_on_by_itself_once_the_schema_is_migrated(schema: EarlierSchema, tmp_path: Path) -> None:
    before = left(schema)
    with background(schema, "scheduler", tmp_path) as process:
        until(lambda: waits(process))
        schema.migrate()
        until(lambda: left(schema) == before | {"due": 0, "unsealed": 0})
        until(process.is_well)
        told, ended = process.says_it_waits(), process.end()

    assert (told, ended) == (False, 0)


def test_nothing_is_lost_while_relay_consumer_and_scheduler_wait_for_the_migrations(
    schema: EarlierSchema,
    broker: Callable[[Collection[str]], Callable[[str], KafkaConfig]],
    tmp_path: Path,
) -> None:
    topics = {topic.name for topic in catalogue.topics_read_by("action_plan")} | {"impact.action-plan"}
    kafka = broker(topics)
    tell_of_an_organisation(kafka("directory"))
    before = left(schema)
    with ExitStack() as running:
        processes = [
            running.enter_context(background(schema, role, tmp_path, variables(kafka("action_plan"))))
            for role in ("relay", "consumer", "scheduler")
        ]
        until(lambda: all(map(waits, processes)))
        time.sleep(LONG_ENOUGH_TO_ACT)
        meanwhile, well = left(schema), [process.is_well() for process in processes]
        schema.migrate()
        until(lambda: left(schema) == {"events": 0, "due": 0, "unsealed": 0, "learned": 1})
        until(lambda: all(process.is_well() for process in processes))
        ended = [process.end() for process in processes]

    assert min(before["events"], before["due"], before["unsealed"]) > 0
    assert (meanwhile, well, ended) == (before, [False] * 3, [0] * 3)
    assert schema.as_superuser("select count(*) from dead_letter") == [(0,)]
