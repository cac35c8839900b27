"""Which page answers which exception; whatever was typed is kept first."""

import logging

from flask import Flask, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound, RequestEntityTooLarge

from services.portal import admission, body_limits, frame
from services.portal.api import ApiProblem, NotAllowed, NotThere, ServiceAway, StepUpNeeded, TooMany
from services.portal.error_pages import message, not_allowed, not_found, sorry
from services.portal.forms import Typed
from services.portal.identity import IdentityAway
from services.portal.kept import Why
from services.portal.portal import current_session
from services.portal.rescue import keep_or_show
from services.portal.tokens import LeaseBusy, SignInLost
from services.portal.typed_text import from_our_own_page, keep_typed, owner_of
from services.portal.visit import SERVICE_WORDS, Visit
from shared.rate_limits import TooManyRequests

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Turn every exception into a page."""
    app.register_error_handler(NotThere, lambda _: not_found())
    app.register_error_handler(NotFound, lambda _: not_found())
    app.register_error_handler(MethodNotAllowed, lambda _: not_found())
    app.register_error_handler(RequestEntityTooLarge, lambda _: _too_large())
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(SignInLost, _sign_in_lost)
    app.register_error_handler(StepUpNeeded, lambda _: admission.step_up(g.portal, g.visit))
    app.register_error_handler(ServiceAway, _away)
    app.register_error_handler(TooMany, lambda error: _too_many(error.retry_after))
    app.register_error_handler(TooManyRequests, lambda error: _too_many(error.seconds))
    app.register_error_handler(IdentityAway, _identity_away)
    app.register_error_handler(LeaseBusy, _identity_away)
    app.register_error_handler(ApiProblem, _refused_read)
    app.register_error_handler(InternalServerError, lambda _: sorry(500))
    app.register_error_handler(HTTPException, lambda error: sorry(error.code or 500))


def _not_allowed(error: NotAllowed) -> Response:
    visit: Visit = g.visit
    g.portal.people.ask_again(visit.session)
    if visit.background:
        return jsonify(message="Not saved: your role does not allow this.")
    return not_allowed(visit, error.detail)


def _too_large() -> Response:
    """A file too large for us: what was typed beside it is read and kept."""
    page, visit = g.portal.pages.get(request.endpoint), None
    if page is not None and from_our_own_page(g.portal):
        fields = body_limits.text_beside_a_large_file(page)
        if fields is not None:
            visit = g.visit = frame.open_visit(g.portal, page, Typed(fields.to_dict(flat=False)))
    takes_file = page is not None and page.takes_file
    title = "That file is too large" if takes_file else "That is too much at once"
    rescued = keep_or_show(visit, Why.TOO_LARGE)
    return message("too-large", title, 413, takes_file=takes_file, rescued=rescued)


def _sign_in_lost(_: SignInLost) -> ResponseReturnValue:
    """The session is over at the identity provider: keep what was typed and ask to sign in."""
    current = current_session()
    page = g.portal.pages.get(request.endpoint)
    if current.person_id and current.acting_org:
        current["lost"] = lost = {"person_id": current.person_id, "acting_org": current.acting_org}
        g.portal.sessions.end(current)
        current["lost"] = lost
    if page is None:
        return redirect(url_for("sign-in"), 303)
    return admission.to_sign_in(g.portal, page)


def _form_too_old(_: CSRFError) -> ResponseReturnValue:
    """The form was made for another session: an old tab, or somebody else's page."""
    page = g.portal.pages.get(request.endpoint)
    if page is None or not from_our_own_page(g.portal):
        return message("expired", "This form is too old", 400)
    visit = g.visit = frame.open_visit(g.portal, page)
    if visit.signed_in is None or visit.acting_as is None:
        return admission.to_sign_in(g.portal, page)
    if visit.background:
        return jsonify(message="Not saved. Press the button: nothing is lost."), 409
    return redirect(keep_typed(g.portal, owner_of(visit), page, Why.SIGNED_OUT), 303)


def _away(error: ServiceAway) -> ResponseReturnValue:
    """A service does not answer: say which part, keep what was typed, say what still works."""
    log.warning("A service does not answer", extra={"service": error.service})
    visit: Visit | None = g.get("visit")
    if visit is not None and visit.background:
        return jsonify(message="Not saved yet: that part of the service is not answering. We keep trying."), 503
    part, rescued = SERVICE_WORDS.get(error.service), keep_or_show(visit, Why.AWAY)
    answer = message("away", "Part of the service is not available", 503, part=part, rescued=rescued)
    answer.headers["Retry-After"] = "30"
    return answer


def _too_many(seconds: int) -> ResponseReturnValue:
    """Too many requests of a person or an address: keep what was typed, say when to go on."""
    page = g.portal.pages.get(request.endpoint)
    if "visit" not in g and page is not None and _is_a_form_of_ours():
        g.visit = frame.open_visit(g.portal, page)
    visit: Visit | None = g.get("visit")
    if visit is not None and visit.background:
        answer = jsonify(message="Not saved yet: too many requests at once. We keep trying.")
    else:
        rescued = keep_or_show(visit, Why.TOO_MANY)
        answer = message("too-many", "Too many requests", 429, seconds=seconds, rescued=rescued)
    answer.status_code = 429
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _is_a_form_of_ours() -> bool:
    return request.method == "POST" and from_our_own_page(g.portal) and body_limits.is_within_limit()


def _identity_away(error: Exception) -> ResponseReturnValue:
    """Nobody can sign in, or go on: keep what was typed; the reason is what whoever is on call looks for."""
    log.warning("The sign-in service does not answer", extra={"error": type(error).__name__, "reason": str(error)})
    visit: Visit | None = g.get("visit")
    if visit is not None and visit.background:
        return jsonify(message="Not saved yet: the sign-in service is not answering."), 503
    rescued = keep_or_show(visit, Why.AWAY)
    answer = message("away", "Signing in is not available", 503, part="signing in", rescued=rescued)
    answer.headers["Retry-After"] = "30"
    return answer


def _refused_read(error: ApiProblem) -> Response:
    log.error("A service refused what a page asked", extra={"slug": error.slug, "status": error.status})
    return sorry(500)
