"""A person's name is corrected by whoever looks after that person, never by the person alone.

The name stands under what somebody signed off. Whoever has made sure who it is corrects it, and the person is told.
"""

from typing import Any

from sqlalchemy import update

from services.directory import events
from services.directory.commands.accounts import check_own_person, lock_person, request_account
from services.directory.commands.looking_after import keeper_of, whom_to_ask
from services.directory.models import person
from services.directory.own_hand import own_hand
from shared import outbox
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import Conflict


def correct_name(uow: UnitOfWork, person_id: str, *, name: str) -> dict[str, Any]:
    """Give a person of the caller's organisation another name, and have them told; the present one changes nothing.

    The sign-in account follows, except that of the national team, which an operator looks after. Raises NotFound for
    anybody else's people, Conflict for oneself and for somebody whom another organisation looks after.
    """
    uow.about("person", person_id)
    if person_id == uow.principal.person_id:
        raise Conflict("own-name", "Nobody corrects their own name. Ask another access manager.")
    check_own_person(uow, person_id)
    tenant_id, org_id = uow.principal.tenant_id, uow.principal.org_id
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        lock_person(uow, person_id)
        _check_looked_after_by(uow, org_id, person_id)
        changed = _write(uow, person_id, name)
    by_operator = org_id == NATIONAL_TENANT
    if changed:
        if not by_operator:
            request_account(uow, person_id)
        with own_hand(uow, tenant_id, org_id):
            outbox.add(uow, events.person_name_corrected(person_id, org_id, corrected_at=uow.now))
    return {"person_id": person_id, "name": name, "changed": changed, "account_kept_by_operator": by_operator}


def _check_looked_after_by(uow: UnitOfWork, org_id: str, person_id: str) -> None:
    home = keeper_of(uow, person_id)
    if home == org_id:
        return
    if home == NATIONAL_TENANT:
        raise Conflict("name-of-another-organisation", "A national administrator corrects this person's name.")
    asked = whom_to_ask(uow, person_id, home, looks_after="their name", to="correct the name")
    raise Conflict("name-of-another-organisation", asked)


def _write(uow: UnitOfWork, person_id: str, name: str) -> bool:
    who = person.c
    other = update(person).where(who.person_id == person_id, who.name != name).values(name=name)
    return uow.session.execute(other.returning(who.person_id)).first() is not None
