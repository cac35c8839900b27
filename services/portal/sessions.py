"""Server-side sessions in PostgreSQL; the browser holds nothing but a random id.

An id is 256 bits from the operating system, changes at sign-in, at step-up and when the person changes whom to act for,
and is stored hashed. A session ends 30 minutes after the last thing the person did (background saves do not count) and
12 hours after sign-in at the latest (ASVS 5.0, 7.2.3, 7.2.4, 7.3.1, 7.3.2).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from werkzeug.datastructures import CallbackDict

from services.portal.models import api_token, browser_session
from services.portal.store import Store
from services.portal.vault import Unreadable, Vault

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
WARN_AFTER = timedelta(minutes=25)
TOUCH_EVERY = timedelta(seconds=30)
FORGET_LOST_AFTER = timedelta(minutes=30)
BACKGROUND_HEADER = "X-Background"
WITHOUT_SESSION = ("/assets/", "/health/", "/auth/backchannel-logout")


def hash_of(session_id: str) -> bytes:
    """Return what is stored in place of a session's id."""
    return hashlib.sha256(session_id.encode()).digest()


@dataclass(frozen=True, slots=True)
class Login:
    """What a sign-in at the identity provider brought."""

    person_id: str
    subject: str
    keycloak_session: str
    refresh_token: str
    id_token: str


class PortalSession(CallbackDict[str, Any], SessionMixin):
    """One browser's session; a plain mapping to Flask, with the identity beside it."""

    def __init__(self, content: dict[str, Any], row: Row[Any] | None = None, session_id: str | None = None) -> None:
        self.modified = False
        super().__init__(content, on_update=self._changed)
        self.id = session_id
        self.person_id: str | None = row.person_id if row else None
        self.acting_org: str | None = row.acting_org if row else None
        self.seen_at: datetime | None = row.seen_at if row else None
        self.send_cookie = False

    def _changed(self, _: Any) -> None:
        self.modified = True

    @property
    def id_hash(self) -> bytes:
        """The stored form of the id; a session that was never saved has none and raises ValueError."""
        if self.id is None:
            raise ValueError("This session was never saved.")
        return hash_of(self.id)


