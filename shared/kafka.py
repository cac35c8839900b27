"""The only file that knows kafka-python; no type of it leaves this module.

A client made before `fork()` never delivers, so each is built in the process that uses it, on first use.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.cluster import collect_hosts
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata

from shared.config import KafkaConfig
from shared.positions import Positions

log = logging.getLogger(__name__)
DELIVERY_TIMEOUT_MS = 30_000
LONGEST_TURN_MS = 300_000
"""How long a member may take between two polls before its partitions go to another one."""
BATCH = 131_072
LONGEST_GOODBYE_MS = 5_000
"""How long leaving may take. In the middle of a join the broker answers only when that is over, up to half a minute
later; a member that has gone without a word costs the group no more than one that was killed."""
LONGEST_WAIT_MS = 500
"""How long the broker holds a fetch that finds nothing. What arrives is answered at once; idle consumers cost less."""
LOOK, CONNECTS_WITHIN = 1.0, 5.0
"""Seconds between two looks whether a broker listens, and in which it must take a connection."""


class BrokerUnavailable(Exception):
    """The broker cannot be reached or did not acknowledge in time; trying again later may help."""


class BrokerRefused(Exception):
    """The broker refuses for good: not authorised, unknown topic, record too large. Trying again will not help."""


class PartitionsLost(Exception):
    """This member's partitions went to another one before it could commit; the inbox absorbs what comes again."""


def wait_until_a_broker_listens(config: KafkaConfig, *, stop: Callable[[], bool], on_turn: Callable[[], None]) -> None:
    """Return once a broker takes connections, or the process is to stop: it waits and is well, as it is later on.

    A consumer's client gives up after half a minute with a line in the log for each try, and is not made again in the
    same process: its thread would go on.
    """
    told = False
    brokers = [(host, port) for host, port, _ in collect_hosts(config.bootstrap.split(","), randomize=False)]
    while not stop() and not any(map(_listens, brokers)):
        if not told:
            log.warning("The broker is away", extra={"error": "nobody listens"})
        told = True
        on_turn()
        time.sleep(LOOK)


def _listens(broker: tuple[str, int]) -> bool:
    try:
        socket.create_connection(broker, timeout=CONNECTS_WITHIN).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it came from the broker; the topic is without the run's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to be sent."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


@contextmanager
def _asking_the_broker() -> Iterator[None]:
    """Raise BrokerUnavailable for what passes when the broker is back; anything else the client says stands."""
    try:
        yield
    except KafkaError as error:
        if error.retriable:
            raise BrokerUnavailable(f"{type(error).__name__}: {error}") from error
        raise


def _connection(config: KafkaConfig) -> dict[str, Any]:
    return {
        "bootstrap_servers": config.bootstrap.split(","),
        "security_protocol": config.security_protocol,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": config.username,
        "sasl_plain_password": config.password,
        "ssl_cafile": config.cafile,
        "reconnect_backoff_max_ms": 1_000,
    }


class Producer:
    """Sends records and says which of them the broker has, in order."""

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._producer: KafkaProducer | None = None
        self._pid = 0

    def _client(self) -> KafkaProducer:
        if self._producer is None or self._pid != os.getpid():
            self._pid = os.getpid()
            try:
                self._producer = KafkaProducer(
                    **_connection(self._config),
                    linger_ms=0,
                    batch_size=BATCH,
                    compression_type="zstd",
                    enable_idempotence=True,
                    acks="all",
                    delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
                    max_block_ms=DELIVERY_TIMEOUT_MS,
                    allow_auto_create_topics=False,
                )
            except KafkaError as error:
                raise BrokerUnavailable(f"Kafka user {self._config.username}: {error}") from error
        return self._producer

    def send(self, records: Sequence[Outgoing]) -> int:
        """Send `records` and wait; return how many, counted from the first, the broker acknowledged.

        Raises BrokerRefused when the first one not acknowledged will never be accepted.
        """
        client, prefix = self._client(), self._config.topic_prefix
        try:
            futures = [
                client.send(prefix + record.topic, key=record.key, value=record.value, headers=record.headers)
                for record in records
            ]
            client.flush(timeout=DELIVERY_TIMEOUT_MS / 1000)
        except KafkaError as error:
            self._raise(error)
        for count, future in enumerate(futures):
            if not future.succeeded():
                self._sort_out(future.exception if future.is_done else None)
                return count
        return len(records)

    def _sort_out(self, error: Any) -> None:
        if isinstance(error, KafkaError) and not error.retriable:
            self._raise(error)
        log.warning("The broker did not acknowledge", extra={"error": type(error).__name__})
        self.close()  # an idempotent producer that gave up on a record starts afresh

    def _raise(self, error: KafkaError) -> None:
        self.close()
        if error.retriable or "Timeout" in type(error).__name__:
            raise BrokerUnavailable(str(error)) from error
        raise BrokerRefused(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Give the connection back; the next send opens a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=1)


