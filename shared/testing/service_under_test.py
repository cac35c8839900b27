"""One service around a real database: clients that send real tokens, its outbox, its handlers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask
from jsonschema import Draft202012Validator
from psycopg.rows import dict_row
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from sqlalchemy import event
from werkzeug.test import TestResponse

from shared import catalogue
from shared.clock import Clock, SystemClock
from shared.config import Mode, ServiceConfig
from shared.database import Database, UnitOfWork
from shared.envelope import ReceivedEvent
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.token_mint import TokenMint
from shared.testing.world import Person, World

BOOK_KEEPING = ("BEGIN", "COMMIT", "ROLLBACK")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event waiting in the outbox."""

    type: str
    key: str
    tenant_id: str
    org_id: str
    aggregate_version: int
    actor: str | None
    data: Mapping[str, Any]


@dataclass
class Client:
    """Sends requests as one person and holds every answer to the schema its route documents."""

    service: "ServiceUnderTest"
    headers: dict[str, str]

    def get(self, path: str, **options: Any) -> TestResponse:
        """Send a GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """Send a POST; pass `key` for an idempotency key of your own choice."""
        return self.send("POST", path, json=json if json is not None else {}, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """Send a PUT; pass `if_match` where the resource has a version."""
        return self.send("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """Send a PATCH."""
        return self.send("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """Send a DELETE."""
        return self.send("DELETE", path, **options)

    def send(
        self, method: str, path: str, *, if_match: int | None = None, key: str | None = None, **options: Any
    ) -> TestResponse:
        """Send a request and check the answer against the service's OpenAPI document."""
        headers = dict(self.headers) | options.pop("headers", {})
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        if "data" in options:
            options.pop("json", None)
        response = self.service.app.test_client().open(path, method=method, headers=headers, **options)
        self.service.check_answer(method, path, response)
        return response


