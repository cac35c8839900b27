"""A person's own passkeys: one is removed, its owner is told.

What is asked for is written down here and carried out by the scheduler (passkey_work.py), so that the audit line, the
mail and the removal stand or fall together.
"""

from typing import Any

from sqlalchemy import select

from services.directory import events
from services.directory.commands.accounts import lock_person
from services.directory.domain.ways_in import WaysIn, check_may_remove
from services.directory.own_hand import own_hand
from shared import due_work, outbox
from shared.database import UnitOfWork
from shared.mechanism import due_work as due_work_table
from shared.principal import NATIONAL_TENANT
from shared.problems import Conflict, NotFound

REMOVE = "remove-passkey"


def remove_own_passkey(uow: UnitOfWork, ways: WaysIn | None, passkey_id: str) -> dict[str, Any]:
    """Have one of the caller's passkeys removed; `ways` is how the caller signs in at this moment.

    Raises NotFound for what is none of the caller's passkeys, LastWayIn, and Conflict while another one is being
    removed: together they could leave nothing.
    """
    person_id = str(uow.principal.person_id)
    if ways is None or ways.passkey(passkey_id) is None:
        raise NotFound
    check_may_remove(ways, passkey_id)
    uow.about("person", person_id)
    tenant_id, org_id = uow.principal.tenant_id, uow.principal.org_id
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        lock_person(uow, person_id)
        if _is_being_removed(uow, person_id):
            raise Conflict("passkey-being-removed", "A passkey of yours is being removed. Try again in a minute.")
        due_work.add(uow, REMOVE, person_id, uow.now, {"passkey_id": passkey_id})
    with own_hand(uow, tenant_id, org_id):
        outbox.add(uow, events.passkey_removed(person_id, org_id, removed_at=uow.now))
    return {"asked_at": uow.now}


def _is_being_removed(uow: UnitOfWork, person_id: str) -> bool:
    work = due_work_table.c
    waiting = select(work.id).where(work.kind == REMOVE, work.object_id == person_id, work.failed_at.is_(None))
    return uow.session.execute(waiting).first() is not None
