"""The topic files of shared/contracts/topics, as far as the broker needs them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TOPIC_FILES = Path(__file__).resolve().parents[2] / "shared" / "contracts" / "topics"


class UnusableTopicFile(Exception):
    """A topic file lacks something the broker needs."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: who alone may write it, who reads it, and how it is kept.

    `retention_ms` is -1 for ever; read models are rebuilt from the first record.
    """

    name: str
    owner: str
    consumers: tuple[str, ...]
    partitions: int
    retention_ms: int
    max_message_bytes: int | None = None
    is_used: bool = True
    """False while none of its events is sent yet: the topic is there for what is to come."""


def read_topics(folder: Path = TOPIC_FILES) -> list[Topic]:
    """Every topic file, by name. Raises UnusableTopicFile."""
    return [read_topic(path) for path in sorted(folder.glob("*.yaml"))]


def read_topic(path: Path) -> Topic:
    """One topic file. Raises UnusableTopicFile naming file and field."""
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    try:
        largest = content.get("max_message_bytes")
        return Topic(
            name=str(content["topic"]),
            owner=str(content["owner"]),
            consumers=tuple(map(str, content["consumers"])),
            partitions=int(content["partitions"]),
            retention_ms=int(content["retention"]),
            max_message_bytes=None if largest is None else int(largest),
            is_used=set(content["types"]) != set(content["not_yet_sent"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableTopicFile(f"{path.name}: {error!r}") from error
