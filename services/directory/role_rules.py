"""The role list of the contracts in the shape the appointment rules read."""

from functools import cache
from typing import Any

from services.directory.domain.appointments import Body, RoleRule, Way
from shared.contracts.roles import Appointment, kind_for_roles, role_register


@cache
def role_rules() -> dict[str, RoleRule]:
    """Every role by its code, with where it is held and the ways to be given it."""
    return {
        entry.role.value: RoleRule(entry.role.value, entry.held_in, tuple(map(_way, entry.appointed_by)))
        for entry in role_register().values()
    }


def _way(appointment: Appointment) -> Way:
    return Way(appointment.role.value, appointment.of, appointment.only_for, appointment.first_only)


def body_of(where: Any) -> Body:
    """An organisation's row (code, kind, tenant) as the appointment rules see it."""
    return Body(where.code, kind_for_roles(where.kind, code=where.code, tenant=where.tenant), where.tenant)


@cache
def role_titles() -> dict[str, str]:
    """What each role is called on pages and in mails."""
    return {entry.role.value: entry.title for entry in role_register().values()}
