"""Chains audit rows, per tenant, within a second of their being written.

Each seal holds the hash of the seal before it, so that an edited, removed or reordered row is found; the chain is
made after the transaction, because making it inside costs two thirds of the writes of one tenant.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, Select, func, insert, select

from shared.database import UnitOfWork
from shared.mechanism import audit_entry, audit_seal

BATCH = 500
LOOK_BACK = 5_000
"""How far below the newest sealed row a late commit may lie: rows are numbered when written, not when committed."""
START = "0" * 64


def _digest(previous: str, entry: Row[Any]) -> str:
    values = {f"{name}": value for name, value in entry._mapping.items()}  # plain text: orjson takes no subclass of it
    body = orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.sha256(previous.encode() + body).hexdigest()


def seal(uow: UnitOfWork) -> int:
    """Seal what is not sealed yet, oldest first; return how many rows that were. Needs the service scope."""
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(func.current_schema() + "_seal"))))
    entries = uow.session.execute(_unsealed(uow, BATCH)).all()
    if entries:
        uow.session.execute(insert(audit_seal), list(_seals(uow, entries)))
    return len(entries)


def oldest_unsealed(uow: UnitOfWork) -> datetime | None:
    """Return when the oldest row that is not sealed was written, None when all are. Needs the service scope."""
    first = uow.session.execute(_unsealed(uow, 1)).first()
    return first.at if first else None


def _unsealed(uow: UnitOfWork, limit: int) -> Select[Any]:
    newest = uow.session.scalar(select(func.max(audit_seal.c.entry_seq))) or 0
    return (
        select(audit_entry)
        .outerjoin(audit_seal, audit_seal.c.entry_seq == audit_entry.c.seq)
        .where(audit_entry.c.seq > newest - LOOK_BACK, audit_seal.c.entry_seq.is_(None))
        .order_by(audit_entry.c.seq)
        .limit(limit)
    )


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
    """Return the first position of a tenant's chain that does not bear out, or None when all do."""
    seals = uow.session.execute(
        select(audit_seal).where(audit_seal.c.tenant_id == tenant_id).order_by(audit_seal.c.position)
    ).all()
    entries = {
        row.seq: row for row in uow.session.execute(select(audit_entry).where(audit_entry.c.tenant_id == tenant_id))
    }
    previous = START
    for expected, sealed in enumerate(seals, start=1):
        entry = entries.get(sealed.entry_seq)
        right = (
            sealed.position == expected
            and sealed.previous_hash == previous
            and entry is not None
            and sealed.hash == _digest(previous, entry)
        )
        if not right:
            return expected
        previous = sealed.hash
    return None
