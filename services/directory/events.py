"""Builds the events the directory publishes on `impact.directory`.

The envelope names the tenant of the organisation concerned, and NATIONAL while its ICB is not confirmed; register
events are keyed by organisation, membership events by person, so that all that happens to one stays in order.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts import event_types
from shared.outbox import Event
from shared.principal import NATIONAL_TENANT


def day_before(day: date) -> date:
    """Return the last day of something that is over from `day` on: events name last days, as the register does."""
    return day - timedelta(days=1)


def organisation_registered(entry: dict[str, Any], *, tenant: str | None, valid_from: date) -> Event:
    """An organisation is in the register; `entry` is its row."""
    data = {
        "code": entry["code"],
        "name": entry["name"],
        "kind": entry["kind"],
        "tenant": tenant,
        "region": entry["region"],
        "sector": entry["sector"],
        "fictional": entry["fictional"],
        "valid_from": valid_from,
        "valid_to": entry["open_until"],
    }
    return _about(event_types.ORGANISATION_REGISTERED, entry["code"], tenant, data)


def organisation_renamed(code: str, tenant: str | None, *, name: str, previous_name: str, effective_on: date) -> Event:
    """An organisation has another name."""
    data = {"code": code, "name": name, "previous_name": previous_name, "effective_on": effective_on}
    return _about(event_types.ORGANISATION_RENAMED, code, tenant, data)


def organisation_closed(code: str, tenant: str | None, *, closed_on: date) -> Event:
    """An organisation has closed; `closed_on` is its last open day."""
    return _about(event_types.ORGANISATION_CLOSED, code, tenant, {"code": code, "closed_on": closed_on})


def organisation_moved(code: str, *, from_tenant: str | None, to_tenant: str, effective_on: date) -> Event:
    """An organisation belongs to another ICB from a day on."""
    data = {"code": code, "from_tenant": from_tenant, "to_tenant": to_tenant, "effective_on": effective_on}
    return _about(event_types.ORGANISATION_MOVED, code, from_tenant, data)


def organisation_succeeded(code: str, tenant: str | None, *, successor: str, kind: str, effective_on: date) -> Event:
    """Another organisation has taken over."""
    data = {"code": code, "successor": successor, "succession_kind": kind, "effective_on": effective_on}
    return _about(event_types.ORGANISATION_SUCCEEDED, code, tenant, data)


def membership_granted(
    *, membership_id: UUID, person_id: str, org_id: str, role: str, valid_from: datetime, valid_to: datetime | None
) -> Event:
    """A person may act for an organisation in one role; the tenant is that of the principal at work."""
    data = {
        "membership_id": membership_id,
        "person_id": person_id,
        "org_id": org_id,
        "role": role,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    return Event(event_types.MEMBERSHIP_GRANTED, person_id, data)


def membership_ended(
    *, membership_id: UUID, person_id: str, org_id: str, role: str, ended_at: datetime, end_code: str
) -> Event:
    """A person may no longer act for an organisation in one role; why is told as a code, never in words."""
    data = {
        "membership_id": membership_id,
        "person_id": person_id,
        "org_id": org_id,
        "role": role,
        "ended_at": ended_at,
        "end_code": end_code,
    }
    return Event(event_types.MEMBERSHIP_ENDED, person_id, data)


def second_factor_reset(person_id: str, by_org: str, *, reset_at: datetime, elsewhere: bool = False) -> Event:
    """Somebody's second factor was taken away, so that they can set up a new one; `by_org` asked for it.

    `elsewhere` tells it in another organisation for which the person acts as well.
    """
    asked_in = "elsewhere" if elsewhere else "here"
    data = {"person_id": person_id, "org_id": by_org, "reset_at": reset_at, "asked_in": asked_in}
    return Event(event_types.SECOND_FACTOR_RESET, person_id, data)


def passkey_removed(person_id: str, org_id: str, *, removed_at: datetime) -> Event:
    """Somebody removed one of their own passkeys while acting for an organisation; which one is told to nobody."""
    data = {"person_id": person_id, "org_id": org_id, "removed_at": removed_at}
    return Event(event_types.PASSKEY_REMOVED, person_id, data)


def person_name_corrected(person_id: str, org_id: str, *, corrected_at: datetime) -> Event:
    """Whoever looks after access has corrected somebody's name; the name is asked of the directory and never told."""
    data = {"person_id": person_id, "org_id": org_id, "corrected_at": corrected_at}
    return Event(event_types.PERSON_NAME_CORRECTED, person_id, data)


def person_address_changed(person_id: str, org_id: str, *, changed_at: datetime) -> Event:
    """Somebody has changed their own e-mail address; neither the old one nor the new one is told."""
    data = {"person_id": person_id, "org_id": org_id, "changed_at": changed_at}
    return Event(event_types.PERSON_ADDRESS_CHANGED, person_id, data)


def _about(event_type: str, code: str, tenant: str | None, data: dict[str, Any]) -> Event:
    return Event(event_type, code, data, org_id=code, tenant_id=tenant or NATIONAL_TENANT)
