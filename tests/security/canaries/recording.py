"""A service that remembers each request that somebody rightly made, so that everybody else can try the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.test import TestResponse

from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person

MARK = "cnry"
"""What every canary begins with."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was answered with what its sender wanted."""

    route: str
    method: str
    path: str
    options: Mapping[str, Any]
    sender: Person | None = None

    def again(self, client: Client, path: str | None = None) -> TestResponse:
        """Send it once more (if asked, to another address)."""
        return client.send(self.method, path or self.path, **dict(self.options))

    def in_other_words(self) -> "Sent":
        """Return the same request with words of a stranger's own, so that hearing them back is no leak."""
        options = json.loads(json.dumps(dict(self.options)).replace(MARK, "own"))
        return replace(self, options=options)


@dataclass
class RecordingClient(Client):
    """Sends requests and remembers those that were answered well."""

    person: Person | None = None

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request."""
        response = super().send(method, path, **dict(options))
        assert isinstance(self.service, Recording)
        if response.status_code < 400:
            self.service.remember(Sent(self.service.route_of(method, path), method, path, dict(options), self.person))
        return response


@dataclass
class Recording(ServiceUnderTest):
    """A service under test whose clients remember what they sent, the newest request of each route."""

    sent: dict[str, Sent] = field(default_factory=dict)
    strangers: bool = False
    """Once true, nothing is remembered any more."""

    @classmethod
    def of(cls, service: ServiceUnderTest) -> "Recording":
        """Return a recording view of a service under test."""
        return cls(service.name, service.app, service.database, service.superuser_url, service.mint, service.config)

    def client(self, person: Person, *, strong: bool = True, roles: frozenset[str] | None = None) -> Client:
        """Return a client signed in as `person` that remembers."""
        plain = super().client(person, strong=strong, roles=roles)
        return plain if self.strangers else RecordingClient(self, plain.headers, person)

    def remember(self, sent: Sent) -> None:
        """Keep a request, the newest of its route."""
        self.sent[sent.route] = sent

    def route_of(self, method: str, path: str) -> str:
        """Return the route that answers a request, as the matrix calls it."""
        adapter = self.app.url_map.bind("localhost")
        rule, _ = adapter.match(path.split("?")[0], method=method, return_rule=True)
        return f"{method} {rule.rule}"


@dataclass
class Scene:
    """One trust's work in one service, full of canaries, and everybody whose it is not."""

    service: Recording
    tenant: str
    org: str
    author: Person
    colleagues: Mapping[str, Person]
    """People of the trust who are not the author of anything private."""
    may_read: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Routes on which some strangers rightly read the trust's words: what it chose to show them."""
    at_the_author: frozenset[str] = frozenset()
    """Routes that answer about whoever asks; another's session gets its own, which is nothing."""
    without_canary: list[str] = field(default_factory=list)
