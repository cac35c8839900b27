"""What every service knows of the register and of who holds which role: a projection of `impact.directory`.

A membership counts only while the token **and** this table hold it: a removal works within the projection's lag, and
at the latest at the end of the token.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.clock import local_day, start_of_local_day
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.driver import run_directly
from shared.envelope import ReceivedEvent
from shared.mechanism import known_membership, known_organisation, known_tenancy
from shared.rekeying import rekey_organisation

Handler = Callable[[UnitOfWork, ReceivedEvent], None]
CURRENT_ROLES = (
    "select m.role from known_membership m join known_tenancy t on t.org_id = m.org_id"
    " left join known_organisation o on o.org_id = m.org_id"
    " where m.person_id = %(person_id)s and m.org_id = %(org_id)s and t.tenant_id = %(tenant_id)s"
    " and m.valid_from <= %(now)s and (m.valid_to is null or m.valid_to > %(now)s)"
    " and t.valid_from <= %(now)s and (t.valid_to is null or t.valid_to > %(now)s)"
    " and (o.closed_on is null or o.closed_on >= %(today)s)"
)
"""A closed organisation keeps its tenancy here, by which events made before are placed; nobody acts for it any more."""


def current_roles(uow: UnitOfWork) -> frozenset[str]:
    """Return the roles that the principal holds now in the organisation acted for, in today's tenant of it."""
    principal = uow.principal
    rows = run_directly(
        uow.session.connection(),
        CURRENT_ROLES,
        {
            "person_id": principal.person_id,
            "org_id": principal.org_id,
            "tenant_id": principal.tenant_id,
            "now": uow.now,
            "today": local_day(uow.now),
        },
    )
    return frozenset(role for (role,) in rows)


def organisation(uow: UnitOfWork, org_id: str) -> Row[Any] | None:
    """Return what is known of an organisation: org_id, name, kind, region, sector, fictional, closed_on."""
    return uow.session.execute(select(known_organisation).where(known_organisation.c.org_id == org_id)).first()


def kind_of(uow: UnitOfWork, org_id: str) -> str | None:
    """Return what kind of organisation it is, or None for one that is not known."""
    known = organisation(uow, org_id)
    return known.kind if known is not None else None


def tenant_at(uow: UnitOfWork, org_id: str, instant: datetime) -> str | None:
    """Return the tenant to which an organisation belonged at `instant`, or None when that is not known."""
    held = known_tenancy.c
    statement = (
        select(held.tenant_id)
        .where(held.org_id == org_id, held.valid_from <= instant, or_(held.valid_to.is_(None), held.valid_to > instant))
        .order_by(held.valid_from.desc())
        .limit(1)
    )
    return uow.session.execute(statement).scalar()


def held_today(now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a role that is known of is held at `now`."""
    held = known_membership.c
    return and_(held.valid_from <= now, or_(held.valid_to.is_(None), held.valid_to > now))


def people_with_role(uow: UnitOfWork, org_id: str, roles: Iterable[str]) -> list[str]:
    """Return the ids of people who now hold one of `roles` in an organisation, each once, in a fixed order."""
    held = known_membership.c
    statement = (
        select(held.person_id)
        .where(held.org_id == org_id, held.role.in_(list(roles)), held_today(uow.now))
        .distinct()
        .order_by(held.person_id)
    )
    return list(uow.session.execute(statement).scalars())


def on_organisation_registered(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Learn of an organisation and of the tenant it belongs to first.

    An entry is told afresh for its sector or when it opens again, with the register's day of its last move: here that
    tenancy began when the move was told. Only a move, which re-keys rows, changes the tenant.
    """
    data = event.data
    row = {
        "org_id": data["code"],
        "name": data["name"],
        "kind": data["kind"],
        "region": data.get("region"),
        "sector": data.get("sector"),
        "fictional": data.get("fictional", False),
        "closed_on": _last_day(data.get("valid_to")),
    }
    statement = insert(known_organisation).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["org_id"], set_={name: statement.excluded[name] for name in row if name != "org_id"}
    )
    uow.session.execute(statement)
    if data.get("tenant") and not _belongs_somewhere(uow, data["code"]):
        _belongs(uow, data["code"], data["tenant"], _instant(data["valid_from"]))


