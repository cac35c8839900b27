"""What the portal is made of, and the session of the request at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import session

from services.portal.api import Transport
from services.portal.config import PortalConfig
from services.portal.identity import IdentityProvider
from services.portal.kept import KeptTexts
from services.portal.page import Page
from services.portal.people_known import PeopleKnown
from services.portal.sessions import PortalSession, Sessions
from services.portal.store import Store
from services.portal.sweeping import Sweeping
from services.portal.tokens import TokenBroker
from services.portal.unread import UnreadCounts
from shared.rate_limits import RateLimiter


@dataclass(frozen=True)
class Portal:
    """The portal's parts, made once at start; `current_app.extensions["portal"]`."""

    config: PortalConfig
    store: Store
    sessions: Sessions
    kept: KeptTexts
    sweeping: Sweeping
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


def current_session() -> PortalSession:
    """Return this request's session."""
    current = session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(current, PortalSession):
        raise TypeError("The session is not ours.")
    return current
