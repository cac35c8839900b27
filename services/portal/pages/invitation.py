"""The page behind an invitation's link: who asks, for what, and what happens next."""

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from services.portal import work_link
from services.portal.api import NotThere
from services.portal.error_pages import message
from services.portal.page import ANYONE, PageSet
from services.portal.visit import Visit

pages = PageSet("invitation")
USABLE = frozenset({"sent", "accepted"})


@pages.page("/invitation/<token>", key="invitation", title="You are invited", roles=ANYONE)
def invitation(visit: Visit, token: str) -> ResponseReturnValue:
    """Show the invitation. Opening it takes nothing up: mail scanners open links."""
    found = _invitation(visit, token)
    if found is not None and found["can_be_renewed"]:
        title = "The link in your invitation has run out"
        return visit.render("invitation/run_out.html", title=title, invitation=found)
    if found is None or found["state"] not in USABLE:
        return _over(found)
    return visit.render("invitation/show.html", invitation=found)


@invitation.submit
def take_up(visit: Visit, token: str) -> ResponseReturnValue:
    """Take the invitation up: the role is held from now on; signing in comes next."""
    if visit.typed.value("how") == "renew":
        return _renew(visit, token)
    if visit.typed.value("how") == "work" and g.portal.work_oauth is not None:
        return work_link.begin(visit.session, token)
    return _accept(visit, token, {"passkey": visit.typed.value("how") == "passkey"})


@pages.page("/invitation/<token>/work-account", key="invitation.work", title="Is this you?", roles=ANYONE)
def work_account(visit: Visit, token: str) -> ResponseReturnValue:
    """Show whose work account it is before anything is linked."""
    found, account = _invitation(visit, token), work_link.found_for(visit.session, token)
    if found is None or found["state"] not in USABLE:
        return _over(found)
    if account is None:
        return visit.go("invitation", token=token)
    return visit.render("invitation/work_account.html", invitation=found, account=account)


@work_account.submit
def link(visit: Visit, token: str) -> ResponseReturnValue:
    """Take the invitation up with this work account."""
    account = work_link.found_for(visit.session, token)
    if account is None:
        return visit.go("invitation", token=token)
    answer = _accept(visit, token, {"work_account": account["token"]})
    visit.session.pop(work_link.FOUND, None)
    return answer


def _accept(visit: Visit, token: str, body: dict[str, Any]) -> ResponseReturnValue:
    try:
        taken = visit.api.directory.post(f"/invitations/by-token/{token}/accept", body)
    except NotThere:
        return _over(None)
    if visit.signed_in is not None:
        visit.session["me_read_at"] = None
    how = "work" if "work_account" in body else "passkey" if body["passkey"] else "code"
    return visit.render("invitation/taken_up.html", title="Your role is ready", taken=taken, how=how)


def _renew(visit: Visit, token: str) -> ResponseReturnValue:
    try:
        visit.api.directory.post(f"/invitations/by-token/{token}/renew")
    except NotThere:
        return _over(None)
    return visit.render("invitation/renewed.html", title="We have sent you a new link")


def _invitation(visit: Visit, token: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = visit.api.directory.get(f"/invitations/by-token/{token}")
    except NotThere:
        return None
    return found


def _over(found: dict[str, Any] | None) -> ResponseReturnValue:
    return message("invitation-over", "This invitation does not work any more", 410 if found else 404)
