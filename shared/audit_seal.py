"""Chains audit rows, per tenant, within a second of their being committed; within five when newer ones came first.

Each seal holds the hash of the seal before it, so that an edited, removed or reordered row is found; the chain is
made after the transaction, because making it inside costs two thirds of the writes of one tenant.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, except_, func, insert, select

from shared.database import UnitOfWork
from shared.mechanism import audit_entry, audit_seal

BATCH = 500
LOOK_BACK = 20_000
"""How far below the newest sealed row a late commit may lie: rows are numbered when written, not when committed. More
than a minute's worth of a service that writes without a pause."""
LATE_EVERY = 5.0
"""Seconds between two looks for late commits. The look reads LOOK_BACK rows; at every turn it took a twelfth of a core
of a service with nothing to do."""
START = "0" * 64


def _digest(previous: str, entry: Row[Any]) -> str:
    values = {f"{name}": value for name, value in entry._mapping.items()}  # plain text: orjson takes no subclass of it
    body = orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(previous.encode() + body).hexdigest()


def seal(uow: UnitOfWork, *, late: bool = True) -> int:
    """Seal what is not sealed yet, oldest first; return how many rows that were. Needs the service scope.

    Without `late`, rows of transactions that were longer than those of newer, sealed rows wait for another time.
    """
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(func.current_schema() + "_seal"))))
    numbers = _unsealed(uow, BATCH, LOOK_BACK if late else 0)
    if numbers:
        row = audit_entry.c.seq
        entries = uow.session.execute(select(audit_entry).where(row.in_(numbers)).order_by(row))
        uow.session.execute(insert(audit_seal), list(_seals(uow, entries)))
    return len(numbers)


def oldest_unsealed(uow: UnitOfWork) -> datetime | None:
    """Return when the oldest row that is not sealed was written, None when all are. Needs the service scope."""
    first = _unsealed(uow, 1, LOOK_BACK)
    written_at: datetime | None = uow.session.scalar(select(audit_entry.c.at).where(audit_entry.c.seq.in_(first)))
    return written_at


def _unsealed(uow: UnitOfWork, limit: int, look_back: int) -> Sequence[int]:
    """The numbers of rows without a seal. `except` reads either index once, whatever a plan from the first day says."""
    newest = uow.session.scalar(select(func.max(audit_seal.c.entry_seq))) or 0
    written, sealed = audit_entry.c.seq, audit_seal.c.entry_seq
    floor = newest - look_back
    numbers = except_(select(written).where(written > floor), select(sealed).where(sealed > floor))
    return uow.session.scalars(numbers.order_by("seq").limit(limit)).all()


def _seals(uow: UnitOfWork, entries: Iterable[Row[Any]]) -> Iterable[dict[str, Any]]:
    heads: dict[str, tuple[int, str]] = {}
    for entry in entries:
        tenant = entry.tenant_id
        position, previous = heads[tenant] if tenant in heads else _head(uow, tenant)
        digest = _digest(previous, entry)
        heads[tenant] = (position + 1, digest)
        yield {
            "tenant_id": tenant,
            "position": position + 1,
            "entry_seq": entry.seq,
            "previous_hash": previous,
            "hash": digest,
            "sealed_at": uow.now,
        }


def _head(uow: UnitOfWork, tenant_id: str) -> tuple[int, str]:
    row = audit_seal.c
    last = uow.session.execute(
        select(row.position, row.hash).where(row.tenant_id == tenant_id).order_by(row.position.desc()).limit(1)
    ).first()
    return (last.position, last.hash) if last else (0, START)


def first_broken_position(uow: UnitOfWork, tenant_id: str) -> int | None:
    """Return the first position of a tenant's chain that does not bear out, or None when all do.

    The chain is walked in pages: a trail of years fits neither the memory of one process nor the time of a statement.
    """
    previous, reached = START, 0
    while seals := _seals_after(uow, tenant_id, reached):
        numbers = [sealed.entry_seq for sealed in seals]
        written = select(audit_entry).where(audit_entry.c.tenant_id == tenant_id, audit_entry.c.seq.in_(numbers))
        entries = {entry.seq: entry for entry in uow.session.execute(written)}
        for sealed in seals:
            reached += 1
            entry = entries.get(sealed.entry_seq)
            follows = sealed.position == reached and sealed.previous_hash == previous
            if not follows or entry is None or sealed.hash != _digest(previous, entry):
                return reached
            previous = sealed.hash
    return None


def _seals_after(uow: UnitOfWork, tenant_id: str, position: int) -> Sequence[Row[Any]]:
    row = audit_seal.c
    statement = select(audit_seal).where(row.tenant_id == tenant_id, row.position > position)
    return uow.session.execute(statement.order_by(row.position).limit(BATCH)).all()
