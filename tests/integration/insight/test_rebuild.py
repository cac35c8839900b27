"""E8: the read model built again from the events is the same, byte for byte, however the topics interleave."""

import random
import string
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
import pytest
from insight_story import NOON, Teller

from infra.servers import ConnectionSettings
from services.insight.fresh_tables import digests
from services.insight.models import READ_MODEL
from services.insight.rebuild import PATIENCE, NotCaughtUp, Rebuild
from shared import catalogue
from shared.consumer import ConsumerLoop
from shared.contracts import event_types as types
from shared.contracts.roles import Role
from shared.envelope import headers_for
from shared.handling import EventHandling
from shared.ids import new_id
from shared.kafka import Consumer, Outgoing, Producer, Record
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of


@dataclass
class Recorder(Teller):
    """Writes down what happened as the records that the topics would hold."""

    tenant: str = ""
    records: list[Record] = field(default_factory=list)

    def tell(self, event_type: str, key: str, **data: Any) -> None:
        catalogue.check(event_type, data)
        topic = catalogue.topic_of(event_type).name
        self.versions[f"{topic}/{key}"] = version = self.versions.get(f"{topic}/{key}", 0) + 1
        headers = headers_for(
            {
                "id": str(new_id()),
                "type": event_type,
                "source": "/services/test",
                "time": NOON.isoformat(),
                "tenant_id": self.tenant,
                "org_id": self.org,
                "partition_key": key,
                "aggregate_version": str(version),
            }
        )
        self.records.append(Record(topic, 0, len(self.records), key.encode(), orjson.dumps(data), tuple(headers)))

    def icb(self) -> str:
        return self.tenant

    def registered(self, kind: str = "trust") -> None:
        self.tell(
            types.ORGANISATION_REGISTERED,
            self.org,
            code=self.org,
            name=f"{self.org} (fictional)",
            kind=kind,
            tenant=self.tenant,
            region="Y60",
            sector="acute" if kind == "trust" else None,
            fictional=True,
            valid_from="2020-04-01",
        )

    def moved(self, to: str) -> None:
        self.tell(
            types.ORGANISATION_MOVED,
            self.org,
            code=self.org,
            from_tenant=self.tenant,
            to_tenant=to,
            effective_on="2026-08-01",
        )


def code() -> str:
    return "".join(random.choices(string.ascii_uppercase, k=7))


def story(insight: ServiceUnderTest, *, trusts: int = 3) -> list[Record]:
    """Some trusts of two ICBs: stages, plans, sharing, contributions, one that changes its mind, one that moves."""
    old, new = code(), code()
    records: list[Record] = []
    for tenant in (old, new):
        icb = Recorder(insight, tenant, tenant=tenant)
        icb.registered("icb")
        records += icb.records
    for number in range(trusts):
        recorder = Recorder(insight, code(), tenant=old)
        recorder.registered()
        recorder.all_stages()
        recorder.plan_drafted()
        recorder.plan_approved()
        recorder.action_done(done=1, under_way=2)
        sharing = recorder.shared(with_tenant=old)
        recorder.counted("23321")
        recorder.counted(f"2332{number + 1}")
        recorder.visible(number != 1)
        if number == 2:
            recorder.stopped_sharing(sharing)
            recorder.not_counted()
        if number == 0:
            recorder.moved(new)
        records += recorder.records
    return records


def interleaved(records: list[Record], seed: int) -> list[Record]:
    """Another order in which the topics may be read: each key in its order, some records twice."""
    dice = random.Random(seed)
    by_key: dict[tuple[str, bytes | None], list[Record]] = defaultdict(list)
    for record in records:
        by_key[(record.topic, record.key)].append(record)
    order: list[Record] = []
    seen: list[Record] = []
    while by_key:
        place = dice.choice(sorted(by_key))
        record = by_key[place].pop(0)
        if not by_key[place]:
            del by_key[place]
        order.append(record)
        seen.append(record)
        if dice.random() < 0.3:
            order.append(dice.choice(seen))
    return [Record(r.topic, r.partition, number, r.key, r.value, r.headers) for number, r in enumerate(order)]


def apply(handling: EventHandling, records: list[Record]) -> None:
    """Handle records as the consumer does, parked ones when what they wait for has come."""
    loop = ConsumerLoop(handling, None, stop=lambda: False, patience=PATIENCE)  # type: ignore[arg-type]
    for record in records:
        handling.handle(record)
        loop.retry_parked()
    while loop.retry_parked():
        pass


@pytest.fixture
def emptied(insight: ServiceUnderTest) -> None:
    """A rebuild is about everything there is: begin with nothing."""
    names = [table.name for table in READ_MODEL]
    names += ["known_organisation", "known_tenancy", "known_membership", "inbox", "inbox_position", "parked_event"]
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"delete from insight.{name}".encode())


@pytest.fixture
def rebuild(insight: ServiceUnderTest, servers: ConnectionSettings, emptied: None) -> Iterator[Rebuild]:
    database = insight.superuser_url.rsplit("/", 1)[-1]
    owner_url = servers.postgres.dsn("migrate_insight", database, scheme="postgresql+psycopg")
    made = Rebuild(app_url=insight.config.database_url, owner_url=owner_url)
    made.begin()
    yield made
    made.close()


@pytest.fixture
def live(insight: ServiceUnderTest) -> EventHandling:
    return EventHandling(parts_of("insight", insight.config).registration(), insight.database)


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
        batched=True,
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
