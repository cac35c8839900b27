"""Finding out who somebody is at the issuer of work accounts, before the account is linked.

An ordinary sign-in there, begun from an invitation; what comes back is held in the session until the person has read
whose account it is and pressed a button. The directory reads the issuer's token itself, and decides.
"""

import logging
import secrets

import requests
from authlib.common.errors import AuthlibBaseError
from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from services.portal import error_pages
from services.portal.identity import IdentityAway
from services.portal.portal import Portal, current_session
from services.portal.sessions import PortalSession

log = logging.getLogger(__name__)
CALLBACK = "/auth/work-link/callback"
BEGUN, FOUND = "work_link_begun", "work_link_found"


def begin(session: PortalSession, invitation: str) -> ResponseReturnValue:
    """Send the browser to the issuer; a session somebody left open there does not count."""
    portal: Portal = g.portal
    state = secrets.token_urlsafe(24)
    session[BEGUN] = {"state": state, "invitation": invitation}
    answer: ResponseReturnValue = portal.work_oauth.authorize_redirect(
        portal.config.base_url + CALLBACK, state=state, prompt="login"
    )
    return answer


def callback() -> ResponseReturnValue:
    """Keep whom the issuer names and go on to the page that shows it; links nothing."""
    portal: Portal = g.portal
    session = current_session()
    begun = session.get(BEGUN)
    work = portal.config.work
    if work is None or begun is None or begun["state"] != request.args.get("state"):
        return error_pages.message("sign-in-failed", "We could not read your work account", 400)
    session.pop(BEGUN)
    try:
        answer = portal.work_oauth.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": work.issuer},
                "aud": {"essential": True, "value": work.client_id},
            },
            leeway=30,
        )
    except requests.RequestException as error:
        raise IdentityAway("The issuer of work accounts does not answer.") from error
    except (AuthlibBaseError, JoseError) as error:
        log.warning("A work account was not read", extra={"reason": type(error).__name__})
        return error_pages.message("sign-in-failed", "We could not read your work account", 400)
    claims = answer["userinfo"]
    session[FOUND] = {
        "invitation": begun["invitation"],
        "name": str(claims.get("name") or claims.get("preferred_username") or ""),
        "email": str(claims.get("email") or ""),
        "token": answer["id_token"],
    }
    return redirect(url_for("invitation.work", token=begun["invitation"]), 303)


def found_for(session: PortalSession, invitation: str) -> dict[str, str] | None:
    """Return the work account that was read for this invitation in this browser."""
    found: dict[str, str] | None = session.get(FOUND)
    return found if found and found["invitation"] == invitation else None


def register(app: Flask) -> None:
    """Give the way back from the issuer its address."""
    app.add_url_rule(CALLBACK, "work-link-callback", callback)
