"""Runs a service's Alembic migrations: linear, in its own schema, as its owner role, one at a time.

`python -m shared.migrations <service>` brings a schema up to date. The login role may only become the owner; nothing
that runs in production owns a table. A short `lock_timeout` keeps a migration from queueing behind a long reader and
stalling everybody behind it (one queued ALTER made an innocent SELECT wait 3.3 s); the whole run is then retried.
"""

import logging
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from shared import mechanism
from shared.config import service_config
from shared.tenancy import Operations

ROOT = Path(__file__).resolve().parent.parent
ADVISORY_LOCK = 4_202_601
LOCK_TIMEOUT_MS = 200
"""How long a statement of a migration may wait for a lock: everybody who comes after it waits as long, readers too."""
ATTEMPTS = 150
PAUSE = 0.2
log = logging.getLogger(__name__)


class OutsideATransaction(Operations, Protocol):
    """Alembic's `op` for what no transaction can hold."""

    def get_context(self) -> MigrationContext:
        """Return how the migrations run."""


def run_environment(context: Any, service: str, metadata: MetaData) -> None:
    """Run the migrations of `service`; called by its `migrations/env.py` with `alembic.context` (a module)."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"set role owner_{service}"))
        connection.execute(text(f"set lock_timeout = {LOCK_TIMEOUT_MS}"))
        connection.execute(text(f"select pg_advisory_lock({ADVISORY_LOCK})"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=[mechanism.metadata, metadata],
            version_table_schema=service,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


def index_while_people_work(op: OutsideATransaction, name: str, on: str) -> None:
    """Make an index without locking anybody out; it waits for others, and nobody waits for it.

    Outside a transaction, so a run that was cut off leaves it invalid, or whole and not written down: it is made again.
    """
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute(f"drop index concurrently if exists {name}")
        op.execute(f"create index concurrently {name} on {on}")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")


def alembic_config(service: str, url: str, scripts: Path | None = None) -> Config:
    """Return Alembic's configuration for one service and one database address."""
    config = Config()
    config.set_main_option("script_location", str(scripts or ROOT / "services" / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(service: str, url: str, *, scripts: Path | None = None) -> None:
    """Bring one service's schema to the newest version; tries again while a lock is busy, raises after a minute."""
    for attempt in range(ATTEMPTS):
        try:
            command.upgrade(alembic_config(service, url, scripts), "head")
            return
        except OperationalError as error:
            if "lock timeout" not in str(error) or attempt == ATTEMPTS - 1:
                raise
            log.warning("A migration waits for a lock, trying again", extra={"service": service})
            time.sleep(PAUSE)


def main() -> None:
    """Command line: `python -m shared.migrations <service>`; the environment names the database."""
    import os  # the one place outside config.py that hands the environment over: there is no service to ask yet

    service = sys.argv[1]
    upgrade(service, service_config(service, "migrate", os.environ).database_url)


if __name__ == "__main__":
    main()
