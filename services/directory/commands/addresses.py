"""Whose an e-mail address is: its mailbox may have become that of somebody else of the same name."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.directory.commands.accounts import request_account
from services.directory.commands.invitations import person_with
from services.directory.commands.work_accounts import forget_accounts
from services.directory.domain.address_changes import AddressInUse
from services.directory.domain.terms import may_be_somebody_else
from services.directory.models import person
from services.directory.own_hand import own_hand
from services.directory.queries.terms import terms_of
from shared import audit
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT


def person_at(uow: UnitOfWork, *, name: str, email: str) -> str:
    """Return the id of whoever has this address, as the directory's own hand; somebody new where it is nobody's now.

    Two organisations may invite one address, and both links be opened in the same moment: the second waits for the
    first, and finds whom that one made known.
    """
    former = person_with(uow, email, lock=True)
    if former is not None:
        if not may_be_somebody_else(terms_of(uow, former), uow.now):
            return former
        give_up_address(uow, former)
    new = {"person_id": str(new_id()), "name": name, "email": email, "created_at": uow.now}
    made = insert(person).values(new).on_conflict_do_nothing().returning(person.c.person_id)
    if (person_id := uow.session.execute(made).scalar()) is None:
        return str(person_with(uow, email))
    if former is not None:
        request_account(uow, person_id, former=former)
    return str(person_id)


def free_address(uow: UnitOfWork, email: str) -> str | None:
    """Return who gave this address up for another person who reads its mails, None where it was nobody's.

    Raises AddressInUse for the address of somebody who has not left long ago.
    """
    holder = person_with(uow, email, lock=True)  # somebody may be giving them a role in this moment
    if holder is None:
        return None
    if not may_be_somebody_else(terms_of(uow, holder), uow.now):
        raise AddressInUse
    give_up_address(uow, holder)
    return holder


def give_up_address(uow: UnitOfWork, person_id: str) -> None:
    """Keep the person for the trail, with nothing by which anybody else could become them."""
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        uow.session.execute(update(person).where(person.c.person_id == person_id).values(email=None))
        forget_accounts(uow, person_id)
        audit.record(uow, "person.address-given-up", "person", person_id)