class Sessions(SessionInterface):
    """Loads the session before each request and saves it after."""

    def __init__(self, store: Store, vault: Vault, *, over_https: bool) -> None:
        self._store = store
        self._vault = vault
        self._over_https = over_https
        self.cookie_name = "__Host-session" if over_https else "portal-session"

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        """Return the browser's session, or a new one: an id nobody knows, or that has run out, is worth nothing."""
        session_id = request.cookies.get(self.cookie_name)
        if session_id is None or request.path.startswith(WITHOUT_SESSION):
            return PortalSession({})
        with self._store.transaction() as db:
            query = select(browser_session).where(browser_session.c.id_hash == hash_of(session_id))
            row = db.execute(query).one_or_none()
        if row is None:
            return PortalSession({})
        if self._has_run_out(row):
            return self._lost(row)
        try:
            return PortalSession(self._vault.open_mapping(row.content), row, session_id)
        except Unreadable:
            return PortalSession({})

    def _has_run_out(self, row: Row[Any]) -> bool:
        now = self._store.clock.now()
        ended = row.person_id is not None and row.refresh_token is None
        return bool(ended or now - row.seen_at > IDLE or now - row.created_at > ABSOLUTE)

    def _lost(self, row: Row[Any]) -> PortalSession:
        """A new, nameless session that remembers whose typed text may be kept for them to find after signing in.

        The old one loses its tokens: it stays ended for processes whose clocks are behind, too.
        """
        if row.refresh_token is not None:
            ended = update(browser_session).where(browser_session.c.id_hash == row.id_hash)
            with self._store.transaction() as db:
                db.execute(ended.values(refresh_token=None, id_token=None, lease_by=None, lease_until=None))
                db.execute(delete(api_token).where(api_token.c.id_hash == row.id_hash))
        if row.person_id is None or row.acting_org is None:
            return PortalSession({})
        return PortalSession({"lost": {"person_id": row.person_id, "acting_org": row.acting_org}})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed, and count the request as activity unless it was a background one."""
        from flask import request

        if not isinstance(session, PortalSession) or request.path.startswith(WITHOUT_SESSION):
            return
        if session.id is None and session:
            self._insert(session)
        elif session.id is not None and session.modified:
            self._write(session, background=BACKGROUND_HEADER in request.headers)
        elif session.id is not None and BACKGROUND_HEADER not in request.headers:
            self._touch(session)
        if session.send_cookie and session.id is not None:
            self._set_cookie(response, session.id)
        elif session.id is None and self.cookie_name in request.cookies:
            response.delete_cookie(self.cookie_name, path="/", secure=self._over_https, httponly=True, samesite="Lax")

    def _set_cookie(self, response: Response, session_id: str) -> None:
        response.set_cookie(
            self.cookie_name, session_id, path="/", secure=self._over_https, httponly=True, samesite="Lax"
        )

    def _insert(self, session: PortalSession, **columns: Any) -> None:
        session.id = secrets.token_urlsafe(32)
        session.send_cookie = True
        now = self._store.clock.now()
        row = {"id_hash": session.id_hash, "created_at": now, "seen_at": now, "content": self._sealed(session)}
        with self._store.transaction() as db:
            db.execute(insert(browser_session).values(row | columns))

    def _sealed(self, session: PortalSession) -> bytes:
        return self._vault.seal_mapping(dict(session))

    def _write(self, session: PortalSession, *, background: bool) -> None:
        values: dict[str, Any] = {"content": self._sealed(session), "acting_org": session.acting_org}
        if not background:
            values["seen_at"] = self._store.clock.now()
        with self._store.transaction() as db:
            db.execute(update(browser_session).where(browser_session.c.id_hash == session.id_hash).values(values))

    def _touch(self, session: PortalSession) -> None:
        now = self._store.clock.now()
        if session.seen_at is not None and now - session.seen_at < TOUCH_EVERY:
            return
        with self._store.transaction() as db:
            statement = update(browser_session).where(browser_session.c.id_hash == session.id_hash)
            db.execute(statement.values(seen_at=now))

    def sign_in(self, session: PortalSession, login: Login) -> None:
        """Begin a signed-in session under a new id; whatever the browser held before is gone."""
        self.end(session)
        session.person_id, session.acting_org = login.person_id, None
        self._insert(
            session,
            person_id=login.person_id,
            subject=login.subject,
            keycloak_session=login.keycloak_session,
            refresh_token=self._vault.seal(login.refresh_token),
            id_token=self._vault.seal(login.id_token),
        )

    def renew(self, session: PortalSession) -> None:
        """Give the session a new id, at once; the old one is worth nothing from now on."""
        old = session.id_hash
        session.id = secrets.token_urlsafe(32)
        session.send_cookie = session.modified = True
        with self._store.transaction() as db:
            statement = update(browser_session).where(browser_session.c.id_hash == old)
            db.execute(statement.values(id_hash=session.id_hash, acting_org=session.acting_org))

    def end(self, session: PortalSession) -> None:
        """Delete the session and its tokens, at once."""
        if session.id is not None:
            with self._store.transaction() as db:
                db.execute(delete(browser_session).where(browser_session.c.id_hash == session.id_hash))
        session.clear()
        session.id = session.person_id = session.acting_org = None
        session.modified = False

    def end_all_of(self, *, keycloak_session: str | None, subject: str | None) -> int:
        """End what the identity provider says is over: one of its sessions, or all of a person; returns how many."""
        which = []
        if keycloak_session is not None:
            which.append(browser_session.c.keycloak_session == keycloak_session)
        elif subject is not None:
            which.append(browser_session.c.subject == subject)
        with self._store.transaction() as db:
            ended = db.execute(delete(browser_session).where(or_(*which)).returning(browser_session.c.id_hash))
            return len(ended.all())

    def id_token_of(self, session: PortalSession) -> str | None:
        """Return the ID token of the sign-in, for signing out at the identity provider too."""
        with self._store.transaction() as db:
            query = select(browser_session.c.id_token).where(browser_session.c.id_hash == session.id_hash)
            sealed = db.execute(query).scalar_one_or_none()
        return self._vault.open(sealed) if sealed else None

    def running_of(self, person_id: str) -> Sequence[Row[Any, Any, Any]]:
        """Return when each running session of a person began and was last used, newest first."""
        now = self._store.clock.now()
        query = (
            select(browser_session.c.id_hash, browser_session.c.created_at, browser_session.c.seen_at)
            .where(browser_session.c.person_id == person_id, browser_session.c.seen_at > now - IDLE)
            .order_by(browser_session.c.seen_at.desc())
        )
        with self._store.transaction() as db:
            return db.execute(query).all()

    def end_others(self, session: PortalSession) -> int:
        """End every other session of the same person; returns how many."""
        statement = delete(browser_session).where(
            browser_session.c.person_id == session.person_id, browser_session.c.id_hash != session.id_hash
        )
        with self._store.transaction() as db:
            return len(db.execute(statement.returning(browser_session.c.id_hash)).all())

    def end_one(self, session: PortalSession, id_hash: str) -> bool:
        """End one other session of the same person, named by what is stored of its id, in hex; False for any else."""
        row = browser_session.c
        statement = delete(browser_session).where(
            row.person_id == session.person_id,
            func.encode(row.id_hash, "hex") == id_hash,
            row.id_hash != session.id_hash,
        )
        with self._store.transaction() as db:
            return db.execute(statement.returning(row.id_hash)).one_or_none() is not None

    def sweep(self) -> None:
        """Delete sessions that ran out so long ago that no text waits for them; sign-ins never finished keep none."""
        row, now = browser_session.c, self._store.clock.now()
        long_over = or_(row.seen_at < now - IDLE - FORGET_LOST_AFTER, row.created_at < now - 2 * ABSOLUTE)
        over = or_(long_over, and_(row.person_id.is_(None), row.seen_at < now - IDLE))
        with self._store.transaction() as db:
            db.execute(delete(browser_session).where(over))
