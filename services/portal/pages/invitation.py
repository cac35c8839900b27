"""The page behind an invitation's link: who asks, for what, and what happens next."""

from flask.typing import ResponseReturnValue

from services.portal.api import NotThere
from services.portal.failures import message
from services.portal.page import ANYONE, PageSet
from services.portal.visit import Visit

pages = PageSet("invitation")


@pages.page("/invitation/<token>", key="invitation", title="You are invited", roles=ANYONE)
def invitation(visit: Visit, token: str) -> ResponseReturnValue:
    """Show the invitation. Opening it takes nothing up: mail scanners open links."""
    try:
        found = visit.api.directory.get(f"/invitations/by-token/{token}")
    except NotThere:
        return message("invitation-over", "This invitation does not work any more", 404)
    if found["state"] not in {"sent", "accepted"}:
        return message("invitation-over", "This invitation does not work any more", 410)
    return visit.render("invitation/show.html", invitation=found)


@invitation.submit
def take_up(visit: Visit, token: str) -> ResponseReturnValue:
    """Take the invitation up: the role is held from now on; signing in comes next."""
    try:
        taken = visit.api.directory.post(f"/invitations/by-token/{token}/accept")
    except NotThere:
        return message("invitation-over", "This invitation does not work any more", 404)
    if visit.signed_in is not None:
        visit.session["me_read_at"] = None
    return visit.render("invitation/taken_up.html", title="Your role is ready", taken=taken)
