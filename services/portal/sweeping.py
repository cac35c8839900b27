"""What is kept for a while is gone after it: deleted by the requests themselves, at most once a minute a process.

The probes of whoever runs the process count as requests, so that it also happens while nobody is here.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from shared.clock import Clock

EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Sweeping:
    """One process's turn at deleting what ran out. Threads may share it."""

    def __init__(self, clock: Clock, *sweeps: Callable[[], None]) -> None:
        self._clock = clock
        self._sweeps = sweeps
        self._lock = threading.Lock()
        self._swept_at: datetime | None = None

    def sweep_if_due(self) -> None:
        """Delete what ran out, if a minute has passed; a database that is away leaves it to the next minute."""
        now = self._clock.now()
        with self._lock:
            if self._swept_at is not None and now - self._swept_at < EVERY:
                return
            self._swept_at = now
        try:
            self.sweep()
        except SQLAlchemyError as error:
            log.warning("Nothing was swept", extra={"error": type(error).__name__})

    def sweep(self) -> None:
        """Delete what ran out."""
        for sweep in self._sweeps:
            sweep()
