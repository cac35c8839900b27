"""What the portal says to Keycloak: sign-in requests, refreshes, and the logout tokens Keycloak sends us.

Addresses are built from the configured issuer and nothing is learned from a discovery document, so no document can
redirect us (K5). Everything has a time-out. Sign-in always asks the full scope and `acr_values=strong`, and never
`prompt` or `max_age`: with these a step-up would ask for the password again.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from authlib.integrations.flask_client import OAuth
from flask import Flask
from jwt import PyJWKClient

from services.portal.config import APIS, PortalConfig

SCOPE = " ".join(["openid", "organization:*", *APIS.values()])
WORK_SCOPE = "openid profile email"
STRONG = "strong"
TIME_OUT = (2.0, 5.0)
"""Seconds to connect and to wait for an answer."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 10
BELIEVED_FOR = 5.0
"""Seconds for which it is believed that Keycloak still answers."""


class IdentityAway(Exception):
    """Keycloak does not answer; people who are signed in go on until their tokens end."""


class SignInRefused(Exception):
    """Keycloak says that this session is over."""


class BadLogoutToken(Exception):
    """Somebody sent a logout token that Keycloak did not make for us, or sent one twice."""


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a refresh brought; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """Which session, or which person, is over; `jti` and `expires_at` (Unix seconds) tell a replay."""

    jti: str
    expires_at: int
    keycloak_session: str | None
    subject: str | None


class IdentityProvider:
    """Keycloak's realm as the portal's client sees it."""

    def __init__(self, config: PortalConfig) -> None:
        self._config = config
        self._endpoint = f"{config.issuer}/protocol/openid-connect"
        self._http = requests.Session()
        self._keys = PyJWKClient(f"{self._endpoint}/certs", timeout=3, lifespan=300)
        self._answered_at: float | None = None

    def register(self, app: Flask) -> Any:
        """Return Authlib's client for the code flow with PKCE, state and nonce."""
        return OAuth(app).register(
            "keycloak",
            client_id=self._config.client_id,
            client_secret=self._config.client_secret,
            authorize_url=f"{self._endpoint}/auth",
            access_token_url=f"{self._endpoint}/token",
            issuer=self._config.issuer,
            jwks_uri=f"{self._endpoint}/certs",
            id_token_signing_alg_values_supported=["RS256"],
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": TIME_OUT},
        )

    def register_work(self, app: Flask) -> Any:
        """Return Authlib's client at the outside issuer; None where there is none.

        Our realm signs people in there under the same client id, because some issuers name the same person differently
        to each client.
        """
        work = self._config.work
        if work is None:
            return None
        return OAuth(app).register(
            "work",
            client_id=work.client_id,
            client_secret=work.client_secret,
            authorize_url=work.authorize_url,
            access_token_url=work.token_url,
            issuer=work.issuer,
            jwks_uri=work.keys_url,
            id_token_signing_alg_values_supported=["RS256"],
            client_kwargs={"scope": WORK_SCOPE, "code_challenge_method": "S256", "default_timeout": TIME_OUT},
        )

    def check_answers(self) -> None:
        """Raise IdentityAway when Keycloak does not answer: a browser sent there could only say "cannot connect".

        Whoever comes within seconds of somebody to whom it answered is sent there without asking again.
        """
        asked_at = time.monotonic()
        if self._answered_at is not None and asked_at - self._answered_at < BELIEVED_FOR:
            return
        answer = self._ask("GET", "certs")
        if answer.status_code >= 500:
            raise IdentityAway(f"Keycloak answered {answer.status_code}.")
        self._answered_at = asked_at

    def refresh(self, refresh_token: str, scope: str) -> TokenAnswer:
        """Return a token for a narrower scope; raises SignInRefused when the session is over, else IdentityAway."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": scope}
        answer = self._ask("POST", "token", data=form, auth=(self._config.client_id, self._config.client_secret))
        if answer.status_code == 400:
            raise SignInRefused("Keycloak refused the refresh.")
        if answer.status_code != 200:
            raise IdentityAway(f"Keycloak answered {answer.status_code}.")
        tokens = answer.json()
        return TokenAnswer(tokens["access_token"], tokens["refresh_token"], int(tokens["expires_in"]))

    def _ask(self, method: str, place: str, **options: Any) -> requests.Response:
        try:
            return self._http.request(method, f"{self._endpoint}/{place}", timeout=TIME_OUT, **options)
        except requests.RequestException as error:
            raise IdentityAway("Keycloak does not answer.") from error

    def sign_out_address(self, id_token: str, back_to: str) -> str:
        """Return where to send the browser so that Keycloak ends its session as well."""
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": back_to}
        return f"{self._endpoint}/logout?{urlencode(query)}"

    def read_logout_token(self, token: str) -> LogoutNotice:
        """Check a back-channel logout token as OpenID Connect Back-Channel Logout 1.0, 2.6 asks.

        Raises BadLogoutToken for any that is not exactly Keycloak's own, and IdentityAway when its keys cannot be had.
        """
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != "logout+jwt":
                raise BadLogoutToken("Not a logout token.")
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._config.client_id,
                issuer=self._config.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "aud", "iss", "jti"]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise IdentityAway("Keycloak's keys cannot be had.") from error
        except jwt.PyJWTError as error:
            raise BadLogoutToken("The logout token does not verify.") from error
        return _notice(claims)


def _notice(claims: Mapping[str, Any]) -> LogoutNotice:
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT_EVENT not in events:
        raise BadLogoutToken("The logout token names no logout.")
    if "nonce" in claims:
        raise BadLogoutToken("A logout token has no nonce.")
    session, subject = claims.get("sid"), claims.get("sub")
    if session is None and subject is None:
        raise BadLogoutToken("The logout token names no session and nobody.")
    return LogoutNotice(str(claims["jti"]), int(claims["exp"]), session, subject)
