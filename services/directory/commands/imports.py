"""Importing the published register: a dry run that changes nothing, then one decision to apply what it showed."""

import hashlib
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from services.directory.commands.moves import carry_out_move
from services.directory.commands.register import (
    Entry,
    close_organisation,
    register_organisation,
    rename_organisation,
    reopen_organisation,
)
from services.directory.domain.intervals import Interval
from services.directory.domain.names import tidy_name
from services.directory.domain.register_differences import Change, Differences, compare
from services.directory.domain.register_file import RegisterRow, parse_register
from services.directory.models import register_import
from services.directory.queries.imports import import_row, import_view
from services.directory.queries.register_today import register_today
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import Conflict, NotFound

LISTS = (
    "new", "renamed", "closed", "reopened", "moved", "unknown_icb", "outside_england", "absent", "long_closed",
)  # fmt: skip


def try_register(uow: UnitOfWork, *, file_name: str, content: bytes) -> dict[str, Any]:
    """Compare a register file with the register and keep the result; nothing of the register changes.

    Raises RegisterFileRefused, with every faulty row and column, when the file cannot be read as the register.
    """
    rows = parse_register(content)
    found = compare(rows, register_today(uow), today=local_day(uow.now))
    import_id = new_id()
    uow.session.execute(
        insert(register_import).values(
            id=import_id,
            file_name=file_name[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            row_count=len(rows),
            rows=[_stored(row) for row in rows],
            report=report_of(found),
            uploaded_by=uow.principal.person_id,
            uploaded_at=uow.now,
        )
    )
    uow.about("register-import", import_id)
    return import_view(import_row(uow, import_id))


def apply_import(uow: UnitOfWork, import_id: UUID) -> dict[str, Any]:
    """Do what the dry run showed, once.

    Raises Conflict when it was applied before, or when the register has changed since so that it would now do
    something else than what was shown.
    """
    uow.about("register-import", import_id)
    kept = _locked(uow, import_id)
    if kept.applied_at is not None:
        raise Conflict("import-applied", "This import has been applied already.")
    rows = [_restored(row) for row in kept.rows]
    found = compare(rows, register_today(uow), today=local_day(uow.now))
    if _without_days(report_of(found)) != _without_days(kept.report):
        raise Conflict("register-changed", "The register has changed since this was worked out. Upload the file again.")
    _apply(uow, found, source=f"ODS register file {kept.file_name}")
    uow.session.execute(
        update(register_import)
        .where(register_import.c.id == import_id)
        .values(applied_by=uow.principal.person_id, applied_at=uow.now, report=report_of(found))
    )
    return import_view(import_row(uow, import_id))


def report_of(found: Differences) -> dict[str, Any]:
    """Return the differences as they are shown and kept."""
    lists = {name: [_shown(item) for item in getattr(found, name)] for name in LISTS}
    return {**lists, "unchanged": found.unchanged, "to_apply": found.to_apply}


def _apply(uow: UnitOfWork, found: Differences, *, source: str) -> None:
    for row in found.new:
        register_organisation(uow, _entry(row, source))
    for change in found.renamed:
        rename_organisation(uow, change.code, str(change.after), effective_on=_day(change, uow), source=source)
    for change in found.reopened:
        reopen_organisation(uow, change.code)
    for change in found.moved:
        carry_out_move(uow, change.code, str(change.after), effective_on=_day(change, uow), source=source)
    for change in found.closed:
        close_organisation(uow, change.code, open_until=_day(change, uow))


def _entry(row: RegisterRow, source: str) -> Entry:
    return Entry(
        code=row.code,
        name=tidy_name(row.name),
        kind="trust",
        region=row.region,
        sector=None,  # the register does not say; the staff survey's benchmarking group does, later
        fictional=False,
        open_from=row.open.start,
        open_until=row.open.end,
        source=source,
        tenant=row.icb,
        tenant_since=row.open.start,
    )


def _day(change: Change, uow: UnitOfWork) -> date:
    return change.effective_on or local_day(uow.now)


def _shown(item: RegisterRow | Change) -> dict[str, Any]:
    if isinstance(item, Change):
        return {**asdict(item), "effective_on": item.effective_on.isoformat() if item.effective_on else None}
    return {
        "code": item.code,
        "name": tidy_name(item.name),
        "before": None,
        "after": item.icb,
        "effective_on": item.open.start.isoformat(),
    }


def _without_days(report: dict[str, Any]) -> dict[str, Any]:
    """A report without days: a change that ODS does not date takes the day of the import, which may be a later one."""
    return {
        name: [{key: value for key, value in item.items() if key != "effective_on"} for item in part]
        if isinstance(part, list)
        else part
        for name, part in report.items()
    }


def _stored(row: RegisterRow) -> list[str | None]:
    end = row.open.end.isoformat() if row.open.end else None
    return [row.code, row.name, row.region, row.icb, row.open.start.isoformat(), end]


def _restored(cells: list[str | None]) -> RegisterRow:
    code, name, region, icb, start, end = cells
    days = Interval(date.fromisoformat(str(start)), date.fromisoformat(end) if end else None)
    return RegisterRow(str(code), str(name), region, icb, days)


def _locked(uow: UnitOfWork, import_id: UUID) -> Row[Any]:
    statement = select(register_import).where(register_import.c.id == import_id).with_for_update()
    row = uow.session.execute(statement).first()
    if row is None:
        raise NotFound
    return row
