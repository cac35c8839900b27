"""The ID token of a work account's issuer: read here, and not taken on the portal's word.

Whoever holds an invitation could name any account; the issuer's signature says whose it is. The token must have been
made for us, and just now.
"""

import time
from typing import Any

import jwt
from flask import current_app

from services.directory.domain.work_accounts import WorkAccount
from shared.config import WorkIssuer
from shared.problems import Conflict, NotSignedIn
from shared.tokens import LEEWAY, SigningKeys

FRESH_FOR = 600
"""Seconds between the sign-in at the issuer and pressing the button that links the account."""
EXTENSION = "work_tokens"


class WorkTokens:
    """Reads ID tokens of one issuer."""

    def __init__(self, issuer: WorkIssuer) -> None:
        self._issuer = issuer
        self._keys = SigningKeys(issuer.keys_url)

    def read(self, token: str) -> WorkAccount:
        """Return whom the token names; raises Conflict when it is not the issuer's own, ours and fresh."""
        try:
            claims = self._claims(token)
        except (jwt.PyJWTError, NotSignedIn) as error:
            raise _unproved() from error
        if claims["iat"] + FRESH_FOR < time.time():
            raise _unproved()
        email, subject = claims.get("email"), str(claims["sub"])
        shown = str(claims.get("preferred_username") or email or subject)
        doubted = str(claims.get("email_verified", True)).lower() != "true"  # some issuers write it as text
        return WorkAccount(self._issuer.issuer, subject, str(email) if email else None, shown, doubted)

    def _claims(self, token: str) -> dict[str, Any]:
        key_id = str(jwt.get_unverified_header(token).get("kid"))
        claims: dict[str, Any] = jwt.decode(
            token,
            self._keys.key(key_id),
            algorithms=["RS256"],
            audience=self._issuer.client_id,
            issuer=self._issuer.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
        return claims


def work_account_of(token: str | None) -> WorkAccount | None:
    """Return the work account that a request proves, None when it brings no token; raises Conflict."""
    if token is None:
        return None
    tokens: WorkTokens | None = current_app.extensions.get(EXTENSION)
    if tokens is None:
        raise _unproved()
    return tokens.read(token)


def _unproved() -> Conflict:
    return Conflict("work-account-not-proved", "We could not check your work account. Sign in with it once more.")