def on_organisation_renamed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Take over a new name."""
    _change_organisation(uow, event.data["code"], name=event.data["name"])


def on_organisation_closed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Note the last day on which an organisation was open; its rows stay."""
    _change_organisation(uow, event.data["code"], closed_on=event.data["closed_on"])


def on_organisation_moved(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Close the old tenancy, open the new one, and re-key every row of the organisation in this service.

    Its region is that of its new ICB from then on, as in the register itself.

    A move recorded after its day began counts here from the moment it was told: what was made until then rightly names
    the old tenant, and would otherwise never be accepted. The day itself is the register's. A move told ahead of its
    day, which the register refuses today, counts from that day on.
    """
    data = event.data
    moved_at = max(_instant(data["effective_on"]), event.time)
    held = known_tenancy.c
    uow.session.execute(
        update(known_tenancy)
        .where(held.org_id == data["code"], held.valid_to.is_(None), held.tenant_id != data["to_tenant"])
        .values(valid_to=moved_at)
    )
    _belongs(uow, data["code"], data["to_tenant"], moved_at)
    region = select(known_organisation.c.region).where(known_organisation.c.org_id == data["to_tenant"])
    _change_organisation(uow, data["code"], region=func.coalesce(region.scalar_subquery(), known_organisation.c.region))
    if data["from_tenant"] is not None:
        rekey_organisation(uow, data["code"], data["from_tenant"], data["to_tenant"])


def on_membership_granted(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Learn that a person holds a role."""
    data = event.data
    statement = insert(known_membership).values(
        person_id=data["person_id"],
        org_id=data["org_id"],
        role=data["role"],
        valid_from=_instant(data["valid_from"]),
        valid_to=_instant(data["valid_to"]) if data.get("valid_to") else None,
    )
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "org_id", "role"],
            set_={"valid_from": statement.excluded.valid_from, "valid_to": statement.excluded.valid_to},
        )
    )


def on_membership_ended(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Forget that a person holds a role; directory keeps the dated history."""
    data, held = event.data, known_membership.c
    uow.session.execute(
        delete(known_membership).where(
            held.person_id == data["person_id"], held.org_id == data["org_id"], held.role == data["role"]
        )
    )


def _change_organisation(uow: UnitOfWork, code: str, **values: Any) -> None:
    uow.session.execute(update(known_organisation).where(known_organisation.c.org_id == code).values(**values))


def _belongs_somewhere(uow: UnitOfWork, org_id: str) -> bool:
    held = known_tenancy.c
    statement = select(held.org_id).where(held.org_id == org_id, held.valid_to.is_(None)).limit(1)
    return uow.session.execute(statement).first() is not None


def _belongs(uow: UnitOfWork, org_id: str, tenant_id: str, since: datetime) -> None:
    statement = insert(known_tenancy).values(org_id=org_id, tenant_id=tenant_id, valid_from=since, valid_to=None)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["org_id", "valid_from"], set_={"tenant_id": statement.excluded.tenant_id}
        )
    )


def _last_day(valid_to: str | None) -> date | None:
    """Return the last day before `valid_to`; an entry told without an end is open (again)."""
    return date.fromisoformat(valid_to) - timedelta(days=1) if valid_to else None


def _instant(value: str) -> datetime:
    """Return an event's date or date-time as an instant: a day begins at midnight in Europe/London."""
    return datetime.fromisoformat(value) if "T" in value else start_of_local_day(date.fromisoformat(value))


REPLICA_HANDLERS: dict[str, Handler] = {
    event_types.ORGANISATION_REGISTERED: on_organisation_registered,
    event_types.ORGANISATION_RENAMED: on_organisation_renamed,
    event_types.ORGANISATION_CLOSED: on_organisation_closed,
    event_types.ORGANISATION_MOVED: on_organisation_moved,
    event_types.MEMBERSHIP_GRANTED: on_membership_granted,
    event_types.MEMBERSHIP_ENDED: on_membership_ended,
}
