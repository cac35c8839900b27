"""Events in, rows out: the only writers of the read model.

Every row has one key on one topic and takes its values from that key's events alone: no clock, no random id, no other
row. A row remembers the version of the last event applied; an older or equal one changes nothing. So duplicates,
replays and any interleaving of keys leave the same bytes (reliability E8). The tenant is today's tenant of the event's
organisation, which the consumer has put into the unit of work; a later move re-keys the rows.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, or_
from sqlalchemy.dialects.postgresql import Insert, insert

from services.insight.changes import CHANGES
from services.insight.models import contribution, plan_status
from services.insight.row_change import HOLDS, Change, Values
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.replica import Handler


def on_contribution_made(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A trust lets its practice levels be counted."""
    data = event.data
    levels = {each["practice_id"]: each["level"] for each in data["practices"]}
    _contribute(uow, event, levels, question_set_id=data["question_set_id"], contributed_on=data["contributed_on"])


def on_contribution_stopped(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The trust is not counted any more: its levels are forgotten, that they changed is not."""
    _contribute(uow, event, None, question_set_id=None, contributed_on=None)


def _contribute(uow: UnitOfWork, event: ReceivedEvent, levels: dict[str, int] | None, **values: Any) -> None:
    """Write the levels; `edition` goes up only when they differ from those before."""
    stamped = values | {"levels": levels, "version": event.aggregate_version, "changed_at": event.time}
    key = {"tenant_id": uow.principal.tenant_id, "org_id": event.org_id}
    statement = insert(contribution).values(key | stamped | {"edition": 1})
    changed = contribution.c.levels.is_distinct_from(statement.excluded.levels)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "org_id"],
            set_={name: statement.excluded[name] for name in stamped}
            | {"edition": contribution.c.edition + case((changed, 1), else_=0)},
            where=contribution.c.version < statement.excluded.version,
        )
    )


CONTRIBUTIONS: dict[str, Handler] = {
    event_types.CONTRIBUTION_MADE: on_contribution_made,
    event_types.CONTRIBUTION_STOPPED: on_contribution_stopped,
}
"""Written one by one: how often the levels changed is part of the row."""


_A_DRAFT: ColumnElement[bool] = and_(
    plan_status.c.approved_on.is_(None),
    or_(plan_status.c.state.is_(None), plan_status.c.state.not_in(sorted(HOLDS))),
)
"""Whether a row's plan holds nothing yet: rows written before this rule may have `approved_on` and a draft's state."""


@cache
def _upsert(table: Table, names: tuple[str, ...], of_draft: tuple[str, ...]) -> Insert:
    """Return the statement that writes these columns of a row, unless a later event was applied to it already."""
    statement = insert(table)
    said = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: said[name] for name in names}
        | {name: case((_A_DRAFT, said[name]), else_=table.c[name]) for name in of_draft},
        where=table.c.version < said.version,
    )


def _write(uow: UnitOfWork, changes: Iterable[Change]) -> None:
    """Write each change into its row, in one go for all that set the same columns; no row may come twice."""
    alike: dict[tuple[Table, tuple[str, ...], tuple[str, ...]], list[Values]] = {}
    for change in changes:
        owner = {"tenant_id": uow.principal.tenant_id} if "tenant_id" in change.table.c else {}
        row = owner | change.key | change.values | change.of_draft
        alike.setdefault((change.table, tuple(change.values), tuple(change.of_draft)), []).append(row)
    for (table, names, of_draft), rows in alike.items():
        uow.session.execute(_upsert(table, names, of_draft), rows)


def apply(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Apply one event."""
    together(uow, [event])


def together(uow: UnitOfWork, events: Sequence[ReceivedEvent]) -> None:
    """Apply events of one tenant, in their order for each row; a row is written once, with all that they say of it."""
    rows: dict[tuple[str, ...], Change] = {}
    for event in events:
        if event.type in CONTRIBUTIONS:
            CONTRIBUTIONS[event.type](uow, event)
            continue
        change = CHANGES[event.type](event)
        row = change.row
        rows[row] = rows[row].then(change) if row in rows else change
    _write(uow, rows.values())


HANDLERS: dict[str, Handler] = dict.fromkeys([*CHANGES, *CONTRIBUTIONS], apply)
"""Types not listed are read past: the consumer counts them in its place of each key and does nothing else."""
