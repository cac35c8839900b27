"""Whom somebody who gives roles in other organisations finds there: those roles, and nobody else's."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from services.portal.api import NotThere
from services.portal.person import Membership
from services.portal.visit import Visit

NATIONAL_TEAM_GIVES_IN = frozenset({"icb", "region", "national"})
ICB_GIVES_IN = frozenset({"trust", "place"})


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
        ends=where["kind"] != "trust",  # an ICB appoints a trust's first access manager and ends nobody there
    )


def gives_roles_in(acting: Membership, where: Mapping[str, Any]) -> bool:
    """Tell whether any role there is given by this membership; directory checks again, role by role."""
    if acting.is_national_team:
        return where["kind"] in NATIONAL_TEAM_GIVES_IN
    return where["kind"] in ICB_GIVES_IN and where["tenant"] == acting.tenant_id


def back_to_people(visit: Visit, held: Mapping[str, Any]) -> dict[str, str]:
    """Return the way back from the end of a role to the list it was found in."""
    if held["organisation"] == visit.acting.org_id:
        return {"href": "/people", "text": "Back to people"}
    href = url_for("people", organisation=held["organisation"])
    return {"href": href, "text": f"Back to people of {held['organisation_name']}"}
