"""Whatever is sent to a route, nothing breaks, and what its own document calls wrong is refused.

Schemathesis makes the requests from each service's OpenAPI document: some that the document allows, some that it does
not. They go to real addresses of the scene as whoever rightly used them there, so that they get past sign-in, role and
visibility and reach the rules; routes of the national team are asked by somebody of it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet
from schemathesis.schemas import APIOperation
from werkzeug.test import TestResponse

from shared.testing.service_under_test import Client
from tests.security.canaries.injecting import Injection
from tests.security.canaries.recording import Scene, Sent
from tests.security.canaries.strangers import client_of
from tests.security.test_route_matrix import declared

QUICK, FULL = 6, 150


@dataclass
class Attack:
    """One route under fire."""

    scene: Scene
    route: str
    operation: APIOperation[Any, Any, Any, Any]
    sent: Sent | None
    client: Client
    wrong: list[str] = field(default_factory=list)
    tried: int = 0

    def fire(self, mode: GenerationMode, rounds: int) -> None:
        """Send generated requests and note what should not have happened."""

        @settings(
            max_examples=rounds,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self.operation.as_strategy(generation_mode=mode))
        def once(case: Case) -> None:
            self._judge(case, mode, self._send(case))

        try:
            once()
        except Unsatisfiable:
            return  # there is nothing about this route that could be wrong

    def _send(self, case: Case) -> TestResponse:
        self.tried += 1
        path = self.sent.path.split("?")[0] if self.sent else case.formatted_path
        version = (self.sent.options if self.sent else {}).get("if_match", 1)
        headers = {"If-Match": f'"{version}"'}
        body = {"data": _as_sent(case.body), "content_type": "application/json"} if self.operation.body else {}
        query = dict(case.query or {})
        return self.client.send(self.operation.method.upper(), path, headers=headers, query_string=query, **body)

    def _judge(self, case: Case, mode: GenerationMode, response: TestResponse) -> None:
        what = f"{self.route} {case.query or ''} {case.body!r:.300}: {response.status_code}"
        if response.status_code >= 500:
            self.wrong.append(f"broken by {what}")
        if mode is GenerationMode.NEGATIVE and response.status_code < 400 and _is_about_content(case):
            self.wrong.append(f"accepted {what}")


def _as_sent(body: Any) -> bytes:
    """Return a generated body as it goes over the wire; some are no JSON at all, and some are nothing."""
    if isinstance(body, NotSet):
        return b""
    return body if isinstance(body, bytes) else json.dumps(body, default=str).encode()


def _is_about_content(case: Case) -> bool:
    """Whether what is wrong is in the body or the query, and was sent: an empty list in a query sends nothing."""
    if any(value in ([], {}, None) for value in dict(case.query or {}).values()):
        return False
    parts = case.meta.components if case.meta else {}
    return any(
        part.mode is GenerationMode.NEGATIVE for place, part in parts.items() if place.value in ("body", "query")
    )


@dataclass(frozen=True, slots=True)
class Place:
    """One route as its document describes it, and somebody who may call it."""

    route: str
    operation: APIOperation[Any, Any, Any, Any]
    sent: Sent | None
    client: Client


def places_of(scene: Scene) -> Iterator[Place]:
    """Yield every route of the scene's service."""
    service = scene.service
    document: Mapping[str, Any] = service.app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    rows = {_template(route): (route, row) for route, row in declared(service).items()}
    for found in schemathesis.openapi.from_dict(dict(document)).get_all_operations():
        operation = found.ok()
        route, row = rows[f"{operation.method.upper()} {operation.path}"]
        sent = service.sent.get(route)
        if sent is not None:
            client = client_of(scene, sent.sender)
        elif row["who"] == "anybody":
            client = service.client_with(None)
        else:
            client = service.client(service.world.national(row["who"][0]))
        yield Place(route, operation, sent, client)


def attacks_on(scene: Scene) -> Iterator[Attack]:
    """Yield an attack for each route that takes anything."""
    for place in places_of(scene):
        takes_file = any(not body.media_type.endswith("json") for body in place.operation.body)
        if takes_file or not (place.operation.body or place.operation.query):
            continue  # what is wrong with a file has tests of its own, beside whoever reads it
        yield Attack(scene, place.route, place.operation, place.sent, place.client)


def _template(route: str) -> str:
    """Return a route with its variables as the document writes them."""
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", route)


def test_sql_in_any_part_of_a_request_is_only_words_on_every_route(scene: Scene) -> None:
    """T14: addresses, queries, headers, forms and every value of every body; before others changed what is there."""
    injections = [
        Injection(scene, place.route, place.operation, place.client, place.sent, an_example(place))
        for place in places_of(scene)
    ]

    for injection in injections:
        injection.try_everything()

    assert [wrong for injection in injections for wrong in injection.wrong] == []
    assert [injection.route for injection in injections if not injection.tried] == []
    with psycopg.connect(scene.service.superuser_url) as connection:
        trail = connection.execute("select to_regclass(%s)", [f"{scene.service.name}.audit_entry"]).fetchone()
    assert trail != (None,)


def an_example(place: Place) -> Any:
    """A body that the document allows, for a route that nobody of the scene used."""
    found: list[Any] = []

    @settings(max_examples=1, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=place.operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def once(case: Case) -> None:
        found.append(case.body)

    if place.sent is None and place.operation.body:
        once()
    return found[0] if found and not isinstance(found[0], NotSet | bytes) else {}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_breaks_and_nothing_wrong_gets_in(scene: Scene, mode: GenerationMode) -> None:
    fire(scene, mode, QUICK)


@pytest.mark.long
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_breaks_and_nothing_wrong_gets_in_with_many_more_tries(scene: Scene, mode: GenerationMode) -> None:
    fire(scene, mode, FULL)


def fire(scene: Scene, mode: GenerationMode, rounds: int) -> None:
    """Attack every route of the scene's service."""
    attacks = list(attacks_on(scene))
    for attack in attacks:
        attack.fire(mode, rounds)

    assert [wrong for attack in attacks for wrong in attack.wrong] == []
    assert sum(attack.tried for attack in attacks) >= len(attacks)
