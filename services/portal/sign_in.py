"""Signing in and out, stepping up, and the identity provider telling us that a session is over."""

import logging
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.portal import error_pages, passkeys
from services.portal.identity import STRONG, BadLogoutToken, IdentityAway, LogoutNotice
from services.portal.models import used_logout_token
from services.portal.portal import Portal, current_session
from services.portal.sessions import Login, PortalSession
from services.portal.store import Store
from shared.config import PASSKEY_ACTION, WORK_ACCOUNT
from shared.tokens import FUTURE_SIGN_IN

log = logging.getLogger(__name__)
STRONG_FOR = timedelta(minutes=10)
AHEAD = timedelta(seconds=FUTURE_SIGN_IN)
CONFIRMED = frozenset({"step-up", passkeys.CONFIRMING, passkeys.SETTING_UP})
"""What only the person who is signed in may do, and only with a fresh second factor."""
PAGES_FOR_A_SIGN_IN = 20
"""Of how many requests that an address may make one may begin a sign-in: 150 a minute, a hospital at nine o'clock."""
UNFINISHED = 5
"""How many sign-ins one browser may have begun and not finished: as many as it has tabs waiting."""


def safe_next(path: str | None) -> str:
    """Return `path` when it is an address of our own, else the home page: nobody is sent elsewhere by a link (K11)."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return "/home"
    parts = urlsplit(path)
    return "/home" if parts.scheme or parts.netloc else path


def sign_in() -> ResponseReturnValue:
    """Send the browser to the identity provider; a person who is signed in already goes straight on."""
    if current_session().person_id is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    _count_begun(g.portal)
    hint = WORK_ACCOUNT if request.args.get("with") == "work" else None
    return _to_identity_provider("sign-in", safe_next(request.args.get("next")), hint=hint)


def _count_begun(portal: Portal) -> None:
    """Each beginning costs a session and a question to Keycloak, so one address has fewer of them than of pages."""
    if per_address := portal.config.service.rate_limits.per_address:
        allowed = max(1, per_address // PAGES_FOR_A_SIGN_IN)
        portal.limiter.count(f"sign-ins of {request.remote_addr}", allowed)


def step_up() -> ResponseReturnValue:
    """Ask the identity provider to confirm that it is still the same person, with a second factor."""
    if current_session().person_id is None:
        return redirect(url_for("sign-in", next=safe_next(request.args.get("next"))), 303)
    return _to_identity_provider("step-up", safe_next(request.args.get("next")))


def set_up_passkey(goes_on: str) -> ResponseReturnValue:
    """Ask the identity provider to confirm that it is still the same person, and then to set up a passkey."""
    return _to_identity_provider(passkeys.CONFIRMING, goes_on)


def _to_identity_provider(
    purpose: str, goes_on: str, *, hint: str | None = None, action: str | None = None
) -> ResponseReturnValue:
    """Ask for a strong sign-in, or with `hint` for one at that outside issuer, which does not know our word for it.

    `action` is something to set up there once it is clear who it is.
    """
    portal: Portal = g.portal
    portal.identity.check_answers()
    session, state = current_session(), secrets.token_urlsafe(24)
    begun = list(session.get("begun", {}).items())[-(UNFINISHED - 1) :]
    session["begun"] = dict(begun) | {state: {"next": goes_on, "purpose": purpose}}
    how = {"kc_idp_hint": hint} if hint else {"acr_values": STRONG}
    how |= {"kc_action": action} if action else {}
    answer: ResponseReturnValue = portal.oauth.authorize_redirect(
        f"{portal.config.base_url}/auth/callback", state=state, **how
    )
    return answer


def callback() -> ResponseReturnValue:
    """Finish a sign-in that this browser began; anything else is refused and changes nothing."""
    portal: Portal = g.portal
    session = current_session()
    begun = session.get("begun", {}).get(request.args.get("state", ""))
    if begun is None or request.args.get("iss") != portal.config.issuer:
        return error_pages.message("sign-in-failed", "We could not sign you in", 400)
    try:
        answer = portal.oauth.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": portal.config.issuer},
                "aud": {"essential": True, "value": portal.config.client_id},
            },
            leeway=30,
        )
    except requests.RequestException as error:
        raise IdentityAway("Keycloak does not answer.") from error
    except (AuthlibBaseError, JoseError) as error:
        log.warning("A sign-in was refused", extra={"reason": type(error).__name__})
        return error_pages.message("sign-in-failed", "We could not sign you in", 400)
    claims = answer["userinfo"]
    if not claims.get("person_id"):
        return error_pages.message("no-membership", "You do not have access yet", 403)
    if _lies_ahead(portal, claims):
        log.warning("A sign-in was refused", extra={"reason": "auth_time lies in the future"})
        return error_pages.message("sign-in-failed", "We could not sign you in", 400)
    if claims.get("acr") != STRONG:
        return _ask_for_second_factor(begun)
    return _begin(portal, session, begun, answer)


def _ask_for_second_factor(begun: dict[str, str]) -> ResponseReturnValue:
    """A work account has signed in; our own second factor is a request of its own, so that its moment is now.

    Nothing of the first answer is kept. Asked once and still without it: nobody is let in.
    """
    if begun["purpose"] != "sign-in":
        return error_pages.message("not-confirmed", "We could not confirm that it is you", 403)
    return _to_identity_provider("second-factor", begun["next"])


def _begin(
    portal: Portal, session: PortalSession, begun: dict[str, str], answer: dict[str, Any]
) -> ResponseReturnValue:
    """Begin a session under a new id; whoever stepped up keeps the organisation they acted for."""
    claims = answer["userinfo"]
    person_id = str(claims["person_id"])
    same_person = session.person_id == person_id
    acting_org = session.acting_org if same_person else None
    portal.sessions.sign_in(
        session,
        Login(person_id, claims["sub"], str(claims.get("sid", "")), answer["refresh_token"], answer["id_token"]),
    )
    portal.sweeping.sweep()
    session["organizations"] = claims.get("organization") or {}
    session["identity_provider"] = claims.get("identity_provider")
    person = portal.people.of(session, may_ask=True)
    if person is None or not person.memberships:
        return error_pages.message("no-membership", "You do not have access yet", 403)
    chosen = person.membership(acting_org) or portal.people.first_choice(person)
    session.acting_org = chosen.org_id if chosen else None
    session.modified = True
    if begun["purpose"] in CONFIRMED and not (same_person and _is_strong(portal, claims)):
        return error_pages.message("not-confirmed", "We could not confirm that it is you", 403)
    return _go_on(session, begun if chosen else begun | {"next": url_for("acting-as", next=begun["next"])})


def _go_on(session: PortalSession, begun: dict[str, str]) -> ResponseReturnValue:
    """Go where the sign-in was to lead; a passkey takes one request more, now that it is clear who asks for it."""
    if begun["purpose"] == passkeys.CONFIRMING:
        return _to_identity_provider(passkeys.SETTING_UP, begun["next"], action=PASSKEY_ACTION)
    if begun["purpose"] == passkeys.SETTING_UP:
        passkeys.say(session, request.args.get("kc_action_status"))
    if begun["purpose"] == "step-up":
        session["confirmed"] = True
    return redirect(begun["next"], 303)


def _is_strong(portal: Portal, claims: dict[str, Any]) -> bool:
    return claims.get("acr") == STRONG and _age(portal, claims) < STRONG_FOR


def _lies_ahead(portal: Portal, claims: dict[str, Any]) -> bool:
    """An outside issuer's moment arrives unchecked; one in the future would stay fresh for as long as it likes."""
    return _age(portal, claims) < -AHEAD


