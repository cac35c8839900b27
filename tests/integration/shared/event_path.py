"""A small world for tests of the event path: action plans publish, a consumer on notification's database reads."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import psycopg
from sqlalchemy import func, select

from shared import audit, outbox
from shared.config import KafkaConfig
from shared.consumer import ConsumerLoop, Patience
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.handling import EventHandling, Registration
from shared.ids import new_id
from shared.kafka import Consumer, Outgoing, Producer
from shared.mechanism import audit_entry
from shared.outbox import Event
from shared.principal import Principal
from shared.relay import Relay
from shared.testing.service_under_test import ServiceUnderTest

TOPIC = "impact.action-plan"
QUICK = Patience(poll=0.2, retries=(0.05, 0.1), transient=0.2, parked=timedelta(seconds=2), look_at_parked=0.2)
Handler = Callable[[UnitOfWork, ReceivedEvent], None]


def completed(plan_id: str) -> dict[str, Any]:
    """Return the data of a valid action.completed event."""
    return {
        "plan_id": plan_id,
        "action_id": str(new_id()),
        "owner_id": str(new_id()),
        "completed_on": "2026-06-15",
        "previous_status": "not_started",
        "action_counts": {"done": 2, "under_way": 5, "overdue": 1},
    }


def body_of(plan_id: str) -> bytes:
    """Return the same as it goes over the wire."""
    return orjson.dumps(completed(plan_id))


@dataclass
class EventPath:
    """Publishes as action_plan, consumes as notification, both on real PostgreSQL and the real broker."""

    publisher: ServiceUnderTest
    reader: ServiceUnderTest
    broker: Callable[[str], KafkaConfig]
    relay_url: str
    org: str = ""
    tenant: str = ""
    name: str = field(default_factory=lambda: f"notification.t{new_id().hex[-12:]}")
    loops: list[ConsumerLoop] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.org:
            self.org = self.reader.world.trust()
            self.tenant = self.reader.world.tenant_of(self.org)

    def principal(self) -> Principal:
        """Return the principal that publishes."""
        return Principal.service(self.tenant, self.org)

    def add(self, key: str, count: int = 1) -> None:
        """Put events of one key into the outbox, each in a transaction of its own."""
        for _ in range(count):
            with self.publisher.unit_of_work(self.principal()) as uow:
                outbox.add(uow, Event(event_types.ACTION_COMPLETED, key, completed(key)))
                uow.commit()

    def relay(self, stop: Callable[[], bool], producer: Producer | None = None) -> Relay:
        """Return a relay of the publishing service."""
        producer = producer or Producer(self.broker("action_plan"))
        return Relay(service="action_plan", url=self.relay_url, producer=producer, stop=stop)

    def drain(self) -> None:
        """Send everything that waits in the outbox."""
        relay = self.relay(lambda: False)
        with psycopg.connect(self.relay_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
            while relay.send_batch(connection):
                pass

    def send_raw(self, key: bytes | None, value: bytes, headers: dict[str, str]) -> None:
        """Send a record of any shape, as a faulty or hostile publisher would."""
        record = Outgoing(TOPIC, key or b"", value, [(name, text.encode()) for name, text in headers.items()])
        assert Producer(self.broker("action_plan")).send([record]) == 1

    def waiting(self) -> int:
        """Return how many events wait in the outbox for this organisation."""
        return len(self.publisher.events(org=self.org))

    def loop(
        self,
        handler: Handler,
        *,
        stop: Callable[[], bool] = lambda: False,
        name: str | None = None,
        batched: bool = False,
        patience: Patience = QUICK,
    ) -> ConsumerLoop:
        """Return a consumer whose only handler is `handler`."""
        consumer_name = name or self.name
        together = partial(one_after_the_other, handler) if batched else None
        registration = Registration(consumer_name, {event_types.ACTION_COMPLETED: (handler,)}, together)
        member = Consumer(self.broker("notification"), consumer_name, [TOPIC], max_records=50)
        handling = EventHandling(registration, self.reader.database)
        loop = ConsumerLoop(handling, member, stop=stop, patience=patience)
        self.loops.append(loop)
        return loop

    def close(self) -> None:
        """Let every consumer of this test leave its group."""
        for loop in self.loops:
            loop.close()

    def effects(self, action: str = "effect") -> list[str]:
        """Return the event ids that had an effect, in the order of the effects."""
        with self.reader.unit_of_work(self.principal()) as uow:
            row = audit_entry.c
            found = uow.session.execute(
                select(row.object_id).where(row.action == action, row.org_id == self.org).order_by(row.seq)
            )
            return [str(value) for value in found.scalars()]

    def count(self, table: Any, **where: Any) -> int:
        """Count rows of a book-keeping table of the reading service."""
        with self.reader.unit_of_work(self.principal()) as uow:
            return uow.session.scalar(select(func.count()).select_from(table).filter_by(**where)) or 0


def headers_of(path: EventPath, key: str, version: int, **other: str) -> dict[str, str]:
    """Return the headers of an honest event of this path's organisation; `other` replaces some of them."""
    return {
        "ce_specversion": "1.0",
        "ce_id": str(new_id()),
        "ce_type": event_types.ACTION_COMPLETED,
        "ce_source": "/services/action_plan",
        "ce_time": "2026-06-15T10:00:00+00:00",
        "ce_subject": key,
        "ce_tenantid": path.tenant,
        "ce_orgid": path.org,
        "ce_partitionkey": key,
        "ce_aggregateversion": str(version),
    } | other


def effect(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Leave a trace that counts: one more row for each time it runs."""
    audit.record(uow, "effect", "event", str(event.id))


def effect_named(action: str) -> Handler:
    """Return a handler like `effect` under another name."""
    return lambda uow, event: audit.record(uow, action, "event", str(event.id))


def until(
    condition: Callable[[], bool], turn: Callable[[], None] = lambda: time.sleep(0.05), seconds: float = 60
) -> None:
    """Turn until `condition` holds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        turn()


class Running:
    """Runs loops in threads until the block ends; an error in one of them fails the test."""

    def __init__(self, *runs: Callable[[Callable[[], bool]], None]) -> None:
        self._stop = threading.Event()
        self._errors: list[Exception] = []
        self._threads = [threading.Thread(target=self._run, args=(run,), daemon=True) for run in runs]

    def _run(self, run: Callable[[Callable[[], bool]], None]) -> None:
        try:
            run(self._stop.is_set)
        except Exception as error:
            self._errors.append(error)

    def __enter__(self) -> "Running":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=15)
        assert not self._errors, self._errors

    @property
    def errors(self) -> Sequence[Exception]:
        """Return what went wrong so far."""
        return self._errors


def one_after_the_other(handler: Handler, uow: UnitOfWork, events: Sequence[ReceivedEvent]) -> None:
    """Apply a handler to many events in one transaction."""
    for event in events:
        handler(uow, event)
