"""A PostgreSQL that sees a small disk of its own beside the real one, so that a full disk harms nobody else.

The disk is a tmpfs in a mount namespace of the postmaster alone: it needs no rights on the machine, and is gone with
the postmaster. A test puts a table on it for a while.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from infra.servers import Profile, Servers
from infra.servers.postgres_server import Identity, PostgresServer
from infra.servers.server import Server

MEGABYTES = 16
MOUNT = 'mount -t tmpfs -o size="$1"m,mode=777 none "$0" && shift && exec "$@"'
TABLESPACE = "small_disk"


class PostgresWithSmallDisk(PostgresServer):
    """The server as ever, started where the small disk is mounted."""

    def arguments(self, identity: Identity) -> list[str]:
        """The command that mounts the disk and then becomes the postmaster."""
        inside = super().arguments(identity)
        if not identity.prefix:  # root in its own namespace, which PostgreSQL refuses: back to whom we are
            inside = ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}", *inside]
        disk = self._profile.subfolder("small-disk")
        own_mounts = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT]
        return [*own_mounts, str(disk), str(MEGABYTES), *inside]


class ServersOfFaults(Servers):
    """The servers of the fault tests; `beside` are others of the same profile, known to the same table.

    Whoever started a process has to notice its end: until then a killed PostgreSQL still holds its folder's lock.
    """

    def __init__(self, profile: Profile, *, only: Sequence[str], beside: Servers | None = None) -> None:
        super().__init__(profile, only=only)
        if beside is not None:
            self._processes = beside._processes

    def _server(self, name: str) -> Server:
        if name == "postgres":
            return PostgresWithSmallDisk(self.profile, self._processes, durable=self._durable)
        return super()._server(name)


class SmallDisk:
    """The disk as a test sees it: through the postmaster's own view of the file system."""

    def __init__(self, servers: Servers, superuser: str) -> None:
        self._inside = servers.profile.subfolder("small-disk")
        self._folder = Path(f"/proc/{servers.pid_of('postgres')}/root{self._inside}")
        self._superuser = superuser

    @contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Keep a table and its indexes on the small disk for as long as the block lasts."""
        with suppress(FileExistsError):
            (self._folder / "data").mkdir()
        indexes = f"select indexrelid::regclass::text from pg_index where indrelid = '{table}'::regclass"
        with psycopg.connect(self._superuser, autocommit=True) as connection:
            connection.execute(f"create tablespace {TABLESPACE} location '{self._inside}/data'".encode())
            things = [("table", table), *(("index", str(name)) for (name,) in connection.execute(indexes.encode()))]
        self._move(things, TABLESPACE)
        yield
        self._move(things, "pg_default")
        with psycopg.connect(self._superuser, autocommit=True) as connection:
            connection.execute(f"drop tablespace {TABLESPACE}".encode())

    def _move(self, things: list[tuple[str, str]], to: str) -> None:
        with psycopg.connect(self._superuser, autocommit=True) as connection:
            for kind, name in things:
                connection.execute(f"alter {kind} {name} set tablespace {to}".encode())

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no byte free for as long as the block lasts."""
        filler = self._folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 65536)
        with filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x")
        try:
            yield
        finally:
            filler.unlink()
