"""Around every page: its visit is opened and admitted, its view or its form answers, and the request is measured."""

import secrets
import time
from typing import Any

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from services.portal import body_limits
from services.portal.admission import admit
from services.portal.api import Apis
from services.portal.calling import send
from services.portal.forms import Typed
from services.portal.page import Page
from services.portal.portal import Portal, current_session
from services.portal.sessions import BACKGROUND_HEADER
from services.portal.submission import submit
from services.portal.typed_text import offer_kept
from services.portal.visit import Visit
from shared.metrics import REQUEST_SECONDS
from shared.observability import span_from

UNCOUNTED = ("assets.", "health.")
"""What a page brings along, and what the orchestrator asks."""


def register_pages(app: Flask, portal: Portal) -> None:
    """Give every declared page its address."""
    for page in portal.pages.values():
        app.add_url_rule(
            page.path, page.key, _answer, methods=page.methods, defaults=None, provide_automatic_options=False
        )


def _answer(**path: Any) -> ResponseReturnValue:
    portal: Portal = g.portal
    page = portal.pages[str(request.endpoint)]
    visit = open_visit(portal, page)
    g.visit = visit
    if (elsewhere := admit(portal, visit)) is not None:
        return elsewhere
    if request.method == "POST":
        return submit(portal, visit, path)
    offer_kept(portal, visit)
    assert page.view is not None  # noqa: S101 - a page answers GET only when it has a view
    return page.view(visit, **path)


def open_visit(portal: Portal, page: Page, typed: Typed | None = None) -> Visit:
    """Return the visit of this request, with the APIs bound to whoever is signed in."""
    current = current_session()
    if typed is None:
        typed = Typed(request.form.to_dict(flat=False) if request.method == "POST" else None)
    visit = Visit(
        page=page,
        session=current,
        api=Apis(lambda service, call: send(portal, g.visit, service, call)),
        typed=typed,
        here=request.path,
        background=BACKGROUND_HEADER in request.headers,
    )
    if typed.value("form_key"):
        visit.form_key = typed.value("form_key")
    if current.person_id is not None:
        visit.signed_in = portal.people.of(current, may_ask=page.roles is not None)
    if visit.signed_in is not None:
        visit.acting_as = visit.signed_in.membership(current.acting_org)
    return visit


def begin_request(portal: Portal) -> None:
    """Give the request its reference and its nonce."""
    g.portal = portal
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    g.nonce = secrets.token_urlsafe(16)
    g.now = portal.store.clock.now()
    g.span = span_from("page", None)  # a browser's own trace is not believed: ours begins here
    g.span.__enter__()
    body_limits.set_limit(portal)
    if not (request.endpoint or "").startswith(UNCOUNTED):
        portal.sweeping.sweep_if_due()
        portal.limiter.count(f"address {request.remote_addr}", portal.config.service.rate_limits.per_address)
    body_limits.check()


def measure(response: Response) -> Response:
    """Note how long the request took."""
    route = request.url_rule.rule if request.url_rule else "(no route)"
    REQUEST_SECONDS.labels(request.method, route, response.status_code).observe(time.perf_counter() - g.started)
    return response


def end_request(_: BaseException | None = None) -> None:
    """Close the request's span."""
    if span := g.pop("span", None):
        span.__exit__(None, None, None)
