"""Which terms of a glossary occur in a text, so that they are explained where they stand."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def terms_in(item: Mapping[str, Any], glossary: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Return the entries whose term occurs in the question, its levels or its prompts, in the glossary's order."""
    words = " ".join(_texts(item)).lower()
    return [entry for entry in glossary or () if re.search(rf"\b{re.escape(entry['term'].lower())}", words)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name != "id":
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
