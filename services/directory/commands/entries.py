"""Entries made by hand by a national administrator: new boards and places, closings, the sector of a new trust."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from services.directory import events
from services.directory.commands.register import (
    Entry,
    close_organisation,
    locked,
    open_days,
    record_succession,
    register_organisation,
)
from services.directory.domain.entries import (
    EntryInvalid,
    NewEntry,
    Standing,
    check_closing,
    check_new_entry,
    check_successors,
)
from services.directory.domain.kinds import Kind
from services.directory.models import organisation, tenancy
from services.directory.queries.register import body, in_tenant_on, organisation_detail
from services.directory.role_rules import body_of
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT

BY_HAND = "entered by a national administrator"


def enter_organisation(
    uow: UnitOfWork,
    *,
    code: str,
    name: str,
    kind: str,
    opens_on: date,
    tenant: str | None = None,
    region: str | None = None,
) -> dict[str, Any]:
    """Enter an ICB, a place or the national body; a place takes the region of its ICB.

    Raises EntryInvalid naming the field, EntryRefused for a code that is in use.
    """
    uow.about("organisation", code)
    entries = {row.code: row for row in uow.session.execute(_entries(code, tenant, region))}
    board = entries.get(tenant) if tenant else None
    board = board if board is not None and board.kind == "icb" else None
    standing = Standing(
        code_taken=code in entries,
        board_open=open_days(board) if board is not None else None,
        region_known=region in entries and entries[region].kind == "region",
    )
    check_new_entry(NewEntry(code, kind, tenant, region), standing, opens_on=opens_on)
    region = board.region if board is not None else region
    belongs_to = NATIONAL_TENANT if kind == Kind.NATIONAL else tenant or code
    entry = Entry(code, name, kind, region, None, False, opens_on, None, BY_HAND, belongs_to, opens_on)
    register_organisation(uow, entry)
    return organisation_detail(uow, code)


def close_by_hand(
    uow: UnitOfWork, code: str, *, last_day: date, successors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Close an ICB, a place or a national body and say who takes over.

    Raises EntryRefused for a trust, a second closing, or an ICB that still has members; EntryInvalid for successors
    that cannot be; NotFound for unknown codes.
    """
    uow.about("organisation", code)
    entry, where = locked(uow, code), body(uow, code)
    open_until = last_day + timedelta(days=1)
    check_closing(open_days(entry), open_until, kind=body_of(where).kind, members=_members(uow, code, open_until))
    check_successors(code, [successor["code"] for successor in successors or []])
    for successor in successors or []:
        if body(uow, successor["code"]).kind != entry.kind:
            raise EntryInvalid(f"{successor['code']} is of another kind.", field="successors")
        record_succession(
            uow, code, successor["code"], kind=successor["kind"], effective_on=open_until, evidence=BY_HAND
        )
    close_organisation(uow, code, open_until=open_until)
    return organisation_detail(uow, code)


def place_in_sector(uow: UnitOfWork, code: str, *, sector: str) -> dict[str, Any]:
    """Say which sector a trust belongs to, and tell its entry afresh; EntryInvalid for anything but a trust."""
    uow.about("organisation", code)
    entry = locked(uow, code)
    if entry.kind != "trust":
        raise EntryInvalid("Only trusts belong to a sector.", field="sector")
    uow.session.execute(update(organisation).where(organisation.c.code == code).values(sector=sector))
    held = body(uow, code)
    told = {**entry._mapping, "sector": sector}
    since = held.tenant_since or open_days(entry).start
    outbox.add(uow, events.organisation_registered(told, tenant=held.tenant, valid_from=since))
    return organisation_detail(uow, code)


def _entries(*codes: str | None) -> Any:
    return select(organisation).where(organisation.c.code.in_([code for code in codes if code]))


def _members(uow: UnitOfWork, code: str, open_until: date) -> int:
    """Return how many other organisations would still belong to an ICB on the first day it is closed."""
    entry, day = organisation.c, max(open_until, local_day(uow.now))
    statement = (
        select(func.count())
        .select_from(tenancy)
        .join(organisation, entry.code == tenancy.c.code)
        .where(
            tenancy.c.tenant == code,
            tenancy.c.code != code,
            in_tenant_on(day),
            or_(entry.open_until.is_(None), entry.open_until > day),
        )
    )
    return int(uow.session.execute(statement).scalar_one())
