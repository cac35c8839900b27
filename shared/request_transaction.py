"""The transaction of a request: who asks is checked, a repeated request is known, what is done is audited."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import orjson
from flask import current_app, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import audit, crashpoints, idempotency, replica
from shared.access import Access, acts_for_another
from shared.database import UnitOfWork
from shared.principal import Principal, Scope
from shared.problems import Forbidden, Problem
from shared.service_state import state_of

log = logging.getLogger(__name__)


@contextmanager
def unit_of_work(*, prepares: bool = False) -> Iterator[UnitOfWork]:
    """Open the transaction of this request: who asks is checked first, commit is the caller's visible line.

    Raises Forbidden when the membership replica does not hold what the token says, and Replay when the request's
    idempotency key was used before. The route's audit row is written by `commit()`. `prepares` is for a transaction
    before the one that does what is asked (a file is stored between the two): no key is claimed, nothing audited.
    """
    state = state_of(current_app)
    principal: Principal = g.principal
    crashpoints.crash_point("request_before_transaction")
    with UnitOfWork(state.database, principal, clock=state.clock) as uow:
        if principal.scope not in {Scope.PUBLIC, Scope.SERVICE}:
            _check_membership(uow, principal)
        if prepares:
            yield uow
            return
        _claim_key(uow)
        access: Access = g.access
        if access.audit is not None:
            uow.before_commit.append(lambda _: _write_audit(uow, access))
        yield uow


def _check_membership(uow: UnitOfWork, principal: Principal) -> None:
    held = replica.current_roles(uow) & principal.roles
    if not held:
        raise Forbidden("You have no role in that organisation today.")
    access: Access = g.access
    if access.roles and not (access.roles & held):
        raise Forbidden
    # From here on a role counts only where token and membership agree: a right that a command looks up as well.
    g.principal = uow.principal = replace(principal, roles=held)


def _write_audit(uow: UnitOfWork, access: Access) -> None:
    outcome = audit.ACTING_FOR if acts_for_another(access, uow.principal) else audit.DONE
    action, private = str(access.audit), access.private
    if uow.object_type and len(uow.object_ids) > 1:
        audit.record_each(uow, action, uow.object_type, uow.object_ids, outcome=outcome, private=private)
    else:
        only = next(iter(uow.object_ids), None)
        audit.record(uow, action, uow.object_type, only, outcome=outcome, private=private)


def _claim_key(uow: UnitOfWork) -> None:
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or not key:
        return
    route = str(request.endpoint)
    idempotency.claim(uow, route, key, idempotency.fingerprint(uow.principal.org_id, request.full_path, _content()))
    uow.before_commit.append(lambda answer: idempotency.remember(uow, route, key, g.get("answer_status", 200), answer))


def _content() -> bytes:
    """Return what the request says; a form with files was parsed by now, and its body cannot be had again."""
    if request.mimetype != "multipart/form-data":
        return request.get_data()
    parts: list[tuple[str, str]] = list(request.form.items(multi=True))
    for name, file in request.files.items(multi=True):
        file.stream.seek(0)
        digest = hashlib.file_digest(file.stream, "sha256")  # type: ignore[arg-type]  # has `readinto`, unlike IO
        parts.append((name, digest.hexdigest()))
        file.stream.seek(0)
    return orjson.dumps(sorted(parts))


def record_refusal(error: Problem) -> None:
    """Write one audit row for a request that was refused; its own transaction, since the request has none."""
    if error.status not in {401, 403} or error.slug == "step-up-required":
        return
    state = state_of(current_app)
    principal = g.get("principal") or Principal.service("NATIONAL", "NATIONAL")
    try:
        with UnitOfWork(state.database, principal, clock=state.clock) as uow:
            audit.record(uow, "access.refused", "route", request.endpoint, outcome=error.slug)
            uow.commit()
    except (DBAPIError, PoolTimeout) as away:
        log.warning("A refusal was not audited", extra={"slug": error.slug, "error": type(away).__name__})
