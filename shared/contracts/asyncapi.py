"""Writes ``docs/asyncapi.yaml`` (AsyncAPI 3.0) from the topic files, schemas and examples.

Run ``python -m shared.contracts.asyncapi`` after a change; a test says when the document is out of date.
"""

import json
from pathlib import Path
from typing import Any, Final

import yaml

CONTRACTS: Final = Path(__file__).parent
DOCUMENT: Final = CONTRACTS.parents[1] / "docs" / "asyncapi.yaml"
SCHEMA_FORMAT: Final = "application/schema+json;version=draft-2020-12"
NOTICE: Final = "# Written by `python -m shared.contracts.asyncapi` from shared/contracts; edit there.\n"


def document() -> dict[str, Any]:
    """Return the whole AsyncAPI document as plain data, in a stable order."""
    topics = [_yaml(path) for path in sorted((CONTRACTS / "topics").glob("*.yaml"))]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Improve Together events",
            "version": "1",
            "description": (CONTRACTS / "README.md").read_text(encoding="utf-8").split("## Adding an event")[0].strip(),
        },
        "defaultContentType": "application/json",
        "channels": {topic["topic"]: _channel(topic) for topic in topics},
        "operations": {name: operation for topic in topics for name, operation in _operations(topic).items()},
        "components": {
            "messageTraits": {"envelope": {"headers": _headers()}},
            "messages": {kind: _message(kind, topic) for topic in topics for kind in topic["types"]},
        },
    }


def rendered() -> str:
    """Return the document as the text that belongs into ``docs/asyncapi.yaml``."""
    return NOTICE + yaml.dump(document(), Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=120)


class _PlainDumper(yaml.SafeDumper):
    """Writes everything out: anchors make a document hard to read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _channel(topic: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": topic["topic"],
        "title": topic["topic"],
        "description": f"{topic['meaning']} Key: {topic['key']}.",
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in topic["types"]},
        "bindings": {
            "kafka": {
                "topic": topic["topic"],
                "partitions": topic["partitions"],
                "topicConfiguration": {
                    "retention.ms": topic["retention"],
                    "max.message.bytes": topic["max_message_bytes"],
                },
                "bindingVersion": "0.5.0",
            }
        },
        "x-tenantless": topic["tenantless"],
        "x-dead-letter": topic["dead_letter"],
    }


def _operations(topic: dict[str, Any]) -> dict[str, Any]:
    name = topic["topic"]
    channel = {"$ref": f"#/channels/{name}"}
    sends = {f"{topic['owner']}.sends.{name}": {"action": "send", "channel": channel}}
    reads = {f"{reader}.reads.{name}": {"action": "receive", "channel": channel} for reader in topic["consumers"]}
    return sends | reads


def _message(kind: str, topic: dict[str, Any]) -> dict[str, Any]:
    schema = json.loads((CONTRACTS / "events" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    examples = sorted((CONTRACTS / "events" / kind).glob("*.json"))
    message: dict[str, Any] = {
        "name": kind,
        "title": schema["title"],
        "summary": schema["description"],
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": schema},
        "examples": [_example(path) for path in examples],
    }
    if kind in topic["not_yet_sent"]:
        message["x-not-yet-sent"] = True
    return message


def _example(path: Path) -> dict[str, Any]:
    example = json.loads(path.read_text(encoding="utf-8"))
    return {"name": path.stem, "headers": example["headers"], "payload": example["data"]}


def _headers() -> dict[str, Any]:
    schema = json.loads((CONTRACTS / "envelope.schema.json").read_text(encoding="utf-8"))
    return {"schemaFormat": SCHEMA_FORMAT, "schema": schema}


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def main() -> None:
    """Write the document."""
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(rendered(), encoding="utf-8")


if __name__ == "__main__":
    main()
