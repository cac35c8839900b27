"""Start and stop the servers of a profile: PostgreSQL first, then all others at once."""

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.topics import Topic, read_topics
from infra.postgres import bootstrap
from infra.servers.artifacts import ArtifactStore, DownloadProgress
from infra.servers.config import read_environment
from infra.servers.connections import DATABASE, connection_settings
from infra.servers.kafka_server import ADMIN_USER, KafkaServer
from infra.servers.keycloak_server import KeycloakServer, RealmImport
from infra.servers.mail_servers import SesServer, SmtpServer
from infra.servers.postgres_server import PostgresServer
from infra.servers.processes import ProcessTable, ServerFailed
from infra.servers.profile import Profile, port_is_free
from infra.servers.s3_server import S3Server
from infra.servers.server import Server, StepReport, say_nothing
from infra.servers.settings import ConnectionSettings
from infra.servers.status import ServerStatus, resident_megabytes

NAMES = ("postgres", "kafka", "keycloak", "s3", "ses", "smtp")
_PORTS = {
    "postgres": ("postgres",),
    "kafka": ("kafka", "kafka-controller"),
    "keycloak": ("keycloak", "keycloak-management"),
    "s3": ("s3",),
    "ses": ("ses",),
    "smtp": ("smtp",),
}


class UnknownServer(Exception):
    """A name that is none of NAMES."""


