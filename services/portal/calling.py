"""How a page asks a service: as the person of the visit, with a token for that service alone."""

from dataclasses import replace

import requests
from flask import g

from services.portal.api import Call, TokenRefused
from services.portal.config import APIS
from services.portal.portal import Portal
from services.portal.tokens import SignInLost
from services.portal.visit import Visit
from shared.observability import current_traceparent


def send(portal: Portal, visit: Visit, service: str, call: Call) -> requests.Response:
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
