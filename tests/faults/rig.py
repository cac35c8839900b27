"""The fault tests' own installation: real servers and the product's own processes, to be killed at will.

Nothing here is shared with other tests or with a demonstration: another profile, other ports, data thrown away at the
start. How its processes are run is installation.py's business.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg

from deploy.local.environment import SCHEME
from deploy.processes import services
from infra.postgres.bootstrap import run_after_migrations
from infra.servers import Profile
from shared.config import KafkaConfig
from shared.database import Database
from shared.migrations import upgrade
from shared.testing.token_mint import TokenMint
from tests.faults.installation import MAILER, SESSION_MS, Installation
from tests.faults.outbox_memory import INSTALL, MAILS_WAITING, WAITING, behind
from tests.faults.small_disk import ServersOfFaults
from tests.faults.waiting import until

STARTED = (
    "directory-relay",
    "assessment-web",
    "assessment-relay",
    "assessment-consumer",
    "action_plan-web",
    "action_plan-relay",
    "action_plan-consumer",
    "insight-consumer",
    "notification-consumer",
    MAILER,
)
"""What the load and the identities need; a test that needs more starts it itself."""


class Rig(Installation):
    """Servers and processes of one run of the fault tests."""

    def __init__(self, mint: TokenMint, name: str = "faults") -> None:
        servers = ServersOfFaults(Profile(name), only=["postgres", "kafka", "ses"])
        super().__init__(servers, mint)
        self.broker = ServersOfFaults(self.profile, only=["kafka"], beside=servers)
        self.database_server = ServersOfFaults(self.profile, only=["postgres"], beside=servers)
        self._databases: dict[str, Database] = {}
        self.foreign: set[str] = set()
        """Ids of records that tests put on topics themselves, told by no outbox."""
        self.mails_not_noted = 0
        """How often a test let the mailer die between sending a mail and noting it: so many may have gone out again."""

    @property
    def superuser(self) -> str:
        """The superuser's address of the product's database."""
        return self.settings.postgres.superuser_dsn()

    def start(self) -> None:
        """Start everything afresh, empty."""
        self.stop()
        self.mint.publish_ahead()
        self.book.open()
        self.servers.reset()
        self.database_server.start()
        with ThreadPoolExecutor(1) as beside:
            others = beside.submit(self.servers.start)
            self._make_tables()
            others.result()
        self.run(*STARTED)

    def _make_tables(self) -> None:
        for service in services():
            upgrade(service, self.settings.postgres.dsn(f"migrate_{service}", scheme=SCHEME))
        run_after_migrations(self.superuser, self.settings.postgres.database)
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(INSTALL.encode())

    def forget_connections(self) -> None:
        """Drop the tests' own connections, which ended with the server."""
        for database in self._databases.values():
            database.dispose()

    def mend(self) -> None:
        """Bring back whatever a test left dead, so that the next one begins with a whole system."""
        if not self.servers.is_running():
            self.servers.start()
        dead = [name for name in STARTED if not self.is_running(name)]
        self.run(*dead)

    def stop(self) -> None:
        """Stop every process, then the servers."""
        self.end(*self.known)
        self.forget_connections()
        self.servers.stop()
        self.book.close()

    def database(self, service: str) -> Database:
        """Return a service's database under its own role, for what a test does in its place."""
        if service not in self._databases:
            url = self.settings.postgres.dsn(f"app_{service}", scheme=SCHEME)
            self._databases[service] = Database(url, pool_size=2)
        return self._databases[service]

    def kafka(self, service: str) -> KafkaConfig:
        """Return the broker settings of a service."""
        return KafkaConfig(
            bootstrap=self.settings.kafka.bootstrap,
            username=service,
            password=self.settings.kafka.passwords[service],
            security_protocol="SASL_PLAINTEXT",
            topic_prefix="",
            group_prefix="",
            session_timeout_ms=SESSION_MS,
            cafile=None,
        )

    def consumers(self) -> list[str]:
        """Return the services whose consumer runs."""
        running = (name for name in self.known if name.endswith("-consumer") and self.is_running(name))
        return [name.removesuffix("-consumer") for name in running]

    def waiting(self, told_by: float | None = None) -> int:
        """Return how many events wait in outboxes, or how many of those told by a moment."""
        return self._count(WAITING, told_by)

    def behind(self, *consumers: str, told_by: float | None = None) -> int:
        """Return how many (consumer, topic, key) are behind what was ever told, or told by a moment."""
        return sum(self._count(behind(each), told_by) for each in consumers or self.consumers())

    def has_heard(self, key: str) -> bool:
        """Tell whether every running consumer has followed one key to its last event."""
        return sum(self._count(behind(each, key)) for each in self.consumers()) == 0

    def settle(self, seconds: float = 180) -> None:
        """Wait until every outbox is empty, every running consumer has handled everything and every mail is sent."""
        until(lambda: self.waiting() == 0, "every outbox is empty", seconds)
        until(lambda: self.behind() == 0, "every consumer has caught up", seconds)
        until(lambda: self._count(MAILS_WAITING) == 0, "every mail is sent", seconds)

    def _count(self, query: str, moment: float | None = None) -> int:
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            row = connection.execute(query.encode(), {"moment": moment}).fetchone()
        return int(row[0]) if row else 0
