"""The pages that say what is wrong: what happened, what now, and a reference to quote."""

from flask import Response, g, jsonify, render_template
from flask.typing import ResponseReturnValue

from services.portal.api import Stale
from services.portal.comparing import NEVER_COMPARED, as_typed
from services.portal.kept import Why
from services.portal.page import Shows
from services.portal.rescue import keep_or_show, show
from services.portal.visit import Visit


def message(template: str, title: str, status: int, **context: object) -> Response:
    """Return one of the plain pages in `templates/errors/`."""
    visit = g.get("visit")
    html = render_template(f"errors/{template}.html", visit=visit, page=None, title=title, **context)
    return Response(html, status=status)


def wrong_role(visit: Visit) -> Response:
    """The page is for another role than the one acted in."""
    roles = visit.page.roles or frozenset()
    others = [one for one in visit.person.memberships if one != visit.acting and one.holds(roles)]
    return message("access-denied", "You cannot open this page", 403, others=others, rescued=show(visit))


def conflict(visit: Visit, stale: Stale) -> ResponseReturnValue:
    """The same was saved elsewhere first: show both in words, keep what this person typed."""
    alone = visit.page.shows is Shows.PRIVATE
    if visit.background:
        why = "this was changed in another window" if alone else "somebody else changed this"
        return jsonify(message=f"Not saved: {why}. Press the button to compare."), 409
    elsewhere = "This was changed in another window or on another device"
    compared = (visit.page.compare or as_typed)(visit, stale.current)
    html = render_template(
        "frame/conflict.html",
        visit=visit,
        page=visit.page,
        title=elsewhere if alone else "Somebody else changed this while you were writing",
        differing={label: texts for label, texts in compared.items() if texts[0] != texts[1]},
        sent_again={name: values for name, values in visit.typed.fields.items() if name not in NEVER_COMPARED},
        version=stale.current.get("version"),
    )
    return Response(html, status=412)


def sorry(status: int) -> Response:
    """Something went wrong on our side; what was typed is kept."""
    rescued = keep_or_show(g.get("visit"), Why.FAILED)
    return message("problem", "Sorry, there is a problem", status, rescued=rescued)


def not_found() -> Response:
    """Not there, or not for this person: the two look the same."""
    return message("not-found", "Page not found", 404, rescued=show(g.get("visit")))


def no_membership(visit: Visit) -> Response:
    """Somebody who is signed in and has no role, or no role any more."""
    return message("no-membership", "You do not have access yet", 403, rescued=show(visit))


def not_allowed(visit: Visit, detail: str) -> Response:
    """What was asked is not for this person to do."""
    return message("access-denied", "You cannot do this", 403, others=[], detail=detail, rescued=show(visit))


def role_is_gone(visit: Visit) -> Response:
    """A form of somebody whose role ended since it was opened."""
    return not_allowed(visit, "You no longer have the role in which you opened this form. Nothing was changed.")
