"""Filling the register of a new service from the files beside it (register/NOTICE.md says where they come from)."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from services.directory import events
from services.directory.commands.register import Entry, record_succession, register_organisation
from services.directory.domain.intervals import REGISTER_BEGINS
from services.directory.models import organisation, organisation_name, succession, tenancy
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT

FILES = Path(__file__).resolve().parent.parent / "register"
NATIONAL_BODY = Entry(
    code=NATIONAL_TENANT,
    name="National improvement team",
    kind="national",
    region=None,
    sector=None,
    fictional=False,
    open_from=None,
    open_until=None,
    source="set up with the service",
    tenant=NATIONAL_TENANT,
    tenant_since=REGISTER_BEGINS,
)


def load_register(uow: UnitOfWork) -> int:
    """Register every organisation of the files that is not there yet; returns how many.

    What is there is never touched, so running it again changes nothing and undoes nothing. Organisations that closed
    before there were ICBs are kept for their history and not told to other services, where nothing can refer to them.
    """
    there = set(uow.session.execute(select(organisation.c.code)).scalars())
    if NATIONAL_TENANT not in there:
        register_organisation(uow, NATIONAL_BODY)
    tenancies = _by_code(_rows("tenancies.csv"))
    fresh = [row for row in _rows("organisations.csv") if row["code"] not in there]
    entries = [_entry(row, tenancies.get(row["code"], [])) for row in fresh]
    _insert(uow, entries, [held for row in fresh for held in tenancies.get(row["code"], [])])
    for entry in entries:
        _tell(uow, entry)
    _record_successions(uow)
    return len(entries)


def register_fictional(uow: UnitOfWork, entries: Iterable[Entry]) -> int:
    """Register demonstration organisations that are not there yet; returns how many. They are marked as fictional."""
    there = set(uow.session.execute(select(organisation.c.code)).scalars())
    fresh = [entry for entry in entries if entry.code not in there]
    for entry in fresh:
        register_organisation(uow, entry)
    return len(fresh)


def _rows(name: str) -> list[dict[str, str | None]]:
    with (FILES / name).open(newline="", encoding="utf-8") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def _by_code(rows: list[dict[str, str | None]]) -> dict[str | None, list[dict[str, str | None]]]:
    found: dict[str | None, list[dict[str, str | None]]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row)
    return found


def _entry(row: dict[str, str | None], tenancies: list[dict[str, str | None]]) -> Entry:
    """One line of the file; the tenancy told is the newest, and regions and ICBs belong where their kind says."""
    code, kind = str(row["code"]), str(row["kind"])
    newest = tenancies[-1] if tenancies else None
    own = {"region": NATIONAL_TENANT, "icb": code}.get(kind)
    return Entry(
        code=code,
        name=str(row["name"]),
        kind=kind,
        region=row["region"],
        sector=row["sector"],
        fictional=False,
        open_from=_day(row["open_from"]),
        open_until=_day(row["open_until"]),
        source=str(row["source"]),
        tenant=own or (newest["tenant"] if newest else None),
        tenant_since=_day(newest["valid_from"]) if newest else None,
    )


def _insert(uow: UnitOfWork, entries: list[Entry], tenancies: list[dict[str, str | None]]) -> None:
    if not entries:
        return
    columns = list(organisation.c.keys())
    uow.session.execute(insert(organisation), [{name: getattr(e, name) for name in columns} for e in entries])
    uow.session.execute(
        insert(organisation_name),
        [
            {"code": e.code, "valid_from": e.open_from or REGISTER_BEGINS, "name": e.name, "source": e.source}
            for e in entries
        ],
    )
    held: list[dict[str, Any]] = [
        {**row, "valid_from": _day(row["valid_from"]), "valid_until": _day(row["valid_until"])} for row in tenancies
    ]
    held += [
        {
            "code": e.code,
            "tenant": e.tenant,
            "valid_from": e.open_from or REGISTER_BEGINS,
            "valid_until": e.open_until,
            "source": e.source,
        }
        for e in entries
        if e.kind in ("region", "icb")
    ]
    uow.session.execute(insert(tenancy), held)


def _tell(uow: UnitOfWork, entry: Entry) -> None:
    if entry.open_until is not None and entry.open_until <= REGISTER_BEGINS:
        return
    row = {name: getattr(entry, name) for name in organisation.c.keys()}  # noqa: SIM118 - a column collection
    since = entry.tenant_since or entry.open_from or REGISTER_BEGINS
    outbox.add(uow, events.organisation_registered(row, tenant=entry.tenant, valid_from=since))
    if entry.open_until is not None and entry.open_until <= local_day(uow.now):
        last_day = events.day_before(entry.open_until)
        outbox.add(uow, events.organisation_closed(entry.code, entry.tenant, closed_on=last_day))


def _record_successions(uow: UnitOfWork) -> None:
    links = uow.session.execute(select(succession.c.predecessor, succession.c.successor)).all()
    there = {(link.predecessor, link.successor) for link in links}
    for row in _rows("successions.csv"):
        if (row["predecessor"], row["successor"]) not in there:
            record_succession(
                uow,
                str(row["predecessor"]),
                str(row["successor"]),
                kind=str(row["kind"]),
                effective_on=date.fromisoformat(str(row["effective_on"])),
                evidence=str(row["evidence"]),
            )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
