"""Make users, topics and permissions on a broker; all of it may be run again."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError, TopicAlreadyExistsError

from infra.kafka.permissions import Operation, Permission, Resource, group_prefix, permissions_for
from infra.kafka.topics import Topic

MECHANISM = "SCRAM-SHA-512"
AT_ONCE = 5_000
"""Records."""
_RESOURCES: dict[Resource, Any] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "cluster": ResourceType.CLUSTER,
}
_OPERATIONS: dict[Operation, Any] = {
    "read": ACLOperation.READ,
    "write": ACLOperation.WRITE,
    "idempotent_write": ACLOperation.IDEMPOTENT_WRITE,
}


class BrokerRefused(Exception):
    """The broker did not do what it was asked."""


def broker_answers(options: Mapping[str, str], *, seconds: float = 2) -> bool:
    """Whether a client with these options can list topics now."""
    try:
        with KafkaAdminClient(**options, bootstrap_timeout_ms=int(seconds * 1000)) as admin:
            admin.list_topics()
    except KafkaError:
        return False
    return True


class BrokerAdmin:
    """The broker as its administrator sees it. Use as a context manager."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._client = KafkaAdminClient(**options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def make_users(self, passwords: Mapping[str, str], *, renew: bool = False) -> list[str]:
        """Create the SCRAM users that are missing, or give every one its password anew; returns their names."""
        known = {} if renew else self._client.describe_user_scram_credentials()
        missing = [user for user in passwords if user not in known]
        if missing:
            wanted = [UserScramCredentialUpsertion(user, MECHANISM, passwords[user]) for user in missing]
            answers = self._client.alter_user_scram_credentials(wanted)
            refused = {user: message for user, message in answers.items() if message}
            if refused:
                raise BrokerRefused(f"users not made: {refused}")
        return missing

    def make_topics(self, topics: Iterable[Topic], prefix: str = "") -> list[str]:
        """Create the topics that are missing, each with a leader when this returns."""
        known = set(self._client.list_topics())
        missing = {prefix + t.name: _options_of(t) for t in topics if prefix + t.name not in known}
        if missing:
            try:
                self._client.create_topics(missing, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                # Another worker made them between the two calls; it waits for the leaders itself.
                self._client.wait_for_topics(list(missing))
        return list(missing)

    def regulate(self, topics: Sequence[Topic], prefix: str = "", *, seconds: float = 30) -> None:
        """Allow what the topics say, forbid what they no longer say, and wait until both hold.

        The wait is on the broker's own authorizer: straight after Kafka's answer the first write of
        a service may still be refused. Raises BrokerRefused.
        """
        wanted = {_acl(permission) for permission in permissions_for(topics, prefix)}
        ours = {prefix + topic.name for topic in topics}
        ours |= {group_prefix(service, prefix) for topic in topics for service in topic.consumers}
        self._create(wanted - self._allowed())
        self._delete({acl for acl in self._allowed() - wanted if acl.resource_pattern.resource_name in ours})
        deadline = time.monotonic() + seconds
        while not wanted <= self._allowed():
            if time.monotonic() > deadline:
                raise BrokerRefused(f"permissions not in force after {seconds:.0f} s")
            time.sleep(0.02)

    def shapes(self) -> dict[str, tuple[int, int]]:
        """Partitions and retention in milliseconds of every topic that is not the broker's own."""
        found = {str(one["name"]): one for one in self._client.describe_topics() if not one["is_internal"]}
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": None}) for name in found]
        kept = self._client.describe_configs(wanted, config_filter="all")["topic"] if wanted else {}
        return {name: (len(one["partitions"]), int(kept[name]["retention.ms"]["value"])) for name, one in found.items()}

    def rights(self) -> list[str]:
        """Every right in force, a line each, as `right_in_words` says it."""
        return sorted(map(_in_words, self._allowed()))

    def permissions(self, names: Collection[str]) -> set[Permission]:
        """The rights in force on resources with exactly these names."""
        return {_permission(acl) for acl in self._allowed() if acl.resource_pattern.resource_name in names}

    def remove(self, prefix: str) -> list[str]:
        """Remove every topic and permission whose name begins with a test's prefix."""
        if not prefix:
            raise BrokerRefused("an empty prefix would remove everything")
        topics = [str(name) for name in self._client.list_topics() if str(name).startswith(prefix)]
        if topics:
            self._client.delete_topics(topics)
        self._delete({acl for acl in self._allowed() if acl.resource_pattern.resource_name.startswith(prefix)})
        return topics

    def forget_groups(self, names: Collection[str]) -> list[str]:
        """Remove consumer groups with their offsets; returns those that were there.

        Raises BrokerRefused while a group has members.
        """
        there = sorted({str(group["group_id"]) for group in self._client.list_groups()} & set(names))
        answers = self._client.delete_groups(there) if there else {}
        refused = {name: answer for name, answer in answers.items() if answer != "OK"}
        if refused:
            raise BrokerRefused(f"groups not removed: {refused}")
        return there

    def _create(self, acls: Collection[Any]) -> None:
        if acls:
            answer = self._client.create_acls(list(acls))
            if answer["failed"]:
                raise BrokerRefused(f"permissions not made: {answer['failed']}")

    def _delete(self, acls: Collection[Any]) -> None:
        if acls:
            self._client.delete_acls(list(acls))

    def _allowed(self) -> set[Any]:
        anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        every = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, anything)
        found, _ = self._client.describe_acls(every)
        return set(found)


def everything_in(options: Mapping[str, str], topics: Iterable[str]) -> Iterator[list[Any]]:
    """Read topics from the first record to where they end now, as no member of any group; records come in lots."""
    consumer = KafkaConsumer(**options, group_id=None, enable_auto_commit=False, max_poll_records=AT_ONCE)
    try:
        places = [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            yield from consumer.poll(timeout_ms=1000).values()
    finally:
        consumer.close()


def _options_of(topic: Topic) -> dict[str, Any]:
    configs = {"retention.ms": str(topic.retention_ms)}
    if topic.max_message_bytes is not None:
        configs["max.message.bytes"] = str(topic.max_message_bytes)
    return {"num_partitions": topic.partitions, "configs": configs}


def _acl(permission: Permission) -> Any:
    kind = ACLResourcePatternType.PREFIXED if permission.is_prefix else ACLResourcePatternType.LITERAL
    return ACL(
        principal=f"User:{permission.user}",
        host="*",
        operation=_OPERATIONS[permission.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(_RESOURCES[permission.resource], permission.name, kind),
    )


def _permission(acl: Any) -> Permission:
    pattern = acl.resource_pattern
    return Permission(
        user=acl.principal.removeprefix("User:"),
        resource=next(name for name, kind in _RESOURCES.items() if kind == pattern.resource_type),
        name=pattern.resource_name,
        operation=next(name for name, kind in _OPERATIONS.items() if kind == acl.operation),
        is_prefix=pattern.pattern_type == ACLResourcePatternType.PREFIXED,
    )


def right_in_words(permission: Permission) -> str:
    """One right as a line that a person can read and a test can compare."""
    return _in_words(_acl(permission))


def _in_words(acl: Any) -> str:
    pattern = acl.resource_pattern
    name = f"{pattern.resource_name}{'*' if pattern.pattern_type == ACLResourcePatternType.PREFIXED else ''}"
    what = f"{pattern.resource_type.name.lower()} {name}"
    verb = "may" if acl.permission_type == ACLPermissionType.ALLOW else "may not"
    return f"{acl.principal.removeprefix('User:')} {verb} {acl.operation.name.lower()} {what} from {acl.host}"
