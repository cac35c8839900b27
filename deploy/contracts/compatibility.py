"""Whether a newer contract still keeps what an older one promised.

Two directions. What we *send* (answers, events) must keep its fields: nothing removed, nothing that was always there
now sometimes missing, no other type. What we *take* (requests; events of earlier days, when they are read again) must
keep taking what was right before: no new field demanded, none refused that was allowed, no value ruled out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Document = Mapping[str, Any]
SMALLEST = ("maxLength", "maximum", "maxItems")
LARGEST = ("minLength", "minimum", "minItems")
DEEPEST = 12
METHODS = ("get", "put", "post", "patch", "delete")


class Direction(Enum):
    """Who has to cope with a change."""

    SENT = "sent"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Pair:
    """The documents that schemas are part of, for their references."""

    old: Document
    new: Document


def breaks_of_apis(old: Document, new: Document) -> list[str]:
    """Return what a newer OpenAPI document breaks, a sentence each."""
    return list(_api(Pair(old, new)))


def breaks_of_events(old: Mapping[str, Document], new: Mapping[str, Document]) -> list[str]:
    """Return what newer event schemas, by type, break for readers of today and of events sent before."""
    found = [f"{name} is gone" for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        pair = Pair(old[name], new[name])
        for direction in Direction:
            found += list(_schema(old[name], new[name], name, direction, pair))
    return sorted(set(found))


def _api(pair: Pair) -> Iterator[str]:
    for path, operations in pair.old.get("paths", {}).items():
        for method in METHODS:
            if method not in operations:
                continue
            here = f"{method.upper()} {path}"
            newer = pair.new.get("paths", {}).get(path, {}).get(method)
            if newer is None:
                yield f"{here} is gone"
                continue
            yield from _parameters(operations[method], newer, here, pair)
            yield from _body(operations[method], newer, here, pair)
            yield from _answers(operations[method], newer, here, pair)


def _parameters(old: Document, new: Document, here: str, pair: Pair) -> Iterator[str]:
    before, after = _named(old, pair.old), _named(new, pair.new)
    yield from (f"{here}: the parameter {name} is gone" for name in before.keys() - after.keys())
    for name, parameter in after.items():
        if parameter["in"] == "header" and not _tells_headers(pair.old):
            continue
        if parameter.get("required") and not before.get(name, {}).get("required"):
            yield f"{here}: the parameter {name} is required now"


def _tells_headers(document: Document) -> bool:
    """Tell whether a document is of the kind that names headers: 0.1.0 asked for them and did not say so."""
    return "securitySchemes" in document.get("components", {})


def _named(operation: Document, document: Document) -> dict[str, Document]:
    found = (_resolved(one, document) for one in operation.get("parameters", []))
    return {one["name"]: one for one in found if "name" in one}


def _body(old: Document, new: Document, here: str, pair: Pair) -> Iterator[str]:
    before, after = _json_of(old.get("requestBody", {})), _json_of(new.get("requestBody", {}))
    if before is not None and after is not None:
        yield from _schema(before, after, f"{here}: request", Direction.TAKEN, pair)


def _answers(old: Document, new: Document, here: str, pair: Pair) -> Iterator[str]:
    for status, answer in old.get("responses", {}).items():
        if not status.startswith("2"):
            continue
        newer = new.get("responses", {}).get(status)
        if newer is None:
            yield f"{here}: the answer {status} is gone"
            continue
        before, after = _json_of(answer), _json_of(newer)
        if before is not None and after is None:
            yield f"{here}: the answer {status} has no content any more"
        elif before is not None and after is not None:
            yield from _schema(before, after, f"{here}: answer {status}", Direction.SENT, pair)


def _json_of(part: Document) -> Document | None:
    content = part.get("content", {})
    found: Document | None = content.get("application/json", {}).get("schema")
    return found


def _schema(old: Document, new: Document, here: str, direction: Direction, pair: Pair, depth: int = 0) -> Iterator[str]:
    old, new = _resolved(old, pair.old), _resolved(new, pair.new)
    if depth > DEEPEST:
        return
    yield from _types(old, new, here, direction)
    before, after = old.get("properties", {}), new.get("properties", {})
    yield from (f"{here}: {name} is gone" for name in sorted(before.keys() - after.keys()))
    yield from _required(old, new, here, direction)
    for name in sorted(before.keys() & after.keys()):
        yield from _schema(before[name], after[name], f"{here}: {name}", direction, pair, depth + 1)
    if "items" in old and "items" in new:
        yield from _schema(old["items"], new["items"], f"{here}[]", direction, pair, depth + 1)


def _required(old: Document, new: Document, here: str, direction: Direction) -> Iterator[str]:
    before, after = set(old.get("required", [])), set(new.get("required", []))
    if direction is Direction.SENT:
        gone = (before - after) & set(new.get("properties", {}))
        yield from (f"{here}: {name} may be missing now" for name in sorted(gone))
    else:
        yield from (f"{here}: {name} is required now" for name in sorted(after - before))


def _types(old: Document, new: Document, here: str, direction: Direction) -> Iterator[str]:
    before, after = _set_of(old.get("type")), _set_of(new.get("type"))
    wider, narrower = (before, after) if direction is Direction.SENT else (after, before)
    if before and after and not narrower <= wider | ({"number"} if "integer" in wider else set()):
        yield f"{here}: {'/'.join(sorted(before))} became {'/'.join(sorted(after))}"
    if direction is Direction.TAKEN:
        yield from _narrowed(old, new, here)


def _narrowed(old: Document, new: Document, here: str) -> Iterator[str]:
    if "enum" in new:
        gone = set(map(str, old.get("enum", []))) - set(map(str, new["enum"]))
        yield from (f"{here}: the value {value} is no longer taken" for value in sorted(gone))
        if "enum" not in old:
            yield f"{here}: only certain values are taken now"
    for limit in SMALLEST:
        if limit in new and new[limit] < old.get(limit, float("inf")):
            yield f"{here}: {limit} is {new[limit]} now"
    for limit in LARGEST:
        if limit in new and new[limit] > old.get(limit, 0):
            yield f"{here}: {limit} is {new[limit]} now"


def _set_of(value: Any) -> set[str]:
    return set() if value is None else set(value) if isinstance(value, list) else {str(value)}


def _resolved(schema: Document, document: Document) -> Document:
    while "$ref" in schema:
        place: Any = document
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            place = place[part]
        schema = place
    return schema
