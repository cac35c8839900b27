"""Reading and writing the portal's own tables: one short transaction for each question.

Every transaction runs as the portal itself (scope service): no person's principal ever reads a session table.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.clock import Clock
from shared.database import BoundSession, Database, UnitOfWork
from shared.principal import Principal

PORTAL = Principal.service("PORTAL", "PORTAL")


class Store:
    """The portal's database, and the clock everything here is measured by."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.clock = clock

    @contextmanager
    def transaction(self) -> Iterator[BoundSession]:
        """Open a transaction, commit it when the block ends well, roll back when it does not."""
        with UnitOfWork(self._database, PORTAL, clock=self.clock) as uow:
            yield uow.session
            uow.commit()

    def close(self) -> None:
        """Close all connections."""
        self._database.dispose()
