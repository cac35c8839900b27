"""Who may do what in the organisation acted for: people, roles, invitations."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal.page import PageSet, Shows
from services.portal.pages.people_elsewhere import ELSEWHERE, back_to_people, people_elsewhere, the_organisation
from services.portal.person import Membership, role_words
from services.portal.visit import Visit
from shared.clock import local_day
from shared.contracts.roles import Appointment, Role, RoleEntry, role_register

pages = PageSet("people")
MANAGERS = frozenset({Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR})
APPOINTING = frozenset({Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR})
"""Who gives some roles of other organisations, and may end them."""
READERS = MANAGERS | {
    Role.IMPROVEMENT_LEAD,
    Role.COMPANY_SECRETARY,
    Role.CHAIR,
    Role.CHIEF_EXECUTIVE,
    Role.ICB_LEAD,
    Role.PLACE_CONVENOR,
}
WHO = "Those who look after access in your organisation, its improvement lead, chair, chief executive and secretary."
UNKNOWN = "We do not know this code. Check it, and leave out blanks and signs."
INVITATION_STATES = {
    "sent": ("Waiting", "yellow"),
    "accepted": ("Taken up", "green"),
    "expired": ("Run out", "grey"),
    "withdrawn": ("Taken back", "grey"),
}


@pages.page("/people", key="people", title="Who may do what?", roles=READERS, shows=Shows.ORGANISATION, who_can_see=WHO)
def people(visit: Visit) -> ResponseReturnValue:
    """List people with roles and dates, and the invitations sent; or whom one appoints in another organisation."""
    appoints = visit.acting.holds(APPOINTING)
    code = request.args.get("organisation", "").strip().upper() if appoints else ""
    if code and code != visit.acting.org_id:
        if (where := the_organisation(visit, code)) is not None:
            return people_elsewhere(visit, where)
        visit.errors.append({"field": "organisation", "message": UNKNOWN})
    return _our_people(visit, appoints=appoints, code=code)


def _our_people(visit: Visit, *, appoints: bool, code: str) -> ResponseReturnValue:
    found = visit.api.directory.get("/people", cursor=request.args.get("cursor"))
    manages = visit.acting.holds(MANAGERS)
    nobody: dict[str, Any] = {"items": []}
    invitations = (
        visit.optional("directory", lambda: visit.api.directory.get("/invitations"), nobody) if manages else nobody
    )
    ask = visit.api.directory.get
    leavers = visit.optional("directory", lambda: ask("/people/leavers"), nobody) if manages else nobody
    return visit.render(
        "people/list.html",
        found=found,
        leavers=leavers["items"],
        ways=who_appoints_whom(visit.acting),
        invitations=[one for one in invitations["items"] if one["state"] != "accepted"],
        manages=manages,
        appoints=appoints,
        code=code,
        states=INVITATION_STATES,
    )


@pages.page(
    "/people/invite",
    key="people.invite",
    title="Invite somebody",
    roles=MANAGERS,
    shows=Shows.ORGANISATION,
    who_can_see="Those who look after access. The chair, improvement lead and secretary are told of each role given.",
    labels={"name": "Name", "email": "E-mail address", "role": "Role"},
)
def invite(visit: Visit) -> ResponseReturnValue:
    """Ask who is invited to which role."""
    return visit.render(
        "people/invite.html",
        back={"href": "/people", "text": "Back to people"},
        options=roles_to_give(visit.acting),
        elsewhere=visit.acting.holds(APPOINTING),
        organisation=request.args.get("organisation", ""),
    )


@invite.submit
def send_invitation(visit: Visit) -> ResponseReturnValue:
    """Send the invitation."""
    typed = visit.typed
    body: dict[str, Any] = {
        "name": typed.text("name", missing="Enter the person's name.", longest=100),
        "email": typed.text("email", missing="Enter the person's e-mail address.", longest=254),
        "role": typed.choice(
            "role", [one["value"] for one in roles_to_give(visit.acting)], missing="Choose what the person may do."
        ),
    }
    if (until := typed.day("until")) is not None:
        body["until"] = _in_future(typed, until)
    if organisation := typed.text("organisation", longest=10).upper():
        body["organisation"] = organisation
    typed.check()
    visit.api.directory.post("/invitations", body)
    return visit.go("people", done=f"We have sent an invitation to {body['name']}. It can be taken up for 14 days.")


def _in_future(typed: Any, until: date) -> str:
    if until <= local_day(g.now):
        typed.wrong("until-day", "Choose a day after today, or leave the date empty.")
    return until.isoformat()


def roles_to_give(acting: Membership) -> list[dict[str, str]]:
    """Return the roles this membership may give, as options with their meaning; directory checks again."""
    held = set(acting.roles)
    return [
        {"value": entry.role.value, "text": entry.title, "hint": entry.meaning}
        for entry in role_register().values()
        if any(way.role.value in held and _gives(way.of, entry.held_in, acting) for way in entry.appointed_by)
    ]


def who_appoints_whom(acting: Membership) -> list[tuple[str, str]]:
    """Return each role of this kind of organisation with those who may give it, in words."""
    register = role_register()
    return [
        (entry.title, " or ".join(dict.fromkeys(_giver(register[way.role], way) for way in entry.appointed_by)))
        for entry in register.values()
        if acting.kind_for_roles in entry.held_in and entry.appointed_by
    ]


def _giver(giver: RoleEntry, way: Appointment) -> str:
    where = {"its-icb": " of the ICB", "national": " of the national team"}.get(way.of, "")
    return f"{giver.title_in_a_sentence}{where}{' (the first one only)' if way.first_only else ''}"


def _gives(of: str, held_in: frozenset[str], acting: Membership) -> bool:
    return of in ELSEWHERE or acting.kind_for_roles in held_in


@pages.act("/people/invitations/<invitation_id>/resend", key="people.resend", roles=MANAGERS, back_to="people")
def resend(visit: Visit, invitation_id: str) -> ResponseReturnValue:
    """Send a fresh link."""
    sent = visit.api.directory.post(f"/invitations/{invitation_id}/resend")
    return visit.go("people", done=f"We have sent {sent['name']} a new link. The one before does not work any more.")


@pages.act("/people/invitations/<invitation_id>/withdraw", key="people.withdraw", roles=MANAGERS, back_to="people")
def withdraw(visit: Visit, invitation_id: str) -> ResponseReturnValue:
    """Take an invitation back."""
    taken_back = visit.api.directory.post(f"/invitations/{invitation_id}/withdraw")
    return visit.go("people", done=f"The invitation of {taken_back['name']} does not work any more.")


@pages.page(
    "/people/roles/<membership_id>/end",
    key="people.end",
    title="End this role?",
    roles=MANAGERS,
    shows=Shows.ORGANISATION,
    who_can_see=WHO,
    labels={"reason": "Reason"},
)
def end(visit: Visit, membership_id: str) -> ResponseReturnValue:
    """Say what will happen when the role ends."""
    held = visit.api.directory.get(f"/memberships/{membership_id}")
    return visit.render(
        "people/end.html",
        title=f"End the role {role_words([held['role']])} of {held['name']}?",
        back=back_to_people(visit, held),
        held=held,
    )


@end.submit
def do_end(visit: Visit, membership_id: str) -> ResponseReturnValue:
    """End the role."""
    reason = visit.typed.text("reason", missing="Say why the role ends, in a few words.", longest=300)
    visit.typed.check()
    ended = visit.api.directory.post(f"/memberships/{membership_id}/end", {"reason": reason})
    where = ended["org_id"] if ended["org_id"] != visit.acting.org_id else None
    return visit.go("people", organisation=where, done=f"The role {role_words([ended['role']])} has ended.")


@pages.page(
    "/people/<person_id>/new-phone",
    key="people.new-phone",
    title="Reset the second factor?",
    roles=MANAGERS,
    shows=Shows.ORGANISATION,
    who_can_see=WHO,
)
def new_phone(visit: Visit, person_id: str) -> ResponseReturnValue:
    """Say what to make sure of, and what will happen."""
    person = person_here(visit, person_id)
    return visit.render(
        "people/new_phone.html",
        title=f"Reset the second factor of {person['name']}?",
        back={"href": "/people", "text": "Back to people"},
        person=person,
    )


@new_phone.submit
def reset_second_factor(visit: Visit, person_id: str) -> ResponseReturnValue:
    """Reset it."""
    visit.typed.choice("sure", ["yes"], missing="Make sure first that it is the person who asks.")
    new = visit.typed.choice("new", ["code", "passkey"], missing="Say what they will use from now on.")
    unlink = {"unlink_work_account": True} if visit.typed.choices("unlink", ["yes"]) else {}
    visit.typed.check()
    body = {"passkey": new == "passkey"} | unlink
    visit.api.directory.post(f"/people/{person_id}/second-factor/reset", body)
    return visit.go("people", done="The second factor is reset. We have told the person and your chair.")


def person_here(visit: Visit, person_id: str, organisation: str = "") -> dict[str, Any]:
    """Return one of the people of the organisation acted for, or of another; raises NotFound for anybody else."""
    for person in _everybody(visit, organisation):
        if person["person_id"] == person_id:
            return person
    raise NotFound


def _everybody(visit: Visit, organisation: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        found = visit.api.directory.get("/people", cursor=cursor, organisation=organisation or None)
        yield from found["items"]
        cursor = found.get("next")
        if cursor is None:
            return
