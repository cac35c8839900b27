"""Whom somebody who gives roles in other organisations finds there: those roles, and nobody else's."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from services.portal.api import NotThere
from services.portal.person import Membership
from services.portal.visit import Visit
from shared.contracts.roles import kind_for_roles, role_register

ELSEWHERE = frozenset({"its-icb", "national"})
"""Ways of the register by which somebody gives a role in an organisation that is not their own."""


def the_organisation(visit: Visit, code: str) -> dict[str, Any] | None:
    """Return the organisation with a code that somebody typed, None when there is none."""
    try:
        return dict(visit.api.directory.get(f"/organisations/{code}")) if code.isalnum() else None
    except NotThere:
        return None


def people_elsewhere(visit: Visit, where: Mapping[str, Any]) -> ResponseReturnValue:
    """List who holds a role there that the visitor gives."""
    gives = gives_roles_in(visit.acting, where)
    return visit.render(
        "people/elsewhere.html",
        title=f"Who holds the roles you give at {where['name']}?",
        seen_by=f"Those who look after access in your organisation, and people of {where['name']}.",
        back={"href": "/people", "text": "Back to people"},
        where=where,
        people=visit.api.directory.get("/people", organisation=where["code"], limit="200")["items"] if gives else [],
        gives=gives,
        corrects=gives and where["kind"] == "region",  # nobody there looks after access, nor anybody's name
        ends=where["kind"] != "trust",  # an ICB appoints a trust's first access manager and ends nobody there
    )


def gives_roles_in(acting: Membership, where: Mapping[str, Any]) -> bool:
    """Tell whether any role there is given by this membership; directory checks again, role by role."""
    kind = kind_for_roles(where["kind"], code=where["code"], tenant=where["tenant"])
    in_reach = acting.is_national_team or where["tenant"] == acting.tenant_id
    return in_reach and kind in kinds_given_elsewhere(acting)


def kinds_given_elsewhere(acting: Membership) -> set[str]:
    """Return the kinds of other organisation in which a membership gives any role, in the words of the register."""
    return {
        kind
        for entry in role_register().values()
        for way in entry.appointed_by
        if way.role.value in acting.roles and way.of in ELSEWHERE
        for kind in ([way.only_for] if way.only_for else entry.held_in)
    }


def back_to_people(visit: Visit, held: Mapping[str, Any]) -> dict[str, str]:
    """Return the way back from the end of a role to the list it was found in."""
    if held["organisation"] == visit.acting.org_id:
        return {"href": "/people", "text": "Back to people"}
    href = url_for("people", organisation=held["organisation"])
    return {"href": href, "text": f"Back to people of {held['organisation_name']}"}
