"""SQL in every place of a request that takes words: body, query, address, headers, fields of a form.

What shows that it stayed words: no statement that the application sent holds it. Values travel beside a statement, so
only a statement that was put together from strings can.
"""

import copy
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from schemathesis.schemas import APIOperation

from shared.testing.service_under_test import Client
from tests.security.canaries.recording import Scene, Sent

MARK = "sq1i"
ATTEMPTS = (
    f"'; select set_config('app.tenant_id', '{MARK}', false); --",
    f"\\\"') or 1=1 /*{MARK}*/ %s :x {{0}} $$",
)
HEADERS = ("Idempotency-Key", "If-Match", "X-Request-Id", "traceparent")
Request = tuple[str, str, dict[str, Any]]
"""What is spoiled, the address, and the options of the request."""


def spoiled(value: Any, attempt: str, place: str = "body") -> Iterator[tuple[str, Any]]:
    """Yield copies of a body, each with another of its values replaced."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            for where, other in spoiled(part, attempt, f"{place}.{name}"):
                yield where, {**value, name: other}
    elif isinstance(value, list):
        for number, part in enumerate(value[:1]):
            for where, other in spoiled(part, attempt, f"{place}[]"):
                yield where, [*value[:number], other, *value[number + 1 :]]
        yield f"{place}[]", [*value, attempt]
    else:
        yield place, attempt


@dataclass
class Injection:
    """One route, asked as whoever rightly uses it."""

    scene: Scene
    route: str
    operation: APIOperation[Any, Any, Any, Any]
    client: Client
    sent: Sent | None
    example: Any = None
    wrong: list[str] = field(default_factory=list)
    tried: int = 0

    def try_everything(self) -> None:
        """Send each request and note what broke, or reached a statement."""
        for attempt in ATTEMPTS:
            for what, path, options in self._requests(attempt):
                self.tried += 1
                with self.scene.service.counted_statements() as statements:
                    response = self.client.send(self.operation.method.upper(), path, **options)
                if response.status_code >= 500:
                    self.wrong.append(f"{self.route}: {what} {attempt!r}: {response.status_code}")
                if any(MARK in statement for statement in statements):
                    self.wrong.append(f"{self.route}: {what} {attempt!r} became part of a statement")

    def _requests(self, attempt: str) -> Iterator[Request]:
        path, options = self._as_sent()
        unversioned = {name: part for name, part in options.items() if name != "if_match"}
        for name in HEADERS:
            given = unversioned if name == "If-Match" else options
            yield name, path, {**given, "headers": {name: attempt}}
        for parameter in self.operation.query:
            yield f"?{parameter.name}", path, {**options, "query_string": {parameter.name: attempt}}
        parts = path.split("/")
        for number, part in enumerate(self.operation.path.split("/")):
            if part.startswith("{"):
                address = "/".join([*parts[:number], quote(attempt, safe=""), *parts[number + 1 :]])
                yield part, address, options
        if "json" in options:
            for where, body in spoiled(options["json"], attempt):
                yield where, path, {**options, "json": body}
        for name in options.get("data", {}):
            yield f"field {name}", path, {**options, "data": self._form(options["data"], name, attempt)}

    def _as_sent(self) -> tuple[str, dict[str, Any]]:
        """The request that somebody rightly made, or one that the document allows."""
        options = {name: part for name, part in (self.sent.options if self.sent else {}).items() if name != "key"}
        if self.sent is None and self.operation.body:
            options["json"] = self.example
        if isinstance(options.get("data"), Mapping):
            options["data"] = self._form(options["data"])
        address = self.sent.path if self.sent else self.operation.path.replace("{", "").replace("}", "")
        return address.split("?")[0], options

    @staticmethod
    def _form(fields: Mapping[str, Any], spoilt: str = "", attempt: str = "") -> dict[str, Any]:
        """A form's fields afresh, since a file can be sent once only."""
        given = {name: part for name, part in fields.items() if not isinstance(part, tuple)}
        files = {name: (io.BytesIO(b"%PDF-1.7"), part[1]) for name, part in fields.items() if isinstance(part, tuple)}
        if spoilt in files:
            return {**given, **files, spoilt: (io.BytesIO(b"%PDF-1.7"), attempt)}
        return copy.copy(given) | files | ({spoilt: attempt} if spoilt else {})
