"""E8: the read model built again from the events is the same, byte for byte, however the topics interleave."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from recorded_story import interleaved, story

from services.insight.fresh_tables import digests
from services.insight.models import READ_MODEL
from services.insight.rebuild import PATIENCE, NotCaughtUp, Rebuild
from shared import catalogue
from shared.consumer import ConsumerLoop
from shared.contracts.roles import Role
from shared.handling import EventHandling
from shared.kafka import Consumer, Outgoing, Producer, Record
from shared.testing.service_under_test import ServiceUnderTest


def apply(handling: EventHandling, records: list[Record]) -> None:
    """Handle records as the consumer does, parked ones when what they wait for has come."""
    loop = ConsumerLoop(handling, None, stop=lambda: False, patience=PATIENCE)  # type: ignore[arg-type]
    for record in records:
        handling.handle(record)
        loop.retry_parked()
    while loop.retry_parked():
        pass


@pytest.mark.parametrize("seed", range(3))
def test_any_interleaving_and_any_duplicates_give_the_same_bytes(
    insight: ServiceUnderTest, live: EventHandling, rebuild: Rebuild, seed: int
) -> None:
    records = story(insight)
    apply(live, records)

    apply(rebuild.handling, interleaved(records, seed))
    comparison = rebuild.compare()

    assert comparison.fresh == comparison.live
    assert len(set(comparison.live.values())) >= len(READ_MODEL) - 1, "the tables hold something"


def test_replaying_everything_into_the_live_tables_changes_nothing(
    insight: ServiceUnderTest, live: EventHandling, emptied: None
) -> None:
    records = story(insight)
    apply(live, records)
    before = digests(insight.database)

    apply(live, interleaved(records, 9))

    assert digests(insight.database) == before


def test_an_inbox_that_forgot_is_no_danger_to_the_rows(
    insight: ServiceUnderTest, live: EventHandling, emptied: None
) -> None:
    """The version in each row is a second belt: old events change nothing even where the inbox lets them through."""
    records = story(insight)
    apply(live, records)
    before = digests(insight.database)
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        connection.execute(b"delete from insight.inbox")
        connection.execute(b"delete from insight.inbox_position")

    apply(live, [record for record in records if record.topic != "impact.directory"])

    assert digests(insight.database) == before


def test_a_moved_trusts_rows_are_the_new_icbs_alone(
    insight: ServiceUnderTest, live: EventHandling, emptied: None
) -> None:
    records = story(insight, trusts=1)
    apply(live, records)
    trust = next(r.key.decode() for r in records if b'"kind":"trust"' in (r.value or b"") and r.key)

    with psycopg.connect(insight.superuser_url) as connection:
        owners = {
            name: connection.execute(f"select distinct tenant_id from insight.{name}".encode()).fetchall()
            for name in ("assessment_status", "plan_status", "sharing_status", "contribution", "progress_visibility")
        }
        tenancy = b"select tenant_id from insight.known_tenancy where org_id = %s and valid_to is null"
        new = connection.execute(tenancy, [trust]).fetchone()

    assert owners == {name: [new] for name in owners}


def test_the_rebuilt_tables_take_over_with_their_policies(
    insight: ServiceUnderTest, live: EventHandling, rebuild: Rebuild
) -> None:
    records = story(insight, trusts=2)
    apply(live, records)
    apply(rebuild.handling, records)
    before, protection = digests(insight.database), protections(insight)

    rebuild.take_over()

    assert digests(insight.database) == before
    assert protections(insight) == protection
    stranger = insight.world.person(insight.world.tenant(), Role.ICB_LEAD)
    assert insight.client(stranger).get("/v1/trust-status").json["items"] == []


def protections(insight: ServiceUnderTest) -> list[Any]:
    """Everything that says who may see the read model, and how it is indexed."""
    names = [table.name for table in READ_MODEL]
    questions = (
        b"select tablename, policyname, cmd, roles, qual, with_check from pg_policies where schemaname = 'insight'"
        b" and tablename = any(%s) order by 1, 2",
        b"select table_name, grantee, privilege_type from information_schema.role_table_grants"
        b" where table_schema = 'insight' and table_name = any(%s) order by 1, 2, 3",
        b"select table_name, column_name, grantee, privilege_type from information_schema.role_column_grants"
        b" where table_schema = 'insight' and table_name = any(%s) order by 1, 2, 3, 4",
        b"select relname, relrowsecurity, relforcerowsecurity from pg_class"
        b" where relnamespace = 'insight'::regnamespace and relname = any(%s) order by 1",
        b"select tablename, indexname, indexdef from pg_indexes where schemaname = 'insight'"
        b" and tablename = any(%s) order by 1, 2",
    )
    with psycopg.connect(insight.superuser_url) as connection:
        return [connection.execute(question, [names]).fetchall() for question in questions]


def test_a_rebuild_that_is_behind_does_not_take_over(
    insight: ServiceUnderTest, live: EventHandling, rebuild: Rebuild
) -> None:
    records = story(insight, trusts=1)
    apply(live, records)
    apply(rebuild.handling, records[:-1])

    with pytest.raises(NotCaughtUp):
        rebuild.take_over()


def test_the_read_model_is_rebuilt_from_the_broker(
    insight: ServiceUnderTest, live: EventHandling, rebuild: Rebuild, broker: Callable[..., Any]
) -> None:
    records = story(insight)
    topics = [topic.name for topic in catalogue.topics_read_by("insight")]
    settings = broker(topics)
    for record in records:
        outgoing = Outgoing(record.topic, record.key or b"", record.value or b"", list(record.headers))
        producer = Producer(settings(catalogue.topics()[record.topic].owner))
        assert producer.send([outgoing, outgoing]) == 2
        producer.close()
    loop = ConsumerLoop(
        live,
        Consumer(settings("insight"), "insight.main", topics, max_records=500),
        stop=lambda: False,
        patience=PATIENCE,
    )
    while not all_read(insight, records):
        loop.turn()
    loop.close()

    rebuild.project(settings("insight"))
    comparison = rebuild.compare()

    assert comparison.equal
    assert comparison.live["assessment_status"] != comparison.live["question_set"]


def all_read(insight: ServiceUnderTest, records: list[Record]) -> bool:
    keys = {(record.topic, (record.key or b"").decode()) for record in records}
    wanted = sum(1 for _ in keys)
    total = len(records)
    with psycopg.connect(insight.superuser_url) as connection:
        found = connection.execute(b"select count(*), coalesce(sum(version), 0) from insight.inbox_position").fetchone()
    return found == (wanted, total)
