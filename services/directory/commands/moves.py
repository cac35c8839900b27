"""Moving an organisation to another tenant: one dated, audited command of a national administrator.

Here only the register changes. Each service re-keys the organisation's rows when it hears of the move, this one too;
the sign-in accounts of its people follow as provisioning intents.
"""

from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from services.directory import events
from services.directory.commands.accounts import request_accounts_of
from services.directory.commands.register import locked, open_days
from services.directory.domain.moves import Placement, check_move
from services.directory.models import organisation, tenancy
from services.directory.queries.register import in_tenant_on
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork


def move_organisation(uow: UnitOfWork, code: str, *, to_tenant: str, effective_on: date, reason: str) -> dict[str, Any]:
    """Move a trust or place to another ICB from a day on.

    Raises MoveInvalid for an unknown or closed ICB or an impossible day, MoveRefused for a closed organisation, one
    that is there already, or one that cannot move; NotFound for an unknown code.
    """
    uow.about("organisation", code)
    entry, held = locked(uow, code), _held_today(uow, code)
    placement = Placement(
        code, entry.kind, open_days(entry), held.tenant if held else None, held.valid_from if held else None
    )
    board = _board(uow, to_tenant)
    today = local_day(uow.now)
    check_move(placement, to_tenant, open_days(board) if board else None, effective_on, today=today)
    carry_out_move(
        uow, code, to_tenant, effective_on=effective_on, source="moved by a national administrator", reason=reason
    )
    return {"code": code, "from_tenant": placement.tenant, "to_tenant": to_tenant, "effective_on": effective_on}


def carry_out_move(
    uow: UnitOfWork, code: str, to_tenant: str, *, effective_on: date, source: str, reason: str | None = None
) -> None:
    """Change the tenancy and the region, tell every service, and ask for the sign-in accounts to follow."""
    held = _held_today(uow, code)
    if held is not None:
        uow.session.execute(
            update(tenancy)
            .where(tenancy.c.code == code, tenancy.c.valid_from == held.valid_from)
            .values(valid_until=effective_on)
        )
    uow.session.execute(
        insert(tenancy).values(
            code=code,
            valid_from=effective_on,
            valid_until=held.valid_until if held else None,
            tenant=to_tenant,
            source=source,
            reason=reason,
        )
    )
    region = select(organisation.c.region).where(organisation.c.code == to_tenant).scalar_subquery()
    uow.session.execute(update(organisation).where(organisation.c.code == code).values(region=region))
    from_tenant = held.tenant if held else None
    outbox.add(
        uow, events.organisation_moved(code, from_tenant=from_tenant, to_tenant=to_tenant, effective_on=effective_on)
    )
    request_accounts_of(uow, code)


def _held_today(uow: UnitOfWork, code: str) -> Row[Any] | None:
    statement = select(tenancy).where(tenancy.c.code == code, in_tenant_on(local_day(uow.now)))
    return uow.session.execute(statement).first()


def _board(uow: UnitOfWork, code: str) -> Row[Any] | None:
    entry = organisation.c
    return uow.session.execute(select(organisation).where(entry.code == code, entry.kind == "icb")).first()
