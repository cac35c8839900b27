"""T5, T6 on a real web process: whose request is cut off, or beside whose one's own runs, is seen by nobody else.

A request is held in the middle of its query by a lock on the table that it reads. Then its caller hangs up, the
database is told to cancel it, or the worker that serves it dies as gunicorn kills one (SIGABRT).
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from infra.servers import Profile
from infra.servers.processes import began_at
from shared import audit
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.bench.web_process import Caller, Door, web_process

PATH = "/v1/audit?about=canary"
OF_THE_LOGIN = "from pg_stat_activity where datname = current_database() and usename = %s"
HELD = f"select pid {OF_THE_LOGIN} and wait_event_type = 'Lock'"
SERVING = f"select pid, client_port {OF_THE_LOGIN} order by backend_start"
ONE_CONNECTION = {"POOL_SIZE": "1", "REQUESTS_PER_PERSON": "0", "REQUESTS_PER_ADDRESS": "0"}
"""Everybody's requests share it; counting requests would need another one."""
Superuser = psycopg.Connection[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with a word that nobody else's answer may hold."""

    person: Person
    canary: str


@dataclass(frozen=True, slots=True)
class Site:
    """A web process with one worker, and the database under it."""

    door: Door
    superuser: Superuser

    @property
    def login(self) -> str:
        return f"app_{self.door.service.name}"

    def backends(self) -> list[int]:
        """Which connections the web process holds."""
        return [int(pid) for pid, *_ in self.superuser.execute(SERVING, [self.login]).fetchall()]

    def held(self) -> int:
        """Wait until a request waits for the lock; return its connection."""
        while not (found := self.superuser.execute(HELD, [self.login]).fetchone()):
            time.sleep(0.002)
        return int(found[0])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody read the audit trail while the block lasts."""
        with psycopg.connect(self.door.service.superuser_url) as connection:
            connection.execute(f"lock table {self.door.service.name}.audit_entry in access exclusive mode".encode())
            yield
            connection.rollback()

    def begin(self, somebody: Somebody) -> socket.socket:
        """Send somebody's request and wait for no answer."""
        line = socket.create_connection(("127.0.0.1", self.door.port), timeout=30)
        headers = {"Host": "127.0.0.1", **self.door.headers(somebody.person)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"GET {PATH} HTTP/1.1\r\n{head}\r\n".encode())
        return line

    def shown_to(self, somebody: Somebody) -> str:
        return str(self.door.caller(somebody.person).call("GET", PATH))


def people_with_canaries(service: ServiceUnderTest, count: int) -> list[Somebody]:
    """Make people of as many tenants, each with a line of the audit trail that names a word of their own."""
    found = []
    for number in range(count):
        person = service.world.person(service.world.trust(), Role.ACCESS_MANAGER)
        one = Somebody(person, f"cnry-{number}-{person.org_id}")
        with service.unit_of_work(person.principal()) as uow:
            audit.record(uow, "canary", "thing", one.canary)
            uow.commit()
        found.append(one)
    return found


@pytest.fixture(scope="module")
def site(notification: ServiceUnderTest) -> Iterator[Site]:
    profile = Profile(os.environ.get("IMPACT_TEST_PROFILE", "test"))
    with (
        web_process(notification, profile, workers=1, more=ONE_CONNECTION) as door,
        psycopg.connect(notification.superuser_url, autocommit=True) as superuser,
    ):
        yield Site(door, superuser)


@pytest.fixture(scope="module")
def two(notification: ServiceUnderTest) -> tuple[Somebody, Somebody]:
    first, second = people_with_canaries(notification, 2)
    notification.database.dispose()  # so that the connections that are left are the web process's
    return first, second


def hangs_up(site: Site, line: socket.socket) -> None:
    site.held()
    line.close()


def is_cancelled(site: Site, line: socket.socket) -> None:
    site.superuser.execute("select pg_cancel_backend(%s)", [site.held()])
    answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 5"), answer[:200]
    line.close()


@pytest.mark.parametrize("repeats", [15, pytest.param(500, marks=pytest.mark.long)])
@pytest.mark.parametrize("cut_off", [hangs_up, is_cancelled])
def test_the_next_tenant_on_the_connection_of_a_request_that_was_cut_off_sees_its_own_alone(
    two: tuple[Somebody, Somebody], site: Site, cut_off: Callable[[Site, socket.socket], None], repeats: int
) -> None:
    first, second = two
    site.shown_to(first)
    before = site.backends()

    for _ in range(repeats):
        with site.locked():
            cut_off(site, site.begin(first))
        shown = site.shown_to(second)
        assert second.canary in shown
        assert first.canary not in shown

    assert len(before) == 1
    assert site.backends() == before, "it was not the same connection, so nothing was shown"


@pytest.mark.parametrize("repeats", [2, pytest.param(25, marks=pytest.mark.long)])
def test_after_a_worker_was_killed_in_the_middle_of_a_query_the_next_tenant_sees_its_own_alone(
    two: tuple[Somebody, Somebody], site: Site, repeats: int
) -> None:
    first, second = two
    for _ in range(repeats):
        with site.locked():
            line = site.begin(first)
            backend = site.held()
            kill_as_gunicorn_does(worker_behind(site, backend))
            with suppress(ConnectionResetError):
                assert line.recv(65_536) == b"", "the worker answered, so nothing was cut off"
        shown = once_there_is_another_worker(site, second)
        assert second.canary in shown
        assert first.canary not in shown
        assert backend not in site.backends()


def worker_behind(site: Site, backend: int) -> int:
    """Return the process that holds this connection, by the port that its end of it has."""
    (port,) = (port for pid, port in site.superuser.execute(SERVING, [site.login]).fetchall() if pid == backend)
    ends = {f"socket:[{line.split()[9]}]" for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if
            int(line.split()[1].rpartition(":")[2], 16) == port}  # fmt: skip
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(handle) in ends:
                return int(handle.parts[2])
    raise AssertionError("nobody holds this connection")


def kill_as_gunicorn_does(worker: int) -> None:
    """Abort it; what has not gone a second later, since a thread of it waits for its query, is killed."""
    os.kill(worker, signal.SIGABRT)
    give_up = time.monotonic() + 1
    while time.monotonic() < give_up and began_at(worker) is not None:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


def once_there_is_another_worker(site: Site, somebody: Somebody) -> str:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with suppress(OSError):
            return site.shown_to(somebody)
        time.sleep(0.05)
    raise AssertionError("no worker took the place of the one that was killed")


@pytest.mark.parametrize(("sessions", "requests"), [(16, 25), pytest.param(50, 200, marks=pytest.mark.long)])
def test_each_of_many_sessions_at_once_hears_of_its_own_alone(
    notification: ServiceUnderTest, site: Site, sessions: int, requests: int
) -> None:
    """T5: threads of one worker share no state of a request."""
    people = people_with_canaries(notification, sessions)
    everybodys = {one.canary for one in people}

    def ask(one: Somebody) -> list[str]:
        caller: Caller = site.door.caller(one.person)
        heard = [str(caller.call("GET", PATH)) for _ in range(requests)]
        own = [f"{one.canary} not heard"] * sum(one.canary not in shown for shown in heard)
        return own + [word for shown in heard for word in everybodys - {one.canary} if word in shown]

    with ThreadPoolExecutor(sessions) as pool:
        wrong = [word for found in pool.map(ask, people) for word in found]

    assert wrong == []
