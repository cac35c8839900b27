"""Around every page: session, whom to act for, roles, form handling, and what happens when something goes wrong."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, Response, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from services.portal import failures
from services.portal.api import Apis, Call, Refused, Stale, StepUpNeeded, TokenRefused, Transport
from services.portal.config import APIS, PortalConfig
from services.portal.forms import FormRefused, Typed
from services.portal.identity import IdentityProvider
from services.portal.kept import Kept, KeptTexts, Owner, Why
from services.portal.navigation import may_open
from services.portal.page import SIGNED_IN, Page
from services.portal.people_known import PeopleKnown
from services.portal.person import Membership, Person
from services.portal.sessions import BACKGROUND_HEADER, PortalSession, Sessions
from services.portal.store import Store
from services.portal.tokens import SignInLost, TokenBroker
from services.portal.unread import UnreadCounts
from services.portal.visit import Visit, new_form_key
from shared.metrics import REQUEST_SECONDS
from shared.observability import current_traceparent, span_from
from shared.rate_limits import RateLimiter

SENT_BEFORE = "key-used-for-other-request"
UNCOUNTED = ("assets.", "health.")
"""What a page brings along, and what the orchestrator asks."""


@dataclass(frozen=True)
class Portal:
    """The portal's parts, made once at start; `current_app.extensions["portal"]`."""

    config: PortalConfig
    store: Store
    sessions: Sessions
    kept: KeptTexts
    identity: IdentityProvider
    oauth: Any
    work_oauth: Any
    """The client at the issuer of work accounts, None where there is none."""
    tokens: TokenBroker
    transport: Transport
    people: PeopleKnown
    unread: UnreadCounts
    limiter: RateLimiter
    pages: Mapping[str, Page]

    def close(self) -> None:
        """Close what is open."""
        self.store.close()


def register_pages(app: Flask, portal: Portal) -> None:
    """Give every declared page its address."""
    for page in portal.pages.values():
        app.add_url_rule(
            page.path, page.key, _answer, methods=page.methods, defaults=None, provide_automatic_options=False
        )


def current_session() -> PortalSession:
    """Return this request's session."""
    current = session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(current, PortalSession):
        raise TypeError("The session is not ours.")
    return current


def _answer(**path: Any) -> ResponseReturnValue:
    portal: Portal = g.portal
    page = portal.pages[str(request.endpoint)]
    visit = open_visit(portal, page)
    g.visit = visit
    if (elsewhere := _admit(portal, visit)) is not None:
        return elsewhere
    if request.method == "POST":
        return _submit(portal, visit, path)
    _offer_kept(portal, visit)
    assert page.view is not None  # noqa: S101 - a page answers GET only when it has a view
    return page.view(visit, **path)


def open_visit(portal: Portal, page: Page) -> Visit:
    """Return the visit of this request, with the APIs bound to whoever is signed in."""
    current = current_session()
    typed = Typed(request.form.to_dict(flat=False) if request.method == "POST" else None)
    visit = Visit(
        page=page,
        session=current,
        api=Apis(lambda service, call: _send(portal, g.visit, service, call)),
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


def _admit(portal: Portal, visit: Visit) -> ResponseReturnValue | None:
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
        return failures.wrong_role(visit)
    return None


def _choose_first(portal: Portal, visit: Visit) -> ResponseReturnValue:
    """Act for the only organisation, or the one acted for last time; ask when there is none such."""
    if not visit.person.memberships:
        return failures.message("no-membership", "You do not have access yet", 403)
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
        return failures.message("expired", "This form is too old", 400)
    back = keep_typed(portal, Owner(visit.person.id, formed_for), visit.page, Why.OTHER_WINDOW)
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'for': formed_for})}", 303)


def _switch(portal: Portal, visit: Visit, wanted: str) -> ResponseReturnValue | None:
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


def from_our_own_page(portal: Portal) -> bool:
    """Tell whether the browser says that the form came from our own page; nobody else may plant text for a person."""
    return request.headers.get("Origin") == portal.config.base_url


def keep_typed(portal: Portal, owner: Owner, page: Page, why: Why) -> str:
    """Keep this request's form and return the address at which it is put back; a small act goes back to its page."""
    if page.view is None:
        return url_for(page.back_to or "home", **_arguments_of(page.back_to, request.view_args or {}))
    kept_id = portal.kept.keep(owner, request.path, page.title, why, request.form.to_dict(flat=False))
    return f"{request.path}?kept={kept_id}" if kept_id else request.path


def owner_of(visit: Visit) -> Owner:
    """Return whose text this visit's text is."""
    return Owner(visit.person.id, visit.acting.org_id)


def _offer_kept(portal: Portal, visit: Visit) -> None:
    """Put kept text back into the form it was typed in when asked to, else offer it."""
    if visit.page.on_submit is None or visit.acting_as is None:
        return
    kept = portal.kept.at(owner_of(visit), request.path)
    if kept is None:
        return
    if request.args.get("kept") == kept.id:
        put_back(visit, kept)
    else:
        visit.offered = kept


