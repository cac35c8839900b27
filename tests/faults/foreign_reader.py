"""Reads the topics with a client that shares no line of code with ours (librdkafka), from the first record on."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from infra.servers.settings import KafkaSettings
from tests.faults.event_identities import Sent

Place = tuple[str, int]
"""Topic and partition."""
PATIENCE = 60.0
A_LOOK = 0.2
"""Seconds: librdkafka hands over a lot only when it is full or this is over, also when nothing more is to come."""


def connection(settings: KafkaSettings) -> dict[str, Any]:
    """Return how librdkafka reaches the broker, as its administrator."""
    return {
        "bootstrap.servers": settings.bootstrap,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "admin",
        "sasl.password": settings.passwords["admin"],
    }


def read_topics(settings: KafkaSettings, topics: Iterable[str]) -> list[Sent]:
    """Return every record of the topics, in the order of each partition."""
    return [_sent(message) for message in messages_of(settings, topics)]


def messages_of(settings: KafkaSettings, topics: Iterable[str]) -> Iterator[Message]:
    """Yield what the topics hold at this moment, in the order of each partition."""
    group = {"group.id": "faults.reader", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer(connection(settings) | group | {"fetch.wait.max.ms": 50, "fetch.message.max.bytes": 4_000_000})
    try:
        yield from _until_the_ends(consumer, _ends(settings, topics))
    finally:
        consumer.close()


def _ends(settings: KafkaSettings, topics: Iterable[str]) -> dict[Place, int]:
    client = AdminClient(connection(settings))
    known = client.list_topics(timeout=PATIENCE).topics
    places = [TopicPartition(topic, partition) for topic in topics for partition in known[topic].partitions]
    asked = client.list_offsets({place: OffsetSpec.latest() for place in places}, request_timeout=PATIENCE)
    ends = {(place.topic, place.partition): answer.result().offset for place, answer in asked.items()}
    return {place: end for place, end in ends.items() if end}


def _until_the_ends(consumer: Consumer, ends: dict[Place, int]) -> Iterator[Message]:
    consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in ends])
    came_at = time.monotonic()
    while ends:
        messages = consumer.consume(1000, timeout=A_LOOK)
        came_at = time.monotonic() if messages else came_at
        assert time.monotonic() < came_at + PATIENCE, f"nothing came, but records are left: {ends}"
        for message in messages:
            assert message.error() is None, message.error()
            place, offset = (str(message.topic()), int(message.partition() or 0)), int(message.offset() or 0)
            if place in ends:
                yield message
                if offset + 1 >= ends[place]:
                    del ends[place]


def _sent(message: Message) -> Sent:
    headers = {name: _text(value) for name, value in message.headers() or []}
    version = headers.get("ce_aggregateversion")
    said = _content(message.value())
    return Sent(
        topic=str(message.topic()),
        partition=int(message.partition() or 0),
        offset=int(message.offset() or 0),
        key=_text(message.key()),
        id=headers.get("ce_id"),
        version=int(version) if version and version.isdigit() else None,
        tenant=headers.get("ce_tenantid"),
        org=headers.get("ce_orgid"),
        type=headers.get("ce_type"),
        said_org=said.get("org_id"),
        said_tenant=said.get("tenant") or said.get("from_tenant"),
    )


def _content(value: bytes | str | None) -> dict[str, Any]:
    try:
        content = json.loads(value or "{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _text(value: bytes | str | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
