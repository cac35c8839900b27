"""Choosing for whom to act, and what was typed but not saved."""

from flask import g, request
from flask.typing import ResponseReturnValue

from services.portal import admission
from services.portal.page import SIGNED_IN, PageSet
from services.portal.sign_in import safe_next
from services.portal.typed_text import owner_of
from services.portal.visit import Visit

pages = PageSet("acting")


@pages.page("/acting-as", key="acting-as", title="For whom are you working now?", roles=SIGNED_IN)
def choose(visit: Visit) -> ResponseReturnValue:
    """Show the memberships as radios."""
    options = [
        {"value": one.org_id, "text": one.shown_name, "hint": one.part[:1].upper() + one.part[1:]}
        for one in visit.person.memberships
    ]
    chosen = visit.acting_as.org_id if visit.acting_as else None
    address = safe_next(visit.typed.value("next") or request.args.get("next"))
    return visit.render("acting/choose.html", options=options, chosen=chosen, next=address)


@choose.submit
def act_as(visit: Visit) -> ResponseReturnValue:
    """Act for the organisation chosen, from now on."""
    codes = [one.org_id for one in visit.person.memberships]
    chosen = visit.typed.choice("organisation", codes, missing="Choose for whom you are working now.")
    visit.typed.check()
    membership = next(one for one in visit.person.memberships if one.org_id == chosen)
    admission.act_as(g.portal, visit.session, visit.person, membership)
    return visit.go(safe_next(visit.typed.value("next")), done=f"You now act as {membership.words}.")


@pages.act("/kept-text/forget", key="kept-text.forget", roles=SIGNED_IN, back_to="home")
def forget(visit: Visit) -> ResponseReturnValue:
    """Throw kept text away."""
    g.portal.kept.forget(owner_of(visit), visit.typed.value("id"))
    return visit.go(safe_next(visit.typed.value("path")), done="Your text was thrown away.")