def put_back(visit: Visit, kept: Kept) -> None:
    """Let the form show what was typed before; nothing is sent to a service."""
    visit.kept = kept
    visit.typed = Typed(kept.fields)
    visit.form_key = visit.typed.value("form_key") or visit.form_key


def _submit(portal: Portal, visit: Visit, path: Mapping[str, Any]) -> ResponseReturnValue:
    page = visit.page
    assert page.on_submit is not None  # noqa: S101 - a page answers POST only when it has a handler
    try:
        answer = page.on_submit(visit, **path)
    except FormRefused as refused:
        return _again(visit, path, refused.errors)
    except Refused as refused:
        if refused.slug == SENT_BEFORE:
            return _sent_before(visit, path)
        return _again(visit, path, refused.errors or [{"field": "", "message": refused.detail}])
    except Stale as stale:
        return failures.conflict(visit, stale)
    if visit.acting_as is not None and page.view is not None:
        portal.kept.forget(owner_of(visit), request.path)
    return answer


def _sent_before(visit: Visit, path: Mapping[str, Any]) -> ResponseReturnValue:
    """The form was sent, then gone back to and changed: what stands there now is a request of its own."""
    visit.form_key = new_form_key()
    message = (
        "You sent this form before, with something else in it. Check it, choose any file again, and press the button"
        " to send this as well."
    )
    return _again(visit, path, [{"field": "", "message": message}])


def _again(visit: Visit, path: Mapping[str, Any], errors: list[dict[str, str]]) -> ResponseReturnValue:
    """Show the form again with its errors and everything that was typed."""
    visit.errors = errors
    if visit.background:
        return jsonify(message=f"Not saved: {errors[0]['message']}"), 422
    if visit.page.view is None:
        visit.session["not_done"] = errors[0]["message"]
        return redirect(url_for(visit.page.back_to or "home", **_arguments_of(visit.page.back_to, path)), 303)
    return visit.page.view(visit, **path)


def _arguments_of(key: str | None, path: Mapping[str, Any]) -> dict[str, Any]:
    wanted = g.portal.pages[key or "home"].path
    return {name: value for name, value in path.items() if f"{name}>" in wanted}


def _send(portal: Portal, visit: Visit, service: str, call: Call) -> requests.Response:
    """Send one call as the person of this visit; a token the service does not take is replaced once."""
    if call.method == "POST" and call.key is None and not call.question:
        g.posts = g.get("posts", 0) + 1
        call = replace(call, key=f"{visit.form_key}.{g.posts}")
    try:
        return portal.transport.send(service, call, _headers(portal, visit, service))
    except TokenRefused:
        if visit.signed_in is None:
            raise
        portal.tokens.forget(visit.session, APIS[service])
        visit.tokens.clear()
    try:
        return portal.transport.send(service, call, _headers(portal, visit, service))
    except TokenRefused as error:
        raise SignInLost("A service does not accept our token.") from error


def _headers(portal: Portal, visit: Visit, service: str) -> dict[str, str]:
    headers = {"X-Request-Id": g.request_id}
    if traceparent := current_traceparent():
        headers["traceparent"] = traceparent
    if visit.acting_as is not None:
        token = _token(portal, visit, visit.acting_as.narrowed_to, APIS[service])
        headers |= {"Authorization": f"Bearer {token}", "Acting-For": visit.acting_as.org_id}
    return headers


def _token(portal: Portal, visit: Visit, tenant: str | None, audience: str) -> str:
    """A page asks a service several things: its token is looked up for the first."""
    if (tenant, audience) not in visit.tokens:
        visit.tokens[tenant, audience] = portal.tokens.token(visit.session, tenant, audience)
    return visit.tokens[tenant, audience]


def step_up(portal: Portal, visit: Visit, _: StepUpNeeded) -> ResponseReturnValue:
    """Keep what was typed and send the person to confirm who they are; they come back to the same form."""
    if visit.background:
        return jsonify(message="Press the button to confirm that it is you."), 401
    address = request.path
    if request.method == "POST":
        address = keep_typed(portal, owner_of(visit), visit.page, Why.CONFIRM)
    return redirect(url_for("step-up", next=address), 303)


def begin_request(portal: Portal) -> None:
    """Give the request its reference and its nonce."""
    g.portal = portal
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    g.nonce = secrets.token_urlsafe(16)
    g.now = portal.store.clock.now()
    g.span = span_from("page", None)  # a browser's own trace is not believed: ours begins here
    g.span.__enter__()
    if not (request.endpoint or "").startswith(UNCOUNTED):
        portal.limiter.count(f"address {request.remote_addr}", portal.config.service.rate_limits.per_address)


def measure(response: Response) -> Response:
    """Note how long the request took."""
    route = request.url_rule.rule if request.url_rule else "(no route)"
    REQUEST_SECONDS.labels(request.method, route, response.status_code).observe(time.perf_counter() - g.started)
    return response


def end_request(_: BaseException | None = None) -> None:
    """Close the request's span."""
    if span := g.pop("span", None):
        span.__exit__(None, None, None)
