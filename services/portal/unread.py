"""How many inbox items are unread, for the header: remembered for a few seconds, so that no page waits for it."""

import threading
import time
from collections import OrderedDict

from services.portal.api import ApiProblem, ServiceAway
from services.portal.visit import Visit

FRESH_FOR = 20.0
"""Seconds a count is shown before it is asked for again."""
MOST = 5_000


class UnreadCounts:
    """Counts by (person, organisation), in memory only."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], tuple[float, int | None]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, visit: Visit) -> int | None:
        """Return the count, None while the inbox is away."""
        key = (visit.person.id, visit.acting.org_id)
        with self._lock:
            known = self._counts.get(key)
        if known is not None and time.monotonic() - known[0] < FRESH_FOR:
            return known[1]
        try:
            count = int(visit.api.notification.get("/inbox", unread="true").get("unread", 0))
        except (ServiceAway, ApiProblem):
            count = None
        self._remember(key, count)
        return count

    def forget(self, visit: Visit) -> None:
        """Ask afresh next time: something was read."""
        with self._lock:
            self._counts.pop((visit.person.id, visit.acting.org_id), None)

    def _remember(self, key: tuple[str, str], count: int | None) -> None:
        with self._lock:
            self._counts[key] = (time.monotonic(), count)
            if len(self._counts) > MOST:
                self._counts.popitem(last=False)
