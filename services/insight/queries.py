"""What the ICB sees of its trusts, and what a trust can check that its ICB sees: the same rows, made by one statement.

A trust that does not show its progress is listed by name alone: the statement itself joins nothing else to it, so
nothing hidden leaves the database. A plan that the board ever approved holds until the next one is approved, so it is
shown before a newer draft.
"""

from datetime import date
from typing import Any

from sqlalchemy import RowMapping, text

from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound

TRUSTS = """
select o.org_id, o.name, o.sector, o.fictional, t.valid_from as member_since,
  coalesce(v.visible, true) as visible, v.changed_on as visibility_changed_on,
  a.round_id, a.stage, a.stage_since, a.opened_on, a.closes_on, a.discussion_on, a.invited, a.finished,
  coalesce(a.signed_off_on, last.signed_off_on) as last_signed_off_on,
  case when a.signed_off_on is null then last.corrected_on else a.corrected_on end as last_corrected_on,
  p.state as plan_state, p.state_since as plan_since, p.priorities, p.done, p.under_way, p.overdue,
  coalesce(s.shared, '[]') as shared
from known_tenancy t
join known_organisation o on o.org_id = t.org_id and o.kind = 'trust'
left join progress_visibility v on v.tenant_id = t.tenant_id and v.org_id = t.org_id
left join lateral (
  select * from assessment_status r
  where r.tenant_id = t.tenant_id and r.org_id = t.org_id and r.stage <> 'abandoned'
  order by r.opened_on desc, r.round_id desc limit 1
) a on coalesce(v.visible, true)
left join lateral (
  select r.signed_off_on, r.corrected_on from assessment_status r
  where r.tenant_id = t.tenant_id and r.org_id = t.org_id and r.stage = 'signed_off'
  order by r.signed_off_on desc nulls last, r.round_id desc limit 1
) last on coalesce(v.visible, true)
left join lateral (
  select * from plan_status r
  where r.tenant_id = t.tenant_id and r.org_id = t.org_id and r.state <> 'withdrawn'
  order by r.state = 'closed', r.approved_on is null and r.state <> 'approved', r.drafted_on desc, r.plan_id desc
  limit 1
) p on coalesce(v.visible, true)
left join lateral (
  select json_agg(json_build_object('what', r.what, 'since', r.granted_on, 'until', r.valid_until)
    order by r.what, r.granted_on) as shared
  from sharing_status r
  where r.tenant_id = t.tenant_id and r.org_id = t.org_id and r.shown_to = t.tenant_id
    and r.stopped_on is null and (r.valid_until is null or r.valid_until >= :today)
) s on coalesce(v.visible, true)
where t.tenant_id = :tenant and t.valid_from <= :now and (t.valid_to is null or t.valid_to > :now)
  and (o.closed_on is null or o.closed_on >= :today)
"""
EVERY_TRUST = text(TRUSTS + " order by o.name, o.org_id")
ONE_TRUST = text(TRUSTS + " and o.org_id = :org")


def trusts_of_icb(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Return one row for each trust that belongs to the principal's ICB today, those that never began included."""
    return [_status(row) for row in uow.session.execute(EVERY_TRUST, _about(uow)).mappings()]


def trust_of_icb(uow: UnitOfWork, org_id: str) -> dict[str, Any]:
    """Return the row of one member trust; raises NotFound for any other organisation."""
    row = uow.session.execute(ONE_TRUST, _about(uow) | {"org": org_id}).mappings().first()
    if row is None:
        raise NotFound
    return _status(row)


def our_status(uow: UnitOfWork) -> dict[str, Any]:
    """Return what the ICB sees of the principal's own trust; raises NotFound when it is no trust of an ICB."""
    return trust_of_icb(uow, uow.principal.org_id)


def _about(uow: UnitOfWork) -> dict[str, Any]:
    return {"tenant": uow.principal.tenant_id, "now": uow.now, "today": local_day(uow.now)}


def _status(row: RowMapping) -> dict[str, Any]:
    about = {
        "org_id": row["org_id"],
        "name": row["name"],
        "sector": row["sector"],
        "fictional": row["fictional"],
        "member_since": local_day(row["member_since"]),
    }
    if not row["visible"]:
        return about | {"progress": "not_shared", "not_shared_since": row["visibility_changed_on"]}
    return about | {
        "progress": "shared",
        "stage": row["stage"] or "not_started",
        "stage_since": row["stage_since"],
        "assessment": _assessment(row),
        "last_signed_off_on": row["last_signed_off_on"],
        "last_corrected_on": row["last_corrected_on"],
        "plan": _plan(row),
        "shared": row["shared"],
    }


def _assessment(row: RowMapping) -> dict[str, date | int | None] | None:
    if row["round_id"] is None:
        return None
    names = ("opened_on", "closes_on", "discussion_on", "invited", "finished")
    return {name: row[name] for name in names}


def _plan(row: RowMapping) -> dict[str, Any] | None:
    if row["plan_state"] is None:
        return None
    counts = {name: row[name] or 0 for name in ("done", "under_way", "overdue")}
    return {"state": row["plan_state"], "since": row["plan_since"], "priorities": row["priorities"], "actions": counts}
