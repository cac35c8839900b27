"""*I have a new phone*: an access manager has somebody's second factor reset, where the person has acted longest."""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import update

from services.directory import events
from services.directory.commands.accounts import check_own_person, lock_person
from services.directory.commands.elsewhere import other_organisations, record_elsewhere
from services.directory.commands.looking_after import keeper_of, national_account, whom_to_ask
from services.directory.commands.work_accounts import unlink_work_accounts
from services.directory.models import person
from services.directory.own_hand import own_hand
from services.directory.queries.terms import terms_of
from shared import due_work, outbox
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import Conflict

RESET = "reset-second-factor"
ONCE_IN = timedelta(days=1)
"""Whoever asks: each reset signs a person out everywhere and mails a link that opens the account."""


def reset_second_factor(
    uow: UnitOfWork, person_id: str, *, passkey: bool = False, unlink_work_account: bool = False
) -> dict[str, Any]:
    """Let a person of the caller's organisation set up a new second factor, a code or a passkey; tell person and chair.

    Each organisation for which they act is told. `unlink_work_account` ends signing in with one: everything is set up
    anew from a mail. Whoever asks has made sure who it is. Raises NotFound for anybody else's people, Conflict for
    oneself, for somebody whose account another organisation looks after, and for a second reset within a day.
    """
    uow.about("person", person_id)
    if person_id == uow.principal.person_id:
        raise Conflict("own-second-factor", "Nobody resets their own second factor. Ask another access manager.")
    check_own_person(uow, person_id)
    tenant_id, org_id = uow.principal.tenant_id, uow.principal.org_id
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        lock_person(uow, person_id)
        _check_may_be_reset(uow, person_id, by=org_id)
        _note_reset(uow, person_id)
        due_work.add(uow, RESET, person_id, uow.now, {"passkey": passkey, "unlink": unlink_work_account})
    with own_hand(uow, tenant_id, org_id):
        if unlink_work_account:
            unlink_work_accounts(uow, person_id)
        outbox.add(uow, events.second_factor_reset(person_id, org_id, reset_at=uow.now))
        elsewhere = other_organisations(uow, person_id)
    told = events.second_factor_reset(person_id, org_id, reset_at=uow.now, elsewhere=True)
    tell = partial(outbox.add, uow, told)
    record_elsewhere(uow, person_id, elsewhere, action="account.second-factor-reset", tell=tell)
    return {"person_id": person_id, "asked_at": uow.now}


def _check_may_be_reset(uow: UnitOfWork, person_id: str, *, by: str) -> None:
    home = keeper_of(terms_of(uow, person_id), uow.now)
    if home == NATIONAL_TENANT:
        raise national_account()
    if home != by:
        asked = whom_to_ask(uow, person_id, home, looks_after="how they sign in", to="reset the second factor")
        raise Conflict("second-factor-of-another-organisation", asked)


def _note_reset(uow: UnitOfWork, person_id: str) -> None:
    """Write down that it is reset now; raises Conflict for a second time within a day."""
    who = person.c
    last_was_before = who.second_factor_reset_at.is_(None) | (who.second_factor_reset_at <= uow.now - ONCE_IN)
    noted = update(person).where(who.person_id == person_id, last_was_before).values(second_factor_reset_at=uow.now)
    if uow.session.execute(noted.returning(who.person_id)).first() is None:
        raise Conflict(
            "second-factor-reset-today",
            "This person's second factor was reset less than 24 hours ago. It can be reset once in 24 hours.",
        )
