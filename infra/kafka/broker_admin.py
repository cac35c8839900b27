"""Make users, topics and permissions on a broker; all of it may be run again."""

import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError, TopicAlreadyExistsError

from infra.kafka.permissions import Permission
from infra.kafka.topics import Topic

MECHANISM = "SCRAM-SHA-512"
_RESOURCES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP, "cluster": ResourceType.CLUSTER}
_OPERATIONS = {
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

    def make_users(self, passwords: Mapping[str, str]) -> list[str]:
        """Create the SCRAM users that are missing; returns their names."""
        known = self._client.describe_user_scram_credentials()
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

    def grant(self, permissions: Sequence[Permission], *, seconds: float = 10) -> None:
        """Allow these and wait until the broker's own authorizer knows all of them.

        Raises BrokerRefused. Without the wait the first write of a service may still be refused.
        """
        wanted = {_acl(permission) for permission in permissions}
        missing = wanted - self._allowed()
        if missing:
            answer = self._client.create_acls(list(missing))
            if answer["failed"]:
                raise BrokerRefused(f"permissions not made: {answer['failed']}")
        deadline = time.monotonic() + seconds
        while not wanted <= self._allowed():
            if time.monotonic() > deadline:
                raise BrokerRefused(f"permissions not in force after {seconds:.0f} s")
            time.sleep(0.02)

    def remove(self, prefix: str) -> list[str]:
        """Remove every topic and permission whose name begins with a test's prefix."""
        if not prefix:
            raise BrokerRefused("an empty prefix would remove everything")
        topics = [str(name) for name in self._client.list_topics() if str(name).startswith(prefix)]
        if topics:
            self._client.delete_topics(topics)
        ours = [a for a in self._allowed() if a.resource_pattern.resource_name.startswith(prefix)]
        if ours:
            self._client.delete_acls(ours)
        return topics

    def _allowed(self) -> set[Any]:
        anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        every = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, anything)
        found, _ = self._client.describe_acls(every)
        return set(found)


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
