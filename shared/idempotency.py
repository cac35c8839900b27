"""A repeated request has one effect and one answer.

The claim is the first write of the transaction, so a second request in flight waits on the unique index and then finds
the stored answer; claim and effect live or die together, and an error is never stored as if it had been done.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import idempotency_key
from shared.principal import NATIONAL_TENANT
from shared.problems import Problem

LONGEST_KEY = 255
KEPT_FOR = timedelta(days=2)
"""Nobody repeats a request later than that, and an answer holds what somebody wrote. The row policies say it too."""
AT_ONCE = 1_000
SWEEP = text(
    "delete from idempotency_key where id in"
    " (select id from idempotency_key where created_at < :before order by created_at limit :at_once)"
    " returning id"
)
AS_ANSWERED = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
"""How `request_and_reply.reply` writes an answer: a repeated request gets the same values, if not in the same order."""


class Replay(Exception):
    """This request was already done; carries the answer it got."""

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__("already done")
        self.status, self.answer = status, answer


def fingerprint(acting_for: str, path: str, body: bytes) -> str:
    """Return what tells two requests apart: same key with another fingerprint is a mistake."""
    return hashlib.sha256(b"\n".join([acting_for.encode(), path.encode(), body])).hexdigest()


def claim(uow: UnitOfWork, route: str, key: str, print_: str) -> None:
    """Claim `key` for this transaction.

    Raises Replay when the request was done before, and a 422 problem when the key was used for other parameters.
    """
    if len(key) > LONGEST_KEY:
        raise Problem("invalid-input", 422, "Check what you entered", "An Idempotency-Key has at most 255 characters.")
    principal, table = uow.principal, idempotency_key
    row = {
        "id": new_id(),
        "tenant_id": principal.tenant_id,
        "person_id": principal.person_id,
        "route": route,
        "key": key,
        "fingerprint": print_,
        "created_at": uow.now,
    }
    claimed = uow.session.execute(insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)).scalar()
    if claimed is None:
        _replay(uow, route, key, print_)


def _replay(uow: UnitOfWork, route: str, key: str, print_: str) -> None:
    table = idempotency_key.c
    done = uow.session.execute(
        select(table.fingerprint, table.status, table.answer).where(
            table.tenant_id == uow.principal.tenant_id,
            table.person_id.is_not_distinct_from(uow.principal.person_id),
            table.route == route,
            table.key == key,
        )
    ).one()
    if done.fingerprint != print_:
        raise Problem(
            "key-used-for-other-request",
            422,
            "This key was used before",
            "The same Idempotency-Key came with other content. Use a new key for a new request.",
        )
    raise Replay(done.status or 200, done.answer)


def remember(uow: UnitOfWork, route: str, key: str, status: int, answer: Mapping[str, Any] | None) -> None:
    """Store the answer beside the effect, in the same transaction."""
    table = idempotency_key.c
    uow.session.execute(
        update(idempotency_key)
        .where(
            table.tenant_id == uow.principal.tenant_id,
            table.person_id.is_not_distinct_from(uow.principal.person_id),
            table.route == route,
            table.key == key,
        )
        .values(status=status, answer=orjson.loads(orjson.dumps(answer, default=str, option=AS_ANSWERED)))
    )


def sweep(open_unit: Callable[[str, str], UnitOfWork]) -> None:
    """Forget answers whose time is over, so many in a transaction; a chore of each service's scheduler."""
    swept = AT_ONCE
    while swept == AT_ONCE:
        with open_unit(NATIONAL_TENANT, NATIONAL_TENANT) as uow:
            told = {"before": uow.now - KEPT_FOR, "at_once": AT_ONCE}
            swept = len(uow.session.execute(SWEEP, told).all())
            uow.commit()
