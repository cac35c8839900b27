"""The aggregator's connection: the one place where rows of all tenants are read, and cells are written.

Its login may read the few columns it needs of every tenant's rows (`policies.py`) and nothing else; the application's
own login can read none of what is written here, and the national login reads the cells alone.
"""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, select, text, update

from services.insight.domain.disclosure import Breakdown, Group, Hidden, Row, Snapshot
from services.insight.domain.measures import NOT_SHARED, Counted, Trust
from services.insight.figures import Outcome, Read
from services.insight.models import contribution, figure_set, national_cell, question_set, snapshot
from services.insight.puzzle import Place
from shared.database import UnitOfWork
from shared.mechanism import known_organisation

OPEN_TRUSTS = text("""
select o.org_id, o.region, o.sector, o.fictional, coalesce(v.visible, true) as visible, a.stage
from known_organisation o
left join lateral (
  select visible from progress_visibility where org_id = o.org_id
) v on true
left join lateral (
  select stage from assessment_status where org_id = o.org_id and stage <> 'abandoned'
  order by opened_on desc, round_id desc limit 1
) a on true
where o.kind = 'trust' and (o.closed_on is null or o.closed_on >= :today)
order by o.org_id
""")


def read_everything(uow: UnitOfWork, *, today: str) -> Read:
    """Return what a set as at `today` is made from."""
    history, places = _history(uow)
    return Read(
        trusts=[_trust(row) for row in uow.session.execute(OPEN_TRUSTS, {"today": today}).mappings()],
        counted=_counted(uow),
        practices=_practices(uow, today),
        history=history,
        places=places,
        region_names=_region_names(uow),
    )


def keep(uow: UnitOfWork, set_id: str, outcome: Outcome) -> bool:
    """Write what came of a check; False when the set is not waiting for it any more.

    The state changes in the transaction that writes the cells, so a check that is repeated after a crash finds nothing
    left to do. A refused set keeps no number.
    """
    passed = outcome.verdict["passed"]
    waiting = update(figure_set).where(figure_set.c.id == set_id, figure_set.c.state == "checking")
    changed = uow.session.execute(
        waiting.values(
            state="prepared" if passed else "refused",
            fictional=outcome.fictional,
            measures=outcome.measures,
            verdict=outcome.verdict,
        ).returning(figure_set.c.id)
    ).first()
    if changed is None:
        return False
    if passed:
        _insert(uow, national_cell, set_id, outcome.cells)
        _insert(uow, snapshot, set_id, outcome.snapshots)
    return True


def _insert(uow: UnitOfWork, table: Any, set_id: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        uow.session.execute(insert(table), [row | {"set_id": set_id} for row in rows])


def _trust(row: RowMapping) -> Trust:
    stage = (row["stage"] or "not_started") if row["visible"] else NOT_SHARED
    return Trust(row["org_id"], row["region"], row["sector"], row["fictional"], stage)


def _counted(uow: UnitOfWork) -> dict[str, Counted]:
    part = contribution.c
    rows = uow.session.execute(select(part.org_id, part.levels, part.edition).where(part.levels.is_not(None)))
    return {row.org_id: Counted(row.levels, row.edition) for row in rows}


def _practices(uow: UnitOfWork, today: str) -> list[tuple[str, str]]:
    """Return the practices of the newest question set for trusts that is in force `today`, in its order."""
    each = question_set.c
    newest = (
        select(each.practices)
        .where(each.audience.in_(["trust", "any"]), each.effective_from <= date.fromisoformat(today))
        .order_by(each.effective_from.desc(), each.question_set_id.desc())
        .limit(1)
    )
    practices = uow.session.execute(newest).scalar() or []
    return [(practice["id"], practice["title"]) for practice in practices]


def _region_names(uow: UnitOfWork) -> dict[str, str]:
    known = known_organisation.c
    rows = uow.session.execute(select(known.org_id, known.name).where(known.kind == "region"))
    return {row.org_id: row.name for row in rows}


def _history(uow: UnitOfWork) -> tuple[dict[str, list[Snapshot]], dict[str, Place]]:
    found: dict[str, list[Snapshot]] = defaultdict(list)
    places: dict[str, Place] = {}
    wanted = ("measure", "breakdown", "group_code", "counts", "hidden", "as_at", "members")
    ordered = (
        select(*(snapshot.c[name] for name in wanted))
        .join(figure_set, figure_set.c.id == snapshot.c.set_id)
        .order_by(figure_set.c.number, snapshot.c.measure, snapshot.c.number)
    )
    for row in uow.session.execute(ordered).mappings():
        found[row["measure"]].append(_snapshot(row))
        places |= {org: (region, sector) for org, (_, region, sector) in row["members"].items()}
    return dict(found), places


def _snapshot(row: RowMapping) -> Snapshot:
    shown = Row(
        Group(Breakdown(row["breakdown"]), row["group_code"]),
        tuple(row["counts"]) if row["counts"] is not None else None,
        Hidden(row["hidden"]) if row["hidden"] else None,
        row["as_at"].isoformat(),
    )
    return Snapshot(shown, {org: member[0] for org, member in row["members"].items()})