class Servers:
    """The servers of one profile. Attaches by itself to those that run already."""

    def __init__(
        self,
        profile: Profile,
        *,
        only: Iterable[str] = NAMES,
        realm: Callable[[Profile, ConnectionSettings], RealmImport] | None = None,
        database: str = DATABASE,
        durable: bool | None = None,
        progress: DownloadProgress | None = None,
    ) -> None:
        """`realm` says what Keycloak imports at its first start (by default, the product's realm).

        `durable=False` lets PostgreSQL skip waiting for the disk: the default of profiles whose name
        begins with "test". Raises UnknownServer.
        """
        self.profile = profile
        self.started: list[str] = []
        self._only = _known(only)
        self._realm = realm
        self._database = database
        self._durable = not profile.name.startswith("test") if durable is None else durable
        self._processes = ProcessTable(profile.subfolder("run"), profile.logs)
        mirror = read_environment().artifact_repository
        self.store = ArtifactStore(profile.cache / "artifacts", repository=mirror, progress=progress)

    @property
    def settings(self) -> ConnectionSettings:
        """How to reach the servers."""
        return connection_settings(self.profile, self._database)

    def start(self, report: StepReport = say_nothing) -> ConnectionSettings:
        """Start what does not run yet, with databases, users and topics; then return the settings.

        Fetches and builds at the first start on a machine only. Raises ServerFailed,
        CorruptArtifact or ArtifactUnavailable; what has started by then keeps running.
        """
        with self.profile.exclusively():
            self._leave_taken_ports(report)
            self._bring_up("postgres", report)
            others = [name for name in self._only if name != "postgres"]
            if others:
                with ThreadPoolExecutor(len(others)) as pool:
                    for done in [pool.submit(self._bring_up, name, report) for name in others]:
                        done.result()
        return self.settings

    def stop(self, report: StepReport = say_nothing, *, only_started_here: bool = False) -> None:
        """Stop the profile's servers, or only those this object started. Never anything else's."""
        wanted = [n for n in self._only if not only_started_here or n in self.started]
        with self.profile.exclusively():
            with ThreadPoolExecutor(len(NAMES)) as pool:
                list(pool.map(lambda n: self._halt(n, report), [n for n in wanted if n != "postgres"]))
            if "postgres" in wanted:
                self._halt("postgres", report)

    def reset(self, report: StepReport = say_nothing) -> None:
        """Stop the chosen servers and forget their data; ports and passwords stay."""
        settings = self.settings
        self.stop(report)
        if "keycloak" in self._only and "postgres" not in self._only:
            bootstrap.drop_database(settings.postgres.superuser_dsn("postgres"), "keycloak")
        folders = {"postgres": ["postgres"], "kafka": ["kafka"], "keycloak": ["keycloak"], "s3": ["s3"]}
        mail = {"ses": ["mail/ses"], "smtp": ["mail/smtp"]}
        for name in self._only:
            for folder in {**folders, **mail}[name]:
                shutil.rmtree(self.profile.folder / folder, ignore_errors=True)

    def status(self) -> list[ServerStatus]:
        """Every server, running or not."""
        return [self._status_of(name) for name in NAMES]

    def is_running(self) -> bool:
        """Whether all chosen servers run."""
        return all(self._server(name).is_running() for name in self._only)

    def pid_of(self, name: str) -> int:
        """The process id of a running server, which is also that of its process group."""
        process = self._processes.find(name)
        if process is None:
            raise ServerFailed(f"{name} is not running")
        return process.pid

    def make_topics(self, topics: Sequence[Topic] | None = None, *, prefix: str = "") -> None:
        """Make the users, the topics (by default all topic files') and their permissions."""
        settings = self.settings.kafka
        wanted = read_topics() if topics is None else topics
        services = {user: secret for user, secret in settings.passwords.items() if user != ADMIN_USER}
        with BrokerAdmin(settings.client_options(ADMIN_USER)) as admin:
            admin.make_users(services)
            admin.make_topics(wanted, prefix)
            admin.regulate(wanted, prefix)

    def _bring_up(self, name: str, report: StepReport) -> None:
        if name in self._only:
            server = self._server(name)
            if not server.is_running():
                _timed(f"{name}: prepared", report, server.prepare)
                _timed(f"{name}: started", report, server.start)
                self.started.append(name)
            self._furnish(name, report)

    def _furnish(self, name: str, report: StepReport) -> None:
        """What a server needs inside: roles and databases, users and topics."""
        if name == "postgres":
            _timed("postgres: roles and databases", report, self._make_databases)
        if name == "kafka":
            _timed("kafka: users, topics, permissions", report, self.make_topics)
        if name == "keycloak" and self._realm is None:
            self._follow_addresses(report)

    def _make_databases(self) -> None:
        settings = self.settings.postgres
        superuser = settings.superuser_dsn("postgres")
        bootstrap.make_roles(superuser, settings.passwords)
        bootstrap.make_service_database(superuser, self._database)
        bootstrap.make_keycloak_database(superuser)

    def _halt(self, name: str, report: StepReport) -> None:
        begun = time.monotonic()
        if self._server(name).stop():
            report(f"{name}: stopped", time.monotonic() - begun)

    def _leave_taken_ports(self, report: StepReport) -> None:
        for name in self._only:
            if self._server(name).is_running():
                continue
            for purpose in _PORTS[name]:
                taken = self.profile.port(purpose)
                if not _free_soon(taken):
                    new = self.profile.another_port(purpose)
                    report(f"{name}: port {taken} is used by another program, now {new}", 0)

    def _server(self, name: str) -> Server:
        settings, processes = self.settings, self._processes
        match name:
            case "postgres":
                return PostgresServer(self.profile, processes, durable=self._durable)
            case "kafka":
                return KafkaServer(self.profile, processes, self.store, settings.kafka)
            case "keycloak":
                return KeycloakServer(self.profile, processes, self.store, settings.keycloak, self._realm_import)
            case "s3":
                return S3Server(self.profile, processes, self.store, settings.s3)
            case "ses":
                return SesServer(processes, settings.ses, self.profile.port("ses"))
            case _:
                return SmtpServer(processes, settings.smtp)

    def _realm_import(self) -> RealmImport:
        if self._realm is not None:
            return self._realm(self.profile, self.settings)
        from infra.servers.realm import realm_import  # only Keycloak's start needs the realm's code

        return realm_import(self.profile, self.settings)

    def _follow_addresses(self, report: StepReport) -> None:
        from infra.servers.realm import follow_addresses  # as above

        begun = time.monotonic()
        if follow_addresses(self.profile, self.settings):
            report("keycloak: realm told of changed addresses", time.monotonic() - begun)

    def _status_of(self, name: str) -> ServerStatus:
        process = self._processes.find(name)
        return ServerStatus(
            name=name,
            running=process is not None,
            port=self.profile.port(_PORTS[name][0]),
            pid=process.pid if process else None,
            resident_mb=resident_megabytes(process.pid) if process else None,
        )


def _free_soon(port: int, *, seconds: float = 3) -> bool:
    """A server of ours that was just killed lets go of its port a moment later."""
    deadline = time.monotonic() + seconds
    while not port_is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _known(names: Iterable[str]) -> tuple[str, ...]:
    chosen = set(names)
    unknown = chosen - set(NAMES)
    if unknown:
        raise UnknownServer(f"{', '.join(sorted(unknown))}: not among {', '.join(NAMES)}")
    return tuple(name for name in NAMES if name in chosen)


def _timed(step: str, report: StepReport, work: Callable[[], None]) -> None:
    begun = time.monotonic()
    work()
    report(step, time.monotonic() - begun)