@dataclass
class ServiceUnderTest:
    """A service's application, database, world and events."""

    name: str
    app: Flask
    database: Database
    superuser_url: str
    mint: TokenMint
    config: ServiceConfig
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.world = World(self.database)
        self._document = self.app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
        self._registry: Registry[Any] = Registry().with_resource(
            "urn:openapi", DRAFT202012.create_resource(self._document)
        )

    def client(self, person: Person, *, strong: bool = True, roles: frozenset[str] | None = None) -> Client:
        """Return a client signed in as `person`, acting for that person's organisation.

        `roles` are what the token says, when that is to differ from the membership.
        """
        held = person.roles if roles is None else roles
        claims = self.mint.claims(
            self.name,
            person.person_id,
            tenant_id=person.tenant_id,
            groups=[f"/{person.org_id}/{role}" for role in sorted(held)],
            national_roles=held,
            strong=strong,
        )
        return self.client_with(self.mint.sign(claims), acting_for=person.org_id)

    def client_with(self, token: str | None, *, acting_for: str | None = None) -> Client:
        """Return a client that sends `token` (None: nobody signed in)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client(self, headers | ({"Acting-For": acting_for} if acting_for else {}))

    def unit_of_work(self, principal: Principal) -> UnitOfWork:
        """Open a transaction as `principal`, as the application's own role."""
        return UnitOfWork(self.database, principal, clock=self.clock)

    def events(self, *types: str, org: str | None = None, key: str | None = None) -> list[OutboxRow]:
        """Return what the outbox holds, oldest first."""
        query = f"select * from {self.name}.outbox order by seq"
        with psycopg.connect(self.superuser_url, row_factory=dict_row) as connection:
            rows = connection.execute(query.encode()).fetchall()
        found = [
            OutboxRow(
                row["type"],
                row["key"],
                row["tenant_id"],
                row["org_id"],
                row["aggregate_version"],
                row["headers"]["actor"],
                row["payload"],
            )
            for row in rows
        ]
        return [
            row
            for row in found
            if (not types or row.type in types) and (not org or row.org_id == org) and (not key or row.key == key)
        ]

    def deliver(
        self,
        event_type: str,
        data: dict[str, Any],
        *,
        org: str,
        key: str | None = None,
        version: int = 1,
        actor: str | None = None,
        at: datetime | None = None,
    ) -> ReceivedEvent:
        """Run this service's handlers on an event, in a transaction of its own, as the consumer would."""
        from shared.worker import parts_of

        catalogue.check(event_type, data)
        tenant_id = self.world.tenant_of(org) if org != NATIONAL_TENANT else NATIONAL_TENANT
        topic = catalogue.topic_of(event_type).name
        received = ReceivedEvent(
            id=new_id(),
            type=event_type,
            topic=topic,
            key=key or str(new_id()),
            tenant_id=tenant_id,
            org_id=org,
            aggregate_version=version,
            time=at or datetime.now(UTC),
            actor=actor,
            trace=None,
            data=data,
        )
        with self.unit_of_work(Principal.service(tenant_id, org)) as uow:
            for handler in parts_of(self.name, self.config).registration().handlers.get(event_type, ()):
                handler(uow, received)
            uow.commit()
        return received

    def run_scheduler(self, clock: Clock | None = None) -> int:
        """Carry out what is due (by `clock`), other tests' work too; return how many pieces of work were tried."""
        from shared.scheduler import BATCH, Scheduler
        from shared.worker import parts_of

        parts = parts_of(self.name, self.config)
        scheduler = Scheduler(
            self.database, parts.due_handlers, stop=lambda: False, clock=clock or self.clock, chores=parts.chores
        )
        tried = [scheduler.run_once()]
        while tried[-1] >= BATCH:
            tried.append(scheduler.run_once())
        return sum(tried)

    @contextmanager
    def counted_statements(self) -> Iterator[list[str]]:
        """Collect the SQL statements that the application sends while the block lasts."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.upper().startswith(BOOK_KEEPING):
                seen.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)

    def check_answer(self, method: str, path: str, response: TestResponse) -> None:
        """Raise AssertionError when an answer does not look as its route documents."""
        adapter = self.app.url_map.bind("localhost")
        try:
            rule, _ = adapter.match(path.split("?")[0], method=method, return_rule=True)
        except Exception:  # an address that no route has is answered 404 and documented nowhere
            return
        template = rule.rule.replace("<", "{").replace(">", "}")
        template = "/".join(
            "{" + part[1:-1].split(":")[-1] + "}" if part.startswith("{") else part for part in template.split("/")
        )
        operation = self._document["paths"].get(template, {}).get(method.lower())
        if operation is None or response.status_code >= 400:
            if response.status_code >= 400 and response.data:
                assert response.content_type == "application/problem+json", (response.status_code, response.data[:500])
            return
        self._check_body(operation, response, f"{method} {template}")

    def _check_body(self, operation: Mapping[str, Any], response: TestResponse, place: str) -> None:
        documented = operation["responses"].get(str(response.status_code))
        assert documented is not None, f"{place} answers {response.status_code}, which it does not document"
        content = documented.get("content", {}).get("application/json")
        if content is None or not (response.content_type or "").startswith("application/json"):
            return
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **content["schema"]}
        text = json.dumps(schema).replace('"#/components', '"urn:openapi#/components')
        validator = Draft202012Validator(json.loads(text), registry=self._registry)
        problem = next(validator.iter_errors(response.json), None)
        assert problem is None, f"{place}: {list(problem.absolute_path)}: {problem.message}" if problem else ""


def service_config_for_tests(service: str, database_url: str, mint: TokenMint) -> ServiceConfig:
    """Return the configuration of a service in a test of that service alone."""
    return ServiceConfig(
        service=service,
        role="web",
        mode=Mode.TEST,
        database_url=database_url,
        pool_size=8,
        kafka=None,
        oidc=mint.oidc(service),
        aws=None,
        log_level="WARNING",
        portal_url="http://localhost:8000",
        drain_file=None,
    )
