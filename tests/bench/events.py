"""Events per second: from the outbox to the broker, from the broker into the read model, and the read model anew."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from infra.servers import ConnectionSettings
from services.insight.handlers import HANDLERS, together
from services.insight.rebuild import Rebuild
from shared.config import KafkaConfig
from shared.contracts import event_types
from shared.envelope import headers_for
from shared.ids import new_id
from shared.kafka import Outgoing, Producer
from shared.relay import Relay
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import WorkerParts, build_consumer
from tests.bench.nation import NOW, QUESTION_SET, Nation
from tests.bench.rows import Row

TOPIC = "impact.assessment"
GIVE_UP_AFTER = 600.0
RESPONDENTS = [str(new_id()) for _ in range(40)]
COLUMNS = "id, tenant_id, org_id, topic, key, type, aggregate_version, payload, headers, occurred_at"


@dataclass(frozen=True)
class Flow:
    """One service that tells, one that listens, and the broker between them."""

    nation: Nation
    teller: ServiceUnderTest
    listener: ServiceUnderTest
    servers: ConnectionSettings
    broker: Callable[[str], KafkaConfig]
    events: int = 100_000

    def rows(self) -> Iterator[Row]:
        """Send so many events, project them, and build the read model again from the first."""
        register = self._tell_register()
        sent = self._fill_outbox()
        relayed = self._seconds(self._relay)
        yield Row(
            f"Relay: outbox to broker, {sent} events", "none", f"{sent / relayed:.0f} events/s", None,
            "one relay process: read, send, wait for the broker, delete",
        )  # fmt: skip
        projected = self._seconds(lambda: self._project(register + sent))
        yield Row(
            f"Projection: broker to read model, {sent} events", "none", f"{sent / projected:.0f} events/s", None,
            "one consumer process: Python, and nine statements for a tenant's events of one poll",
        )  # fmt: skip
        rebuilt = self._seconds(self._rebuild)
        goal = 60.0 * sent / 100_000
        yield Row(
            f"Rebuild of {sent} events", f"≤ {goal:.0f} s", f"{rebuilt:.1f} s", rebuilt <= goal,
            "the projection, by one consumer, and the comparison of every table",
        )  # fmt: skip

    @staticmethod
    def _seconds(act: Callable[[], None]) -> float:
        started = time.perf_counter()
        act()
        return time.perf_counter() - started

    def _tell_register(self) -> int:
        """Tell of every organisation, and let the listener hear it first, as it would have long ago."""
        codes = [(code, code, "icb", None) for code in self.nation.icbs]
        codes += [(trust.code, trust.tenant, "trust", trust.sector) for trust in self.nation.trusts]
        producer = Producer(self.broker("directory"))
        told = producer.send([_registered(*each) for each in codes])
        producer.close()
        self._project(told)
        return told

    def _fill_outbox(self) -> int:
        """Put the life of many self-assessments into the outbox, side by side as they would happen."""
        count = 0
        with psycopg.connect(self.teller.superuser_url) as connection, connection.cursor() as cursor:
            cursor.execute("truncate assessment.outbox")
            with cursor.copy(f"copy assessment.outbox ({COLUMNS}) from stdin".encode()) as copy:
                for row in self._outbox_rows():
                    copy.write_row(row)
                    count += 1
        return count

    def _outbox_rows(self) -> Iterator[tuple[Any, ...]]:
        headers = Jsonb({"actor": None, "trace": None, "source": "/services/assessment"})
        steps = len(_life(NOW.date(), "", self.nation.size.board))
        trusts = self.nation.trusts
        rounds = [(str(new_id()), trusts[number % len(trusts)]) for number in range(self.events // steps)]
        for step in range(steps):
            for round_id, trust in rounds:
                kind, data = _life(NOW.date(), round_id, self.nation.size.board)[step]
                yield (
                    new_id(), trust.tenant, trust.code, TOPIC, round_id, kind, step + 1, Jsonb(data), headers, NOW,
                )  # fmt: skip

    def _relay(self) -> None:
        database = self.teller.superuser_url.rpartition("/")[2]
        url = self.servers.postgres.dsn("relay_assessment", database)
        with psycopg.connect(self.teller.superuser_url, autocommit=True) as watcher:

            def empty() -> bool:
                row = watcher.execute("select not exists (select 1 from assessment.outbox)").fetchone()
                return bool(row and row[0])

            Relay(service="assessment", url=url, producer=Producer(self.broker("assessment")), stop=empty).run()

    def _project(self, sent: int) -> None:
        config = replace(self.listener.config, kafka=self.broker("insight"), role="consumer")
        parts = WorkerParts(service="insight", handlers=HANDLERS, together=together)
        loop = build_consumer(config, parts, stop=lambda: False)
        give_up = time.monotonic() + GIVE_UP_AFTER
        with psycopg.connect(self.listener.superuser_url, autocommit=True) as watcher:
            while True:
                loop.turn()
                row = watcher.execute("select count(*) from insight.inbox").fetchone()
                if row and int(row[0]) >= sent:
                    break
                assert time.monotonic() < give_up, f"only {row} of {sent} events were projected"
        loop.close()

    def _rebuild(self) -> None:
        database = self.listener.superuser_url.rpartition("/")[2]
        owner = self.servers.postgres.dsn("migrate_insight", database, scheme="postgresql+psycopg")
        rebuild = Rebuild(app_url=self.listener.config.database_url, owner_url=owner)
        rebuild.begin()
        rebuild.project(self.broker("insight"))
        comparison = rebuild.compare()
        assert comparison.equal, "the rebuilt read model differs"
        rebuild.close()


def _registered(code: str, tenant: str, kind: str, sector: str | None) -> Outgoing:
    about = {"code": code, "name": f"{code} (fictional)", "kind": kind, "tenant": tenant, "region": "Y60"}
    data = about | {"sector": sector, "fictional": True, "valid_from": "2020-04-01"}
    headers = {
        "id": str(new_id()), "type": event_types.ORGANISATION_REGISTERED, "source": "/services/directory",
        "time": NOW.isoformat(), "tenant_id": tenant, "org_id": code, "partition_key": code, "aggregate_version": "1",
    }  # fmt: skip
    return Outgoing("impact.directory", code.encode(), orjson.dumps(data), headers_for(headers))


def _life(day: date, round_id: str, board: int) -> list[tuple[str, dict[str, Any]]]:
    """What one self-assessment tells from its opening to its signature."""
    about = {"round_id": round_id}
    later = (day + timedelta(days=30)).isoformat()
    opened = {
        "question_set_id": QUESTION_SET, "audience": "trust", "opened_on": day.isoformat(), "closes_on": later,
        "discussion_on": later, "respondent_ids": RESPONDENTS[:board], "invited": board,
    }  # fmt: skip
    finished = [
        (event_types.RESPONSE_COMPLETED, about | {"invited": board, "finished": number}) for number in range(1, board)
    ]
    counted = {"invited": board, "finished": board - 1}
    signed = {
        "question_set_id": QUESTION_SET, "signed_off_on": later, "meeting_on": later, "invited": board,
        "took_part": board - 1, "items_agreed": 22, "items_total": 22,
    }  # fmt: skip
    return [
        (event_types.ROUND_OPENED, about | opened),
        *finished,
        (
            event_types.ROUND_CLOSED,
            about | counted | {"closed_on": later, "discussion_on": later, "ranges_shown": True},
        ),
        (event_types.ROUND_AGREED, about | {"agreed_on": later, "items_agreed": 22, "items_total": 22}),
        (event_types.ROUND_SIGNED_OFF, about | signed),
    ]
