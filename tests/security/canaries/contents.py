"""What a request holds, kept so that it can be sent many times and with other words or ids in it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent: sending it reads it to its end, so its bytes are kept."""

    content: bytes
    name: str


def kept(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a request with its files as bytes."""
    found = dict(options)
    if isinstance(data := found.get("data"), Mapping):
        found["data"] = {name: _kept_part(part) for name, part in data.items()}
    return found


def _kept_part(part: Any) -> Any:
    if isinstance(part, tuple):
        stream, name = part
        return File(stream.read(), name)
    return part


def to_send(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with their files as streams, which the test client reads and closes."""
    found = dict(options)
    if isinstance(data := found.get("data"), Mapping):
        found["data"] = {name: _sent_part(part) for name, part in data.items()}
    return found


def _sent_part(part: Any) -> Any:
    return (io.BytesIO(part.content), part.name) if isinstance(part, File) else part


def exchanged(value: Any, others: Mapping[str, str]) -> Any:
    """Return a value with some texts exchanged for others, wherever in it they stand; files keep their kind."""
    if isinstance(value, str):
        for old in sorted(others, key=len, reverse=True):
            value = value.replace(old, others[old])
        return value
    if isinstance(value, bytes):
        for old, new in others.items():
            value = value.replace(old.encode(), new.encode())
        return value
    if isinstance(value, File):
        return File(exchanged(value.content, others), exchanged(value.name, others))
    if isinstance(value, Mapping):
        return {exchanged(name, others): exchanged(part, others) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(exchanged(part, others) for part in value)
    return value
