"""Whether a running broker still is what the topic files say: its topics, how long it keeps them, and every right."""

from collections.abc import Iterable

from infra.kafka.broker_admin import BrokerAdmin, right_in_words
from infra.kafka.permissions import permissions_for
from infra.kafka.topics import Topic


def differences(topics: Iterable[Topic], admin: BrokerAdmin, prefix: str = "") -> list[str]:
    """Return a sentence for each difference between files and broker; empty when all is well.

    With a `prefix` only what begins with it is looked at, which is how several test runs share a broker.
    """
    wanted = list(topics)
    return [*_topics(wanted, admin, prefix), *_rights(wanted, admin, prefix)]


def _topics(wanted: list[Topic], admin: BrokerAdmin, prefix: str) -> list[str]:
    running = {name: shape for name, shape in admin.shapes().items() if name.startswith(prefix)}
    found = [f"topic {name} is not ours" for name in sorted(running.keys() - {prefix + one.name for one in wanted})]
    for topic in wanted:
        name, shape = prefix + topic.name, running.get(prefix + topic.name)
        if shape is None:
            found.append(f"topic {name} is missing")
        elif shape != (topic.partitions, topic.retention_ms):
            found.append(
                f"topic {name}: {shape[0]} partitions kept for {shape[1]} ms"
                f" instead of {topic.partitions} for {topic.retention_ms}"
            )
    return found


def _rights(wanted: list[Topic], admin: BrokerAdmin, prefix: str) -> list[str]:
    allowed = {right_in_words(one) for one in permissions_for(wanted, prefix) if one.name.startswith(prefix)}
    running = {right for right in admin.rights() if f" {prefix}" in right}
    return [
        *(f"missing: {right}" for right in sorted(allowed - running)),
        *(f"not ours: {right}" for right in sorted(running - allowed)),
    ]
