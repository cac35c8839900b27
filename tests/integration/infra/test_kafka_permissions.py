"""On the broker, a service writes what it owns, reads what it consumes, and nothing more."""

import secrets
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.permissions import group_prefix, permissions_for
from infra.kafka.topics import Topic, read_topics
from infra.servers import ConnectionSettings, Servers

TOPICS = [
    Topic("impact.assessment", "assessment", ("insight", "notification"), 2, -1),
    Topic("impact.assessment-result", "assessment", ("action_plan",), 2, -1),
]


@pytest.fixture(scope="module")
def prefix(local_servers: Servers) -> Iterator[str]:
    """Return a prefix under which TOPICS exist for this module alone."""
    ours = f"t{secrets.token_hex(4)}-"
    local_servers.make_topics(TOPICS, prefix=ours)
    yield ours
    options = local_servers.settings.kafka.client_options("admin")
    with BrokerAdmin(options) as admin:
        admin.remove(ours)


def send(connections: ConnectionSettings, user: str, topic: str) -> None:
    with KafkaProducer(**connections.kafka.client_options(user), max_block_ms=10_000) as producer:
        producer.send(topic, key=b"k", value=b"v").get(timeout=15)


def first_value(connections: ConnectionSettings, user: str, topic: str, group: str) -> bytes | None:
    consumer = KafkaConsumer(
        topic,
        **connections.kafka.client_options(user),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=15_000,
    )
    with consumer:
        return next((record.value for record in consumer), None)


def visible_topics(connections: ConnectionSettings, user: str) -> set[str]:
    """Return the topics that exist as far as this user is told (a client subscribing to others waits for ever)."""
    with KafkaAdminClient(**connections.kafka.client_options(user)) as client:
        return set(client.list_topics())


def test_what_the_owner_writes_is_read_by_its_consumer(connections: ConnectionSettings, prefix: str) -> None:
    send(connections, "assessment", f"{prefix}impact.assessment")

    value = first_value(connections, "insight", f"{prefix}impact.assessment", f"{prefix}insight.projection")

    assert value == b"v"


@pytest.mark.parametrize("user", ["notification", "insight", "action_plan", "directory"])
def test_a_service_cannot_write_anothers_topic(connections: ConnectionSettings, prefix: str, user: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        send(connections, user, f"{prefix}impact.assessment")


def test_agreed_levels_are_read_by_action_plan_alone(connections: ConnectionSettings, prefix: str) -> None:
    topic = f"{prefix}impact.assessment-result"
    send(connections, "assessment", topic)

    assert first_value(connections, "action_plan", topic, f"{prefix}action_plan.results") == b"v"
    assert topic in visible_topics(connections, "action_plan")
    assert not any(topic in visible_topics(connections, other) for other in ("insight", "notification", "directory"))


def test_not_even_the_owner_reads_a_topic_without_being_its_consumer(
    connections: ConnectionSettings, prefix: str
) -> None:
    partition = TopicPartition(f"{prefix}impact.assessment", 0)

    with KafkaConsumer(**connections.kafka.client_options("assessment"), auto_offset_reset="earliest") as consumer:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        with pytest.raises(TopicAuthorizationFailedError):
            consumer.poll(timeout_ms=5_000)


def test_a_service_cannot_join_anothers_consumer_group(connections: ConnectionSettings, prefix: str) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        first_value(connections, "insight", f"{prefix}impact.assessment", f"{prefix}notification.projection")


def test_the_first_write_after_permissions_are_made_is_accepted(
    local_servers: Servers, connections: ConnectionSettings
) -> None:
    for _ in range(5):
        ours = f"t{secrets.token_hex(4)}-"

        local_servers.make_topics(TOPICS[:1], prefix=ours)
        send(connections, "assessment", f"{ours}impact.assessment")

        with BrokerAdmin(connections.kafka.client_options("admin")) as admin:
            assert admin.remove(ours) == [f"{ours}impact.assessment"]


def test_a_consumer_struck_from_a_topic_file_loses_its_permission(
    local_servers: Servers, connections: ConnectionSettings
) -> None:
    ours = f"t{secrets.token_hex(4)}-"
    local_servers.make_topics(TOPICS[:1], prefix=ours)
    narrowed = [Topic("impact.assessment", "assessment", ("insight",), 2, -1)]

    local_servers.make_topics(narrowed, prefix=ours)

    with BrokerAdmin(connections.kafka.client_options("admin")) as admin:
        left = admin.permissions([f"{ours}impact.assessment"])
        admin.remove(ours)
    assert {(p.user, p.operation) for p in left} == {("assessment", "write"), ("insight", "read")}


def test_the_broker_allows_exactly_what_the_topic_files_say(local_servers: Servers) -> None:
    topics = read_topics()
    names = {topic.name for topic in topics} | {group_prefix(c) for topic in topics for c in topic.consumers}
    local_servers.make_topics()

    with BrokerAdmin(local_servers.settings.kafka.client_options("admin")) as admin:
        in_force = admin.permissions(names)

    assert in_force == {p for p in permissions_for(topics) if p.resource != "cluster"}
    assert topics