def _age(portal: Portal, claims: dict[str, Any]) -> timedelta:
    return portal.store.clock.now() - datetime.fromtimestamp(int(claims.get("auth_time", 0)), UTC)


def sign_out() -> ResponseReturnValue:
    """End the session here and at the identity provider."""
    portal: Portal = g.portal
    session = current_session()
    id_token = portal.sessions.id_token_of(session) if session.person_id else None
    portal.sessions.end(session)
    if id_token is None:
        return redirect(url_for("signed-out"), 303)
    back_to = f"{portal.config.base_url}/signed-out"
    return redirect(portal.identity.sign_out_address(id_token, back_to), 303)


def stay() -> ResponseReturnValue:
    """Keep the session: the person said so."""
    if current_session().person_id is None:
        return Response(status=401)
    return Response(status=204)


def backchannel_logout() -> ResponseReturnValue:
    """End the sessions the identity provider says are over; anything but its own fresh token ends nothing (K10)."""
    portal: Portal = g.portal
    try:
        notice = portal.identity.read_logout_token(request.form.get("logout_token", ""))
    except BadLogoutToken as error:
        log.warning("A logout token was refused", extra={"reason": str(error)})
        return Response(status=400)
    except IdentityAway:
        return Response(status=503)
    if not _first_use(portal.store, notice):
        return Response(status=400)
    portal.sessions.end_all_of(keycloak_session=notice.keycloak_session, subject=notice.subject)
    return Response(status=200)


def _first_use(store: Store, notice: LogoutNotice) -> bool:
    now = store.clock.now()
    expires_at = datetime.fromtimestamp(notice.expires_at, UTC)
    statement = insert(used_logout_token).values(jti=notice.jti, expires_at=expires_at).on_conflict_do_nothing()
    with store.transaction() as db:
        db.execute(delete(used_logout_token).where(used_logout_token.c.expires_at < now - timedelta(minutes=5)))
        return db.execute(statement.returning(used_logout_token.c.jti)).one_or_none() is not None


def register(app: Flask) -> None:
    """Give signing in and out their addresses."""
    app.add_url_rule("/sign-in", "sign-in", sign_in)
    app.add_url_rule("/step-up", "step-up", step_up)
    app.add_url_rule("/auth/callback", "callback", callback)
    app.add_url_rule("/sign-out", "sign-out", sign_out, methods=["POST"])
    app.add_url_rule("/session/stay", "stay", stay, methods=["POST"])
    app.add_url_rule("/auth/backchannel-logout", "backchannel-logout", backchannel_logout, methods=["POST"])
