"""Who may open a page: signed in, acting for an organisation, in one of the page's roles; else where to go first."""

from urllib.parse import urlencode

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.portal import error_pages
from services.portal.kept import Owner, Why
from services.portal.navigation import may_open
from services.portal.page import SIGNED_IN, Page
from services.portal.person import Membership, Person
from services.portal.portal import Portal, current_session
from services.portal.rescue import show
from services.portal.sessions import BACKGROUND_HEADER, PortalSession
from services.portal.typed_text import from_our_own_page, keep_typed, owner_of
from services.portal.visit import Visit


def admit(portal: Portal, visit: Visit) -> ResponseReturnValue | None:
    """Let the visit in (None), or say where it must go first."""
    roles = visit.page.roles
    if roles is None:
        return None
    if visit.signed_in is None:
        return to_sign_in(portal, visit.page)
    if (wanted := request.args.get("for")) and request.method == "GET":
        return _switch(portal, visit, wanted)
    if visit.acting_as is None and visit.page.key not in {"acting-as", "account"}:
        return _choose_first(portal, visit)
    if visit.acting_as is None:
        return None
    if (formed_for := visit.typed.value("acting_for")) and formed_for != visit.acting_as.org_id:
        return _formed_for_another(portal, visit, formed_for)
    if roles != SIGNED_IN and not may_open(visit.page, visit.acting_as):
        return error_pages.wrong_role(visit)
    return None


def _choose_first(portal: Portal, visit: Visit) -> ResponseReturnValue:
    """Act for the only organisation, or the one acted for last time; ask when there is none such."""
    if not visit.person.memberships:
        return error_pages.no_membership(visit)
    if show(visit):
        return error_pages.role_is_gone(visit)
    membership = portal.people.first_choice(visit.person)
    if membership is None or request.method == "POST":
        return redirect(url_for("acting-as", next=_form_address()), 303)
    act_as(portal, visit.session, visit.person, membership)
    visit.session["done"] = f"You now act as {membership.words}."
    return redirect(_form_address(), 303)


def _formed_for_another(portal: Portal, visit: Visit, formed_for: str) -> ResponseReturnValue:
    """A form of another tab, opened while acting for another organisation: nothing is done in the wrong one's name."""
    if visit.background:
        return jsonify(message="Not saved: you act for another organisation in another window now."), 409
    if visit.person.membership(formed_for) is None:
        return error_pages.role_is_gone(visit)
    back = keep_typed(portal, Owner(visit.person.id, formed_for), visit.page, Why.OTHER_WINDOW)
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'for': formed_for})}", 303)


def _switch(portal: Portal, visit: Visit, wanted: str) -> ResponseReturnValue:
    """A link that belongs to another membership switches by itself and says so."""
    target = request.path + ("?" + rest if (rest := _query_without("for")) else "")
    membership = visit.person.membership(wanted.upper())
    if membership is not None and membership.org_id != visit.session.acting_org:
        act_as(portal, visit.session, visit.person, membership)
        if len(visit.person.memberships) > 1:
            visit.session["done"] = f"This link belongs to another organisation. You now act as {membership.words}."
    return redirect(target, 303)


def _query_without(name: str) -> str:
    return urlencode([(key, value) for key, value in request.args.items(multi=True) if key != name])


def act_as(portal: Portal, current: PortalSession, person: Person, membership: Membership) -> None:
    """Act for an organisation from now on: new session id, and remembered for next time."""
    current.acting_org = membership.org_id
    portal.sessions.renew(current)
    portal.people.remember_choice(person.id, membership.org_id)


def _form_address() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def to_sign_in(portal: Portal, page: Page) -> ResponseReturnValue:
    """Send somebody without a session to sign in, keeping what they typed if we know whose it is."""
    if BACKGROUND_HEADER in request.headers:
        return jsonify(message="You have been signed out. Press the button: nothing is lost."), 401
    address = _form_address()
    lost = current_session().get("lost")
    if request.method == "POST" and lost and from_our_own_page(portal):
        owner = Owner(lost["person_id"], lost["acting_org"])
        address = keep_typed(portal, owner, page, Why.SIGNED_OUT)
    return redirect(url_for("sign-in", next=address), 303)


def step_up(portal: Portal, visit: Visit) -> ResponseReturnValue:
    """Keep what was typed and send the person to confirm who they are; they come back to the same form."""
    if visit.background:
        return jsonify(message="Press the button to confirm that it is you."), 401
    address = request.path
    if request.method == "POST":
        address = keep_typed(portal, owner_of(visit), visit.page, Why.CONFIRM)
    return redirect(url_for("step-up", next=address), 303)
