"""Outbox rows to Kafka: in order, one active relay per service, a row deleted once its event is acknowledged.

The relay reads rows that are *still there* in `seq` order (a cursor behind the last seen number loses a fifth of the
events of concurrent writers), sends without an open transaction, and deletes exactly the acknowledged prefix. A crash
between the two sends twice; the inbox absorbs it. Waiting is LISTEN in front of a poll, so a lost hint costs a
quarter of a second.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from shared.crashpoints import crash_point
from shared.driver import patiently
from shared.envelope import headers_for
from shared.kafka import BrokerUnavailable, Outgoing, Producer
from shared.metrics import OUTBOX_DEAD_TUPLES, OUTBOX_OLDEST, OUTBOX_WAITING, RELAY_SECONDS
from shared.progress import Rhythm

BATCH = 500
POLL = 0.25
LOCK_POLL = 0.5
LONGEST_PAUSE = 5.0
READ = "select * from outbox order by seq limit %s"
DELETE = "delete from outbox where seq = any(%s)"
DEAD_TUPLES = "select n_dead_tup from pg_stat_user_tables where relid = 'outbox'::regclass"
REPORT = (
    "insert into progress_report (process, part, waiting, oldest_at, reported_at) values ('relay', '', %s, %s, now())"
    " on conflict (process, part) do update set waiting = excluded.waiting, oldest_at = excluded.oldest_at,"
    " reported_at = excluded.reported_at"
)
log = logging.getLogger(__name__)


class Relay:
    """Carries one service's events to the broker until it is told to stop."""

    def __init__(self, *, service: str, url: str, producer: Producer, stop: Callable[[], bool]) -> None:
        self._service = service
        self._url = url
        self._producer = producer
        self._stop = stop
        self._rhythm = Rhythm()
        self._waiting: tuple[int, datetime | None] = (0, None)
        self.on_turn: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Work until stopped; a database or broker that is away is waited for, a refusal by the broker is raised."""
        pause = 0.1
        while not self._stop():
            try:
                with psycopg.connect(patiently(self._url), autocommit=True, row_factory=dict_row) as connection:
                    pause = 0.1
                    self._work(connection)
            except (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) as error:
                log.warning("The database is away", extra={"error": type(error).__name__})
                self.on_turn()  # it waits and is well: whoever looks at the heartbeat must not end it
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._producer.close()

    def _work(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        if not self._take_turn(connection):
            return
        connection.execute(f"listen outbox_{self._service}".encode())
        pause = 0.1
        while not self._stop():
            self.on_turn()
            self._report(connection)
            try:
                sent = self.send_batch(connection)
                pause = 0.1
            except BrokerUnavailable as error:
                log.warning("The broker is away", extra={"error": str(error)})
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if sent < BATCH:
                self._wait(connection)

    def _report(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        """Say now and then how far it is: to the collector, and in a row for the operator's page."""
        if not self._rhythm.is_due():
            return
        row = connection.execute(DEAD_TUPLES).fetchone()
        OUTBOX_DEAD_TUPLES.set(row["n_dead_tup"] if row else 0)
        connection.execute(REPORT, self._waiting)

    def _take_turn(self, connection: psycopg.Connection[dict[str, Any]]) -> bool:
        """Wait until this process is the only relay; the lock lives on the connection that reads and deletes."""
        while not self._stop():
            taken = connection.execute("select pg_try_advisory_lock(hashtext(%s)) as taken", [f"relay_{self._service}"])
            row = taken.fetchone()
            if row and row["taken"]:
                return True
            self.on_turn()
            time.sleep(LOCK_POLL)
        return False

    def send_batch(self, connection: psycopg.Connection[dict[str, Any]]) -> int:
        """Send the oldest rows and delete what was acknowledged; return how many that were.

        Raises BrokerUnavailable with nothing deleted beyond what was acknowledged, BrokerRefused for good.
        """
        rows = connection.execute(READ, [BATCH]).fetchall()
        self._waiting = (len(rows), rows[0]["occurred_at"] if rows else None)
        OUTBOX_WAITING.set(len(rows))
        OUTBOX_OLDEST.set(time.time() - rows[0]["occurred_at"].timestamp() if rows else 0)
        if not rows:
            return 0
        crash_point("relay_after_read")
        with RELAY_SECONDS.time():
            acknowledged = self._producer.send([self._outgoing(row) for row in rows])
        crash_point("relay_after_send_before_delete")
        connection.execute(DELETE, [[row["seq"] for row in rows[:acknowledged]]])
        crash_point("relay_after_delete")
        if acknowledged < len(rows):
            raise BrokerUnavailable(f"{acknowledged} of {len(rows)} events acknowledged")
        return acknowledged

    @staticmethod
    def _outgoing(row: dict[str, Any]) -> Outgoing:
        headers = headers_for(
            {
                "id": str(row["id"]),
                "type": row["type"],
                "source": row["headers"].get("source"),
                "time": row["occurred_at"].isoformat(),
                "subject": row["key"],
                "tenant_id": row["tenant_id"],
                "org_id": row["org_id"],
                "actor": row["headers"].get("actor"),
                "partition_key": row["key"],
                "aggregate_version": str(row["aggregate_version"]),
                "trace": row["headers"].get("trace"),
            }
        )
        value = orjson.dumps(row["payload"], option=orjson.OPT_SORT_KEYS)
        return Outgoing(row["topic"], row["key"].encode(), value, headers)

    @staticmethod
    def _wait(connection: psycopg.Connection[dict[str, Any]]) -> None:
        for _ in connection.notifies(timeout=POLL, stop_after=1):
            return
