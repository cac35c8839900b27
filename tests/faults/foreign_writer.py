"""Writes records of any shape with a client that is not ours, as a faulty or hostile publisher would."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from infra.servers.settings import KafkaSettings
from tests.faults.foreign_reader import PATIENCE, connection, messages_of

TOPIC = "impact.action-plan"
LARGEST = 3_000_000


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it goes on the wire."""

    key: bytes | None
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    topic: str = TOPIC


def write(settings: KafkaSettings, records: Iterable[Raw]) -> None:
    """Send the records in their order and wait for the broker."""
    producer = Producer(connection(settings) | {"linger.ms": 0, "message.max.bytes": LARGEST})
    for record in records:
        headers = [(name, text.encode()) for name, text in record.headers.items()]
        producer.produce(record.topic, value=record.value, key=record.key, headers=headers)
    assert producer.flush(PATIENCE) == 0


def send_everything_again(settings: KafkaSettings, topics: Iterable[str]) -> int:
    """Put every record of the topics on its partition once more; return how many those were."""
    producer = Producer(connection(settings) | {"linger.ms": 20})
    count = 0
    for message in list(messages_of(settings, topics)):
        _again(producer, message)
        count += 1
    assert producer.flush(PATIENCE) == 0
    return count


def _again(producer: Producer, message: Message) -> None:
    producer.produce(
        str(message.topic()),
        value=message.value(),
        key=message.key(),
        partition=int(message.partition() or 0),
        headers=message.headers(),
    )
    producer.poll(0)


def read_again_from_the_start(settings: KafkaSettings, group: str, topics: Sequence[str]) -> None:
    """Set a group that nobody is in back to the first record of each topic."""
    consumer = Consumer(connection(settings) | {"group.id": group, "enable.auto.commit": False})
    places = [
        TopicPartition(topic, partition, 0)
        for topic in topics
        for partition in consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
    ]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def allow_large_records(settings: KafkaSettings, topic: str, largest: int) -> None:
    """Change how large a record of a topic may be."""
    change = ConfigEntry("max.message.bytes", str(largest), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[change])
    client = AdminClient(connection(settings))  # kept by name: what it was asked ends with it
    for answer in client.incremental_alter_configs([resource]).values():
        answer.result(PATIENCE)
