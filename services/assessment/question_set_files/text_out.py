"""Writes a question set as YAML or JSON, fields in the order of the format."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

ORDER = (
    "id", "version", "audience", "title", "illustrative", "illustrative_note", "licence_note", "effective_from",
    "effective_to", "how_to_answer", "time_needed_minutes", "apart_from_capability", "heading", "text", "replaces",
    "term", "meaning", "summary", "question", "level", "name", "descriptor", "levels", "evidence_prompts",
    "discussion_prompts", "items", "from", "comparable", "reason", "glossary", "mapping", "practices",
)  # fmt: skip
RANK = {name: place for place, name in enumerate(ORDER)}


def as_yaml(content: Mapping[str, Any]) -> bytes:
    """The set as YAML."""
    return yaml.safe_dump(_ordered(content), sort_keys=False, allow_unicode=True, width=120).encode("utf-8")


def as_json(content: Mapping[str, Any]) -> bytes:
    """The set as JSON."""
    return json.dumps(_ordered(content), ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (RANK.get(name, len(ORDER)), name))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(part) for part in value] if isinstance(value, list) else value
