"""*My e-mail address has changed*: asked for and confirmed by the person alone.

No access manager can change an address: whoever could would become that person, by resetting the second factor
afterwards, since the link to set up the sign-in goes to the address. So the person asks, freshly signed in, and
confirms by a link to the new address, signed in again. Whether the address is somebody's is told to nobody before.
"""

from typing import Any

from sqlalchemy import Row, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from services.directory import events
from services.directory.commands.accounts import lock_person, request_account
from services.directory.commands.addresses import free_address
from services.directory.commands.how_often import count_once_more
from services.directory.commands.looking_after import national_account
from services.directory.domain.address_changes import LIFETIME, AddressChangeTooOften, AddressInUse, check_other
from services.directory.domain.terms import home_of
from services.directory.models import address_change, former_address, person
from services.directory.own_hand import own_hand
from services.directory.queries.address_changes import change_by_link
from services.directory.queries.register import body
from services.directory.queries.terms import is_of_national_team, terms_of
from shared import due_work, outbox
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT
from shared.scheduler import Work

SEND = "send-address-link"
FORGET = "forget-address-change"
TELL = "tell-former-address"


def ask_for_change(uow: UnitOfWork, *, email: str) -> dict[str, Any]:
    """Have a link mailed to the caller's new address; a link asked for earlier stops working now.

    Raises Conflict for somebody of the national team, AddressIsYours, AddressChangeTooOften.
    """
    person_id = _oneself(uow)
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        who = lock_person(uow, person_id)
        if is_of_national_team(terms_of(uow, person_id), uow.now):
            raise national_account()
        check_other(email, who.email)
        count_once_more(uow, who, person.c.address_asked_at, refusal=AddressChangeTooOften())
        values = {"email": email, "secret_hash": None, "asked_at": uow.now}
        due_work.add(uow, SEND, person_id, uow.now)  # before the row itself, as the scheduler locks them
        due_work.add(uow, FORGET, person_id, uow.now + LIFETIME)
        row = upsert(address_change).values(person_id=person_id, **values)
        uow.session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=values))
    return {"email": email, "expires_at": uow.now + LIFETIME}


def stop_change(uow: UnitOfWork) -> dict[str, Any]:
    """Forget the caller's new address; its link stops working now. Nothing happens when none waits."""
    person_id = _oneself(uow)
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        lock_person(uow, person_id)
        _forget(uow, person_id)
    return {"stopped": True}


def confirm_change(uow: UnitOfWork, secret: str) -> dict[str, Any]:
    """Let the new address be the caller's, whose link this is: the account follows, the old address is told.

    Raises NotFound for a link that is not the caller's newest or is older than 24 hours, AddressInUse, and Conflict for
    somebody who has joined the national team meanwhile.
    """
    person_id = _oneself(uow)
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        who = lock_person(uow, person_id)
        waiting = change_by_link(uow, person_id, secret)
        terms = terms_of(uow, person_id)
        if is_of_national_team(terms, uow.now):
            raise national_account()
        freed = free_address(uow, waiting.email)
        _take(uow, person_id, waiting.email)
        _forget(uow, person_id)
        _have_told(uow, who)
        request_account(uow, person_id, former=freed)
    home = home_of(terms, uow.now) or uow.principal.org_id
    with own_hand(uow, str(body(uow, home).tenant or NATIONAL_TENANT), home):
        outbox.add(uow, events.person_address_changed(person_id, home, changed_at=uow.now))
    return {"email": waiting.email}


def forget_when_over(uow: UnitOfWork, work: Work) -> None:
    """Forget a new address whose link has run out, as due work; a newer request stays."""
    waiting = address_change.c
    over = (waiting.person_id == work.object_id) & (waiting.asked_at <= uow.now - LIFETIME)
    uow.session.execute(delete(address_change).where(over))


def _oneself(uow: UnitOfWork) -> str:
    person_id = str(uow.principal.person_id)
    uow.about("person", person_id)
    return person_id


def _take(uow: UnitOfWork, person_id: str, email: str) -> None:
    """Write the address down; whoever confirmed the same one in this moment has it."""
    try:
        uow.session.execute(update(person).where(person.c.person_id == person_id).values(email=email))
    except IntegrityError as taken:
        raise AddressInUse from taken


def _forget(uow: UnitOfWork, person_id: str) -> None:
    due_work.cancel(uow, SEND, person_id)  # before the row itself, as the scheduler locks them
    due_work.cancel(uow, FORGET, person_id)
    uow.session.execute(delete(address_change).where(address_change.c.person_id == person_id))


def _have_told(uow: UnitOfWork, who: Row[Any]) -> None:
    """Keep the old address until the one mail to it was taken."""
    if who.email is None:
        return
    former_id = new_id()
    row = {"id": former_id, "person_id": who.person_id, "email": who.email, "changed_at": uow.now}
    uow.session.execute(insert(former_address).values(row))
    due_work.add(uow, TELL, str(former_id), uow.now)
