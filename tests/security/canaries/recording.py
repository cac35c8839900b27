"""A service that remembers each request that somebody rightly made, so that everybody else can try the same."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.test import TestResponse

from shared.config import AwsConfig
from shared.principal import NATIONAL_TENANT
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.security.canaries.contents import exchanged, kept, to_send

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

    def again(self, client: Client) -> TestResponse:
        """Send it once more."""
        return client.send(self.method, self.path, **to_send(self.options))

    def in_other_words(self) -> "Sent":
        """Return the same request with words of a stranger's own, so that hearing them back is no leak."""
        return replace(self, options=exchanged(self.options, {MARK: "own"}))

    def naming(self, others: Mapping[str, str]) -> "Sent":
        """Return the same request with other ids in its address, query and body, wherever it names one of these."""
        return replace(self, path=exchanged(self.path, others), options=exchanged(self.options, others))

    def saying(self, others: Mapping[str, str]) -> "Sent":
        """Return the same request to the same address, with other ids in its query and body."""
        return replace(self, options=exchanged(self.options, others))


@dataclass(frozen=True, slots=True)
class Answered:
    """That a request was answered well: the reference its answer carried, what it said, and to whom."""

    route: str
    request_id: str
    said: str
    nobodys_trust: bool
    """Asked by the national team, an operator, a process of ours or somebody not signed in."""


@dataclass
class RecordingClient(Client):
    """Sends requests and remembers those that were answered well."""

    person: Person | None = None

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request."""
        options = kept(options)
        response = super().send(method, path, **to_send(options))
        assert isinstance(self.service, Recording)
        if response.status_code < 400:
            sent = Sent(self.service.route_of(method, path), method, path, options, self.person)
            self.service.remember(sent, response)
        return response


@dataclass
class Recording(ServiceUnderTest):
    """A service under test whose clients remember what they sent, the newest request of each route."""

    sent: dict[str, Sent] = field(default_factory=dict)
    """What people of a trust or its ICB sent, by route and what was asked in the query: everybody else tries it."""
    answered: list[Answered] = field(default_factory=list)
    """Every request that was answered well, whoever sent it."""
    store: AwsConfig | None = None
    """Where files are kept."""
    unheard: bool = False
    """While true, nothing is remembered."""

    @classmethod
    def of(cls, service: ServiceUnderTest, *, store: AwsConfig | None = None) -> "Recording":
        """Return a recording view of a service under test."""
        parts = (service.name, service.app, service.database, service.superuser_url, service.mint, service.config)
        return cls(*parts, store=store)

    def client(self, person: Person, *, strong: bool = True, roles: frozenset[str] | None = None) -> Client:
        """Return a client signed in as `person` that remembers."""
        plain = super().client(person, strong=strong, roles=roles)
        return plain if self.unheard else RecordingClient(self, plain.headers, person)

    def client_with(self, token: str | None, *, acting_for: str | None = None) -> Client:
        """Return a client that sends `token` (None: nobody signed in) and remembers."""
        plain = super().client_with(token, acting_for=acting_for)
        return plain if self.unheard else RecordingClient(self, plain.headers)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let somebody whose story this is not act unheard."""
        self.unheard = True
        yield
        self.unheard = False

    def remember(self, sent: Sent, response: TestResponse) -> None:
        """Keep a request, and as the newest of its route unless it was nobody's or the national team's."""
        of_a_trust = sent.sender is not None and sent.sender.org_id != NATIONAL_TENANT
        said = response.get_data(as_text=False).decode(errors="replace")
        self.answered.append(Answered(sent.route, response.headers["X-Request-Id"], said, not of_a_trust))
        if of_a_trust:
            self.sent[" ?".join((sent.route, *sent.options.get("query_string", ())))] = sent

    def aim(self, route: str, path: str, **options: Any) -> None:
        """Let others try a request on something that is still there, as it is now: it has changed what it was for."""
        sent = self.sent[route]
        assert self.route_of(sent.method, path) == route
        self.sent[route] = replace(sent, path=path, options={**sent.options, **options})

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
    foreign: Mapping[str, str] = field(default_factory=dict)
    """Ids that the trust's requests name in query or body, each with one of the same kind at a sister trust."""
    without_canary: list[str] = field(default_factory=list)

    def people(self) -> tuple[Person, ...]:
        """Return everybody of the trust whom the story names."""
        return (self.author, *self.colleagues.values())
