"""What we hold about a person, how we reach them, and where they are signed in."""

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.visit import Visit

pages = PageSet("account")
NO_CHOICES: dict[str, Any] = {"items": []}


@pages.page(
    "/account",
    key="account",
    title="Your account",
    roles=SIGNED_IN,
    shows=Shows.PRIVATE,
    who_can_see="You. Your name and roles are also seen by those who look after access in your organisation.",
)
def account(visit: Visit) -> ResponseReturnValue:
    """Show memberships, what we write about, and running sessions."""
    sessions = g.portal.sessions.running_of(visit.person.id)
    preferences = NO_CHOICES
    if visit.acting_as is not None:
        ask = visit.api.notification.get
        preferences = visit.optional("notification", lambda: ask("/preferences"), NO_CHOICES)
    return visit.render(
        "account/show.html",
        sessions=sessions,
        here=visit.session.id_hash,
        preferences=preferences,
        kept=g.portal.kept.all_of_person(visit.person.id),
    )


@account.submit
def choose_mails(visit: Visit) -> ResponseReturnValue:
    """Store what we may write about."""
    wanted = set(visit.typed.values("mail"))
    current = visit.api.notification.get("/preferences")["items"]
    mails = {one["kind"]: one["kind"] in wanted for one in current if one["can_be_turned_off"]}
    visit.api.notification.put("/preferences", {"mails": mails})
    return visit.go("account", done="We have noted what we may write to you about.")


@pages.act("/account/sessions/end", key="account.end-sessions", roles=SIGNED_IN, back_to="account")
def end_other_sessions(visit: Visit) -> ResponseReturnValue:
    """Sign out everywhere else."""
    ended = g.portal.sessions.end_others(visit.session)
    return visit.go("account", done=f"Signed out everywhere else. Sessions ended: {ended}.")
