"""Reads the topics with a client that shares no line of code with ours (librdkafka), from the first record on."""

from collections.abc import Iterable, Iterator
from typing import Any

from confluent_kafka import Consumer, Message, TopicPartition

from infra.servers.settings import KafkaSettings
from tests.faults.identities import Sent

PATIENCE = 60.0


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
        yield from _until_the_ends(consumer, _ends(consumer, topics))
    finally:
        consumer.close()


def _ends(consumer: Consumer, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    ends = {}
    for topic in topics:
        for partition in consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions:
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=PATIENCE)
            if end:
                ends[(topic, partition)] = end
    return ends


def _until_the_ends(consumer: Consumer, ends: dict[tuple[str, int], int]) -> Iterator[Message]:
    consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in ends])
    while ends:
        messages = consumer.consume(1000, timeout=PATIENCE)
        assert messages, f"nothing came, but records are left: {ends}"
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
    return Sent(
        topic=str(message.topic()),
        partition=int(message.partition() or 0),
        offset=int(message.offset() or 0),
        key=_text(message.key()),
        id=headers.get("ce_id"),
        version=int(version) if version and version.isdigit() else None,
        tenant=headers.get("ce_tenantid"),
        org=headers.get("ce_orgid"),
    )


def _text(value: bytes | str | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
