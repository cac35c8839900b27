"""What has been kept for as long as it may be is deleted by a chore of its service's scheduler.

In batches, each a transaction of its own: a run that is cut off has done what it has done, and the next goes on. How
long what is kept, and why, is the service's business (`domain/retention.py`); docs/retention.md lists all of it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from shared.database import UnitOfWork
from shared.metrics import KEPT_LONG_ENOUGH
from shared.principal import NATIONAL_TENANT
from shared.scheduler import TURN, Chore

EVERY = timedelta(hours=1)
AT_ONCE = 200
"""How many rows a transaction deletes: it holds their locks, and may write an audit line for each."""

OpenUnit = Callable[[str, str], UnitOfWork]
Forget = Callable[[UnitOfWork, int], int]
"""Deletes at most so many of what is due, and returns how many it deleted."""


def everything(_: OpenUnit) -> Iterable[str]:
    """Return one place to look in: our processes see the rows of all tenants there."""
    return (NATIONAL_TENANT,)


def chore(what: Mapping[str, Forget], *, tenants: Callable[[OpenUnit], Iterable[str]] = everything) -> Chore:
    """Return the chore that deletes each kind of thing (by the name it is counted under) in each tenant."""

    def run(open_unit: OpenUnit) -> None:
        ends_at = time.monotonic() + TURN
        for tenant_id in tenants(open_unit):
            for name, forget in what.items():
                _forget_all(open_unit, tenant_id, name, forget, ends_at)

    return Chore("delete-what-was-kept-long-enough", EVERY, run)


def _forget_all(open_unit: OpenUnit, tenant_id: str, name: str, forget: Forget, ends_at: float) -> None:
    """Delete batch by batch, until nothing is due or the scheduler has other things to do: the rest waits an hour.

    A batch may hold what turns out not to be due, so that only one that deletes nothing is the last.
    """
    done = AT_ONCE
    while done and time.monotonic() < ends_at:
        with open_unit(tenant_id, tenant_id) as uow:
            done = forget(uow, AT_ONCE)
            uow.commit()
        KEPT_LONG_ENOUGH.labels(name).inc(done)
