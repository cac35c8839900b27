"""Keeps the newest seal of each tenant's audit trail in a second place: the object store, out of the database's reach.

Whoever owns the database can cut off the end of a trail together with its seals, or put an older copy in its place, and
what is left bears out. So every hour the head of each chain becomes the name of an empty file,
`audit-heads/<service>/<tenant>/<position>-<hash>`: nothing personal, and nothing to write over, since another head
has another name. A trail that lacks a head that was kept was cut or put back.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import BigInteger, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from shared import metrics
from shared.database import UnitOfWork
from shared.mechanism import audit_seal
from shared.principal import NATIONAL_TENANT
from shared.scheduler import Chore
from shared.storage import FileStore

EVERY = timedelta(hours=1)
AT_THE_LATEST = 2 * EVERY
"""How old a seal may be before a head of its chain that is as new must have been kept."""
FOLDER = "audit-heads"
NAME = re.compile(r"([^/]+)/([0-9]{1,18})-([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """The newest seal of a tenant's chain at some time."""

    tenant_id: str
    position: int
    hash: str


def newest_heads(uow: UnitOfWork, *, sealed_before: datetime | None = None) -> list[Head]:
    """Return the head of every tenant's chain, as it is or as it was at some time. Needs the service scope."""
    row = audit_seal.c
    statement = select(row.tenant_id, row.position, row.hash).ext(distinct_on(row.tenant_id))
    if sealed_before is not None:
        statement = statement.where(row.sealed_at < sealed_before)
    newest_first = statement.order_by(row.tenant_id, row.position.desc())
    return [Head(*found) for found in uow.session.execute(newest_first)]


def missing_heads(uow: UnitOfWork, heads: Iterable[Head]) -> list[Head]:
    """Return those heads that are no seal of their tenant's chain any more. Needs the service scope."""
    missing: list[Head] = []
    row = audit_seal.c
    for tenant_id, of_tenant in groupby(sorted(heads), key=lambda head: head.tenant_id):
        kept = list(of_tenant)
        positions = literal([head.position for head in kept], ARRAY(BigInteger))
        seals = select(row.position, row.hash).where(row.tenant_id == tenant_id, row.position == any_(positions))
        found = {Head(tenant_id, *seal) for seal in uow.session.execute(seals)}
        missing += [head for head in kept if head not in found]
    return missing


def unkept_heads(uow: UnitOfWork, heads: Iterable[Head]) -> list[Head]:
    """Return what ought to have been kept by now, with no newer one among `heads`. Needs the service scope."""
    reached: dict[str, int] = {}
    for head in heads:
        reached[head.tenant_id] = max(head.position, reached.get(head.tenant_id, 0))
    due = newest_heads(uow, sealed_before=uow.now - AT_THE_LATEST)
    return [head for head in due if reached.get(head.tenant_id, 0) < head.position]


class HeadKeeper:
    """Keeps the heads of one service's chains; its schedulers may run side by side."""

    def __init__(self, service: str, files: FileStore) -> None:
        self._folder = f"{FOLDER}/{service}/"
        self._files = files
        self._kept: dict[str, Head] = {}

    def keep(self, open_unit: Callable[[str, str], UnitOfWork]) -> None:
        """Keep the heads that are new and count those that are missing; raises FilesAway, and goes on at the next turn.

        A tenant whose head is missing gets no other: the alarm lasts until somebody has looked and started us anew.
        """
        with open_unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
            missing = {head.tenant_id for head in missing_heads(uow, self._kept.values())}
            newest = newest_heads(uow)
        new = [head for head in newest if head.tenant_id not in missing and self._kept.get(head.tenant_id) != head]
        metrics.AUDIT_HEADS_MISSING.set(len(missing))
        metrics.AUDIT_HEADS_UNKEPT.set(len(new))
        for head in new:
            self._files.put(f"{self._folder}{head.tenant_id}/{head.position}-{head.hash}", io.BytesIO(), "text/plain")
            self._kept[head.tenant_id] = head
        metrics.AUDIT_HEADS_UNKEPT.set(0)

    def kept(self) -> Mapping[Head, datetime]:
        """Return every head that was ever kept, and when; raises FilesAway."""
        found: dict[Head, datetime] = {}
        for key, kept_at in self._files.names(self._folder):
            if match := NAME.fullmatch(key.removeprefix(self._folder)):
                found[Head(match[1], int(match[2]), match[3])] = kept_at
        return found


def chore(service: str, files: FileStore) -> Chore:
    """Return the chore of each service's scheduler."""
    return Chore("keep-audit-heads", EVERY, HeadKeeper(service, files).keep)
