"""One access token per (tenant, API), made by refreshing with a narrower scope.

The person signs in once with every scope. Before an API is called the refresh token is used to ask for a token that
names one tenant and one API only, so that no service could use it at another. Two refreshes at once would trip over
each other, so a refresh needs the session's lease: a column with an end, not a row lock held over the network.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Update, delete, insert, or_, select, update

from services.portal.identity import IdentityAway, IdentityProvider, SignInRefused, TokenAnswer
from services.portal.models import api_token, browser_session
from services.portal.sessions import PortalSession
from services.portal.store import Store
from services.portal.vault import Vault

SPARE = timedelta(seconds=30)
LEASE = timedelta(seconds=12)
WAIT_FOR_LEASE = 10.0
LOOK_AGAIN = 0.05


class SignInLost(Exception):
    """The session has ended, here or at the identity provider: the person must sign in again."""


class LeaseBusy(Exception):
    """Another request has been asking for a token for too long."""


class TokenBroker:
    """Hands out tokens for API calls, from the session's store or from the identity provider."""

    def __init__(
        self, store: Store, vault: Vault, identity: IdentityProvider, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._store = store
        self._vault = vault
        self._identity = identity
        self._pause = pause

    def token(self, session: PortalSession, tenant: str | None, audience: str) -> str:
        """Return a token for `audience` that names `tenant` alone (None: no tenant, for national people).

        Raises SignInLost, LeaseBusy, or the identity provider's IdentityAway.
        """
        give_up = time.monotonic() + WAIT_FOR_LEASE
        while time.monotonic() < give_up:
            if (kept := self._kept(session, tenant, audience)) is not None:
                return kept
            lease = secrets.token_hex(8)
            refresh_token = self._take_lease(session, lease)
            if refresh_token is not None:
                return self._with_lease(session, tenant, audience, lease=lease, refresh_token=refresh_token)
            self._pause(LOOK_AGAIN)
        raise LeaseBusy("The sign-in service is slow.")

    def forget(self, session: PortalSession, audience: str | None = None) -> None:
        """Throw away kept tokens: all after a step-up, one API's after it was refused."""
        statement = delete(api_token).where(api_token.c.id_hash == session.id_hash)
        if audience is not None:
            statement = statement.where(api_token.c.audience == audience)
        with self._store.transaction() as db:
            db.execute(statement)

    def _kept(self, session: PortalSession, tenant: str | None, audience: str) -> str | None:
        query = select(api_token.c.token).where(
            api_token.c.id_hash == session.id_hash,
            api_token.c.narrowed_to == (tenant or ""),
            api_token.c.audience == audience,
            api_token.c.expires_at > self._store.clock.now() + SPARE,
        )
        with self._store.transaction() as db:
            sealed = db.execute(query).scalar_one_or_none()
        return self._vault.open(sealed) if sealed else None

    def _take_lease(self, session: PortalSession, lease: str) -> str | None:
        now = self._store.clock.now()
        free = or_(browser_session.c.lease_until.is_(None), browser_session.c.lease_until < now)
        statement = (
            update(browser_session)
            .where(browser_session.c.id_hash == session.id_hash, free)
            .values(lease_by=lease, lease_until=now + LEASE)
            .returning(browser_session.c.refresh_token)
        )
        with self._store.transaction() as db:
            row = db.execute(statement).one_or_none()
            if row is None and not self._exists(db, session):
                raise SignInLost("The session has ended.")
        if row is None:
            return None
        if row.refresh_token is None:
            raise SignInLost("Nobody is signed in.")
        return self._vault.open(row.refresh_token)

    def _exists(self, db: Any, session: PortalSession) -> bool:
        query = select(browser_session.c.id_hash).where(browser_session.c.id_hash == session.id_hash)
        return db.execute(query).one_or_none() is not None

    def _with_lease(
        self, session: PortalSession, tenant: str | None, audience: str, *, lease: str, refresh_token: str
    ) -> str:
        """Whoever held the lease before may have brought the very token between our look and our turn."""
        if (kept := self._kept(session, tenant, audience)) is not None:
            self._release(session, lease)
            return kept
        return self._refresh(session, tenant, audience, lease=lease, refresh_token=refresh_token)

    def _refresh(
        self, session: PortalSession, tenant: str | None, audience: str, *, lease: str, refresh_token: str
    ) -> str:
        scope = f"openid organization:{tenant.lower()} {audience}" if tenant else f"openid {audience}"
        try:
            answer = self._identity.refresh(refresh_token, scope)
        except SignInRefused as error:
            self._release(session, lease)
            raise SignInLost("The identity provider ended the session.") from error
        except IdentityAway:
            self._release(session, lease)
            raise
        self._keep(session, {"narrowed_to": tenant or "", "audience": audience}, lease=lease, answer=answer)
        return answer.access_token

    def _release(self, session: PortalSession, lease: str) -> None:
        with self._store.transaction() as db:
            db.execute(_holder_of(session, lease).values(lease_by=None, lease_until=None))

    def _keep(self, session: PortalSession, key: dict[str, str], *, lease: str, answer: TokenAnswer) -> None:
        """Store both tokens and give the lease back, in one transaction; a session that ended meanwhile keeps none."""
        expires = self._store.clock.now() + timedelta(seconds=answer.expires_in)
        values = {"refresh_token": self._vault.seal(answer.refresh_token), "lease_by": None, "lease_until": None}
        matches = [api_token.c[name] == value for name, value in key.items()]
        with self._store.transaction() as db:
            holder = db.execute(_holder_of(session, lease).values(values).returning(browser_session.c.id_hash))
            if holder.one_or_none() is None:
                return
            db.execute(delete(api_token).where(api_token.c.id_hash == session.id_hash, *matches))
            row = {"id_hash": session.id_hash, "token": self._vault.seal(answer.access_token), "expires_at": expires}
            db.execute(insert(api_token).values(row | key))


def _holder_of(session: PortalSession, lease: str) -> Update:
    return update(browser_session).where(
        browser_session.c.id_hash == session.id_hash, browser_session.c.lease_by == lease
    )