class Consumer:
    """A member of a consumer group that commits only when told to."""

    def __init__(
        self,
        config: KafkaConfig,
        group: str,
        topics: Iterable[str],
        *,
        max_records: int,
        longest_turn_ms: int = LONGEST_TURN_MS,
    ) -> None:
        self._prefix = config.topic_prefix
        self._positions = Positions()
        try:
            self._consumer = KafkaConsumer(
                *(self._prefix + topic for topic in topics),
                **_connection(config),
                group_id=config.group_prefix + group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                max_poll_records=max_records,
                partition_assignment_strategy=[CooperativeStickyAssignor()],
                max_poll_interval_ms=longest_turn_ms,
                group_instance_id=config.group_instance_id,
                session_timeout_ms=config.session_timeout_ms,
                heartbeat_interval_ms=config.session_timeout_ms // 3,
                fetch_max_wait_ms=LONGEST_WAIT_MS,
            )
        except KafkaError as error:
            raise BrokerUnavailable(f"Kafka user {config.username}: {error}") from error

    def poll(self, timeout: float) -> list[Record]:
        """Return the records that arrived within `timeout` seconds, in order per partition.

        Raises BrokerUnavailable with nothing read; while a broker is away the client mostly just finds no records.
        """
        self._finish_joining()
        with _asking_the_broker():
            polled = self._consumer.poll(timeout_ms=int(timeout * 1000))
        for place, records in polled.items():
            self._positions.note(place, records[-1].offset + 1)
        return [
            Record(
                record.topic.removeprefix(self._prefix),
                record.partition,
                record.offset,
                record.key,
                record.value,
                tuple(record.headers or ()),
            )
            for records in polled.values()
            for record in records
        ]

    def _finish_joining(self) -> None:
        """Let a join that outlived the poll it began in be finished by this one.

        kafka-python 3.0.12 forgets a join that new metadata began (a topic made or grown since the last join) when
        the poll ends before it: `need_rejoin()` says no from then on, heartbeats stay off, the broker drops the
        member after the session timeout, and every poll turns without waiting: a consumer that never reads again.
        The Java client asks "needed or pending" for this reason.
        """
        coordinator = self._consumer._coordinator
        if coordinator.rejoining:
            coordinator.request_rejoin()

    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Commit the next offset per (topic, partition) that is ours.

        Raises PartitionsLost when another member has them now, BrokerUnavailable when they are to be committed later.
        """
        ours = self._consumer.assignment()
        positions = {
            place: OffsetAndMetadata(offset, "", -1)
            for (topic, partition), offset in offsets.items()
            if (place := TopicPartition(self._prefix + topic, partition)) in ours
        }
        if not positions:
            return
        try:
            with _asking_the_broker():
                self._consumer.commit(positions)
        except (CommitFailedError, RebalanceInProgressError) as error:
            raise PartitionsLost(type(error).__name__) from error

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Read again from `offset`; nothing happens when the partition is no longer ours."""
        place = TopicPartition(self._prefix + topic, partition)
        if place in self._consumer.assignment():
            self._consumer.seek(place, offset)
            self._positions.note(place, offset)

    def places(self) -> set[tuple[str, int]]:
        """Return the (topic, partition) pairs of this member."""
        return {(place.topic.removeprefix(self._prefix), place.partition) for place in self._consumer.assignment()}

    def pause(self, partitions: Iterable[tuple[str, int]]) -> None:
        """Stop fetching from partitions while the group stays alive."""
        ours = self._consumer.assignment()
        wanted = [TopicPartition(self._prefix + topic, partition) for topic, partition in partitions]
        self._consumer.pause(*(place for place in wanted if place in ours))

    def resume(self) -> None:
        """Fetch from every partition again."""
        if paused := self._consumer.paused():
            self._consumer.resume(*paused)

    def lag(self) -> dict[tuple[str, int], int]:
        """Return how many records lie ahead, per (topic, partition) of this member; raises BrokerUnavailable."""
        ours = self._consumer.assignment()
        with _asking_the_broker():
            self._positions.refresh(ours, lambda place: self._consumer.position(TopicPartition(*place)))
        highwaters = {place: self._consumer.highwater(place) for place in ours}
        return {
            (place.topic.removeprefix(self._prefix), place.partition): max(0, highwater - self._positions.of[place])
            for place, highwater in highwaters.items()
            if highwater is not None and place in self._positions.of
        }

    def close(self) -> None:
        """Leave the group without committing."""
        self._consumer.close(autocommit=False, timeout_ms=LONGEST_GOODBYE_MS)
